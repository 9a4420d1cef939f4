"""Do feature crosses make a recommender better? Trained with and without them, and with a larger embedding instead.

Tables 3, 4, 6 and 7 of Tsang et al. 2020: `base` reads the fields, `crossed` reads the crosses of them as well, and
`enlarged` reads the fields with vectors so wide that it has at least as many parameters as `crossed`.
"""

from __future__ import annotations

import itertools
import json
import os
import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import torch

from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.provenance import versions
from glider_core.recommenders.dataset import SMALL, Material
from glider_core.recommenders.fitting import Fit, Look, Parts, Training
from glider_core.recommenders.network import EMBEDDING, RECOMMENDERS, Recommender
from glider_core.tables.crosses import FeatureCrosses

Variant = Literal["base", "crossed", "enlarged"]
VARIANTS: tuple[Variant, ...] = ("base", "crossed", "enlarged")
DEVIATIONS = 2.0  # of the difference, that a gain must exceed to count


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How each network of a comparison is trained."""

    epochs: int = 10  # at most
    looks: int = 1  # at the validation rows, per epoch
    patience: int = 1  # looks without a better validation logloss before it stops
    batch: int = 512
    weight_decay: float = 0.0  # of the vectors; above 0 AdamW replaces the network's own optimizer
    dropout: float = 0.0


def recipe_for(rows: int) -> Recipe:
    """What suits a table of so many training rows: the fewer, the smaller the steps and the more is held back."""
    small = rows < SMALL
    return Recipe(
        epochs=12 if small else 4,
        looks=2,
        patience=4 if small else 2,
        batch=128 if rows < 10_000 else 512,
        weight_decay=0.1 if small else 0.0,
        dropout=0.3 if small else 0.0,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One network, trained and measured."""

    target: str  # a name in RECOMMENDERS
    variant: Variant
    seed: int
    crosses: int  # how many it reads
    embedding: int  # width of a vector
    parameters: int
    auc: float  # on the test rows
    logloss: float  # the same
    validation_auc: float
    validation_logloss: float
    epochs: int  # begun
    seconds: float = field(compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """What one variant gains over `base`, over the seeds that both have."""

    target: str
    variant: Variant
    seeds: int
    auc: tuple[float, float]  # mean of base, mean of the variant
    logloss: tuple[float, float]
    auc_gain: float  # higher is better
    logloss_gain: float  # how much lower the logloss is: higher is better
    auc_deviation: float | None  # standard deviation of the difference of two single trainings; None: one seed
    logloss_deviation: float | None
    growth: float  # share of parameters more than base

    @property
    def exceeds(self) -> bool | None:
        """Whether both gains are larger than `DEVIATIONS` deviations; None where these are not known."""
        if self.auc_deviation is None or self.logloss_deviation is None:
            return None
        return (
            self.auc_gain > DEVIATIONS * self.auc_deviation and self.logloss_gain > DEVIATIONS * self.logloss_deviation
        )


class Comparison:
    """The rows and the crosses of a comparison, from which each variant of each target is built.

    Args:
        material: the rows.
        sets: of field names, to be crossed; learned from the training rows.
        recipe: of every training.
        buckets: of a dense field in a cross.
        threshold: an id is kept when more training rows have it; None: 100 per million.

    Raises:
        InvalidInput: as for `FeatureCrosses.fit`.
    """

    def __init__(
        self,
        material: Material,
        sets: Sequence[Sequence[str]],
        recipe: Recipe | None = None,
        *,
        buckets: int = 100,
        threshold: int | None = None,
    ) -> None:
        self.material, self.recipe = material, recipe or Recipe()
        self.crosses = FeatureCrosses(sets, buckets=buckets, threshold=threshold).fit(material.tables["train"])
        self._crossed: Parts = material.crossed(self.crosses)

    def parts(self, variant: Variant) -> Parts:
        """The rows that a variant reads."""
        return self._crossed if variant == "crossed" else self.material.parts

    def embedding(self, target: str, variant: Variant) -> int:
        """Width of a variant's vectors: the smallest with which `enlarged` has as many parameters as `crossed`."""
        if variant != "enlarged":
            return EMBEDDING
        wanted = self.parameters(target, "crossed")
        return next(
            width for width in itertools.count(EMBEDDING) if _size(self._build(target, "base", width)) >= wanted
        )

    def parameters(self, target: str, variant: Variant) -> int:
        """How many numbers a variant learns."""
        return _size(self._build(target, variant, self.embedding(target, variant)))

    def training(
        self, target: str, variant: Variant, *, seed: int = 0, on_progress: Callable[[float], None] | None = None
    ) -> Training[Recommender]:
        """A training that can be watched look by look.

        Raises:
            InvalidSettings: there is no such target.
        """
        recipe = self.recipe
        return Training(
            self._build(target, variant, self.embedding(target, variant)),
            self.parts(variant),
            seed=seed,
            epochs=recipe.epochs,
            patience=recipe.patience,
            looks=recipe.looks,
            batch=recipe.batch,
            weight_decay=recipe.weight_decay,
            on_progress=on_progress,
        )

    def trial(self, target: str, variant: Variant, seed: int, fit: Fit[Any], seconds: float) -> Trial:
        """What there is to say of a finished training."""
        return Trial(
            target=target,
            variant=variant,
            seed=seed,
            crosses=len(self.crosses.sets_) if variant == "crossed" else 0,
            embedding=fit.network.width,
            parameters=fit.network.n_parameters,
            auc=fit.test.auc,
            logloss=fit.test.logloss,
            validation_auc=fit.validation.auc,
            validation_logloss=fit.validation.logloss,
            epochs=fit.epochs,
            seconds=round(seconds, 2),
        )

    def _build(self, target: str, variant: Variant, embedding: int) -> Callable[[], Recommender]:
        check_names([target], [variant])
        sizes = self.crosses.sizes if variant == "crossed" else ()
        return lambda: RECOMMENDERS[target](
            self.material.fields, sizes, embedding=embedding, dropout=self.recipe.dropout
        )


def check_names(targets: Iterable[str], variants: Iterable[str]) -> None:
    """Raise InvalidSettings for a target or a variant that there is not."""
    for given, known, what in ((targets, RECOMMENDERS, "recommender"), (variants, VARIANTS, "variant")):
        for name in given:
            if name not in known:
                raise InvalidSettings(f"There is no {what} {name!r:.40}; choose among {', '.join(known)}.")


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
        InvalidInput: the resume file was begun with other rows, crosses or recipe.
        InvalidSettings: there is no such target.
    """
    wanted: list[tuple[str, Variant, int]] = [
        (target, variant, seed) for seed, target, variant in itertools.product(seeds, targets, list(variants))
    ]
    known = _known(resume, comparison)
    trials: list[Trial] = []

    def report(share: float) -> None:
        if on_progress is not None:
            on_progress("train", (len(trials) + share) / max(len(wanted), 1))

    for target, variant, seed in wanted:
        trial = known.get((target, variant, seed))
        if trial is None:
            started = time.perf_counter()
            training = comparison.training(target, variant, seed=seed, on_progress=report)
            for _ in training.run():
                pass
            trial = comparison.trial(target, variant, seed, training.result(), time.perf_counter() - started)
            _append(resume, asdict(trial))
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
    seeds, trials = list(seeds), []
    networks: dict[Variant, Recommender] = {}
    for number, seed in enumerate(seeds):
        shares: dict[Variant, float] = dict.fromkeys(variants, 0.0)

        def report(variant: Variant, share: float, shares: dict[Variant, float] = shares, number: int = number) -> None:
            shares[variant] = share
            if on_progress is not None:
                on_progress("train", (number + sum(shares.values()) / len(shares)) / len(seeds))

        trainings: dict[Variant, Training[Recommender]] = {
            variant: comparison.training(
                target, variant, seed=seed, on_progress=lambda share, variant=variant: report(variant, share)
            )
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
                    report(variant, 1.0)
                elif on_look is not None:
                    on_look(variant, seed, look)
        for variant, training in trainings.items():
            fit = training.result()
            trials.append(comparison.trial(target, variant, seed, fit, spent[variant]))
            networks.setdefault(variant, fit.network)
    return trials, networks


def gains(trials: Iterable[Trial]) -> list[Gain]:
    """Every variant but `base`, by target, against the `base` of the same seeds."""
    found: dict[tuple[str, Variant], dict[int, Trial]] = {}
    for trial in trials:
        found.setdefault((trial.target, trial.variant), {})[trial.seed] = trial
    rows = []
    for (target, variant), tried in found.items():
        base = found.get((target, "base"), {})
        seeds = sorted(set(base) & set(tried))
        if variant == "base" or not seeds:
            continue
        auc = [(base[s].auc, tried[s].auc) for s in seeds]
        logloss = [(base[s].logloss, tried[s].logloss) for s in seeds]
        means = [tuple(map(statistics.fmean, zip(*pairs, strict=True))) for pairs in (auc, logloss)]
        rows.append(
            Gain(
                target=target,
                variant=variant,
                seeds=len(seeds),
                auc=(means[0][0], means[0][1]),
                logloss=(means[1][0], means[1][1]),
                auc_gain=means[0][1] - means[0][0],
                logloss_gain=means[1][0] - means[1][1],
                auc_deviation=_deviation(auc),
                logloss_deviation=_deviation(logloss),
                growth=tried[seeds[0]].parameters / base[seeds[0]].parameters - 1,
            )
        )
    return rows


def _deviation(pairs: Sequence[tuple[float, float]]) -> float | None:
    """Standard deviation of the difference between one training of each kind, from the spread of both over seeds."""
    if len(pairs) < 2:
        return None
    return sum(statistics.variance(values) for values in zip(*pairs, strict=True)) ** 0.5


def _size(build: Callable[[], Recommender]) -> int:
    with torch.device("meta"):  # shapes without numbers
        return build().n_parameters


# Resuming


def _header(comparison: Comparison) -> dict[str, Any]:
    return {
        "glider": "trials",
        "rows": comparison.material.fingerprint,
        "crosses": [[*one.fields, one.kept] for one in comparison.crosses.report_],
        "recipe": asdict(comparison.recipe),
        "versions": versions(),
    }


def _known(path: str | Path | None, comparison: Comparison) -> Mapping[tuple[str, str, int], Trial]:
    """The finished trials of a resume file; begins it where there is none."""
    if path is None:
        return {}
    path, header = Path(path), _header(comparison)
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    whole = [line for line in lines if line.endswith(b"\n")]  # the last one is not, if the process died as it wrote
    try:
        parsed = [json.loads(line) for line in whole]
        trials = [Trial(**line) for line in parsed[1:]]
    except (ValueError, TypeError):
        raise InvalidInput(f"{path.name} is not a file of finished trials; give another name.") from None
    if parsed and parsed[0] != json.loads(json.dumps(header)):
        raise InvalidInput(
            f"{path.name} was begun with other rows, crosses, recipe or versions; give another file, or what it was "
            "begun with."
        )
    if not parsed:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
        _append(path, header)
    elif len(whole) < len(lines):
        path.write_bytes(b"".join(whole))
    return {(trial.target, trial.variant, trial.seed): trial for trial in trials}


def _append(path: str | Path | None, line: Mapping[str, Any]) -> None:
    if path is None:
        return
    with Path(path).open("ab") as file:
        file.write(json.dumps(line).encode() + b"\n")
        file.flush()
        os.fsync(file.fileno())
