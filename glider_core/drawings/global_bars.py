"""The most frequent sets of a global run: a named bar each, and a strip with the effect in every row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Protocol, TypeVar

from markupsafe import Markup

from glider_core.drawings.palette import NEUTRAL, by_sign
from glider_core.drawings.svg import figure, join, short, tag, text
from glider_core.numerals import signed


class Counted(Protocol):
    """A set that was found in many inputs."""

    @property
    def count(self) -> int:
        """Inputs in which it was found."""
        ...

    @property
    def mean_effect(self) -> float:
        """Its mean joint effect, signed."""
        ...

    @property
    def effects(self) -> tuple[float, ...]:
        """The effect in each of them, as far as they are kept."""
        ...


Set = TypeVar("Set", bound=Counted)

TOP = 10  # sets that are drawn
_ROW, _DOTS = 54.0, 300  # height of a set; rows whose effects are drawn, evenly chosen
# Of each layout: its width, where bars and strips begin and how long they are, and letters of a name.
_PLACES = {"wide": (720.0, 0.0, 210.0, 300.0, 400.0, 70), "narrow": (380.0, 0.0, 100.0, 165.0, 200.0, 38)}


def top_bars(
    shown: Sequence[Set],
    n_rows: int,
    *,
    title: Callable[[Set], str],
    marked: Collection[str] = (),
    chosen: str = "",
    rank_of: Callable[[Set], int],
    unit: str = "logits",
    share: Callable[[Set], tuple[float, str]] | None = None,
    inputs: str = "rows",
) -> Markup:
    """The first ten sets as bars of the share of rows, a dot for the joint effect in each row beside them.

    A part of the picture that stands for a set has its title as `data-pick`.

    Args:
        shown: most frequent first.
        n_rows: of the run.
        title: what a set is called.
        marked: titles of sets that get a check mark.
        chosen: title of the one to stress.
        rank_of: its rank among all.
        unit: of the effects.
        share: of a set, the length of its bar from 0 to 1, and the words beside it; the share of all rows by default.
        inputs: what it was counted over.
    """
    sets = list(shown)[:TOP]
    if not sets:
        return Markup("")
    spread = max((abs(effect) for each in sets for effect in (*each.effects, each.mean_effect)), default=0.0) or 1.0
    of_all = share or (lambda each: (each.count / n_rows, f"{each.count / n_rows:.0%} of {inputs}"))
    layouts = []
    for name, (width, *place) in _PLACES.items():
        parts: list[str] = []
        for number, each in enumerate(sets):
            called = title(each)
            parts.append(
                _set(
                    each, number * _ROW, place, spread, of_all(each), called, rank_of(each), called in marked,
                    None if not chosen else called == chosen,
                    f"{unit} on average, in {each.count:,} of {n_rows:,} {inputs}",
                )
            )  # fmt: skip
        parts.append(_axis(len(sets) * _ROW, place, spread, unit))
        layouts.append((name, width, len(sets) * _ROW + 44, join(parts)))
    listed = "; ".join(f"{title(each)} in {each.count:,}, {signed(each.mean_effect)}" for each in sets)
    return figure(layouts, f"The most frequent sets of {n_rows:,} {inputs}: {listed}")


def _set(
    each: Counted, y: float, place: Sequence[float], spread: float, share: tuple[float, str], called: str, rank: int,
    marked: bool, stressed: bool | None, told: str,
) -> Markup:  # fmt: skip
    left, length, strip, strip_length, letters = place
    middle, line = strip + strip_length / 2, y + 36
    half = strip_length / 2 - 8
    name = short(called, int(letters)) + (" ✓" if marked else "")
    length = (length - 26) * min(share[0], 1.0)
    hover = f"{called}: together {signed(each.mean_effect)} {told}"
    dots = [
        tag(
            "circle", cx=middle + effect / spread * half, cy=line + ((number * 0.618) % 1 - 0.5) * 16, r=3,
            fill=by_sign(effect), fill_opacity=0.45,
        )
        for number, effect in enumerate(_thinned(each.effects))
    ]  # fmt: skip
    mean = middle + each.mean_effect / spread * half
    parts = [
        tag("title", hover),
        tag("rect", x=left - 6, y=y + 2, width=strip + strip_length + 12 - left, height=_ROW - 4, rx=6,
            fill=NEUTRAL, fill_opacity=0.16 if stressed else 0.0),
        text(f"{rank}", left, y + 18, 14, NEUTRAL, anchor="start", font_weight=700),
        text(name, left + 26, y + 18, 15, anchor="start", font_weight=700 if stressed else 500),
        tag("rect", x=left + 26, y=line - 8, width=max(length, 1.5), height=16, rx=3,
            fill=NEUTRAL),
        text(share[1], left + 32 + length, line + 5, 14, anchor="start"),
        tag("path", d=f"M{middle - half:.1f} {line}H{middle + half:.1f}M{middle:.1f} {line - 9}V{line + 9}",
            stroke=NEUTRAL, stroke_width=1, stroke_opacity=0.7),
        *dots,
        tag("path", d=f"M{mean:.1f} {line - 11}V{line + 11}", stroke="currentColor", stroke_width=3),
    ]  # fmt: skip
    return tag("g", *parts, data_pick=called, style="cursor:pointer")


def _axis(y: float, place: Sequence[float], spread: float, unit: str) -> Markup:
    """What the strips' ends stand for."""
    _, _, strip, strip_length, _ = place
    middle, half = strip + strip_length / 2, strip_length / 2 - 8
    ticks = [(-1.0, "start"), (0.0, "middle"), (1.0, "end")]
    numbers = [
        text(signed(share * spread, 1) if share else "0", middle + share * half, y + 12, 14, anchor=anchor)
        for share, anchor in ticks
    ]
    return join([*numbers, text(f"joint effect in each, {unit}", middle, y + 32, 14, NEUTRAL)])


def _thinned(effects: Sequence[float]) -> Sequence[float]:
    step = max(1, -(-len(effects) // _DOTS))
    return effects[::step]
