"""Trials: every variant of every recommender, trained with every seed; resumed after a kill, or side by side."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from glider_core.journal import KIND, Journal
from glider_core.provenance import versions
from glider_core.recommenders.comparison import VARIANTS, Comparison, Trial, Variant
from glider_core.recommenders.fitting import Look, Training
from glider_core.recommenders.network import RECOMMENDERS, Recommender


def run_trials(
    comparison: Comparison,
    *,
    targets: Iterable[str] = tuple(RECOMMENDERS),
    variants: Iterable[Variant] = VARIANTS,
    seeds: Iterable[int] = range(5),
    resume: str | Path | None = None,
    on_trial: Callable[[Trial], None] | None = None,
    on_progress: Callable[[str, float], None] | None = None,
) -> list[Trial]:
    """Train every variant of every target with every seed.

    Args:
        comparison: what they learn from.
        targets: names in RECOMMENDERS.
        variants: to train.
        seeds: of weights and batches; the rows stay dealt as they are.
        resume: a file that finished trials are appended to. If it exists, the run goes on from there.
        on_trial: called with each finished trial, those of the resume file too.
        on_progress: called with "train" and the share done; may raise to stop.

    Raises:
        InvalidInput: the resume file is none, was begun with other rows, crosses or recipe, or is in use.
        InvalidSettings: there is no such target.
    """
    wanted: list[tuple[str, Variant, int]] = [
        (target, variant, seed) for seed, target, variant in itertools.product(seeds, targets, list(variants))
    ]
    trials: list[Trial] = []

    def report(share: float) -> None:
        if on_progress is not None:
            on_progress("train", (len(trials) + share) / max(len(wanted), 1))

    with Journal.open(resume, _header(comparison)) as journal:
        finished = _finished(journal)
        for target, variant, seed in wanted:
            trial = finished.get((target, variant, seed))
            if trial is None:
                started = time.perf_counter()
                training = comparison.training(target, variant, seed=seed, on_progress=report)
                for _ in training.run():
                    pass
                trial = comparison.trial(target, variant, seed, training.result(), time.perf_counter() - started)
                journal.append(asdict(trial))
            trials.append(trial)
            if on_trial is not None:
                on_trial(trial)
    return trials


def run_beside(
    comparison: Comparison,
    target: str,
    *,
    variants: Sequence[Variant] = ("base", "crossed"),
    seeds: Iterable[int] = (0,),
    on_look: Callable[[Variant, int, Look], None] | None = None,
    on_progress: Callable[[str, float], None] | None = None,
) -> tuple[list[Trial], dict[Variant, Recommender]]:
    """Train the variants of one target in turns, look by look, so that one can watch them side by side.

    Each gives what it gives alone.

    Args:
        comparison: what they learn from.
        target: a name in RECOMMENDERS.
        variants: to train.
        seeds: one after another.
        on_look: called with variant, seed and where its training stands.
        on_progress: called with "train" and the share done; may raise to stop.

    Returns:
        The trials, and the trained networks of the first seed.
    """
    seeds = list(seeds)
    trials: list[Trial] = []
    networks: dict[Variant, Recommender] = {}
    for number, seed in enumerate(seeds):
        progress = _Shares(variants, number, len(seeds), on_progress)
        trainings: dict[Variant, Training[Recommender]] = {
            variant: comparison.training(target, variant, seed=seed, on_progress=partial(progress, variant))
            for variant in variants
        }
        going: dict[Variant, Iterator[Look]] = {variant: training.run() for variant, training in trainings.items()}
        spent: dict[Variant, float] = dict.fromkeys(variants, 0.0)
        while going:
            for variant, looks in list(going.items()):
                started = time.perf_counter()
                look = next(looks, None)
                spent[variant] += time.perf_counter() - started
                if look is None:
                    del going[variant]
                    progress(variant, 1.0)
                elif on_look is not None:
                    on_look(variant, seed, look)
        for variant, training in trainings.items():
            fit = training.result()
            trials.append(comparison.trial(target, variant, seed, fit, spent[variant]))
            networks.setdefault(variant, fit.network)
    return trials, networks


class _Shares:
    """How much of all trainings is done, told from the share of each."""

    def __init__(
        self, variants: Sequence[Variant], number: int, seeds: int, on_progress: Callable[[str, float], None] | None
    ) -> None:
        self._shares: dict[Variant, float] = dict.fromkeys(variants, 0.0)
        self._number, self._seeds, self._on_progress = number, seeds, on_progress

    def __call__(self, variant: Variant, share: float) -> None:
        self._shares[variant] = share
        if self._on_progress is not None:
            done = sum(self._shares.values()) / len(self._shares)
            self._on_progress("train", (self._number + done) / self._seeds)


def _header(comparison: Comparison) -> dict[str, Any]:
    return {
        KIND: "trials",
        "rows": comparison.dataset.fingerprint,
        "crosses": [[*cross.fields, cross.kept] for cross in comparison.crosses.report_],
        "recipe": asdict(comparison.recipe),
        "versions": versions(),
    }


def _finished(journal: Journal) -> dict[tuple[str, str, int], Trial]:
    trials = {}
    for position, entry in enumerate(journal.entries):
        try:
            trial = Trial(**entry)
        except TypeError:
            raise journal.refusal(position, "this is no finished trial") from None
        trials[trial.target, trial.variant, trial.seed] = trial
    return trials
