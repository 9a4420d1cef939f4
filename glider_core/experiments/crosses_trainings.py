"""What crosses did beyond the luck of one training: models of a split, trained several times, by their means."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from glider_core.experiments.base import Beside, Result
from glider_core.experiments.crosses_parts import Part
from glider_core.experiments.markdown import table as markdown_table
from glider_core.recommenders.improvement import BASE, KEPT, WIDER

Changes = dict[str, Any]  # mean and deviation over splits, as in a result's differences
_SHARE = 1 / 9  # test rows by rows to learn from, in each split


def trainings(result: Result) -> int:
    """How often the models of every split were trained; 0: not more than once."""
    again = [split.get("trained again") for split in result["splits"]]
    return 1 + min(len(own[BASE]) for own in again) if again and all(again) else 0


def report_of_trainings(results: Sequence[Result]) -> str:
    """The same beyond the luck of a training: means over several trainings of each model, split by split."""
    head = (
        "", "trainings", "logloss without", "logloss, what is kept", "in deviations", "better",
        "logloss, twice as wide", "in deviations", "what is kept against twice as wide", "in deviations",
    )  # fmt: skip
    rows = []
    for result in results:
        means = [over_trainings(split) for split in result["splits"]]
        kept, wider, against = _compared(means)
        rows.append(
            (
                result["table"],
                f"{len(means)} × {trainings(result)}",
                f"{statistics.fmean(own[BASE] for own in means):.4f}",
                plain(kept, "logloss"),
                deviations(kept, "logloss"),
                f"{kept['better']} of {len(means)}",
                *(cell for own in (wider, against) for cell in cells(own)),
            )
        )
    return (
        "**The same beyond the luck of one training**: weights and batches of the model without crosses, of the one "
        "that is kept and of the wider one are drawn several times for each split, and each number is the mean over "
        "these trainings; ± deviation over splits.\n\n" + markdown_table(head, rows)
    )


def over_trainings(split: Part) -> dict[str, float]:
    """Mean logloss of the models of a split that were trained several times."""
    return {
        name: statistics.fmean([split["models"][name]["logloss"], *(one["logloss"] for one in every)])
        for name, every in split["trained again"].items()
    }


def _compared(means: Sequence[Mapping[str, float]]) -> tuple[Changes, Changes | None, Changes | None]:
    """What is kept against the network without crosses, the wider one against it, and what is kept against that one."""
    kept = changes_of([own[KEPT] - own[BASE] for own in means])
    if WIDER not in means[0]:
        return kept, None, None
    wider = changes_of([own[WIDER] - own[BASE] for own in means])
    return kept, wider, changes_of([own[KEPT] - own[WIDER] for own in means])


def changes_of(changes: Sequence[float]) -> Changes:
    """Mean, deviation over splits, and how many are for the better."""
    return {
        "splits": len(changes),
        "logloss change": round(statistics.fmean(changes), 5),
        "logloss deviation": round(statistics.stdev(changes), 5) if len(changes) > 1 else None,
        "better": sum(change < 0 for change in changes),
    }


def cells(own: Mapping[str, Any] | None) -> tuple[str, str]:
    """A change, and how many deviations it is for the better; nothing of nothing."""
    return ("", "") if own is None else (plain(own, "logloss"), deviations(own, "logloss"))


def beside_wider(results: Sequence[Result]) -> list[Beside]:
    """On each table what is kept beside a network as large without crosses; and whether any split lost by it."""
    rows, splits, lost = [], 0, 0
    for result in results:
        means = [over_trainings(split) for split in result["splits"]]
        splits += len(means)
        lost += sum(own[KEPT] > own[BASE] for own in means)
        kept, wider, against = _compared(means)
        if wider is None or against is None:
            continue
        change, deviation = against["logloss change"], against["logloss deviation"] or 0.0
        rows.append(
            Beside(
                what=f"{result['table']}: logloss of test rows against the network without crosses",
                paper=f"vectors twice as wide: {plain(wider, 'logloss')}",
                ours=f"what is kept: {plain(kept, 'logloss')}",
                differs="" if abs(change) > deviation else "the two differ by less than a deviation over splits",
                met=change < 0 if abs(change) > deviation else None,
            )
        )
    if rows:
        none = Beside(
            what="splits of these tables whose test rows lose by what is kept",
            paper="expected: none",
            ours=f"{lost} of {splits}",
            met=lost == 0,
        )
        rows.append(none)
    return rows


def plain(own: Mapping[str, Any], measure: str) -> str:
    """A mean change with its deviation."""
    change, deviation = own[f"{measure} change"], own[f"{measure} deviation"]
    if not change and not deviation:
        return "no change"
    return f"{change:+.4f}" if deviation is None else f"{change:+.4f} ± {deviation:.4f}"


def deviations(own: Mapping[str, Any], measure: str, *, of_mean: bool = False) -> str:
    """How many deviations a mean change is on the better side."""
    change, deviation = own[f"{measure} change"], own[f"{measure} deviation"]
    if not deviation:
        return ""
    better = change if measure == "auc" else -change
    return f"{better / (deviation * (1 / own['splits'] + _SHARE) ** 0.5 if of_mean else deviation):+.1f}"
