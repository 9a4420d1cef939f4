"""Pictures of the peers' results: quality by calls, by length of a text, and beside the seconds that it costs."""

from __future__ import annotations

from collections.abc import Mapping

from glider_core.drawings.plots import Bars, Line, Points, bar_chart, line_chart, scatter
from glider_core.experiments.base import Result
from glider_core.experiments.peers.grounds import OTHER_SHAPES
from glider_core.experiments.peers.report import Column, best, columns, merged, seconds

_MOST = 6  # series of one chart
_FLOOR = 0.01  # seconds, the least that a logarithmic axis shows


def pictures(results: Mapping[str, Result]) -> dict[str, str]:
    """SVG by caption."""
    result = merged(results)
    found = columns(result)
    return {**_by_calls(found), **_by_length(found), **_beside_seconds(result, found)}


def _by_calls(found: Mapping[Column, Mapping[str, float]]) -> dict[str, str]:
    drawn = {}
    for what, y in (("sets", "planted sets found"), ("pairs", "AUC of pairs")):
        groups = {column.group for column in found if (column.ground, column.what) == ("planted", what)}
        if not groups:
            continue
        group = max(groups, key=_size)
        kept = sorted(
            (column for column in found if (column.ground, column.group, column.what) == ("planted", group, what)),
            key=lambda column: column.calls,
        )
        means = {
            method: sum(found[column].get(method, 0.0) for column in kept)
            for column in kept
            for method in found[column]
        }
        lines = [
            Line(name=method, x=[c.calls for c in own], y=[found[c][method] for c in own])
            for method in best(means, {}, _MOST)
            if (own := [column for column in kept if method in found[column]])
        ]
        caption = f"Planted functions of {group.removeprefix('d = ')} features: {y} by calls to the black box"
        drawn[caption] = str(
            line_chart(lines, title=caption, x="calls", y=y, log_x=len(kept) > 1, limits=_limits(lines))
        )
    return drawn


def _size(group: str) -> int:
    """Of "d = 40"; other shapes stand in the tables only."""
    return 0 if group.endswith(OTHER_SHAPES) else int(group.split()[-1])


def _limits(lines: list[Line]) -> tuple[float, float]:
    lowest = min(value for line in lines for value in line.y)
    return (0.0 if lowest < 0.5 else 0.5), 1.0


def _by_length(found: Mapping[Column, Mapping[str, float]]) -> dict[str, str]:
    kept = [column for column in found if column.ground == "texts"]
    if not kept:
        return {}
    first = {column.group: column for column in reversed(kept)}  # with the fewest calls
    chosen = [column for column in kept if column in first.values()]
    means = {
        method: sum(max(found[column].get(method, 0.0), 0.0) for column in chosen)
        for c in chosen
        for method in found[c]
    }
    series = [
        Bars(name=method, values=[_shown(found[column].get(method)) for column in chosen])
        for method in best(means, {}, _MOST)
    ]
    caption = "Texts: R2 on unseen uniform masks, with the fewest calls of each length"
    names = [f"{column.group}, {column.calls} calls" for column in chosen]
    return {caption: str(bar_chart(names, series, title=caption, value="R2 (a regression may fall below 0)"))}


def _shown(value: float | None) -> float | None:
    """A regression with too few calls falls far below zero; the chart ends there."""
    return None if value is None else max(value, 0.0)


def _beside_seconds(result: Result, found: Mapping[Column, Mapping[str, float]]) -> dict[str, str]:
    kept = [column for column in found if (column.ground, column.what) == ("planted", "sets")]
    if not kept:
        return {}
    column = max(kept, key=lambda c: (_size(c.group), c.calls))
    spent = seconds(result, column.ground, column.group, column.calls)
    ours = [method for method in found[column] if result["methods"][method] == "ours"]
    series = []
    for name, methods in (("Glider", ours), ("peers", [m for m in found[column] if m not in ours])):
        if methods:
            series.append(
                Points(
                    name=name,
                    x=[max(spent[method], _FLOOR) for method in methods],
                    y=[found[column][method] for method in methods],
                    texts=methods,
                )
            )
    caption = f"Planted functions, {column.group}, {column.calls} calls: sets found beside CPU seconds of the method"
    return {caption: str(scatter(series, title=caption, x="CPU seconds", y="planted sets found", log_x=True))}
