"""The four grounds on which methods meet: planted functions, Archipelago's, texts, real black boxes."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import combinations
from typing import Any

import numpy as np
from scipy.stats import rankdata

from glider_core.engine.asking import Questions
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import r2
from glider_core.engine.planted import FAMILIES, OUTSIDE, planted_family
from glider_core.experiments.base import Context
from glider_core.experiments.inputs import inputs_of
from glider_core.experiments.peers.archipelago import FUNCTIONS, archipelago
from glider_core.experiments.peers.game import Found, Game, Method, Scheme, TooManyCalls, play, uniform_masks
from glider_core.experiments.peers.texts import LENGTHS, texts_of_length
from glider_core.experiments.unseen import fresh_masks, r2_of_sets
from glider_core.models import load_model

GROUNDS = ("planted", "archipelago", "texts", "models")
MODELS = ("sentiment/lstm", "sentiment/distilbert-small", "dna/cnn", "recommender/simulated", "recommender/census",
          "graph/karate", "graph/cora", "image/small50")  # fmt: skip
STEPS = (0, 1, 3, 5, 20)
OTHER_SHAPES = ", other shapes"  # families whose functions no few products make up
TEXT_MODEL = "sentiment/distilbert-small"
_FRESH = 1000  # masks on which surrogates of models and texts are measured
_FITTED_ON = 515_151  # seed of the masks on which the first sets' columns are fitted, alike for all
_NOISE = 0.1  # of every other planted function, in deviations of its answers

Measure = Callable[[Found], dict[str, Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One black box, on which every method plays with each number of calls."""

    ground: str
    group: str  # what the report takes a mean over: "d = 20", "F2", "16 to 31 words", a model's id
    name: str  # of a file, among others of the ground
    calls: tuple[int, ...]
    make: Callable[[], tuple[Instance, list[Features]]]  # and the sets that are known to interact in it
    scheme: Scheme = "LIME"
    seed: int = 0


def cases_of(context: Context) -> Iterator[Case]:
    """All that the options ask for, what takes longest first, so that runs side by side end together."""
    grounds = context["grounds"]
    for number in range(context["texts"]) if "texts" in grounds else ():
        for length in reversed(context["lengths"]):
            calls = tuple(calls for calls in LENGTHS[length][2] if calls <= context["text_calls"])
            yield Case(ground="texts", group=length, name=f"{length} {number}", calls=calls,
                       make=partial(_text, context, length, number), scheme="uniform", seed=number)  # fmt: skip
    for number in range(context["inputs"]) if "models" in grounds else ():
        for model_id in reversed(context["models"]):
            yield Case(ground="models", group=model_id, name=f"{model_id} {number}", calls=context["model_calls"],
                       make=partial(_input, model_id, number), seed=number)  # fmt: skip
    for name in FUNCTIONS if "archipelago" in grounds else ():
        yield Case(ground="archipelago", group=name, name=name, calls=context["archipelago_calls"],
                   make=partial(archipelago, name))  # fmt: skip
    for seed in range(context["seeds"]):
        for d in reversed(context["sizes"]) if "planted" in grounds else ():
            for place, family in enumerate(FAMILIES + OUTSIDE):
                noise = _NOISE if (place + seed) % 2 else 0.0
                make = partial(planted_family, family, d, seed, noise=noise)
                group = f"d = {d}" + (OTHER_SHAPES if family in OUTSIDE else "")
                yield Case(ground="planted", group=group, name=f"{family} {d} {seed}", calls=context["calls"],
                           make=make, seed=seed)  # fmt: skip


@cache
def _model(model_id: str) -> Any:
    return load_model(model_id)


def _input(model_id: str, number: int) -> tuple[Instance, list[Features]]:
    raws = inputs_of(model_id, number + 1)
    return _model(model_id).instance(raws[number % len(raws)]), []


def _text(context: Context, length: str, number: int) -> tuple[Instance, list[Features]]:
    model = _model(TEXT_MODEL)
    return model.instance(texts_of_length(context.data_folder(), model, length, number + 1)[number]), []


