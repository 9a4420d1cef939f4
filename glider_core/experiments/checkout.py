"""The code of the paper's authors in a checkout of the user's, and what it ranks beside what Glider does.

The checkout is of github.com/mtsang/interaction_interpretability. Of it the module `neural_interaction_detection` in
the folder "1. madex" is imported and run, unchanged, with its own defaults; none of its code is here.
"""

from __future__ import annotations

import contextlib
import importlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from glider_core.engine.asking import Questions
from glider_core.engine.beside import AS_PUBLISHED
from glider_core.engine.clock import Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.base import Sample
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.plan import Look, Plan
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint
from glider_core.settings import Settings

REPOSITORY = "github.com/mtsang/interaction_interpretability"
FOLDER, MODULE = "1. madex", "neural_interaction_detection"
DETECTED = ("NID", "GradientNID")
TOP = 10
THEIRS, AGAIN, PUBLISHED, OURS = "theirs", "theirs again", "as published", "as it is"
ALIKE, PAIRS, FIRST, PRECISION = "of ten shared", "pairs' rank correlation", "same first", "R-precision"
Ranking = list[tuple[Features, float]]
Detect = Callable[..., Any]


@contextlib.contextmanager
def authors(checkout: Path) -> Iterator[Detect]:
    """Their `detect_interactions`, with their folder on the path as long as the block lasts.

    Raises:
        InvalidInput: there is no such module in the checkout, or it cannot be imported.
    """
    folder = _folder(checkout)
    before = set(sys.modules)
    sys.path.insert(0, str(folder))
    try:
        yield importlib.import_module(MODULE).detect_interactions
    except ImportError as error:
        raise InvalidInput(f"{MODULE}.py of the checkout cannot be imported: {error}.") from error
    finally:
        sys.path.remove(str(folder))
        for name in set(sys.modules) - before:  # `utils`, as their helpers are called, is anybody's name
            if name == MODULE or name.split(".")[0] == "utils":
                del sys.modules[name]


def _folder(checkout: Path) -> Path:
    folder = checkout / FOLDER if (checkout / FOLDER).is_dir() else checkout
    if not (folder / f"{MODULE}.py").is_file():
        raise InvalidInput(f"There is no '{FOLDER}/{MODULE}.py' in {checkout}; name a checkout of {REPOSITORY}.")
    return folder


def theirs(detect: Detect, name: str, look: Look, answers: NDArray[np.float64], seed: int) -> tuple[Ranking, float]:
    """Their ranking, and the seconds of training and reading."""
    parts = {"train": look.split.train, "val": look.split.validation, "test": look.split.test}
    masks = {part: look.masks[rows].astype(np.int64) for part, rows in parts.items()}
    targets = {part: answers[rows][:, None] for part, rows in parts.items()}
    start = time.perf_counter()
    # The linear term beside GradientNID's network is in the paper's text; it is off by default in the code.
    ranking, _ = detect(masks, targets, detector=name, add_linear=name == "GradientNID", seed=seed)
    seconds = time.perf_counter() - start
    return [(tuple(sorted(int(f) for f in features)), float(strength)) for features, strength in ranking], seconds


def ours(settings: Settings, look: Look, answers: NDArray[np.float64]) -> tuple[Ranking, float]:
    """Glider's ranking, and the seconds of training, reading and of choosing what a linear model needs."""
    clock = Clock()
    first = np.zeros(len(look.distinct))
    first[look.which] = answers
    (detected,) = DETECTORS[settings.detector].detect(
        look, [Sample(first, None, 0.0, np.zeros(0))], settings, clock, lambda stage, share: None
    )
    ranking = [(candidate.features, candidate.strength) for candidate in detected.ranking]
    return ranking, sum(clock.seconds.values())


def compare(one: Ranking, other: Ranking, d: int) -> dict[str, float]:
    """How alike two rankings are: the first set, the first ten, and the order of all pairs.

    A pair is as strong as the strongest set that holds it.
    """
    tops = [{features for features, _ in ranking[:TOP]} for ranking in (one, other)]
    strengths = [_pairs(ranking, d) for ranking in (one, other)]
    alike = {
        FIRST: float(bool(one and other and one[0][0] == other[0][0])),
        ALIKE: round(len(tops[0] & tops[1]) / max(min(len(tops[0]), len(tops[1])), 1), 4),
    }
    if all(np.ptp(values) for values in strengths):
        correlation: Any = spearmanr(strengths[0], strengths[1])
        alike[PAIRS] = round(float(correlation.statistic), 4)
    return alike


def _pairs(ranking: Ranking, d: int) -> NDArray[np.float64]:
    strength = np.zeros((d, d))
    for features, value in ranking:
        inside = np.ix_(features, features)
        strength[inside] = np.maximum(strength[inside], value)
    return strength[np.triu_indices(d, 1)]


def precision(ranking: Ranking, planted: Sequence[Features], largest: int | None) -> float:
    """R-precision; of a detector of pairs, of the pairs inside what was planted."""
    true = set(planted)
    if largest == 2:
        true = {pair for features in planted for pair in combinations(features, 2)}
    return len({features for features, _ in ranking[: len(true)]} & true) / len(true)


def measure(
    detect: Detect | None,
    instance: Instance,
    planted: Sequence[Features],
    masks: int,
    detectors: Sequence[str] = DETECTED,
) -> dict[str, Any]:
    """Of each detector the authors' ranking by two seeds and Glider's two, each beside the authors' first.

    Args:
        detect: theirs; None leaves theirs out, and Glider's as published stands in its place.
        instance: the black box at what is explained.
        planted: the sets that are there; none where nobody knows.
        masks: how many are asked.
        detectors: names, of `DETECTED`.
    """
    d, questions, measured = len(instance.names), Questions(instance), {}
    for name in detectors:
        # All masks weigh alike: so does their code unless it is told otherwise.
        settings = Settings.with_masks(masks, detector=name, kernel_width=None)
        look = Plan.draw(d, settings).look(masks)
        answers = questions(look.masks)
        rankings = (
            {}
            if detect is None
            else {who: theirs(detect, name, look, answers, seed) for seed, who in enumerate((THEIRS, AGAIN))}
        )
        rankings[PUBLISHED] = ours(settings.model_copy(update=AS_PUBLISHED), look, answers)
        rankings[OURS] = ours(settings, look, answers)
        (reference, _), *_ = rankings.values()
        measured[name] = {}
        for who, (ranking, seconds) in rankings.items():
            told = {"seconds": round(seconds, 3)}
            if ranking is not reference:
                told |= compare(reference, ranking, d)
            if planted:
                told[PRECISION] = round(precision(ranking, planted, DETECTORS[name].max_order), 4)
            measured[name][who] = told
    return measured


def identity_of(checkout: Path) -> str:
    """Changes when a Python file beside their module does."""
    paths = sorted(_folder(checkout).rglob("*.py"))
    return fingerprint(*(part for path in paths for part in (path.name, path.read_bytes())))
