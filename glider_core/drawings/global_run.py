"""Charts of a global run: counts by rank, orders, fields against fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import cos, pi, sin, sqrt
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from markupsafe import Markup

from glider_core.drawings.figures import LEGEND, plain, tidy
from glider_core.drawings.palette import NEGATIVE, NEUTRAL, POSITIVE, by_sign
from glider_core.drawings.svg import tag, text
from glider_core.drawings.text import signed
from glider_core.drawings.upset import Column, upset

if TYPE_CHECKING:
    from glider_core.rows.result import GlobalInteraction, GlobalInteractions

MAX_RANK = 100  # points drawn; beyond, counts are those of noise
_SETS = 24  # drawn as a network
_X, _Y, _RADIUS = 360.0, 270.0, 190.0  # of the network's circle


def by_rank(run: GlobalInteractions, shown: Sequence[GlobalInteraction], chosen: Collection[str] = ()) -> go.Figure:
    """Occurrence count against rank, sets of three and more annotated with their order (Figures 2 and 7).

    Args:
        run: of all rows.
        shown: its interactions that pass the filters, most frequent first.
        chosen: names, joined by " × ", of sets to stress.
    """
    ranks = {interaction.features: rank for rank, interaction in enumerate(run.interactions, 1)}
    drawn = [interaction for interaction in shown if ranks[interaction.features] <= MAX_RANK]
    figure = go.Figure()
    for pairs, name, symbol, color in (
        (True, "pair", "circle", POSITIVE),
        (False, "three or more", "diamond", NEGATIVE),
    ):
        part = [interaction for interaction in drawn if (interaction.order == 2) == pairs]
        names = [title(interaction) for interaction in part]
        figure.add_scatter(
            x=[ranks[interaction.features] for interaction in part],
            y=[interaction.count for interaction in part],
            mode="markers" if pairs else "markers+text",
            text=[str(interaction.order) for interaction in part],
            textposition="top center",
            textfont={"color": color, "size": 12 if len(drawn) <= 50 else 10},
            name=name,
            marker={
                "symbol": symbol,
                "color": color,
                "opacity": 1,  # where sizes differ, Plotly would make them pale
                "size": [15 if name in chosen else 9 for name in names],
                "line": {"width": [2.5 if name in chosen else 0 for name in names], "color": NEUTRAL},
            },
            customdata=[
                [name, plain(name), f"{interaction.share:.0%}", signed(interaction.mean_effect)]
                for name, interaction in zip(names, part, strict=True)
            ],
            hovertemplate="<b>%{customdata[1]}</b><br>rank %{x} · in %{y} rows (%{customdata[2]})<br>"
            "mean joint effect %{customdata[3]}<extra></extra>",
        )
    limit = run.threshold()
    figure.add_hline(y=limit, line_dash="dot", line_color=NEUTRAL)
    figure.add_annotation(
        x=1, xref="paper", y=limit, text=f"above {limit}: significant", showarrow=False, xanchor="right", yshift=10,
        font_color=NEUTRAL,
    )  # fmt: skip
    most = max((interaction.count for interaction in drawn), default=1)
    last = max((ranks[interaction.features] for interaction in drawn), default=1)
    figure.update_xaxes(title="rank", range=[0, last + 1])
    figure.update_yaxes(title=f"rows, of {run.n_rows:,}", range=[0, 1.12 * max(most, limit)])
    return tidy(figure, 360, legend=LEGEND)


def upset_of(
    run: GlobalInteractions, shown: Sequence[GlobalInteraction], planted: Sequence[Sequence[str]] = ()
) -> Markup:
    """Sets against their fields, a bar each for the share of rows; those that a simulator planted are ticked."""
    truth = {frozenset(names) for names in planted}
    columns = [
        Column(
            features=interaction.features,
            height=interaction.share,
            told=f"{interaction.share:.0%}",
            effect=interaction.mean_effect,
            hover=f"{title(interaction)}: in {interaction.count:,} of {run.n_rows:,} rows, together "
            f"{signed(interaction.mean_effect)} on average",
            marked=frozenset(interaction.names) in truth,
        )
        for interaction in shown
    ]
    return upset(columns, run.names, described=f"Sets found in {run.n_rows:,} rows, the most frequent first")


def orders(run: GlobalInteractions) -> go.Figure:
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
    return tidy(figure, 300, bargap=0.35)


def matrix(run: GlobalInteractions, shown: Sequence[GlobalInteraction]) -> go.Figure:
    """Fields against fields: in what share of rows a set holds both; below the diagonal, as pairs only."""
    names, d = [plain(name) for name in run.names], len(run.names)
    together = [[0.0] * d for _ in range(d)]
    for interaction in shown:
        for position, i in enumerate(interaction.features):
            for j in interaction.features[position + 1 :]:
                together[i][j] += interaction.share
                if interaction.order == 2:
                    together[j][i] += interaction.share
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
    return tidy(figure, 190 + 22 * d)


def network(run: GlobalInteractions, shown: Sequence[GlobalInteraction]) -> Markup:
    """Fields on a circle, a curve for each pair of fields that a set joins, the thicker the more often; or nothing.

    Sets of three and more are drawn as closed shapes around their fields.
    """
    sets = list(shown)[:_SETS]
    fields = sorted({field for interaction in sets for field in interaction.features})
    if not fields:
        return Markup("")
    angles = {field: 2 * pi * number / len(fields) - pi / 2 for number, field in enumerate(fields)}
    places = {field: (_X + _RADIUS * cos(angle), _Y + _RADIUS * sin(angle)) for field, angle in angles.items()}
    most = max(interaction.share for interaction in sets)
    # Shapes below curves, and what is frequent on top.
    sets.sort(key=lambda interaction: (interaction.order == 2, interaction.share))
    joined = [_joined(interaction, [places[i] for i in interaction.features], most) for interaction in sets]
    nodes = [_node(run.names[field], *places[field]) for field in fields]
    return tag(
        "svg",
        *joined,
        *nodes,
        viewBox="0 0 720 540",
        style="width:100%;max-width:720px;display:block;margin:auto",
        role="img",
        font_family="inherit",
        aria_label="Fields that act together",
    )


def _joined(interaction: GlobalInteraction, points: Sequence[tuple[float, float]], most: float) -> Markup:
    color, width = by_sign(interaction.mean_effect), 1 + 8 * sqrt(interaction.share / most)
    told = f"{title(interaction)}: {interaction.share:.0%} of rows, {signed(interaction.mean_effect)} on average"
    hint = tag("title", told)
    if interaction.order == 2:
        (x1, y1), (x2, y2) = points
        curve = f"M{x1:.0f} {y1:.0f}Q{(x1 + x2) / 4 + _X / 2:.0f} {(y1 + y2) / 4 + _Y / 2:.0f} {x2:.0f} {y2:.0f}"
        line = {"stroke": color, "stroke_width": width, "stroke_linecap": "round", "opacity": 0.75}
        return tag("path", hint, d=curve, fill="none", **line)
    corners = " ".join(f"{x:.0f},{y:.0f}" for x, y in points)
    line = {"stroke": color, "stroke_width": width / 2, "stroke_linejoin": "round", "opacity": 0.8}
    return tag("polygon", hint, points=corners, fill=color, fill_opacity=0.13, **line)


def _node(name: str, x: float, y: float) -> Markup:
    """A field's dot, and its name outside of the circle."""
    side = (x - _X) / _RADIUS
    dot = tag("circle", cx=x, cy=y, r=7, fill=NEUTRAL)
    if abs(side) <= 0.2:
        return dot + text(name[:24], x, y + (27 if y > _Y else -17), 15)
    right = side > 0
    return dot + text(name[:24], x + (14 if right else -14), y + 5, 15, anchor="start" if right else "end")


def title(interaction: GlobalInteraction) -> str:
    """A set's name, plain text."""
    return " × ".join(interaction.names)
