"""The same models trained again from other weights and batches: a comparison beyond the luck of one training."""

from __future__ import annotations

from collections.abc import Sequence

from glider_core.recommenders.dataset import Dataset, with_knots
from glider_core.recommenders.encodings import ENCODINGS, Ground, base, wider_vectors
from glider_core.recommenders.fitting import Scores, scores
from glider_core.recommenders.improvement import BASE, FROZEN, KEPT, WIDER
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.scan import scan
from glider_core.recommenders.selection import MOST
from glider_core.recommenders.trainer import Stages, Trainer, on_frozen


def train_again(
    dataset: Dataset,
    chosen: str,
    *,
    target: str,
    recipe: Recipe,
    seeds: Sequence[int],
    wider: bool = True,
    seed: int = 0,
    device: str = "cpu",
) -> dict[str, list[Scores]]:
    """Test scores of the model without crosses, of the one that `improve` chose among all pairs, and of wider vectors.

    Args:
        dataset: as `improve` got it.
        chosen: the name of the model that it chose.
        target: a name in RECOMMENDERS.
        recipe: that it chose.
        seeds: of weights and batches, one training of each model for each.
        wider: whether vectors twice as wide are trained.
        seed: of `improve`, so that candidates and their numbers are the same.
        device: "cpu" or a CUDA device.

    Returns:
        By name (BASE, KEPT, WIDER), in the order of the seeds.
    """
    found = scan(dataset, None, seed=seed)
    ground = Ground(with_knots(dataset, recipe.knots, steps=recipe.steps), target, recipe, found)
    tried = tuple(candidate.fields for candidate in found.tried)
    answers = dataset.parts["test"][1]
    measured: dict[str, list[Scores]] = {name: [] for name in (BASE, KEPT, *([WIDER] if wider else []))}
    for number in seeds:
        trainer = Trainer(target, number, device, Stages(1, lambda words: None, lambda share: None))
        without = trainer.train(BASE, (), base(ground), ground)
        before = scores(without.of_test(), answers)
        measured[BASE].append(before)
        if chosen == BASE:
            measured[KEPT].append(before)
        elif chosen == FROZEN:
            _, frozen = on_frozen(without, found, dataset, seed=seed)
            measured[KEPT].append(before if frozen is None else scores(frozen.of_test(), answers))
        else:
            reading = ENCODINGS[chosen.removeprefix("crosses as ")](ground, tried[:MOST])
            measured[KEPT].append(scores(trainer.train(chosen, tried[:MOST], reading, ground).of_test(), answers))
        if wider:
            measured[WIDER].append(scores(trainer.train(WIDER, (), wider_vectors(ground), ground).of_test(), answers))
    return measured
