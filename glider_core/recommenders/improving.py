"""From a table to a better model, or to "none helps": train, scan for crosses, select, compare, and decide once.

All is decided on validation rows: which crosses stay, which way of reading them, and whether the model with crosses is
the one to keep. The model without stays unless another beats it beyond its noise. Test rows are scored at the end.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidSettings
from glider_core.provenance import versions
from glider_core.recommenders.baselines import Baseline, run_baselines
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.encodings import ENCODINGS, Ground, Reading, base, wider_vectors
from glider_core.recommenders.fitting import Scores, Training, logits, scores
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.recipes import NARROW, SMALL, Recipe, recipe_for
from glider_core.recommenders.scan import CrossCandidate, scan
from glider_core.recommenders.selection import DEVIATIONS, Step, bootstrap_noise, choose
from glider_core.tables.cross_numbers import CrossNumbers
from glider_core.tables.cross_tables import loss_of
from glider_core.tables.crosses import title_of

BASE, FROZEN, WIDER = "without crosses", "numbers on the frozen model", "vectors twice as wide"
MOST = 10  # crosses that may stay


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A model, with or without crosses, or a baseline."""

    name: str
    crosses: tuple[tuple[str, ...], ...] = ()  # that it reads
    validation: Scores
    test: Scores
    gain: float = 0.0  # logloss that it saves on validation rows against the model without crosses
    noise: float = 0.0  # deviation of the gain, by the bootstrap
    parameters: int = 0
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Improvement:
    """What came of it: the models, which one is kept, and why."""

    target: str  # the recommender
    candidates: tuple[CrossCandidate, ...]
    steps: tuple[Step, ...]  # of the selection on the frozen model; positions are those of `tried`
    tried: tuple[tuple[str, ...], ...]
    weights: tuple[float, ...]  # of the crosses that stayed, on the frozen model
    models: tuple[Measured, ...]  # the first is without crosses
    baselines: tuple[Measured, ...]
    chosen: str  # name of the model that is kept
    explain: str  # name of the model that is worth explaining
    numbers: CrossNumbers | None = field(compare=False, repr=False)  # of the crosses that the kept model reads

    @property
    def kept(self) -> Measured:
        """The model to use: the one without crosses, unless another is better beyond its noise."""
        return next(model for model in self.models if model.name == self.chosen)

    @property
    def verdict(self) -> str:
        """One sentence."""
        count, found = len(self.candidates), self.kept
        if self.chosen == BASE:
            reason = "" if not self.tried else f"; {len(self.tried)} looked useful, none holds on validation rows"
            return f"None of {count} candidates helps here{reason}: the model without crosses is kept."
        names = ", ".join(title_of(own) for own in found.crosses[:3]) + (", …" if len(found.crosses) > 3 else "")
        word = "cross" if len(found.crosses) == 1 else "crosses"
        return (
            f"{len(found.crosses)} {word} of {count} candidates ({names}) save {self.target} "
            f"{found.gain:.4f} ± {found.noise:.4f} of logloss on validation rows. On test rows: logloss "
            f"{self.models[0].test.logloss:.4f} → {found.test.logloss:.4f}, AUC {self.models[0].test.auc:.4f} → "
            f"{found.test.auc:.4f}."
        )

    @property
    def advice(self) -> str:
        """A sentence on baselines; empty where none was trained."""
        if not self.baselines:
            return ""
        best = min(self.baselines, key=lambda model: model.validation.logloss)
        if self.explain == self.chosen:
            return f"No baseline beats it beyond noise (the best is {best.name}, AUC {best.test.auc:.4f})."
        return (
            f"{best.name} is better beyond noise (AUC {best.test.auc:.4f}, logloss {best.test.logloss:.4f}); explain "
            f"that model instead."
        )

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        own = {name: getattr(self, name) for name in ("target", "tried", "weights", "chosen", "explain", "verdict")}
        lists = {
            name: [asdict(item) for item in getattr(self, name)]
            for name in ("candidates", "steps", "models", "baselines")
        }
        return {**own, "advice": self.advice, **lists, "versions": versions()}


