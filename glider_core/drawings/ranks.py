"""The chart of ranks in two global runs, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from math import cos, pi
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from glider_core.drawings.figures import plain, tidy
from glider_core.drawings.palette import NEUTRAL
from glider_core.drawings.svg import short

if TYPE_CHECKING:
    from glider_core.rows.compare import RankChange

_LABEL = 28  # letters of a set's name beside a rank


def rank_changes(changes: Sequence[RankChange], rows: tuple[int, int], *, k: int = 15) -> go.Figure:
    """Ranks in two runs, left and right, and a line for each set that is in both.

    Drawn are the k most frequent sets of either run. Those that rank lower on one side stand below a gap there, in
    their order, so that one far rank does not squeeze the rest.

    Args:
        changes: of `compare`.
        rows: how many each run had.
        k: sets of each side.
    """
    drawn = [move for move in changes if any(rank is not None and rank <= k for rank in move.ranks)]
    heights = [_heights([move.ranks[side] for move in drawn], k) for side in (0, 1)]
    figure = go.Figure()
    figure.add_scatter(x=[None], y=[None], showlegend=False)  # an axis shows only if something stands on it
    kinds: set[str] = set()
    # Sets on one side alone last: their points lie over no line.
    for move in sorted(drawn, key=lambda move: None in move.ranks):
        left, right = move.ranks
        kind = _kind(left, right)
        sides = zip(("left", "right"), move.ranks, move.counts, rows, move.shares, strict=True)
        told = [
            f"{side}: not found" if rank is None else f"{side}: rank {rank}, in {count:,} of {n:,} rows ({share:.0%})"
            for side, rank, count, n, share in sides
        ]
        # Points along the line too, so that it answers wherever the mouse meets it.
        steps = [step / 10 for step in range(11)] if None not in move.ranks else [0.0 if right is None else 1.0]
        ends = [of[rank] if rank is not None else 0.0 for of, rank in zip(heights, move.ranks, strict=True)]
        figure.add_scatter(
            x=steps,
            y=[ends[0] + (ends[1] - ends[0]) * (1 - cos(pi * step)) / 2 for step in steps],
            mode="lines+markers",
            line={"color": NEUTRAL, "shape": "spline", **_LINES.get(kind, {"width": 1.5, "dash": "dot"})},
            marker={
                "color": NEUTRAL,
                "opacity": 1,
                "symbol": "circle-open" if None in move.ranks else "circle",
                "size": [9 if step in (0.0, 1.0) else 0 for step in steps],
                "line": {"width": 2 if None in move.ranks else 0},
            },
            customdata=[[plain(" × ".join(move.names)), *told]] * len(steps),
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]}<br>%{customdata[2]}<extra></extra>",
            name=kind,
            legendgroup=kind,
            showlegend=kind not in kinds,
            cliponaxis=False,
            yaxis="y2",
        )
        kinds.add(kind)
    lowest = max((height for of in heights for height in of.values()), default=1.0)
    axes = [_axis(drawn, side, heights[side], lowest) for side in (0, 1)]
    figure.update_layout(yaxis=axes[0], yaxis2=axes[1] | {"overlaying": "y"})
    figure.update_xaxes(
        range=[-0.03, 1.03], tickvals=[0, 1], ticktext=["<b>left</b>", "<b>right</b>"], side="top", ticks="",
        showgrid=False, zeroline=False, fixedrange=True,
    )  # fmt: skip
    legend = {"orientation": "h", "y": -0.01, "yanchor": "top", "x": 0.5, "xanchor": "center"}
    return tidy(figure, int(110 + 24 * lowest), legend=legend, hovermode="closest")


def _axis(drawn: Sequence[RankChange], side: int, heights: dict[int, float], lowest: float) -> dict[str, Any]:
    """The axis of one side, on which every set stands by its rank and name."""
    on_it = [(move, rank) for move in drawn if (rank := move.ranks[side]) is not None]
    return {
        "range": [lowest + 0.7, 0.3],
        "tickvals": [heights[rank] for _, rank in on_it],
        "ticktext": [_label(move, side) for move, _ in on_it],
        "side": ("left", "right")[side],
        "showgrid": False,
        "zeroline": False,
        "ticks": "",
        "tickfont": {"size": 14},
        "automargin": True,
        "fixedrange": True,
    }


def change(left: int | None, right: int | None) -> str:
    """How a rank changed from left to right: ▲ 3, ▼ 3, =, only left, only right."""
    if left is None or right is None:
        return "only right" if left is None else "only left"
    return "=" if left == right else f"{'▲' if right < left else '▼'} {abs(right - left)}"


def _kind(left: int | None, right: int | None) -> str:
    if left is None or right is None:
        return "only right" if left is None else "only left"
    if left == right:
        return "same rank"
    return "rises" if right < left else "falls"


# Ranks have no sign, so none of its colours: what rises is a full line, what falls a broken one.
_LINES: dict[str, dict[str, Any]] = {"rises": {"width": 3}, "falls": {"width": 3, "dash": "dash"}}


def _heights(ranks: Sequence[int | None], k: int) -> dict[int, float]:
    """Where ranks stand: the first k at their number, later ones closed up below a gap."""
    far = sorted(rank for rank in ranks if rank is not None and rank > k)
    near = {rank: float(rank) for rank in ranks if rank is not None and rank <= k}
    return near | {rank: k + 1.7 + number for number, rank in enumerate(far)}


def _label(move: RankChange, side: int) -> str:
    names = move.names
    if len(" × ".join(names)) > _LABEL:  # each is cut, since the last may be what tells two sets apart
        most = max(3, (_LABEL - 3 * (len(names) - 1)) // len(names))
        names = [short(name, most) for name in names]
    told, rank = plain(" × ".join(names)), f"<b>{move.ranks[side]}</b>"
    if side == 0:
        return f"{told}  {rank} "
    kind = _kind(*move.ranks)
    moved = f"  <b>{change(*move.ranks)}</b>" if kind in ("rises", "falls") else ""
    return f" {rank}  {told}{moved}"
