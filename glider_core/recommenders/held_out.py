"""What crosses save on training rows that are held out in turn: many more rows than those that validate.

A few thousand validation rows cannot tell a gain of a thousandth from noise. So the whole way, from the search for
crosses to the training, is gone again without each fold of the training rows, and measured on that fold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import Dataset, prepare, with_knots
from glider_core.recommenders.encodings import ENCODINGS, Ground, base
from glider_core.recommenders.improvement import BASE, FROZEN
from glider_core.recommenders.recipes import SMALL, Recipe
from glider_core.recommenders.scan import Scan, scan
from glider_core.recommenders.selection import MOST, bootstrap_noise
from glider_core.recommenders.trainer import Trainer, on_frozen
from glider_core.tables.cross_tables import loss_of
from glider_core.tables.values import Kind

FOLDS = 3


def folds_for(rows: int) -> int:
    """How many folds a table of so many training rows needs; none where validation rows are many."""
    return FOLDS if rows < SMALL else 0


def held_out_gains(
    dataset: Dataset,
    trainer: Trainer,
    recipe: Recipe,
    *,
    sets: Sequence[Sequence[str]] | None,
    also: Callable[[Dataset], Sequence[Sequence[str]]] | None,
    encodings: Sequence[str],
    folds: int,
) -> dict[str, tuple[float, float]]:
    """Of each way of reading crosses, the mean logloss that it saves on rows held out, and its deviation.

    The deviation is that of the bootstrap over rows, or of the folds' means where these differ more, since all rows
    of a fold share two trainings. Nothing where the fields cannot be learned without one of the folds.

    Args:
        dataset: test rows are not looked at; validation rows end trainings and select on the frozen model.
        trainer: of the recommender.
        recipe: of all trainings.
        sets: candidates; None: all pairs of fields.
        also: finds more of them in the training rows of a dataset; it never sees the rows held out.
        encodings: names in ENCODINGS.
        folds: of the training rows.
    """
    answers = dataset.parts["train"][1]
    of_fold = _dealt(answers, folds, trainer.seed)
    saved = {name: np.zeros(len(answers)) for name in (FROZEN, *(f"crosses as {name}" for name in encodings))}
    for fold in range(folds):
        out = of_fold == fold
        try:
            own = _without(dataset, out)
        except InvalidInput:  # a column has its only numbers in this fold
            return {}
        which = f"{fold + 1} of {folds}"
        trainer.stages.begin(f"Looking for crosses, rows held out {which}")
        candidates = scan(own, sets, also=() if also is None else also(own), seed=trainer.seed)
        for name, rows in _fold(own, trainer, recipe, candidates, encodings, which):
            saved[name][out] = rows
    rng = np.random.default_rng(trainer.seed)
    found = {}
    for name, own in saved.items():
        means = [own[of_fold == fold].mean() for fold in range(folds)]
        between = float(np.std(means, ddof=1) / folds**0.5)
        found[name] = (float(own.mean()), max(bootstrap_noise(own, rng), between))
    return found


def _dealt(answers: NDArray[np.float32], folds: int, seed: int) -> NDArray[np.int64]:
    """(n,) the fold of each row; each kind of answer is spread evenly, however few there are."""
    order = np.random.default_rng(seed).permutation(len(answers))
    order = order[np.argsort(answers[order], kind="stable")]
    found = np.empty(len(answers), np.int64)
    found[order] = np.arange(len(answers)) % folds
    return found


def _fold(
    dataset: Dataset,
    trainer: Trainer,
    recipe: Recipe,
    found: Scan,
    encodings: Sequence[str],
    which: str,
) -> list[tuple[str, NDArray[np.float64]]]:
    """(rows,) of each way of reading crosses: the logloss that it saves on the rows held out; nothing if none is."""
    trainer.stages.begin(f"Training {trainer.target} without crosses, rows held out {which}")
    ground = Ground(with_knots(dataset, recipe.knots, steps=recipe.steps), trainer.target, recipe, found)
    tried = tuple(candidate.fields for candidate in found.tried)
    if not tried:
        for _ in encodings:
            trainer.stages.begin("No cross to try")
        return []
    answers = dataset.parts["test"][1]
    without = trainer.train(BASE, (), base(ground), ground)
    before = without.of_test()
    _, frozen = on_frozen(without, found, dataset, seed=trainer.seed)
    after = {FROZEN: before if frozen is None else frozen.of_test()}
    for name in encodings:
        trainer.stages.begin(f"Training {trainer.target} with crosses as {name}, rows held out {which}")
        own = tried[:MOST]
        after[f"crosses as {name}"] = trainer.train(name, own, ENCODINGS[name](ground, own), ground).of_test()
    return [(name, loss_of(before, answers) - loss_of(logits, answers)) for name, logits in after.items()]


def _without(dataset: Dataset, out: NDArray[np.bool_]) -> Dataset:
    """The rows with those held out in place of the test rows; fields are learned anew."""
    table, (_, answers) = dataset.tables["train"], dataset.parts["train"]
    tables: Mapping[str, Any] = {"train": table[~out], "validation": dataset.tables["validation"], "test": table[out]}
    kinds: dict[str, Kind] = {field.name: field.kind for field in dataset.fields}
    of_parts = {"train": answers[~out], "validation": dataset.parts["validation"][1], "test": answers[out]}
    return prepare(tables, of_parts, kinds, dataset.target)
