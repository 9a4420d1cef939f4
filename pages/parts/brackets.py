"""Brackets that join the members of interactions, in a row of words or letters that may run over several lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

LEVEL = 27.0  # pixels between one bracket and the next
CLEARANCE = 14.0  # from the row to its nearest bracket
_RADIUS = 7.0
_GAP = 5.0  # pixels that must be free between two brackets of one level
_LABEL = 6.3  # width of a label's character


@dataclass(frozen=True, slots=True)
class Group:
    """An interaction to draw: members are (line, x) in reading order."""

    label: str
    tooltip: str
    colour: str
    thickness: float
    faded: bool
    members: Sequence[tuple[int, float]]


@dataclass(frozen=True, slots=True)
class Segment:
    """The part of a group's bracket that lies on one line."""

    group: Group
    left: float
    right: float
    ticks: tuple[float, ...]
    level: int
    open_left: bool  # goes on from the line before
    open_right: bool  # goes on in the line after


def place(groups: Sequence[Group], width: float) -> dict[int, list[Segment]]:
    """The segments on each line, levels chosen so that none touch; short ones lie next to the row."""
    parts: dict[int, list[tuple[Group, float, float, tuple[float, ...], bool, bool]]] = defaultdict(list)
    for group in groups:
        lines = sorted({line for line, _ in group.members})
        for line in lines:
            ticks = tuple(sorted(x for at, x in group.members if at == line))
            open_left, open_right = line != lines[0], line != lines[-1]
            parts[line].append(
                (
                    group,
                    0.0 if open_left else ticks[0],
                    width if open_right else ticks[-1],
                    ticks,
                    open_left,
                    open_right,
                )
            )
    placed: dict[int, list[Segment]] = {}
    for line, segments in parts.items():
        taken: list[list[tuple[float, float]]] = []
        placed[line] = []
        for group, left, right, ticks, open_left, open_right in sorted(segments, key=lambda s: s[2] - s[1]):
            # A label may be wider than its bracket: it needs the room too.
            middle, half = (left + right) / 2, max((right - left) / 2, len(group.label) * _LABEL / 2)
            room = (middle - half - _GAP, middle + half + _GAP)
            level = next(
                (n for n, row in enumerate(taken) if all(room[1] < a or room[0] > b for a, b in row)), len(taken)
            )
            if level == len(taken):
                taken.append([])
            taken[level].append(room)
            placed[line].append(Segment(group, left, right, ticks, level, open_left, open_right))
    return placed


def depth(segments: Sequence[Segment]) -> float:
    """The height in pixels that a line's brackets and labels take."""
    return CLEARANCE + (max(s.level for s in segments) + 1) * LEVEL if segments else 0.0


def draw(segments: Sequence[Segment], base: float, *, above: bool) -> str:
    """SVG of a line's brackets, standing on y = base above the row or hanging from it below."""
    sign = -1.0 if above else 1.0
    drawn, labels = [], []
    # Far brackets first, so that the near ones stay on top where ticks cross.
    for segment in sorted(segments, key=lambda s: -s.level):
        group = segment.group
        y = base + sign * (CLEARANCE + segment.level * LEVEL)
        turn = y - sign * _RADIUS
        span = segment.right - segment.left
        radius = min(_RADIUS, span / 2)
        left, right = segment.left, segment.right
        start = f"M{left:.1f} {y:.1f}"
        if not segment.open_left:
            start = f"M{left:.1f} {base:.1f}V{turn:.1f}Q{left:.1f} {y:.1f} {left + radius:.1f} {y:.1f}"
        end = f"H{right:.1f}"
        if not segment.open_right:
            end = f"H{right - radius:.1f}Q{right:.1f} {y:.1f} {right:.1f} {turn:.1f}V{base:.1f}"
        if span < 1:  # the only member on this line
            start, end = f"M{segment.left:.1f} {base:.1f}V{y:.1f}", ""
        ends = {segment.left, segment.right}
        inner = "".join(f"M{x:.1f} {base:.1f}V{y:.1f}" for x in segment.ticks if x not in ends)
        feet = "".join(f'<circle cx="{x:.1f}" cy="{base:.1f}" r="2.6" fill="{group.colour}"/>' for x in segment.ticks)
        middle = (segment.left + segment.right) / 2
        drawn.append(
            f'<g opacity="{0.22 if group.faded else 1}"><title>{escape(group.tooltip)}</title>'
            f'<path d="{start}{end}{inner}" fill="none" stroke="{group.colour}" '
            f'stroke-width="{group.thickness:.1f}" stroke-linecap="round"/>{feet}</g>'
        )
        # Last, and with a halo of the page's ground, so that no line crosses a label.
        labels.append(
            f'<text x="{middle:.1f}" y="{y - 5 if above else y + 14:.1f}" text-anchor="middle" font-size="12.5" '
            f'font-weight="600" fill="{group.colour}" opacity="{0.22 if group.faded else 1}" '
            'style="paint-order:stroke;stroke:var(--st-background-color);stroke-width:5px;stroke-linejoin:round">'
            f"{escape(group.label)}</text>"
        )
    return "".join(drawn + labels)


def figure(layouts: Sequence[tuple[str, float, float, str]], description: str) -> str:
    """HTML with one SVG for each layout (name, width, height, content); style shows the one that fits the screen."""
    drawings = "".join(
        f'<svg class="glider-{name}" viewBox="0 0 {width:.0f} {height:.0f}" width="100%" '
        f'style="max-width:{width:.0f}px" role="img" aria-label="{escape(description, quote=True)}" '
        f'font-family="inherit">{content}</svg>'
        for name, width, height, content in layouts
    )
    return (
        "<style>.glider-figure{container-type:inline-size;text-align:center}.glider-narrow{display:none}"
        "@container (max-width:700px){.glider-wide{display:none}.glider-narrow{display:inline}}"
        "</style>"
        f'<div class="glider-figure">{drawings}</div>'
    )
