"""A picture for features without a shape of their own: a line for each with its main effect, brackets that join them.

It draws a table's row and any own function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from glider_core.drawings.palette import NEUTRAL, by_sign
from glider_core.drawings.sentences import tooltip, unit_of
from glider_core.drawings.svg import figure, halo, join, short, tag, text
from glider_core.drawings.text import signed
from glider_core.results import Explanation

MAX_BRACKETS = 8
_LINE, _TOP, _LANE = 30.0, 34.0, 46.0
_NAME, _VALUE, _BAR = 190.0, 190.0, 200.0  # widths of the columns
_COMPACT_BAR = 90.0


@dataclass(frozen=True, slots=True)
class Line:
    """A feature to draw."""

    feature: int  # position in the explanation
    value: str = ""  # its value; nothing where it has none
    remark: str = ""  # on the value, which is then pale


def lines(
    explanation: Explanation,
    features: Sequence[Line],
    chosen: int | None = None,
    *,
    heading: str = "feature",
    marked: Collection[tuple[int, ...]] = (),
) -> Markup:
    """The picture of these features, in their order.

    Args:
        explanation: of which only interactions between these features are drawn.
        features: of the explanation, each once.
        chosen: position of the interaction to stress; the others fade.
        heading: what a feature is called.
        marked: sets of features whose brackets get a check mark.
    """
    shown, place = drawn(explanation, chosen), {line.feature: n for n, line in enumerate(features)}
    shown = [n for n in shown if all(i in place for i in explanation.interactions[n].features)]
    spans = {n: sorted(place[i] for i in explanation.interactions[n].features) for n in shown}
    lanes = _lanes(spans)
    depth = (max(lanes.values(), default=-1) + 1) * _LANE + 24
    value, height = _VALUE * any(line.value for line in features), _TOP + len(features) * _LINE + 12
    layouts = []
    for name, width, bar in (("wide", value, _BAR), ("narrow", 0.0, _COMPACT_BAR)):
        table = _table(explanation, features, shown, chosen, heading, value=width, bar=bar, compact=name == "narrow")
        left = _NAME + width + bar + 4
        brackets = (_bracket(explanation, n, spans[n], lanes[n], left, chosen, marked) for n in reversed(shown))
        layouts.append((name, _NAME + width + bar + depth, height, table + join(brackets)))
    return figure(layouts, f"Every {heading} with its main effect, and interactions", legend=False)


def drawn(explanation: Explanation, chosen: int | None = None) -> list[int]:
    """Positions of the interactions that get a bracket: the strongest, and the chosen one."""
    numbers = range(len(explanation.interactions))
    return [number for number in numbers if number < MAX_BRACKETS or number == chosen]


def _table(
    explanation: Explanation,
    features: Sequence[Line],
    shown: Collection[int],
    chosen: int | None,
    heading: str,
    *,
    value: float,
    bar: float,
    compact: bool,
) -> Markup:
    effects = [explanation.main_effects[line.feature] for line in features]
    scale = max((abs(effect) for effect in effects), default=0.0) or 1.0
    middle, half = _NAME + value + bar / 2, bar / 2 - (0 if compact else 30)
    right, unit = _NAME + value + bar + 4, unit_of(explanation)
    stressed = set(explanation.interactions[chosen].features) if chosen is not None and chosen in shown else set()
    has_values = any(line.value for line in features)
    heads = [
        (0.0, f"{heading} = value" if compact and has_values else heading, "start"),
        (middle, "own effect", "middle"),
        (right + 8, "together", "start"),
    ]
    if value:
        heads.insert(1, (_NAME, "value", "start"))
    parts = [text(content, x, 18, 12, anchor=anchor, opacity=0.65) for x, content, anchor in heads]
    bottom = _TOP + len(features) * _LINE
    parts.append(tag("path", d=f"M{middle:.1f} {_TOP:.1f}V{bottom:.1f}", stroke=NEUTRAL, stroke_opacity=0.6))
    for n, (line, effect) in enumerate(zip(features, effects, strict=True)):
        name, y = explanation.names[line.feature], _TOP + n * _LINE
        whole = f"{name} = {line.value}" if line.value else name
        length, colour = abs(effect) / scale * half, by_sign(effect)
        left, label = middle - length if effect < 0 else middle, short(whole, 29) if compact else short(name, 26)
        weight = 700 if line.feature in stressed else None
        cells = [
            tag("title", f"{whole}: {signed(effect, 3)} {unit} on its own"),
            tag("path", d=f"M0 {y + _LINE:.1f}H{right:.1f}", stroke=NEUTRAL, stroke_opacity=0.25),
            text(label, 0, y + 20, 12 if compact else 14, anchor="start", font_weight=weight),
            tag("rect", x=left, y=y + 8, width=max(length, 0.5), height=_LINE - 15, rx=2, fill=colour),
        ]
        if value:
            told = short(line.value, 24) + (f" ({line.remark})" if line.remark else "")
            cells.append(text(told, _NAME, y + 20, 14, anchor="start", opacity=0.55 if line.remark else 0.85))
        if not compact:
            side, anchor = (1, "start") if effect >= 0 else (-1, "end")
            cells.append(text(signed(effect), middle + (length + 5) * side, y + 19.5, 11.5, colour, anchor=anchor))
        parts.append(tag("g", *cells))
    return join(parts)


def _lanes(spans: Mapping[int, Sequence[int]]) -> dict[int, int]:
    """A lane for each interaction, so that brackets that share lines stand side by side; short ones near the table."""
    lanes: dict[int, int] = {}
    taken: list[list[tuple[int, int]]] = []
    for number, span in sorted(spans.items(), key=lambda item: (item[1][-1] - item[1][0], item[0])):
        low, high = span[0], span[-1]
        lane = next((k for k, others in enumerate(taken) if all(high < a or low > b for a, b in others)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        lanes[number] = lane
    return lanes


def _bracket(
    explanation: Explanation,
    number: int,
    span: Sequence[int],
    lane: int,
    left: float,
    chosen: int | None,
    marked: Collection[tuple[int, ...]],
) -> Markup:
    interaction = explanation.interactions[number]
    x, heights = left + 20 + lane * _LANE, [_TOP + n * _LINE + _LINE / 2 for n in span]
    first, last = heights[0], heights[-1]
    line = f"M{left:.1f} {first:.1f}H{x - 6:.1f}Q{x:.1f} {first:.1f} {x:.1f} {first + 6:.1f}V{last - 6:.1f}"
    line += f"Q{x:.1f} {last:.1f} {x - 6:.1f} {last:.1f}H{left:.1f}"
    line += "".join(f"M{left:.1f} {y:.1f}H{x:.1f}" for y in heights[1:-1])
    colour, mark = by_sign(interaction.effect), " ✓" if interaction.features in marked else ""
    effect = tag("tspan", signed(interaction.effect, 1), x=x + 4, dy=13, font_weight=400)
    label = join([f"I{number + 1}{mark}", effect])
    return tag(
        "g",
        tag("title", tooltip(number, interaction, unit_of(explanation))),
        tag("path", d=line, fill="none", stroke=colour, stroke_width=max(3.6 - 0.3 * number, 1.4)),
        *(tag("circle", cx=left, cy=y, r=3.2, fill=colour) for y in heights),
        text(label, x + 4, (first + heights[1]) / 2 + 4, 11.5, colour, anchor="start", font_weight=700, style=halo()),
        opacity=0.2 if chosen is not None and chosen != number else 1,
    )
