"""A picture for features without a shape of their own: a line for each with its main effect, brackets that join them.

It draws a table's row and any own function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from glider_core.drawings import PLAIN, Look
from glider_core.drawings.families import families
from glider_core.drawings.palette import NEUTRAL, QUIET, by_sign, ink
from glider_core.drawings.sentences import tooltip, unit_of
from glider_core.drawings.svg import figure, halo, join, short, tag, text
from glider_core.numerals import signed
from glider_core.results import Explanation

MAX_BRACKETS = 8
_LINE, _TOP, _LANE = 30.0, 34.0, 48.0


@dataclass(frozen=True, slots=True)
class _Room:
    """How much room there is: widths of the columns in pixels, and what fits into them."""

    layout: str
    name: float
    value: float  # 0: the value stands behind the name
    bar: float
    brackets: int  # at most, the chosen one apart
    letters: int  # of a name
    size: float  # of type

    @property
    def right(self) -> float:
        """Where the table ends and the brackets begin."""
        return self.name + self.value + self.bar + 4


_WIDE = _Room("wide", 190.0, 190.0, 220.0, MAX_BRACKETS, 26, 14.0)
_MIDDLE = _Room("middle", 190.0, 0.0, 120.0, MAX_BRACKETS, 26, 14.0)
# On a phone, and where pictures stand side by side, a picture is drawn smaller than it is.
_NARROW = _Room("narrow", 160.0, 0.0, 110.0, 3, 19, 16.0)


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
    look: Look = PLAIN,
) -> Markup:
    """The picture of these features, in their order.

    Args:
        explanation: of which only interactions between these features are drawn.
        features: of the explanation, each once.
        chosen: position of the interaction to stress; the others fade.
        heading: what a feature is called.
        marked: sets of features whose brackets get a check mark.
        look: one scale for pictures side by side.
    """
    place, height = {line.feature: n for n, line in enumerate(features)}, _TOP + len(features) * _LINE + 12
    wide = _WIDE if any(line.value for line in features) else replace(_WIDE, value=0.0)
    layouts = []
    for room in (wide, _MIDDLE, _NARROW):
        shown = drawn(explanation, chosen, most=room.brackets)
        shown = [n for n in shown if all(i in place for i in explanation.interactions[n].features)]
        spans = {n: sorted(place[i] for i in explanation.interactions[n].features) for n in shown}
        lanes = _lanes(spans)
        depth = (max(lanes.values(), default=-1) + 1) * _LANE + 24
        table = _table(explanation, features, shown, chosen, heading, room, look)
        brackets = (_bracket(explanation, n, spans[n], lanes[n], room, chosen, marked) for n in reversed(shown))
        layouts.append((room.layout, room.right - 4 + depth, height, table + join(brackets)))
    return figure(layouts, f"Every {heading} with its main effect, and interactions", legend=False)


def drawn(explanation: Explanation, chosen: int | None = None, *, most: int = MAX_BRACKETS) -> list[int]:
    """Positions of the interactions that get a bracket: those that head the largest families, and the chosen one."""
    heads = {family.head for family in families(explanation.interactions)[:most]}
    numbers = range(len(explanation.interactions))
    return [number for number in numbers if number in heads or number == chosen]


def _table(
    explanation: Explanation,
    features: Sequence[Line],
    shown: Collection[int],
    chosen: int | None,
    heading: str,
    room: _Room,
    look: Look,
) -> Markup:
    compact, size = room.layout != "wide", room.size
    effects = [explanation.main_effects[line.feature] for line in features]
    scale = max(look.scale or 0.0, *map(abs, effects), 0.0) or 1.0
    middle = room.name + room.value + room.bar / 2
    half = room.bar / 2 - (2.7 * size if not compact else 2.45 * size if look.numbers else 0)
    right, unit = room.right, unit_of(explanation)
    stressed = set(explanation.interactions[chosen].features) if chosen is not None and chosen in shown else set()
    has_values = any(line.value for line in features)
    heads = [
        (0.0, f"{heading} = value" if compact and has_values else heading, "start"),
        (middle, "own effect", "middle"),
    ]
    if shown:
        heads.append((right + 8, "together", "start"))
    if room.value:
        heads.insert(1, (room.name, "value", "start"))
    parts = [text(content, x, 18, size, QUIET, anchor=anchor) for x, content, anchor in heads]
    bottom = _TOP + len(features) * _LINE
    parts.append(tag("path", d=f"M{middle:.1f} {_TOP:.1f}V{bottom:.1f}", stroke=NEUTRAL, stroke_opacity=0.6))
    for n, (line, effect) in enumerate(zip(features, effects, strict=True)):
        name, y = explanation.names[line.feature], _TOP + n * _LINE
        whole = f"{name} = {line.value}" if line.value else name
        length, colour = abs(effect) / scale * half, by_sign(effect)
        left, label = middle - length if effect < 0 else middle, short(whole if compact else name, room.letters)
        weight = 700 if line.feature in stressed else None
        cells = [
            tag("title", f"{whole}: {signed(effect, 3)} {unit} on its own"),
            tag("path", d=f"M0 {y + _LINE:.1f}H{right:.1f}", stroke=NEUTRAL, stroke_opacity=0.25),
            text(label, 0, y + 20, size, anchor="start", font_weight=weight),
            tag("rect", x=left, y=y + 8, width=max(length, 0.5), height=_LINE - 15, rx=2, fill=colour),
        ]
        if room.value:
            told = short(line.value, 24) + (f" ({line.remark})" if line.remark else "")
            cells.append(
                text(told, room.name, y + 20, size, anchor="start", fill=QUIET if line.remark else "currentColor")
            )
        if not compact or look.numbers:
            side, anchor = (1, "start") if effect >= 0 else (-1, "end")
            cells.append(text(signed(effect), middle + (length + 5) * side, y + 20, size, ink(effect), anchor=anchor))
        parts.append(tag("g", *cells, data_feature=line.feature))
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
    room: _Room,
    chosen: int | None,
    marked: Collection[tuple[int, ...]],
) -> Markup:
    interaction = explanation.interactions[number]
    left = room.right
    x, heights = left + 20 + lane * _LANE, [_TOP + n * _LINE + _LINE / 2 for n in span]
    first, last = heights[0], heights[-1]
    line = f"M{left:.1f} {first:.1f}H{x - 6:.1f}Q{x:.1f} {first:.1f} {x:.1f} {first + 6:.1f}V{last - 6:.1f}"
    line += f"Q{x:.1f} {last:.1f} {x - 6:.1f} {last:.1f}H{left:.1f}"
    line += "".join(f"M{left:.1f} {y:.1f}H{x:.1f}" for y in heights[1:-1])
    largest = max((other.gain for other in explanation.interactions), default=0.0) or 1.0
    thickness = 1.4 + 2.2 * max(interaction.gain, 0.0) / largest
    colour, mark = by_sign(interaction.effect), " ✓" if interaction.features in marked else ""
    effect = tag("tspan", signed(interaction.effect, 1), x=x + 4, dy=15, font_weight=400)
    label = join([f"I{number + 1}{mark}", effect])
    return tag(
        "g",
        tag("title", tooltip(number, interaction, unit_of(explanation))),
        tag("path", d=line, fill="none", stroke=colour, stroke_width=thickness),
        *(tag("circle", cx=left, cy=y, r=3.2, fill=colour) for y in heights),
        text(
            label,
            x + 4,
            (first + heights[1]) / 2 + 4,
            room.size,
            ink(interaction.effect),
            anchor="start",
            font_weight=700,
            style=halo(),
        ),
        data_set=number,
        opacity=0.2 if chosen is not None and chosen != number else 1,
    )
