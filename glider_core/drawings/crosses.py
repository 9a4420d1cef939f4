"""Charts of crossed recommenders: how they learn, what they gain, how large their crosses are."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from glider_core.drawings.figures import LEGEND, plain, tidy
from glider_core.drawings.palette import CLASSES, NEUTRAL, by_sign
from glider_core.drawings.svg import short
from glider_core.numerals import signed
from glider_core.recommenders.gains import DEVIATIONS

if TYPE_CHECKING:
    from glider_core.recommenders.comparison import Variant
    from glider_core.recommenders.fitting import Look
    from glider_core.recommenders.gains import Gain
    from glider_core.recommenders.improvement import Improvement

# Of trainings none is a sign: lines tell them apart, colours are kept for gains and losses.
LINES: dict[str, dict[str, Any]] = {
    "base": {"dash": "dot", "width": 2},
    "crossed": {"dash": "solid", "width": 3.5},
    "enlarged": {"dash": "dash", "width": 2},
}
WORDS: dict[str, str] = {
    "base": "fields only",
    "crossed": "with crosses",
    "enlarged": "as large, without crosses",
}


def learning(looks: Sequence[tuple[Variant, int, Look]]) -> go.Figure:
    """Validation logloss against epochs, a line for each variant and seed; the best look of each is marked."""
    figure = go.Figure()
    lines: dict[tuple[Variant, int], list[Look]] = {}
    for variant, seed, look in looks:
        lines.setdefault((variant, seed), []).append(look)
    first_seed = {variant: min(seed for kind, seed in lines if kind == variant) for variant, _ in lines}
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
            line={"color": NEUTRAL, **LINES[variant]},
            opacity=1.0 if seed == first_seed[variant] else 0.45,
            marker={"size": [12 if n == best else 6 for n in range(len(points))]},
            customdata=[[f"{look.validation.auc:.4f}", seed] for look in points],
            hovertemplate="after %{x:.2f} epochs, seed %{customdata[1]}<br>logloss %{y:.4f} · AUC %{customdata[0]}"
            f"<extra>{WORDS[variant]}</extra>",
        )
        named.add(variant)
    figure.update_xaxes(title="epochs", rangemode="tozero")
    figure.update_yaxes(title="logloss on validation rows")
    return tidy(figure, 330, legend=LEGEND)


def gains(measured: Sequence[Gain], measure: str = "auc", paper: Mapping[str, float] | None = None) -> go.Figure:
    """What each target gains by crosses, and by wider vectors instead, with two deviations on either side.

    Args:
        measured: of one table.
        measure: "auc" or "logloss"; a gain is to the right in both.
        paper: the paper's gains by crosses on its own data, by target.
    """
    figure = go.Figure()
    targets = list(dict.fromkeys(gain.target for gain in measured))
    for variant in ("enlarged", "crossed"):
        part = [gain for gain in measured if gain.variant == variant]
        if not part:
            continue
        values = [getattr(gain, f"{measure}_gain") for gain in part]
        figure.add_scatter(
            x=values,
            y=[targets.index(gain.target) + (0.14 if variant == "enlarged" else -0.14) for gain in part],
            mode="markers",
            name=WORDS[variant],
            marker={
                "size": 13,
                "color": [by_sign(value) for value in values],
                "symbol": "circle" if variant == "crossed" else "diamond-open",
                "line": {"width": 0 if variant == "crossed" else 2},
            },
            error_x={
                "array": [DEVIATIONS * (getattr(gain, f"{measure}_deviation") or 0.0) for gain in part],
                "color": NEUTRAL,
                "thickness": 2,
                "width": 5,
            },
            customdata=[
                [
                    plain(gain.target),
                    *(f"{value:.4f}" for value in getattr(gain, measure)),
                    f"{signed(100 * gain.growth, 1)} %",
                    signed(value, 4),
                ]
                for gain, value in zip(part, values, strict=True)
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>%{customdata[1]} to %{customdata[2]}: %{customdata[4]}<br>"
            f"parameters %{{customdata[3]}}<extra>{WORDS[variant]}</extra>",
        )
    if paper:
        figure.add_scatter(
            x=[paper[target] for target in targets if target in paper],
            y=[n - 0.14 for n, target in enumerate(targets) if target in paper],
            mode="markers",
            name="the paper, on Criteo",
            marker={"size": 13, "symbol": "line-ns", "line": {"width": 3, "color": NEUTRAL}},
            customdata=[signed(paper[target], 4) for target in targets if target in paper],
            hovertemplate="%{customdata}<extra>the paper, on Criteo</extra>",
        )
    _sides(figure)
    figure.update_yaxes(
        tickvals=list(range(len(targets))), ticktext=[plain(target) for target in targets],
        range=[len(targets) - 0.5, -0.5], ticks="", showgrid=False,
    )  # fmt: skip
    figure.update_xaxes(
        title="gain in AUC" if measure == "auc" else "logloss saved", zeroline=False, tickformat="+.3~f", nticks=6
    )
    return tidy(figure, 110 + 62 * len(targets), legend=LEGEND)


def improved(result: Improvement) -> go.Figure:
    """What each model saves against the one without crosses: on validation rows, and on test rows."""
    base = result.models[0]
    models = [*result.models[1:], *result.baselines]
    names = [f"{model.name}, <b>kept</b>" if model is result.kept else plain(model.name) for model in models]
    figure = go.Figure()
    for words, symbol, shift in (("validation rows", "circle", -0.14), ("test rows", "diamond-open", 0.14)):
        on_validation = shift < 0
        saved = [model.gain if on_validation else base.test.logloss - model.test.logloss for model in models]
        figure.add_scatter(
            x=saved,
            y=[place + shift for place in range(len(models))],
            mode="markers",
            name=words,
            marker={
                "size": 13, "symbol": symbol, "color": [by_sign(value) for value in saved],
                "line": {"width": 0 if on_validation else 2},
            },
            error_x={
                "array": [DEVIATIONS * model.noise for model in models], "color": NEUTRAL, "thickness": 2, "width": 5,
                "visible": on_validation,
            },
            customdata=[
                [plain(model.name), f"{part.auc:.4f}", f"{part.logloss:.4f}"]
                for model in models
                for part in [model.validation if on_validation else model.test]
            ],
            hovertemplate="<b>%{customdata[0]}</b><br>saves %{x:+.4f}<br>logloss %{customdata[2]}, AUC %{customdata[1]}"
            f"<extra>{words}</extra>",
        )  # fmt: skip
    _sides(figure)
    figure.update_yaxes(
        tickvals=list(range(len(models))), ticktext=names, range=[len(models), -0.5], ticks="", showgrid=False,
        zeroline=False,
    )  # fmt: skip
    figure.update_xaxes(
        title=f"logloss saved against {plain(result.target)} without crosses", zeroline=False, tickformat="+.3~f",
        nticks=6,
    )  # fmt: skip
    return tidy(figure, 110 + 48 * len(models), legend=LEGEND, font_size=14)


def _sides(figure: go.Figure) -> None:
    """Which side of zero is worse, and which better."""
    figure.add_vline(x=0, line_color=NEUTRAL, line_width=2)
    for words, side, anchor in (("worse", -4, "right"), ("better", 4, "left")):
        figure.add_annotation(
            x=0, y=0, yref="paper", yanchor="bottom", text=words, showarrow=False, xanchor=anchor, xshift=side,
            font={"size": 14, "color": by_sign(side)},
        )  # fmt: skip


def by_k(points: Sequence[Mapping[str, Any]], target: str) -> go.Figure:
    """Test logloss against the number of sets crossed (Figure 3), with one deviation on either side."""
    figure = go.Figure(
        go.Scatter(
            x=[point["k"] for point in points],
            y=[point["logloss"] for point in points],
            error_y={"array": [point["logloss deviation"] or 0.0 for point in points], "color": NEUTRAL},
            mode="lines+markers",
            line_color=NEUTRAL,
            marker_size=9,
            customdata=[[f"{point['parameters']:,}", f"{point['AUC']:.4f}"] for point in points],
            hovertemplate="K = %{x}: logloss %{y:.4f}<br>AUC %{customdata[1]} · %{customdata[0]} parameters"
            "<extra></extra>",
        )
    )
    figure.update_xaxes(title="sets that are crossed (K)", tickvals=[point["k"] for point in points])
    figure.update_yaxes(title=f"test logloss of {plain(target)}")
    return tidy(figure, 320)


def by_buckets(points: Iterable[Mapping[str, Any]], *, width: int) -> go.Figure:
    """Parameters of each cross's vectors against the number of buckets of its dense fields (Figure 5)."""
    lines: dict[str, list[Mapping[str, Any]]] = {}
    for point in points:
        lines.setdefault(str(point["cross"]), []).append(point)
    figure = go.Figure()
    top = max(((point["ids"] + 1) * width for line in lines.values() for point in line), default=1)
    free = 0.0  # where the next name may stand: each is written above the end of its line, none over another
    for number, (cross, line) in enumerate(sorted(lines.items(), key=lambda item: item[1][-1]["ids"])):
        heights, color = [(point["ids"] + 1) * width for point in line], CLASSES[number % len(CLASSES)]
        figure.add_scatter(
            x=[point["buckets"] for point in line],
            y=heights,
            mode="lines+markers",
            showlegend=False,
            line={"dash": ("solid", "dot", "dash", "dashdot")[number % 4], "color": color},
            customdata=[[plain(cross)]] * len(line),
            hovertemplate="%{x:,} buckets: %{y:,} parameters<extra>%{customdata[0]}</extra>",
        )
        place = max(heights[-1], free)
        free = place + 0.075 * top
        figure.add_annotation(
            x=math.log10(line[-1]["buckets"]),
            y=place,
            text=plain(short(cross, 44)),
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            font_color=color,
        )
    figure.add_vline(x=100, line_dash="dot", line_color=NEUTRAL)
    ours = {"x": 2, "y": 0, "yref": "paper", "yanchor": "bottom", "xanchor": "left", "xshift": 4}
    figure.add_annotation(text="ours: at most 100", showarrow=False, font_color=NEUTRAL, **ours)
    figure.update_xaxes(title="buckets of a dense field", type="log", dtick=1)
    figure.update_yaxes(title=f"parameters, vectors of {width}", range=[0, max(1.12 * top, free + 0.05 * top)])
    return tidy(figure, 330 + 12 * len(lines))
