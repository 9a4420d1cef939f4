"""How many crosses help? Test logloss of DeepFM against K, the number of sets that are crossed (Figure 3)."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments.table3 import ROWS, SOURCES, detect
from glider_core.provenance import versions
from glider_core.recommenders.retrain import Trial, run_trials

KS = (0, 1, 2, 3, 5, 10, 20, 40, 60)
TARGET = "DeepFM"


def run(
    name: str,
    path: Path | None = None,
    *,
    rows: int | None = None,
    explained: int = ROWS,
    ks: Sequence[int] = KS,
    seeds: Iterable[int] = range(3),
    keep: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Train DeepFM with the K most frequent sets crossed, for several K; arguments as for `table3.run`.

    A K above the number of sets that were found is left out.
    """
    if name not in SOURCES:
        raise InvalidInput(f"There is no table {name!r:.40}; choose among {', '.join(SOURCES)}.")
    source, seeds = SOURCES[name], list(seeds)
    material = source.read(path, rows)
    learned, retrained = source.recipes(len(material.tables["train"]))
    found, _ = detect(material, learned, explained, name, keep, say)
    sets = found.top(max(ks), drop_subsets=True)
    points = []
    for k in ks:
        if k > len(sets):
            say(f"K = {k}: only {len(sets)} sets were found")
            continue
        comparison = source.compare(material, sets[: max(k, 1)])
        trials: list[Trial] = run_trials(
            comparison,
            targets=[TARGET],
            variants=["crossed" if k else "base"],
            seeds=seeds,
            resume=None if keep is None else keep / f"{name}-k{k}-trials.jsonl",
        )
        logloss, auc = [one.logloss for one in trials], [one.auc for one in trials]
        points.append(
            {
                "k": k,
                "logloss": statistics.fmean(logloss),
                "logloss deviation": statistics.stdev(logloss) if len(logloss) > 1 else None,
                "AUC": statistics.fmean(auc),
                "AUC deviation": statistics.stdev(auc) if len(auc) > 1 else None,
                "parameters": trials[0].parameters,
            }
        )
        say(f"K = {k}: logloss {points[-1]['logloss']:.4f}, {trials[0].parameters:,} parameters")
    return {
        "table": source.title,
        "target": TARGET,
        "rows": {part: len(answers) for part, (_, answers) in material.parts.items()},
        "seeds": seeds,
        "points": points,
        "recipe": asdict(retrained),
        "versions": versions(),
    }
