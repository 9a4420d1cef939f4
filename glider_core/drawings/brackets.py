"""Brackets that join the members of interactions, in a row of words or letters that may run over several lines."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from markupsafe import Markup

from glider_core.drawings.svg import halo, join, tag, text

LEVEL = 27.0  # pixels between one bracket and the next
CLEARANCE = 14.0  # from the row to its nearest bracket
_RADIUS = 7.0
_GAP = 5.0  # pixels that must be free between two brackets of one level
_LABEL = 6.8  # width of a label's character


@dataclass(frozen=True, slots=True)
class Group:
    """An interaction to draw: members are (line, x) in reading order."""

    number: int  # of the interaction
    label: str
    tooltip: str
    colour: str
    ink: str  # colour of the label
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
    label_x: float  # its middle
    open_left: bool  # goes on from the line before
    open_right: bool  # goes on in the line after


def place(groups: Sequence[Group], width: float) -> dict[int, list[Segment]]:
    """The segments on each line, levels chosen so that none touch; short ones lie next to the row."""
    parts: dict[int, list[Segment]] = defaultdict(list)
    for group in groups:
        lines = sorted({line for line, _ in group.members})
        for line in lines:
            ticks = tuple(sorted(x for at, x in group.members if at == line))
            before, after = line != lines[0], line != lines[-1]
            left, right = 0.0 if before else ticks[0], width if after else ticks[-1]
            parts[line].append(Segment(group, left, right, ticks, 0, (left + right) / 2, before, after))
    return {line: _levels(segments, width) for line, segments in parts.items()}


def _levels(segments: Sequence[Segment], width: float) -> list[Segment]:
    taken: list[list[tuple[float, float]]] = []
    placed = []
    for segment in sorted(segments, key=lambda s: s.right - s.left):
        # A label may be wider than its bracket: it needs the room too.
        half = _label_half(segment)
        middle = min(max(segment.label_x, half), width - half)
        room = min(segment.left, middle - half) - _GAP, max(segment.right, middle + half) + _GAP
        level = next((n for n, row in enumerate(taken) if all(room[1] < a or room[0] > b for a, b in row)), len(taken))
        if level == len(taken):
            taken.append([])
        taken[level].append(room)
        placed.append(replace(segment, level=level, label_x=middle))
    return [replace(segment, label_x=_clear_of_ticks(segment, placed)) for segment in placed]


def _clear_of_ticks(segment: Segment, others: Sequence[Segment]) -> float:
    """A place for the label, as near the middle as can be, where no farther bracket's tick runs through it."""
    half = _label_half(segment)
    ticks = [x for other in others if other.level > segment.level for x in other.ticks]
    room = max((segment.right - segment.left) / 2 - half, 0.0)
    steps = [n * 2.0 for n in range(int(room / 2) + 1)]
    candidates = [segment.label_x + sign * step for step in steps for sign in (1, -1)]
    return next((x for x in candidates if all(abs(x - tick) > half + 2 for tick in ticks)), segment.label_x)


def _label_half(segment: Segment) -> float:
    return len(segment.group.label) * _LABEL / 2


def depth(segments: Sequence[Segment]) -> float:
    """The height in pixels that a line's brackets and labels take."""
    return CLEARANCE + (max(s.level for s in segments) + 1) * LEVEL if segments else 0.0


def draw(segments: Sequence[Segment], base: float) -> Markup:
    """A line's brackets, standing on y = base above the row."""
    drawn, labels = [], []
    # Far brackets first, so that the near ones stay on top where ticks cross.
    for segment in sorted(segments, key=lambda s: -s.level):
        group, left, right = segment.group, segment.left, segment.right
        y = base - CLEARANCE - segment.level * LEVEL
        radius = min(_RADIUS, (right - left) / 2)
        start, end = f"M{left:.1f} {y:.1f}", f"H{right:.1f}"
        if not segment.open_left:
            start = f"M{left:.1f} {base:.1f}V{y + _RADIUS:.1f}Q{left:.1f} {y:.1f} {left + radius:.1f} {y:.1f}"
        if not segment.open_right:
            end = f"H{right - radius:.1f}Q{right:.1f} {y:.1f} {right:.1f} {y + _RADIUS:.1f}V{base:.1f}"
        ends = {None if segment.open_left else left, None if segment.open_right else right}
        inner = "".join(f"M{x:.1f} {base:.1f}V{y:.1f}" for x in segment.ticks if x not in ends)
        opacity = 0.22 if group.faded else 1
        drawn.append(
            tag(
                "g",
                tag("title", group.tooltip),
                tag(
                    "path",
                    d=start + end + inner,
                    fill="none",
                    stroke=group.colour,
                    stroke_width=group.thickness,
                    stroke_linecap="round",
                ),
                *(tag("circle", cx=x, cy=base, r=2.8, fill=group.colour) for x in segment.ticks),
                data_set=group.number,
                opacity=opacity,
            )
        )
        labels.append(
            text(
                group.label,
                segment.label_x,
                y - 5,
                14,
                group.ink,
                data_set=group.number,
                font_weight=600,
                opacity=opacity,
                style=halo(5),
            )
        )
    return join(drawn + labels)  # labels last, so that no line crosses one
