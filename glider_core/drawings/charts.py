"""The charts that stand beside every picture: ranking, fidelity, and the black box's own answers."""

from __future__ import annotations

from collections.abc import Collection

import plotly.graph_objects as go

from glider_core.drawings.figures import LEGEND, plain, tidy
from glider_core.drawings.palette import NEUTRAL, POSITIVE, by_sign
from glider_core.drawings.proof import combinations
from glider_core.drawings.sentences import effect_with_interval, label
from glider_core.numerals import signed
from glider_core.results import Explanation, Interaction


def gain_bars(explanation: Explanation, *, pairs_only: bool = False, undrawn: Collection[int] = ()) -> go.Figure | None:
    """Interactions by their gain, coloured by the sign of their effect; None when there is nothing to show.

    Args:
        explanation: of which the first twelve interactions are shown.
        pairs_only: leave out those of higher order.
        undrawn: positions of interactions to grey, as the picture does not draw them.
    """
    shown = [
        (number, interaction)
        for number, interaction in enumerate(explanation.interactions)
        if interaction.order == 2 or not pairs_only
    ][:12]
    if not shown:
        return None
    longest = max(max(interaction.gain for _, interaction in shown), 0.0)
    names = [plain(label(number, interaction)) for number, interaction in shown]
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=[
                f'<span style="color:{NEUTRAL}">{name}</span>' if number in undrawn else name
                for name, (number, _) in zip(names, shown, strict=True)
            ],
            x=[max(interaction.gain, 0.0) for _, interaction in shown],
            marker={
                "color": [by_sign(interaction.effect) for _, interaction in shown],
                "opacity": [0.35 if number in undrawn else 1.0 for number, _ in shown],
                "cornerradius": 3,
            },
            text=[signed(interaction.effect) for _, interaction in shown],
            textposition="outside",
            cliponaxis=False,
            customdata=[
                [
                    plain(" · ".join(interaction.names)),
                    interaction.order,
                    effect_with_interval(interaction, 3),
                    "the same as the one above, within chance" if interaction.tied else "",
                    "measured once" if interaction.stability is None else f"{interaction.stability:.0%} of repeats",
                ]
                for _, interaction in shown
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{x:.1%} of what varies · order %{customdata[1]}<br>"
            "effect %{customdata[2]}<br>%{customdata[3]}<br>%{customdata[4]}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, ticks="", showgrid=False)
    figure.update_xaxes(
        title="share of what varies in the answers",
        tickformat=".0%",
        range=[0, 1.14 * longest or 1.0],
        showgrid=True,
        nticks=5,
    )
    return tidy(figure, 70 + 32 * len(shown), bargap=0.35)


def fidelity(explanation: Explanation) -> go.Figure:
    """How well a linear model fits unseen masks with the first k interactions added, k = 0, 1, ..."""
    k = list(range(len(explanation.scores)))
    figure = go.Figure(
        go.Scatter(
            x=k,
            y=explanation.scores,
            mode="lines+markers",
            line_color=POSITIVE,
            marker_size=9,
            hovertemplate="main effects + %{x} interactions<br>R² %{y:.4f}<extra></extra>",
        )
    )
    figure.add_hline(
        y=explanation.explainer_score,
        line_dash="dot",
        line_color=NEUTRAL,
        annotation_text=f"all that was learned {explanation.explainer_score:.3f}",
        annotation_position="top left",
        annotation_font_color=NEUTRAL,
    )
    figure.add_scatter(
        x=k[-1:],
        y=explanation.scores[-1:],
        mode="markers",
        marker={"size": 17, "color": "rgba(0,0,0,0)", "line": {"width": 2, "color": POSITIVE}},
        name="kept",
        hoverinfo="skip",
    )
    figure.update_xaxes(
        title="interactions added to the main effects", dtick=max(1, len(k) // 8), range=[-0.3, max(k[-1], 1) + 0.3]
    )
    figure.update_yaxes(title="R² on unseen masks", range=[min(0.0, *explanation.scores), 1.04])
    return tidy(figure, 300, showlegend=False)


def factorial(interaction: Interaction, explained: str, unit: str) -> go.Figure | None:
    """The black box's answers with an interaction's features on and off, beside what adding up would give.

    The combinations are those of `proof.combinations`; None above order 6, where the answers were not asked.

    Args:
        interaction: with its answers.
        explained: name of the explained output.
        unit: of the answers, such as "logits".
    """
    shown, names = combinations(interaction), [plain(name) for name in interaction.names]
    if not shown:
        return None
    order = range(interaction.order)
    labels = [" ".join(names[j] if c >> j & 1 else f"<s>{names[j]}</s>" for j in order) for c, _, _ in shown]
    values, expected = [value for _, value, _ in shown], [mark for _, _, mark in shown]
    rows = list(range(len(values)))
    figure = go.Figure(
        [
            go.Scatter(
                x=[x for pair in zip(expected, values, strict=True) for x in (*pair, None)],
                y=[y for row in rows for y in (row, row, None)],
                mode="lines",
                line={"color": NEUTRAL, "width": 2},
                hoverinfo="skip",
                showlegend=False,
            ),
            go.Scatter(
                x=expected,
                y=rows,
                mode="markers",
                marker={"symbol": "line-ns", "size": 18, "line": {"width": 3, "color": NEUTRAL}},
                name="if their effects just added up",
                customdata=[signed(value, 3) for value in expected],
                hovertemplate="%{customdata}<extra>if effects added up</extra>",
            ),
            go.Scatter(
                x=values,
                y=rows,
                mode="markers+text",
                marker={"size": 13, "color": POSITIVE},
                text=[signed(value) for value in values],
                textposition=[
                    "middle left" if mark > value else "middle right"
                    for value, mark in zip(values, expected, strict=True)
                ],
                name="the model",
                cliponaxis=False,
                customdata=[signed(value, 3) for value in values],
                hovertemplate="%{customdata}<extra>the model</extra>",
            ),
        ]
    )
    low, high = min(*values, *expected), max(*values, *expected)
    margin = 0.25 * (high - low) or 1.0  # for the numbers beside the dots
    figure.update_xaxes(range=[low - margin, high + margin], nticks=6)
    figure.update_yaxes(
        tickvals=rows, ticktext=labels, range=[len(rows) - 0.4, -0.6], automargin=True, ticks="", title=None
    )
    axis = explained if explained == unit else f"{explained}, {unit}"
    figure.update_xaxes(title=plain(axis))
    return tidy(figure, 130 + 36 * len(values), legend=LEGEND)