def measure(case: Case, methods: Sequence[Method], tell: Callable[[str], None]) -> dict[str, Any]:
    """What every method makes of a case with each number of calls; where it cannot play, why not."""
    try:
        instance, truth = case.make()
    except Exception as error:  # a model whose files or package this machine lacks; the others go on
        tell(f"{case.ground}, {case.name} is left out: {error}")
        return {
            "ground": case.ground, "group": case.group, "name": case.name, "d": 0, "by calls": {},
            "not": f"{type(error).__name__}: {error}"[:300],
        }  # fmt: skip
    questions = Questions(instance)
    by_calls: dict[str, Any] = {}
    for calls in case.calls:
        score = _measure(case, questions, truth)
        row = by_calls[str(calls)] = {}
        for method in methods:
            if not (method.predicts if case.ground == "texts" else method.ranks):
                continue
            game = Game(questions, calls, scheme=case.scheme, seed=case.seed)
            if why := method.impossible(game):
                row[method.name] = {"not": why}
                continue
            try:
                played = play(method, game)
            except TooManyCalls as error:
                row[method.name] = {"not": str(error)}
                continue
            except Exception as error:
                if not method.library:
                    raise
                row[method.name] = {"not": f"{method.library} raised {type(error).__name__}: {error}"[:160]}
                continue
            row[method.name] = {**score(played.found), "calls": played.calls, "seconds": round(played.seconds, 3)}
        tell(f"{case.ground}, {case.name}, {calls} calls: {_told(row)}")
    return {
        "ground": case.ground,
        "group": case.group,
        "name": case.name,
        "d": len(instance.names),
        "by calls": by_calls,
    }


def _told(row: dict[str, Any]) -> str:
    values = {name: next(iter(entry.values())) for name, entry in row.items() if "not" not in entry}
    return ", ".join(f"{name} {value[-1] if isinstance(value, list) else value}" for name, value in values.items())


def _measure(case: Case, questions: Questions, truth: list[Features]) -> Measure:
    d = len(questions.instance.names)
    if truth:
        return lambda found: {
            "sets": sets_found(found.ranking, truth),
            "pairs": pair_auc(found.ranking if found.pairs is None else found.pairs, truth, d),
        }
    if case.ground == "texts":
        fresh = uniform_masks(d, _FRESH, np.random.default_rng([987_654, case.seed]))
        answers = questions(fresh)

        def of_surrogate(found: Found) -> dict[str, Any]:
            if found.surrogate is None:
                return {"not": "no calls are left for a surrogate"}
            return {"r2": round(r2(answers, found.surrogate(fresh), np.ones(_FRESH)), 4)}

        return of_surrogate
    fitted_on = fresh_masks(d, _FRESH, _FITTED_ON)

    def of_first_sets(found: Found) -> dict[str, Any]:
        sets = [features for features, _ in found.ranking[: STEPS[-1]]]
        path = r2_of_sets(questions, fitted_on, sets, fresh=_FRESH)
        return {"r2": [round(path[min(k, len(path) - 1)], 4) for k in STEPS]}

    return of_first_sets


def sets_found(ranking: Sequence[tuple[Features, float]], truth: Sequence[Features]) -> float:
    """R-precision: the share of the true sets among as many at the top of the ranking."""
    top = {tuple(features) for features, _ in ranking[: len(truth)]}
    return round(len(top & set(truth)) / len(truth), 4)


def pair_auc(ranking: Sequence[tuple[Features, float]], truth: Sequence[Features], d: int) -> float:
    """The chance that a pair inside a true set stands above one that is in none; a tie counts one half.

    A pair is as strong as the strongest set of the ranking that holds it; one that no set holds is the weakest.
    """
    strength = np.zeros((d, d))
    for features, value in ranking:
        inside = np.ix_(features, features)
        strength[inside] = np.maximum(strength[inside], value)
    true = {pair for features in truth for pair in combinations(features, 2)}
    pairs = list(combinations(range(d), 2))
    ranks = rankdata([strength[pair] for pair in pairs])
    is_true = np.array([pair in true for pair in pairs])
    above = ranks[is_true].sum() - is_true.sum() * (is_true.sum() + 1) / 2
    return round(float(above / (is_true.sum() * (~is_true).sum())), 4)
