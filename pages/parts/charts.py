"""The charts that stand beside every picture: ranking, fidelity, and the black box's own answers."""

from __future__ import annotations

import plotly.graph_objects as go

import glider_core as gl
from pages.parts.palette import NEUTRAL, POSITIVE, by_sign

NO_INTERACTION = "No interaction found: the model adds these features up."


def label(number: int, interaction: gl.Interaction, *, longest: int = 34) -> str:
    """An interaction's short name, such as `I1 never · fails`; plain text."""
    names = " · ".join(interaction.names)
    return f"I{number + 1} {names if len(names) <= longest else names[: longest - 1] + '…'}"


def strength_bars(explanation: gl.Explanation, *, pairs_only: bool = False) -> go.Figure | None:
    """Interactions by strength, coloured by the sign of their effect; None when there is nothing to show."""
    shown = [
        (number, interaction)
        for number, interaction in enumerate(explanation.interactions)
        if interaction.order == 2 or not pairs_only
    ][:12]
    if not shown:
        return None
    figure = go.Figure(
        go.Bar(
            orientation="h",
            y=[_plain(label(number, interaction)) for number, interaction in shown],
            x=[interaction.strength for _, interaction in shown],
            marker_color=[by_sign(interaction.effect) for _, interaction in shown],
            text=[f"{interaction.effect:+.2f}" for _, interaction in shown],
            textposition="auto",
            customdata=[
                [
                    _plain(" · ".join(interaction.names)),
                    interaction.order,
                    interaction.effect,
                    interaction.gain,
                    "measured once" if interaction.stability is None else f"{interaction.stability:.0%} of repeats",
                ]
                for _, interaction in shown
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>strength %{x:.3f} · order %{customdata[1]}<br>"
            "effect %{customdata[2]:+.3f}<br>gain in R² %{customdata[3]:.4f}<br>%{customdata[4]}<extra></extra>",
        )
    )
    figure.update_yaxes(autorange="reversed", automargin=True, ticks="")
    figure.update_xaxes(title="strength", rangemode="tozero", showgrid=True)
    return _tidy(figure, height=90 + 34 * len(shown))


def fidelity(explanation: gl.Explanation) -> go.Figure:
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
        annotation_text=f"explainer network {explanation.explainer_score:.3f}",
        annotation_position="bottom right",
        annotation_font_color=NEUTRAL,
    )
    figure.update_xaxes(
        title="interactions added to the main effects", dtick=max(1, len(k) // 8), range=[-0.3, max(k[-1], 1) + 0.3]
    )
    figure.update_yaxes(title="R² on unseen masks")
    return _tidy(figure, height=300)


def factorial(interaction: gl.Interaction, explained: str) -> go.Figure | None:
    """The black box's answers with an interaction's features on and off, beside what adding up would give.

    Up to three features: every combination. More: none on, each one off, all on. None above order 6, where the
    answers were not asked.
    """
    answers, names = interaction.answers, [_plain(name) for name in interaction.names]
    if answers is None:
        return None
    order, everything = range(interaction.order), len(answers) - 1
    if interaction.order <= 3:
        combinations = sorted(range(len(answers)), key=lambda c: (c.bit_count(), c))
    else:
        combinations = [0, *(everything ^ (1 << j) for j in order), everything]
    labels = [" ".join(names[j] if c >> j & 1 else f"<s>{names[j]}</s>" for j in order) for c in combinations]
    values = [answers[c] for c in combinations]
    # What the answers would be if each feature only added its own part.
    alone = [answers[1 << j] - answers[0] for j in order]
    expected = [answers[0] + sum(alone[j] for j in order if c >> j & 1) for c in combinations]
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
                hovertemplate="%{x:+.3f}<extra>if effects added up</extra>",
            ),
            go.Scatter(
                x=values,
                y=rows,
                mode="markers+text",
                marker={"size": 13, "color": POSITIVE},
                text=[f"{value:+.2f}" for value in values],
                textposition="top center",
                name="the model",
                hovertemplate="%{x:+.3f}<extra>the model</extra>",
            ),
        ]
    )
    figure.update_yaxes(
        tickvals=rows, ticktext=labels, range=[len(rows) - 0.4, -0.8], automargin=True, ticks="", title=None
    )
    figure.update_xaxes(title=f"{_plain(explained)}{'' if explained == 'log intensity' else ', logits'}")
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return _tidy(figure, height=150 + 40 * len(values))


def _plain(text: str) -> str:
    """Text that Plotly will not read as markup."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _tidy(figure: go.Figure, *, height: int) -> go.Figure:
    return figure.update_layout(
        height=height, margin={"l": 8, "r": 16, "t": 28, "b": 8}, bargap=0.35, hoverlabel_align="left"
    )
