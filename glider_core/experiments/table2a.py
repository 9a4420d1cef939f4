"""Which sets of fields does AutoInt use most on Avazu? (Table 2a)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.experiments import counted, paper
from glider_core.experiments.base import Beside, Context, Experiment, Result
from glider_core.experiments.counted import NAMES
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.sources import FAMILY, QUICK, SMOKE, table_option

LOG = "table2a_avazu"


def run(context: Context) -> dict[str, Any]:
    """Count the sets of AutoInt's rows by both ways, and look up those of the paper.

    Raises:
        InvalidInput: the data is missing or cannot be learned from.
    """
    found, result = counted.measured(context)
    for way, study in found.items():
        ranked = {frozenset(each.names): place for place, each in enumerate(study.detection.interactions)}
        result["ways"][way]["the paper's"] = [
            {
                "fields": list(fields),
                "count": 0 if place is None else study.detection.interactions[place].count,
                "rank": None if place is None else place + 1,
            }
            for fields, _ in paper.TABLE2A
            if set(fields) <= set(study.detection.names)
            for place in [ranked.get(frozenset(fields))]
        ]
    return result


def _report(results: Mapping[str, Result]) -> str:
    return "\n\n".join([*(_report_of(result) for result in results.values()), written_by(results)])


def _report_of(result: Result) -> str:
    ways = result["ways"]
    tops = zip(*(values["top"][:10] + [None] * (10 - len(values["top"][:10])) for values in ways.values()), strict=True)
    rows = [(rank, *(_cells(top) for top in both)) for rank, both in enumerate(tops, 1)]
    words = [counted.summary(result), table(("rank", *(NAMES[way] for way in ways)), rows)]
    looked_up = next(iter(ways.values()))["the paper's"]
    if looked_up:
        sets = [
            (" × ".join(entry["fields"]), *(_found(values["the paper's"][place]) for values in ways.values()), count)
            for place, entry in enumerate(looked_up)
            for count in [dict(paper.TABLE2A)[tuple(entry["fields"])]]
        ]
        words.append(
            f"Of the paper's ten sets, {len(looked_up)} are of fields that this table has:\n\n"
            + table(("set", *(f"rows, {NAMES[way]}" for way in ways), "the paper"), sets)
        )
    return "\n\n".join(words)


def _cells(top: Mapping[str, Any] | None) -> str:
    return "–" if top is None else f"{' × '.join(top['fields'])}: {top['count']:,}"


def _found(entry: Mapping[str, Any]) -> str:
    return "0" if entry["rank"] is None else f"{entry['count']:,} (rank {entry['rank']:,})"


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results.get(LOG)
    if result is None:
        return []
    looked_up = {
        way: {tuple(entry["fields"]): entry for entry in values["the paper's"]}
        for way, values in result["ways"].items()
    }
    rows = []
    for fields, count in paper.TABLE2A:
        known = all(fields in entries for entries in looked_up.values())
        ours = "; ".join(f"{_found(entries[fields])} ({NAMES[way]})" for way, entries in looked_up.items() if known)
        missing = " and ".join(sorted(set(fields) - set(result["fields"])))
        rows.append(
            Beside(
                what=f"Avazu, rows with {' × '.join(fields)}",
                paper=f"{count} of 1000",
                ours=f"of {result['explained rows']:,}: {ours}" if ours else "cannot be counted",
                differs=f"{result['table']}, not the full log" if known else f"the sample has no {missing}",
            )
        )
    return rows


EXPERIMENT = Experiment(
    name="table2a",
    title="The most frequent sets of Avazu's fields (Table 2a)",
    claim="The sets that come back most on Avazu make sense: who (device, IP) with when (hour), and where (site).",
    run=run,
    options=table_option("avazu"),
    quick=QUICK,
    smoke=SMOKE,
    family=FAMILY,
    paper={" × ".join(fields): count for fields, count in paper.TABLE2A},
    stem=lambda name, options: f"{name}_{options['table']}",
    report=_report,
    beside=_beside,
)
