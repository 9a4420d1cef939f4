"""Charts of a global run: counts by rank, orders, fields against fields."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from math import log10
from typing import TYPE_CHECKING

import plotly.graph_objects as go
from markupsafe import Markup

from glider_core.drawings.figures import LEGEND, plain, tidy
from glider_core.drawings.global_bars import TOP, top_bars
from glider_core.drawings.palette import NEUTRAL, by_sign
from glider_core.drawings.upset import Column, upset
from glider_core.numerals import signed

if TYPE_CHECKING:
    from glider_core.rows.result import GlobalInteraction, GlobalInteractions

__all__ = ["TOP", "bars_of", "by_rank", "matrix", "orders", "title", "upset_of"]

MAX_RANK = 100  # points drawn; beyond, counts are those of noise
NAMED = 20  # ranks at which the order of a set is written


def by_rank(run: GlobalInteractions, shown: Sequence[GlobalInteraction], chosen: Collection[str] = ()) -> go.Figure:
    """Occurrence count against rank, sets of three and more annotated with their order (Figures 2 and 7).

    Shapes say the order, colours the sign of the mean effect; counts stand on a logarithmic axis, as most are small.

    Args:
        run: of all rows.
        shown: its interactions that pass the filters, most frequent first.
        chosen: names, joined by " × ", of sets to stress.
    """
    ranks = {interaction.features: rank for rank, interaction in enumerate(run.interactions, 1)}
    drawn = [interaction for interaction in shown if ranks[interaction.features] <= MAX_RANK]
    figure = go.Figure()
    for pairs, name, symbol in ((True, "pair", "circle"), (False, "three or more", "diamond")):
        part = [interaction for interaction in drawn if (interaction.order == 2) == pairs]
        names = [title(interaction) for interaction in part]
        near = [ranks[interaction.features] <= NAMED and not pairs for interaction in part]
        figure.add_scatter(
            x=[ranks[interaction.features] for interaction in part],
            y=[interaction.count for interaction in part],
            mode="markers" if pairs else "markers+text",
            # Further down the numbers would lie over each other.
            text=[str(interaction.order) if here else "" for interaction, here in zip(part, near, strict=True)],
            textposition="top center",
            textfont={"size": 14},
            name=name,
            marker={
                "symbol": symbol,
                "color": [by_sign(interaction.mean_effect) for interaction in part],
                "opacity": 1,  # where sizes differ, Plotly would make them pale
                "size": [17 if name in chosen else 10 for name in names],
                "line": {"width": [3 if name in chosen else 0 for name in names], "color": NEUTRAL},
            },
            customdata=[
                [name, plain(name), f"{interaction.share:.0%}", signed(interaction.mean_effect)]
                for name, interaction in zip(names, part, strict=True)
            ],
            hovertemplate="<b>%{customdata[1]}</b><br>rank %{x} · in %{y} rows (%{customdata[2]})<br>"
            "mean joint effect %{customdata[3]}<extra></extra>",
        )
    limit = run.threshold()
    most = max((interaction.count for interaction in drawn), default=1)
    last = max((ranks[interaction.features] for interaction in drawn), default=1)
    if limit >= 1:  # an axis of logarithms has no place for 0
        figure.add_hline(y=limit, line_dash="dot", line_color=NEUTRAL)
        figure.add_annotation(
            x=1, xref="paper", y=log10(limit), text=f"above {limit}: significant", showarrow=False, xanchor="right",
            yshift=10, font={"color": NEUTRAL, "size": 14},
        )  # fmt: skip
    figure.update_xaxes(title="rank", range=[0, last + 1])
    top = max(most, limit, 2)
    figure.update_yaxes(title=f"rows, of {run.n_rows:,}", type="log", range=[log10(0.8), log10(1.6 * top)], dtick="D2")
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


def bars_of(
    run: GlobalInteractions, shown: Sequence[GlobalInteraction], planted: Sequence[Sequence[str]], chosen: str = ""
) -> Markup:
    """The ten most frequent of the sets that are shown, with their effects row by row."""
    ranks = {interaction.features: rank for rank, interaction in enumerate(run.interactions, 1)}
    truth = {frozenset(names) for names in planted}
    return top_bars(
        shown,
        run.n_rows,
        title=title,
        marked={title(interaction) for interaction in shown if frozenset(interaction.names) in truth},
        chosen=chosen,
        rank_of=lambda interaction: ranks[interaction.features],
    )


def orders(run: GlobalInteractions) -> go.Figure:
    """How many sets of each order were found over all rows (Figure 8)."""
    figure = go.Figure(
        go.Bar(
            x=[str(order) for order in range(2, 2 + len(run.orders))],
            y=run.orders,
            marker={"color": NEUTRAL, "cornerradius": 3},
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
            # No sign, so none of its colours.
            colorscale=[[0, "rgba(136,148,160,0.05)"], [1, "rgba(136,148,160,0.95)"]],
            text=[
                ["" if value is None or value < 0.005 else f"{value:.2f}".lstrip("0") for value in row]
                for row in values
            ],
            texttemplate="%{text}",
            textfont={"size": 14},
            xgap=1,
            ygap=1,
            showscale=False,
            hovertemplate="%{y} and %{x}: %{z:.2f} sets per row<extra></extra>",
            hoverongaps=False,
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, ticks="", showgrid=False)
    figure.update_xaxes(tickangle=-50, automargin=True, ticks="", showgrid=False)
    return tidy(figure, 190 + 26 * d)


def title(interaction: GlobalInteraction) -> str:
    """A set's name, plain text."""
    return " × ".join(interaction.names)
