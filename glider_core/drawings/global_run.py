"""Charts of a global run: counts by rank, orders, fields against fields, ranks in two runs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from html import escape
from math import cos, pi, sin, sqrt

import plotly.graph_objects as go

import glider_core as gl
from glider_core.drawings.palette import NEGATIVE, NEUTRAL, POSITIVE, by_sign
from glider_core.drawings.text import plotly as plain
from glider_core.drawings.text import signed
from glider_core.rows.detect import RankChange

MAX_RANK = 100  # points drawn; beyond, counts are those of noise
_NODES = 24
_LABEL = 28  # letters of a set's name beside a rank


def by_rank(
    run: gl.GlobalInteractions, shown: Sequence[gl.GlobalInteraction], chosen: Collection[str] = ()
) -> go.Figure:
    """Occurrence count against rank, sets of three and more annotated with their order (Figures 2 and 7).

    Args:
        run: of all rows.
        shown: its interactions that pass the filters, most frequent first.
        chosen: names, joined by " × ", of sets to stress.
    """
    ranks = {one.features: rank for rank, one in enumerate(run.interactions, 1)}
    drawn = [one for one in shown if ranks[one.features] <= MAX_RANK]
    figure = go.Figure()
    for pairs, name, symbol, color in (
        (True, "pair", "circle", POSITIVE),
        (False, "three or more", "diamond", NEGATIVE),
    ):
        part = [one for one in drawn if (one.order == 2) == pairs]
        figure.add_scatter(
            x=[ranks[one.features] for one in part],
            y=[one.count for one in part],
            mode="markers" if pairs else "markers+text",
            text=[str(one.order) for one in part],
            textposition="top center",
            textfont={"color": color, "size": 12 if len(drawn) <= 50 else 10},
            name=name,
            marker={
                "symbol": symbol,
                "color": color,
                "opacity": 1,  # where sizes differ, Plotly would make them pale
                "size": [15 if title(one) in chosen else 9 for one in part],
                "line": {"width": [2.5 if title(one) in chosen else 0 for one in part], "color": NEUTRAL},
            },
            customdata=[[title(one), plain(title(one)), f"{one.share:.0%}", signed(one.mean_effect)] for one in part],
            hovertemplate="<b>%{customdata[1]}</b><br>rank %{x} · in %{y} rows (%{customdata[2]})<br>"
            "mean joint effect %{customdata[3]}<extra></extra>",
        )
    limit = run.threshold()
    figure.add_hline(y=limit, line_dash="dot", line_color=NEUTRAL)
    figure.add_annotation(
        x=1, xref="paper", y=limit, text=f"above {limit}: significant", showarrow=False, xanchor="right", yshift=10,
        font_color=NEUTRAL,
    )  # fmt: skip
    most = max((one.count for one in drawn), default=1)
    figure.update_xaxes(title="rank", range=[0, max((ranks[one.features] for one in drawn), default=1) + 1])
    figure.update_yaxes(title=f"rows, of {run.n_rows:,}", range=[0, 1.12 * max(most, limit)])
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return _tidy(figure, 360)


def orders(run: gl.GlobalInteractions) -> go.Figure:
    """How many sets of each order were found over all rows (Figure 8)."""
    figure = go.Figure(
        go.Bar(
            x=[str(order) for order in range(2, 2 + len(run.orders))],
            y=run.orders,
            marker={"color": [POSITIVE, *[NEGATIVE] * (len(run.orders) - 1)], "cornerradius": 3},
            text=[f"{count:,}" for count in run.orders],
            textposition="outside",
            cliponaxis=False,
            hovertemplate="%{y:,} sets of %{x} fields<extra></extra>",
        )
    )
    figure.update_xaxes(title="fields in a set", type="category", ticks="")
    figure.update_yaxes(title="found, over all rows", range=[0, 1.15 * max(run.orders, default=1)])
    return _tidy(figure, 300)


def matrix(run: gl.GlobalInteractions, shown: Sequence[gl.GlobalInteraction]) -> go.Figure:
    """Fields against fields: in what share of rows a set holds both; below the diagonal, as pairs only."""
    names, d = [plain(name) for name in run.names], len(run.names)
    together = [[0.0] * d for _ in range(d)]
    for one in shown:
        for position, i in enumerate(one.features):
            for j in one.features[position + 1 :]:
                together[i][j] += one.share
                if one.order == 2:
                    together[j][i] += one.share
    values = [[None if i == j else together[i][j] for j in range(d)] for i in range(d)]
    figure = go.Figure(
        go.Heatmap(
            z=values,
            x=names,
            y=names,
            colorscale=[[0, "rgba(22,145,168,0.04)"], [1, POSITIVE]],
            xgap=1,
            ygap=1,
            colorbar={"title": "sets per row", "thickness": 12},
            hovertemplate="%{y} and %{x}: %{z:.2f} sets per row<extra></extra>",
            hoverongaps=False,
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, ticks="", showgrid=False)
    figure.update_xaxes(tickangle=-50, automargin=True, ticks="", showgrid=False)
    return _tidy(figure, 190 + 22 * d)


def network(run: gl.GlobalInteractions, shown: Sequence[gl.GlobalInteraction]) -> str:
    """HTML: fields on a circle, a curve for each pair of fields that a set joins, the thicker the more often.

    Sets of three and more are drawn as closed shapes around their fields.
    """
    sets = list(shown)[:_NODES]
    fields = sorted({i for one in sets for i in one.features})
    if not fields:
        return ""
    center, radius = (360.0, 270.0), 190.0
    places = {
        field: (
            center[0] + radius * cos(2 * pi * number / len(fields) - pi / 2),
            center[1] + radius * sin(2 * pi * number / len(fields) - pi / 2),
        )
        for number, field in enumerate(fields)
    }
    most = max(one.share for one in sets)
    parts = []
    for one in sorted(sets, key=lambda one: (one.order == 2, one.share)):
        color, width = by_sign(one.mean_effect), 1 + 8 * sqrt(one.share / most)
        hint = f"<title>{escape(title(one))}: {one.share:.0%} of rows, {signed(one.mean_effect)} on average</title>"
        points = [places[i] for i in one.features]
        if one.order == 2:
            (x1, y1), (x2, y2) = points
            bend = f"{(x1 + x2) / 4 + center[0] / 2:.0f} {(y1 + y2) / 4 + center[1] / 2:.0f}"
            parts.append(
                f'<path d="M{x1:.0f} {y1:.0f}Q{bend} {x2:.0f} {y2:.0f}" fill="none" stroke="{color}" '
                f'stroke-width="{width:.1f}" stroke-linecap="round" opacity="0.75">{hint}</path>'
            )
        else:
            corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
            parts.append(
                f'<polygon points="{corners}" fill="{color}" fill-opacity="0.13" stroke="{color}" '
                f'stroke-width="{width / 2:.1f}" stroke-linejoin="round" opacity="0.8">{hint}</polygon>'
            )
    for field in fields:
        x, y = places[field]
        side = (x - center[0]) / radius
        anchor = "start" if side > 0.2 else "end" if side < -0.2 else "middle"
        dx, dy = 14 * (side > 0.2) - 14 * (side < -0.2), 5 + (abs(side) <= 0.2) * (22 if y > center[1] else -22)
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="7" fill="{NEUTRAL}"/>'
            f'<text x="{x + dx:.0f}" y="{y + dy:.0f}" text-anchor="{anchor}" font-size="15" fill="currentColor">'
            f"{escape(run.names[field][:24])}</text>"
        )
    return (
        '<svg viewBox="0 0 720 540" style="width:100%;max-width:720px;display:block;margin:auto" role="img" '
        f'font-family="inherit" aria-label="Fields that act together">{"".join(parts)}</svg>'
    )


def rank_changes(changes: Sequence[RankChange], rows: tuple[int, int], *, k: int = 15) -> go.Figure:
    """Ranks in two runs, left and right, and a line for each set that is in both.

    Drawn are the k most frequent sets of either run. Those that rank lower on one side stand below a gap there, in
    their order, so that one far rank does not squeeze the rest.

    Args:
        changes: of `compare`.
        rows: how many each run had.
        k: sets of each side.
    """
    drawn = [one for one in changes if any(rank is not None and rank <= k for rank in one.ranks)]
    heights = [_heights([one.ranks[side] for one in drawn], k) for side in (0, 1)]
    figure = go.Figure()
    figure.add_scatter(x=[None], y=[None], showlegend=False)  # an axis shows only if something stands on it
    legend: set[str] = set()
    # Sets on one side alone last: their points lie over no line.
    for one in sorted(drawn, key=lambda one: None in one.ranks):
        left, right = one.ranks
        kind, color = _kind(left, right)
        hover = (
            f"<b>{plain(' × '.join(one.names))}</b><br>"
            + "<br>".join(
                f"{side}: "
                + ("not found" if rank is None else f"rank {rank}, in {count:,} of {n:,} rows ({share:.0%})")
                for side, rank, count, n, share in zip(
                    ("left", "right"), one.ranks, one.counts, rows, one.shares, strict=True
                )
            )
            + "<extra></extra>"
        )
        # Points along the line too, so that it answers wherever the mouse meets it.
        steps = [step / 10 for step in range(11)] if None not in one.ranks else [0.0 if right is None else 1.0]
        ends = [of[rank] if rank is not None else 0.0 for of, rank in zip(heights, one.ranks, strict=True)]
        figure.add_scatter(
            x=steps,
            y=[ends[0] + (ends[1] - ends[0]) * (1 - cos(pi * step)) / 2 for step in steps],
            mode="lines+markers",
            line={"color": color, "width": 3 if kind in ("rises", "falls") else 1.5, "shape": "spline"},
            marker={
                "color": color,
                "opacity": 1,
                "symbol": "circle-open" if None in one.ranks else "circle",
                "size": [9 if step in (0.0, 1.0) else 0 for step in steps],
                "line": {"width": 2 if None in one.ranks else 0},
            },
            hovertemplate=hover,
            name=kind,
            legendgroup=kind,
            showlegend=kind not in legend,
            cliponaxis=False,
            yaxis="y2",
        )
        legend.add(kind)
    lowest = max((height for of in heights for height in of.values()), default=1.0)
    for side, axis in enumerate(("yaxis", "yaxis2")):
        figure.update_layout(
            {
                axis: {
                    "range": [lowest + 0.7, 0.3],
                    "tickvals": [heights[side][rank] for one in drawn if (rank := one.ranks[side]) is not None],
                    "ticktext": [_label(one, side) for one in drawn if one.ranks[side] is not None],
                    "side": ("left", "right")[side],
                    "overlaying": (None, "y")[side],
                    "showgrid": False,
                    "zeroline": False,
                    "ticks": "",
                    "tickfont": {"size": 11},
                    "automargin": True,
                    "fixedrange": True,
                }
            }
        )
    figure.update_xaxes(
        range=[-0.03, 1.03], tickvals=[0, 1], ticktext=["<b>left</b>", "<b>right</b>"], side="top", ticks="",
        showgrid=False, zeroline=False, fixedrange=True,
    )  # fmt: skip
    figure.update_layout(legend={"orientation": "h", "y": -0.01, "yanchor": "top", "x": 0.5, "xanchor": "center"})
    figure = _tidy(figure, int(110 + 24 * lowest))
    return figure.update_layout(hovermode="closest")


def change(left: int | None, right: int | None) -> str:
    """How a rank changed from left to right: ▲ 3, ▼ 3, =, only left, only right."""
    if left is None or right is None:
        return "only right" if left is None else "only left"
    return "=" if left == right else f"{'▲' if right < left else '▼'} {abs(right - left)}"


def _kind(left: int | None, right: int | None) -> tuple[str, str]:
    if left is None or right is None:
        return ("only right" if left is None else "only left"), NEUTRAL
    if left == right:
        return "same rank", NEUTRAL
    return ("rises", POSITIVE) if right < left else ("falls", NEGATIVE)


def _heights(ranks: Sequence[int | None], k: int) -> dict[int, float]:
    """Where ranks stand: the first k at their number, later ones closed up below a gap."""
    far = sorted(rank for rank in ranks if rank is not None and rank > k)
    near = {rank: float(rank) for rank in ranks if rank is not None and rank <= k}
    return near | {rank: k + 1.7 + number for number, rank in enumerate(far)}


def _label(one: RankChange, side: int) -> str:
    names = one.names
    if len(" × ".join(names)) > _LABEL:  # each is cut, since the last may be what tells two sets apart
        most = max(3, (_LABEL - 3 * (len(names) - 1)) // len(names))
        names = [name if len(name) <= most else f"{name[: most - 1]}…" for name in names]
    short = plain(" × ".join(names))
    rank = f"<b>{one.ranks[side]}</b>"
    if side == 0:
        return f"{short}  {rank} "
    kind, color = _kind(*one.ranks)
    moved = f'  <span style="color:{color}">{change(*one.ranks)}</span>' if kind in ("rises", "falls") else ""
    return f" {rank}  {short}{moved}"


def title(one: gl.GlobalInteraction) -> str:
    """A set's name, plain text."""
    return " × ".join(one.names)


def _tidy(figure: go.Figure, height: int) -> go.Figure:
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 16, "t": 28, "b": 8}, bargap=0.35, hoverlabel_align="left"
    )
