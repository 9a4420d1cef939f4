"""Figures 2 and 7: the count of global interactions by their rank, by the paper's way of counting and ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Experiment, Result
from glider_core.experiments.counted import HIGHER, NAMES, orders_told, picture, run, summary
from glider_core.experiments.markdown import written_by
from glider_core.experiments.sources import FAMILY, QUICK, SMOKE, SOURCES, table_option
from glider_core.rows.significance import significance_threshold


def experiment(name: str, log: str) -> Experiment:
    """The figure of one of the paper's logs, which can be measured on any other table, too."""
    title = SOURCES[log].title

    def beside(results: Mapping[str, Result]) -> list[Beside]:
        found = [
            Beside(
                what=f"{title}: rows with the most frequent set",
                paper=f"{paper.TOP_COUNT[log]} of 1000",
                ours="; ".join(
                    f"{_top(values)} of {_rows(results):,} ({NAMES[way]})" for way, values in _of_log(results)
                ),
                differs=_differs(results),
            ),
            Beside(
                what=f"{title}: count of 1000 rows above which a set is significant",
                paper=f"{paper.SIGNIFICANT[log]} (with {paper.SETS_A_ROW} sets a row)",
                ours="; ".join(
                    f"{_of_1000(results, values)} (with {values['sets per row']:.1f} sets a row; {NAMES[way]})"
                    for way, values in _of_log(results)
                ),
                differs="The rule is the same; the threshold follows from the number of fields and the sets a row.",
            ),
            Beside(
                what=f"{title}: orders of the most frequent sets",
                paper="of those larger than pairs, three fields are most common, then four, then five",
                ours="; ".join(f"{orders_told(values)} ({NAMES[way]})" for way, values in _of_log(results)),
                differs=_differs(results),
                met=_falls_with_order(_of_log(results)),
            ),
        ]
        return found if any(True for _ in _of_log(results)) else []

    def _of_log(results: Mapping[str, Result]) -> list[tuple[str, Result]]:
        result = results.get(f"{name}_{log}")
        return [] if result is None else list(result["ways"].items())

    def _rows(results: Mapping[str, Result]) -> int:
        return results[f"{name}_{log}"]["explained rows"]

    def _of_1000(results: Mapping[str, Result], values: Result) -> int:
        fields = results[f"{name}_{log}"]["fields"]
        return significance_threshold(len(fields), 1000, values["sets per row"])

    def _differs(results: Mapping[str, Result]) -> str:
        result = results.get(f"{name}_{log}")
        if result is None:
            return ""
        return (
            f"{result['explained rows']:,} rows; {result['table']}, {result['rows']['train']:,} training rows, "
            f"{len(result['fields'])} fields and "
            f"AutoInt with test AUC {result['source']['test AUC']:.3f}; the paper: the full log."
        )

    def report(results: Mapping[str, Result]) -> str:
        return "\n\n".join(
            [
                "In how many rows each set comes back. Two ways of counting, of one AutoInt and the same rows: the "
                "interactions of a row's explanation (at most eight, which pass all tests), and, as in the code of the "
                "paper's authors, the first 100 of NID's pruned ranking, without LIME's weights and without the set of "
                "all fields. The rule of significance is the same for both: sets drawn at random from all of at most "
                "three fields, as many a row as were counted; any of them passes the threshold with a chance of 5 %. "
                f"In the paper the most frequent set is in {paper.TOP_COUNT[log]} of 1000 rows and the threshold is "
                f"{paper.SIGNIFICANT[log]}.",
                *(summary(result) for result in results.values()),
                written_by(results),
            ]
        )

    def pictures(results: Mapping[str, Result]) -> Mapping[str, str]:
        drawn = {}
        for stem, result in results.items():
            levels = {f"the paper's first, {paper.TOP_COUNT[log]} of 1000": paper.TOP_COUNT[log] / 1000}
            caption = f"{result['table']}: rows in which each set comes back, by rank; beside the first their orders"
            drawn[caption] = picture(result, caption, levels if stem == f"{name}_{log}" else {})
        return drawn

    return Experiment(
        name=name,
        title=f"Counts of global interactions by rank, {title} (Figure {name.removeprefix('figure')})",
        claim=f"Sets come back over and over: the most frequent in {paper.TOP_COUNT[log]} of 1000 rows, where chance "
        f"alone reaches {paper.SIGNIFICANT[log]}.",
        run=run,
        options=table_option(log),
        quick=QUICK,
        smoke=SMOKE,
        family=FAMILY,
        paper={
            "most frequent": paper.TOP_COUNT[log],
            "significant above": paper.SIGNIFICANT[log],
            "sets a row": paper.SETS_A_ROW,
        },
        stem=lambda name, options: f"{name}_{options['table']}",
        report=report,
        beside=beside,
        pictures=pictures,
    )


def _falls_with_order(ways: Sequence[tuple[str, Result]]) -> bool | None:
    """Whether, by the paper's way, three fields are more common than four, and four than five."""
    counted = [order for way, values in ways if way == "paper" for _, order in values["ranks"][:HIGHER]]
    return counted.count(3) >= counted.count(4) >= counted.count(5) if counted else None


def _top(values: Result) -> str:
    return str(values["top"][0]["count"]) if values["top"] else "none"
