"""Charts of crossed recommenders: how they learn, what they gain, how large their crosses are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from glider_core.drawings.palette import CLASSES, NEGATIVE, NEUTRAL, POSITIVE
from glider_core.drawings.text import plotly as plain
from glider_core.recommenders.fitting import Look
from glider_core.recommenders.retrain import DEVIATIONS, Gain, Variant

COLORS: dict[str, str] = {"base": NEUTRAL, "crossed": POSITIVE, "enlarged": NEGATIVE}
WORDS: dict[str, str] = {
    "base": "fields only",
    "crossed": "with crosses",
    "enlarged": "wider vectors instead",
}


def learning(looks: Sequence[tuple[Variant, int, Look]]) -> go.Figure:
    """Validation logloss against epochs, a line for each variant and seed; the best look of each is marked."""
    figure = go.Figure()
    lines: dict[tuple[Variant, int], list[Look]] = {}
    for variant, seed, look in looks:
        lines.setdefault((variant, seed), []).append(look)
    named: set[Variant] = set()
    for (variant, seed), points in lines.items():
        best = max((n for n, look in enumerate(points) if look.best), default=0)
        figure.add_scatter(
            x=[look.epochs for look in points],
            y=[look.validation.logloss for look in points],
            mode="lines+markers",
            name=WORDS[variant],
            legendgroup=variant,
            showlegend=variant not in named,
            line={"color": COLORS[variant], "width": 2.5},
            opacity=1.0 if seed == min(one for kind, one in lines if kind == variant) else 0.45,
            marker={"size": [12 if n == best else 6 for n in range(len(points))]},
            customdata=[[f"{look.validation.auc:.4f}", seed] for look in points],
            hovertemplate="after %{x:.2f} epochs, seed %{customdata[1]}<br>logloss %{y:.4f} · AUC %{customdata[0]}"
            f"<extra>{WORDS[variant]}</extra>",
        )
        named.add(variant)
    figure.update_xaxes(title="epochs", rangemode="tozero")
    figure.update_yaxes(title="logloss on validation rows")
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return _tidy(figure, 330)


def gains(found: Sequence[Gain], measure: str = "auc", paper: Mapping[str, float] | None = None) -> go.Figure:
    """What each target gains by crosses, and by wider vectors instead, with two deviations on either side.

    Args:
        found: of one table.
        measure: "auc" or "logloss"; a gain is to the right in both.
        paper: the paper's gains by crosses on its own data, by target.
    """
    figure = go.Figure()
    targets = list(dict.fromkeys(gain.target for gain in found))
    for variant in ("enlarged", "crossed"):
        part = [gain for gain in found if gain.variant == variant]
        if not part:
            continue
        values = [getattr(gain, f"{measure}_gain") for gain in part]
        figure.add_scatter(
            x=values,
            y=[targets.index(gain.target) + (0.14 if variant == "enlarged" else -0.14) for gain in part],
            mode="markers",
            name=WORDS[variant],
            marker={"size": 12, "color": COLORS[variant], "symbol": "circle" if variant == "crossed" else "diamond"},
            error_x={
                "array": [DEVIATIONS * (getattr(gain, f"{measure}_deviation") or 0.0) for gain in part],
                "color": COLORS[variant],
                "thickness": 2,
                "width": 5,
            },
            customdata=[
                [gain.target, *(f"{value:.4f}" for value in getattr(gain, measure)), f"{gain.growth:+.1%}"]
                for gain in part
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} to %{customdata[2]}: %{x:+.4f}<br>"
            f"parameters %{{customdata[3]}}<extra>{WORDS[variant]}</extra>",
        )
    if paper:
        figure.add_scatter(
            x=[paper[target] for target in targets if target in paper],
            y=[n - 0.14 for n, target in enumerate(targets) if target in paper],
            mode="markers",
            name="the paper, on Criteo",
            marker={"size": 13, "symbol": "line-ns", "line": {"width": 3, "color": NEUTRAL}},
            hovertemplate="%{x:+.4f}<extra>the paper, on Criteo</extra>",
        )
    figure.add_vline(x=0, line_color=NEUTRAL, line_width=1)
    figure.update_yaxes(
        tickvals=list(range(len(targets))), ticktext=[plain(one) for one in targets],
        range=[len(targets) - 0.5, -0.5], ticks="", showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(
        title="gain in AUC" if measure == "auc" else "logloss saved", zeroline=False, tickformat="+.3~f", nticks=6
    )
    figure.update_layout(legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0})
    return _tidy(figure, 90 + 62 * len(targets))


def by_k(points: Sequence[Mapping[str, Any]], target: str) -> go.Figure:
    """Test logloss against the number of sets crossed (Figure 3), with one deviation on either side."""
    figure = go.Figure(
        go.Scatter(
            x=[point["k"] for point in points],
            y=[point["logloss"] for point in points],
            error_y={"array": [point["logloss deviation"] or 0.0 for point in points], "color": POSITIVE},
            mode="lines+markers",
            line_color=POSITIVE,
            marker_size=9,
            customdata=[[f"{point['parameters']:,}", f"{point['AUC']:.4f}"] for point in points],
            hovertemplate="K = %{x}: logloss %{y:.4f}<br>AUC %{customdata[1]} · %{customdata[0]} parameters"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(title="K, sets that are crossed", tickvals=[point["k"] for point in points])
    figure.update_yaxes(title=f"test logloss of {plain(target)}")
    return _tidy(figure, 320)


def by_buckets(points: Iterable[Mapping[str, Any]], *, width: int) -> go.Figure:
    """Parameters of each cross's vectors against the number of buckets of its dense fields (Figure 5)."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for point in points:
        lines.setdefault(str(point["cross"]), []).append(point)
    figure = go.Figure()
    top = max(((point["ids"] + 1) * width for given in lines.values() for point in given), default=1)
    free = 0.0  # where the next name may stand: each is written above the end of its line, none over another
    for number, (cross, given) in enumerate(sorted(lines.items(), key=lambda line: line[1][-1]["ids"])):
        heights = [(point["ids"] + 1) * width for point in given]
        figure.add_scatter(
            x=[point["buckets"] for point in given],
            y=heights,
            mode="lines+markers",
            showlegend=False,
            line={"dash": ("solid", "dot", "dash", "dashdot")[number % 4], "color": CLASSES[number % len(CLASSES)]},
            hovertemplate="%{x:,} buckets: %{y:,} parameters<extra>" + plain(cross) + "</extra>",
        )
        place = max(heights[-1], free)
        free = place + 0.075 * top
        figure.add_annotation(
            x=math.log10(given[-1]["buckets"]), y=place, text=plain(cross if len(cross) <= 44 else cross[:43] + "…"),
            showarrow=False, xanchor="right", yanchor="bottom", font_color=CLASSES[number % len(CLASSES)],
        )  # fmt: skip
    figure.add_vline(x=100, line_dash="dot", line_color=NEUTRAL)
    figure.add_annotation(
        x=2,
        y=0,
        yref="paper",
        yanchor="bottom",
        text="ours: at most 100",
        showarrow=False,
        xanchor="left",
        xshift=4,
        font_color=NEUTRAL,
    )
    figure.update_xaxes(title="buckets of a dense field", type="log", dtick=1)
    figure.update_yaxes(title=f"parameters, vectors of {width}", range=[0, max(1.12 * top, free + 0.05 * top)])
    return _tidy(figure, 330 + 12 * len(lines))


def _tidy(figure: go.Figure, height: int) -> go.Figure:
    return figure.update_layout(height=height, margin={"l": 8, "r": 16, "t": 28, "b": 8}, hoverlabel_align="left")