def improve(
    dataset: Dataset,
    *,
    target: str = "DeepFM",
    sets: Sequence[Sequence[str]] | None = None,
    encodings: Sequence[str] = ("numbers",),
    baselines: Sequence[str] | None = None,
    wider: bool | int = False,
    recipe: Recipe | None = None,
    seed: int = 0,
    on_stage: Callable[[str], None] | None = None,
) -> Improvement:
    """Train a recommender, look for crosses that help, and keep them only if they do.

    Args:
        dataset: the rows; test rows are scored once, when all is decided.
        target: a name in RECOMMENDERS.
        sets: candidates, such as those of a global run; None: all pairs of fields.
        encodings: names in ENCODINGS, ways of reading crosses that are trained anew and compared.
        baselines: names in BASELINES; None: all whose packages are installed.
        wider: whether vectors twice as wide, without crosses, are measured beside; they are never chosen.
        recipe: of the networks; None: one that suits the number of rows.
        seed: of weights, batches, folds and bootstrap.
        on_stage: called with what begins, in words; may raise to stop.

    Raises:
        InvalidSettings: there is no such recommender or encoding.
        InvalidInput: a candidate is no set of fields of the table.
    """
    for names, known, what in (((target,), RECOMMENDERS, "recommender"), (encodings, ENCODINGS, "encoding")):
        for name in names:
            if name not in known:
                raise InvalidSettings(f"There is no {what} {name!r:.40}; choose among {', '.join(known)}.")
    tell = on_stage or (lambda words: None)
    tell("Looking for crosses")
    rows = len(dataset.tables["train"])
    recipe = recipe or (NARROW if rows < SMALL else recipe_for(rows))
    found = scan(dataset, sets, seed=seed)
    tried = tuple(candidate.fields for candidate in found.tried)
    ground = Ground(dataset, target, recipe, found)
    answers = dataset.parts["validation"][1]
    tell(f"Training {target} without crosses")
    without = _train(BASE, (), base(ground), recipe, seed)
    models = [without]
    steps, weights = (), ()
    if tried:
        tell(f"Selecting among {len(tried)} crosses")
        started = time.perf_counter()
        of_validation = found.columns(tried, dataset.tables["validation"])
        selection = choose(without.logits, of_validation, answers, most=MOST, seed=seed)
        steps, weights = selection.steps, selection.weights
        kept = tuple(tried[position] for position in selection.kept)
        if kept:

            def frozen() -> NDArray[np.float64]:
                return without.of_test() + found.columns(kept, dataset.tables["test"]) @ np.array(weights)

            seconds = without.seconds + time.perf_counter() - started
            size = without.parameters + len(kept)
            models.append(_Trained(FROZEN, kept, selection.logits, frozen, size, seconds))
        for name in encodings:
            tell(f"Training {target} with crosses as {name}")
            sets_of = tried[:MOST]
            models.append(_train(f"crosses as {name}", sets_of, ENCODINGS[name](ground, sets_of), recipe, seed))
    if wider:
        tell(f"Training {target} with wider vectors")
        models.append(_train(WIDER, (), wider_vectors(ground), recipe, seed))
    tell("Training baselines")
    others = run_baselines(dataset, baselines, seed=seed)
    rng = np.random.default_rng(seed)
    gains = {model.name: _gain(without.logits, model.logits, answers, rng) for model in models}
    chosen = _chosen(gains)
    explain = _explain(next(model for model in models if model.name == chosen), others, answers, rng)
    # All is decided; test rows are read from here on.
    measured = [_measured(model, gains[model.name], dataset) for model in models]
    beside = [
        _measured(
            _Trained(other.name, (), other.logits, partial(other.predict, "test"), other.parameters, other.seconds),
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
        candidates=found.candidates,
        steps=steps,
        tried=tried,
        weights=weights,
        models=tuple(measured),
        baselines=tuple(beside),
        chosen=chosen,
        explain=explain,
        numbers=numbers,
    )


@dataclass(frozen=True, slots=True)
class _Trained:
    """A model whose test rows have not been scored yet."""

    name: str
    crosses: tuple[tuple[str, ...], ...]
    logits: NDArray[np.float64]  # of the validation rows
    of_test: Callable[[], NDArray[np.float64]]
    parameters: int
    seconds: float


def _train(name: str, crosses: tuple[tuple[str, ...], ...], reading: Reading, recipe: Recipe, seed: int) -> _Trained:
    started = time.perf_counter()
    # A training measures what it is given as test rows; these it gets only when all is decided.
    blind = {**reading.parts, "test": reading.parts["validation"]}
    training = Training(reading.build, blind, seed=seed, **recipe.options())
    for _ in training.run():
        pass
    network = training.result().network
    return _Trained(
        name,
        crosses,
        logits(network, reading.parts["validation"][0]),
        lambda: logits(network, reading.parts["test"][0]),
        network.n_parameters,
        time.perf_counter() - started,
    )


def _gain(
    before: NDArray[np.float64], after: NDArray[np.float64], answers: NDArray[np.float32], rng: np.random.Generator
) -> tuple[float, float]:
    """Mean logloss that is saved, and its deviation by the bootstrap."""
    saved = loss_of(before, answers) - loss_of(after, answers)
    return float(saved.mean()), bootstrap_noise(saved, rng)


def _chosen(gains: Mapping[str, tuple[float, float]]) -> str:
    """The model that saves most, of those that exceed their noise; else the one without crosses."""
    better = {
        name: gain for name, (gain, noise) in gains.items() if name not in (BASE, WIDER) and gain > DEVIATIONS * noise
    }
    return max(better, key=better.__getitem__) if better else BASE


def _explain(kept: _Trained, others: Sequence[Baseline], answers: NDArray[np.float32], rng: np.random.Generator) -> str:
    """The kept model, unless the best baseline is better beyond its noise."""
    if not others:
        return kept.name
    best = min(others, key=lambda model: model.validation.logloss)
    gain, noise = _gain(kept.logits, best.logits, answers, rng)
    return best.name if gain > DEVIATIONS * noise else kept.name


def _measured(model: _Trained, gain: tuple[float, float], dataset: Dataset) -> Measured:
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
