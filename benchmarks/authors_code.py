"""NID and GradientNID as their authors' code has them, beside Glider's, on the same masks and the same answers.

python -m benchmarks.authors_code CHECKOUT [--out FILE.json] [--seeds 3] [--masks 6000]

CHECKOUT is your copy of github.com/mtsang/interaction_interpretability (Tsang et al. 2020). Of it the module
`neural_interaction_detection` in the folder "1. madex" is imported and run, unchanged, with its own defaults; none of
its code is here. For every black box both get one split of the masks, and what each ranks is compared: how much of the
first ten sets they share, how they order pairs, what they find of what was planted, and the seconds that it takes.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import json
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
from glider_core.engine.planted import FAMILIES, planted_family
from glider_core.errors import InvalidInput
from glider_core.experiments.inputs import inputs_of
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

FOLDER, MODULE = "1. madex", "neural_interaction_detection"
DETECTED = ("NID", "GradientNID")
SIZES = (20, 40)
MODELS = ("sentiment/lstm", "recommender/simulated")
TOP = 10
BATCH = 100  # of their evaluation, which needs whole batches of validation and test masks
Ranking = list[tuple[Features, float]]


@contextlib.contextmanager
def authors(checkout: Path) -> Iterator[Callable[..., Any]]:
    """Their `detect_interactions`, with their folder on the path as long as the block lasts.

    Raises:
        InvalidInput: there is no such module in the checkout, or it cannot be imported.
    """
    folder = checkout / FOLDER if (checkout / FOLDER).is_dir() else checkout
    if not (folder / f"{MODULE}.py").is_file():
        raise InvalidInput(f"There is no '{FOLDER}/{MODULE}.py' in {checkout}; name a checkout of the authors' code.")
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


def theirs(
    detect: Callable[..., Any], name: str, look: Look, answers: NDArray[np.float64], seed: int
) -> tuple[Ranking, float]:
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
        "same first": float(bool(one and other and one[0][0] == other[0][0])),
        "of ten shared": len(tops[0] & tops[1]) / max(min(len(tops[0]), len(tops[1])), 1),
    }
    if all(np.ptp(values) for values in strengths):
        correlation: Any = spearmanr(strengths[0], strengths[1])
        alike["pairs' rank correlation"] = float(correlation.statistic)
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


def black_boxes(seeds: int) -> Iterator[tuple[str, Instance, list[Features]]]:
    """Planted functions of two sizes, and examples of two models."""
    for seed in range(seeds):
        for d in SIZES:
            for family in FAMILIES:
                instance, planted = planted_family(family, d, seed)
                yield f"planted, d = {d}", instance, planted
        for model_id in MODELS:
            model: Any = load_model(model_id)
            raws = inputs_of(model_id, seed + 1)
            yield model_id, model.instance(raws[seed % len(raws)]), []


def measure(checkout: Path, boxes: Sequence[tuple[str, Instance, list[Features]]], masks: int) -> list[dict[str, Any]]:
    """For every black box and detector, the authors' ranking beside Glider's two: as published, and as it is.

    Raises:
        InvalidInput: no such checkout; or masks of which a twelfth is no whole number of batches.
    """
    if masks // 12 % BATCH:
        raise InvalidInput(f"Got {masks} masks; their code validates in batches of {BATCH}: give a multiple of 1200.")
    rows = []
    with authors(checkout) as detect:
        for group, instance, planted in boxes:
            d, questions = len(instance.names), Questions(instance)
            for name in DETECTED:
                # All masks weigh alike: so does their code unless it is told otherwise.
                settings = Settings.with_masks(masks, detector=name, kernel_width=None)
                look = Plan.draw(d, settings).look(masks)
                answers = questions(look.masks)
                reference, seconds = theirs(detect, name, look, answers, seed=0)
                row: dict[str, Any] = {"of": group, "detector": name, "theirs": {"seconds": round(seconds, 3)}}
                largest = DETECTORS[name].max_order
                if planted:
                    row["theirs"]["R-precision"] = precision(reference, planted, largest)
                for how, more in (("as published", AS_PUBLISHED), ("as it is", {})):
                    ranking, seconds = ours(settings.model_copy(update=more), look, answers)
                    row[how] = {"seconds": round(seconds, 3), **compare(reference, ranking, d)}
                    if planted:
                        row[how]["R-precision"] = precision(ranking, planted, largest)
                rows.append(row)
                print(row, flush=True)
    return rows


def summary(rows: Sequence[dict[str, Any]]) -> str:
    """A table of means, by detector and black box."""
    lines = ["detector · of · whose: R-precision, seconds, first set the same, of ten shared, order of pairs"]
    for name in DETECTED:
        for group in dict.fromkeys(row["of"] for row in rows):
            own = [row for row in rows if (row["of"], row["detector"]) == (group, name)]
            for who in ("theirs", "as published", "as it is"):
                keys = ("R-precision", "seconds", "same first", "of ten shared", "pairs' rank correlation")
                measured = [[row[who][key] for row in own if key in row[who]] for key in keys]
                told = ", ".join(f"{np.mean(values):.3f}" if values else "–" for values in measured)
                lines.append(f"{name} · {group} · {who}: {told}")
    return "\n".join(lines)


def main(arguments: Sequence[str] | None = None) -> None:
    """From the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.authors_code", description=__doc__)
    parser.add_argument("checkout", type=Path, help="your copy of github.com/mtsang/interaction_interpretability")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--masks", type=int, default=6000)
    parser.add_argument("--out", type=Path, help="a JSON file for what was measured")
    given = parser.parse_args(arguments)
    try:
        rows = measure(given.checkout, list(black_boxes(given.seeds)), given.masks)
    except InvalidInput as error:
        parser.error(str(error))
    print(summary(rows))
    if given.out is not None:
        from benchmarks.__main__ import machine

        result = {"rows": rows, "masks": given.masks, "machine": machine(), "versions": versions()}
        given.out.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
