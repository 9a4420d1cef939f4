"""From a table to a better model, or to "none helps": train, scan for crosses, select, compare, and decide once.

All is decided on validation rows: which crosses stay, which way of reading them, and whether the model with crosses is
the one to keep. The model without stays unless another beats it beyond its noise. Test rows are scored at the end.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidSettings
from glider_core.recommenders.baselines import Baseline, available, run_baselines
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.encodings import ENCODINGS, wider_vectors
from glider_core.recommenders.fitting import scores
from glider_core.recommenders.held_out import folds_for, held_out_gains
from glider_core.recommenders.improvement import BASE, WIDER, Improvement, Measured
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.recipes import Recipe, recipes_for
from glider_core.recommenders.scan import scan
from glider_core.recommenders.selection import DEVIATIONS, MOST, bootstrap_noise
from glider_core.recommenders.trainer import Stages, Trained, Trainer, on_frozen
from glider_core.tables.cross_tables import loss_of


def improve(
    dataset: Dataset,
    *,
    target: str = "DeepFM",
    sets: Sequence[Sequence[str]] | None = None,
    also: Callable[[Dataset], Sequence[Sequence[str]]] | None = None,
    encodings: Sequence[str] = ("numbers",),
    baselines: Sequence[str] | None = None,
    wider: bool | int = False,
    recipe: Recipe | None = None,
    folds: int | None = None,
    seed: int = 0,
    device: str = "cpu",
    on_stage: Callable[[str], None] | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Improvement:
    """Train a recommender, look for crosses that help, and keep them only if they do.

    Args:
        dataset: the rows; test rows are scored once, when all is decided.
        target: a name in RECOMMENDERS.
        sets: candidates, such as those of a global run; None: all pairs of fields.
        also: finds more candidates in the training rows of a dataset, such as the sets that a model uses in them; asked
            anew for the rows without each fold.
        encodings: names in ENCODINGS, ways of reading crosses that are trained anew and compared.
        baselines: names in BASELINES; None: all whose packages are installed.
        wider: whether vectors twice as wide, without crosses, are measured beside; they are never chosen.
        recipe: of the networks; None: of a few that suit the number of rows, the one that is best without crosses.
        folds: of the training rows, each held out once to tell how much each way of reading crosses saves; 0:
            validation rows tell it; None: three where rows are so few that a tenth of them cannot.
        seed: of weights, batches, folds and bootstrap.
        device: "cpu" or a CUDA device, to train on.
        on_stage: called with what begins, in words; may raise to stop.
        on_progress: called with the share of the whole that is done, often; may raise to stop.

    Raises:
        InvalidSettings: there is no such recommender or encoding.
        InvalidInput: a candidate is no set of fields of the table.
    """
    for names, known, what in (((target,), RECOMMENDERS, "recommender"), (encodings, ENCODINGS, "encoding")):
        for name in names:
            if name not in known:
                raise InvalidSettings(f"There is no {what} {name!r:.40}; choose among {', '.join(known)}.")
    recipes = (recipe,) if recipe else recipes_for(len(dataset.tables["train"]))
    beside = available() if baselines is None else baselines
    folds = folds_for(len(dataset.tables["train"])) if folds is None else folds
    count = 2 + len(recipes) + len(encodings) + bool(wider) + len(beside) + folds * (2 + len(encodings))
    stages = Stages(count, on_stage or (lambda words: None), on_progress or (lambda share: None))
    trainer = Trainer(target, seed, device, stages)
    stages.begin("Looking for crosses")
    found = scan(dataset, sets, also=() if also is None else also(dataset), seed=seed)
    tried = tuple(candidate.fields for candidate in found.tried)
    answers = dataset.parts["validation"][1]
    ground, without, trials = trainer.search(dataset, found, recipes)
    models = [without]
    steps, weights = (), ()
    if tried:
        stages.begin(f"Selecting among {len(tried)} crosses")
        selection, frozen = on_frozen(without, found, dataset, seed=seed)
        steps, weights = selection.steps, selection.weights
        if frozen is not None:
            models.append(frozen)
        for name in encodings:
            stages.begin(f"Training {target} with crosses as {name}")
            sets_of = tried[:MOST]
            models.append(trainer.train(f"crosses as {name}", sets_of, ENCODINGS[name](ground, sets_of), ground))
    if wider:
        stages.begin(f"Training {target} with wider vectors")
        models.append(trainer.train(WIDER, (), wider_vectors(ground), ground))
    others: list[Baseline] = []
    for name in beside:
        stages.begin(f"Training {name}")
        others += run_baselines(dataset, [name], seed=seed)
    rng = np.random.default_rng(seed)
    gains = {model.name: _gain(without.logits, model.logits, answers, rng) for model in models}
    of_folds: dict[str, tuple[float, float]] = {}
    if folds and tried:
        of_folds = held_out_gains(
            dataset, trainer, ground.recipe, sets=sets, also=also, encodings=encodings, folds=folds
        )
    chosen = surest({model.name: gains[model.name] for model in models}, of_folds)
    losses = {model.name: loss_of(model.logits, answers) for model in models}
    explain = worth_explaining(
        chosen, losses[chosen], {other.name: loss_of(other.logits, answers) for other in others}, seed=seed
    )
    # All is decided; test rows are read from here on.
    measured = [_measured(model, gains[model.name], dataset) for model in models]
    compared = [
        _measured(
            Trained(other.name, (), other.logits, partial(other.predict, "test"), other.parameters, other.seconds),
            _gain(without.logits, other.logits, answers, rng),
            dataset,
        )
        for other in others
    ]
    numbers = None
    if chosen != BASE and found.numbers is not None:
        numbers = found.numbers.only(next(model for model in measured if model.name == chosen).crosses)
    return Improvement(
        target=target,
        recipe=ground.recipe,
        trials=trials,
        candidates=found.candidates,
        steps=steps,
        tried=tried,
        weights=weights,
        models=tuple(measured),
        baselines=tuple(compared),
        chosen=chosen,
        explain=explain,
        numbers=numbers,
        losses=losses,
        folds=folds if of_folds else 0,
        held_out=of_folds,
    )


def surest(gains: Mapping[str, tuple[float, float]], held_out: Mapping[str, tuple[float, float]] | None = None) -> str:
    """The model with crosses whose gain exceeds its noise by most; the one without where none does.

    Rows held out are many, but the models that were measured on them learned from fewer rows, of which crosses are
    worth more: so the model of all rows must save on validation rows, too, by a deviation at least.

    Args:
        gains: logloss that each model saves on validation rows, and its deviation, by name.
        held_out: the same on training rows that were held out; None or nothing: validation rows alone decide.
    """
    able = [name for name in gains if name not in (BASE, WIDER)]
    if held_out:
        able = [name for name in able if gains[name][0] > gains[name][1]]
    sure = {name: gain - DEVIATIONS * noise for name in able for gain, noise in [(held_out or gains)[name]]}
    best = max(sure, key=sure.__getitem__, default=BASE)
    return best if best != BASE and sure[best] > 0 else BASE


def worth_explaining(
    name: str, losses: NDArray[np.float64], others: Mapping[str, NDArray[np.float64]], *, seed: int = 0
) -> str:
    """The name of a model, unless the best of others is better beyond its noise; then that one's.

    Args:
        name: of the model.
        losses: (n,) its logloss on each validation row.
        others: the same of baselines, by name.
        seed: of the bootstrap.
    """
    if not others:
        return name
    best = min(others, key=lambda other: float(others[other].mean()))
    saved = losses - others[best]
    noise = bootstrap_noise(saved, np.random.default_rng(seed))
    return best if saved.mean() > DEVIATIONS * noise else name


def _gain(
    before: NDArray[np.float64], after: NDArray[np.float64], answers: NDArray[np.float32], rng: np.random.Generator
) -> tuple[float, float]:
    """Mean logloss that is saved, and its deviation by the bootstrap."""
    saved = loss_of(before, answers) - loss_of(after, answers)
    return float(saved.mean()), bootstrap_noise(saved, rng)


def _measured(model: Trained, gain: tuple[float, float], dataset: Dataset) -> Measured:
    return Measured(
        name=model.name,
        crosses=model.crosses,
        validation=scores(model.logits, dataset.parts["validation"][1]),
        test=scores(model.of_test(), dataset.parts["test"][1]),
        gain=gain[0],
        noise=gain[1],
        parameters=model.parameters,
        seconds=round(model.seconds, 2),
    )
