"""What every other letter at every place would do: a heat map of 4 rows, and the sequence logo of a stretch."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from glider_core.drawings.palette import NEUTRAL, NUCLEOTIDES, by_sign
from glider_core.drawings.svg import figure, join, tag, text
from glider_core.numerals import signed

LETTERS = "ACGT"
_CELL, _LEFT, _TICKS = 26.0, 24.0, 5
_WIDTH, _HEIGHT, _AXIS = 44.0, 130.0, 62.0  # of the logo: a letter's width, its axis' height and room
_CAP = 0.73  # height of a capital, as a share of the font's size
_FONT = "'DejaVu Sans Mono','Liberation Mono',monospace"


def mutations(letters: str, table: NDArray[np.float64], stressed: Sequence[int] = ()) -> Markup:
    """Change of the log intensity by each other letter at each place; dots are the sequence's own letters.

    Args:
        letters: the sequence.
        table: log intensities (4, L), of A, C, G, T at each place.
        stressed: places to underline: those of a set of letters that act together.
    """
    changes = table - table[[LETTERS.index(letter) for letter in letters], range(len(letters))]
    scale = float(np.abs(changes).max()) or 1.0
    layouts = []
    for name, per_line in (("wide", len(letters)), ("narrow", -(-len(letters) // 3))):
        parts, y = [], 8.0
        for first in range(0, len(letters), per_line):
            here = range(first, min(first + per_line, len(letters)))
            parts.append(_line(letters, changes, here, y, scale, stressed))
            y += 4 * _CELL + 54
        layouts.append((name, _LEFT + per_line * _CELL + 4, y - 8, join(parts)))
    row, place = np.unravel_index(np.argmin(changes), changes.shape)
    described = (
        f"Every letter of {letters} changed into each other one; the heaviest loss is {signed(changes[row, place])} "
        f"log intensity, by {LETTERS[row]} at position {place + 1}"
    )
    return figure(layouts, described)


def _line(
    letters: str, changes: NDArray[np.float64], here: range, y: float, scale: float, stressed: Sequence[int]
) -> Markup:
    parts = []
    for row, letter in enumerate(LETTERS):
        middle = y + (row + 0.5) * _CELL
        parts.append(text(letter, _LEFT / 2, middle + 5, 15, NUCLEOTIDES[letter], font_weight=700, font_family=_FONT))
        for place in here:
            x = _LEFT + (place - here[0]) * _CELL
            box = {"x": x + 0.5, "y": y + row * _CELL + 0.5, "width": _CELL - 1, "height": _CELL - 1}
            if letters[place] == letter:
                told = tag("title", f"{letter} at position {place + 1}: as it is")
                dot = tag("circle", cx=x + _CELL / 2, cy=middle, r=3.5, fill=NEUTRAL)
                parts.append(tag("g", told, tag("rect", **box, fill=NEUTRAL, fill_opacity=0.1), dot))
                continue
            change = float(changes[row, place])
            told = f"{letters[place]} to {letter} at position {place + 1}: {signed(change)} log intensity"
            density = round(0.9 * abs(change) / scale, 3)
            sign = text("−" if change < 0 else "+", x + _CELL / 2, middle + 5, 14) if abs(change) > scale / 5 else ""
            filled = tag("rect", **box, fill=by_sign(change), fill_opacity=density)
            parts.append(tag("g", tag("title", told), filled, sign))
    for place in here:
        x, base = _LEFT + (place - here[0] + 0.5) * _CELL, y + 4 * _CELL
        colour = NUCLEOTIDES[letters[place]]
        parts.append(text(letters[place], x, base + 18, 16, colour, font_weight=700, font_family=_FONT))
        if place in stressed:
            line = f"M{x - 11:.1f} {base + 24:.1f}H{x + 11:.1f}"
            parts.append(tag("path", d=line, stroke="currentColor", stroke_width=2.5))
        if (place + 1) % _TICKS == 0 or place == 0:
            parts.append(text(str(place + 1), x, base + 40, 14, NEUTRAL))
    return join(parts)


def logo(letters: str, shares: NDArray[np.float64], first: int, last: int) -> Markup:
    """The sequence logo of places first to last: letters as tall as their share of the bits at their place.

    Args:
        letters: the sequence, whose own letters are named below.
        shares: of each letter at each place, (4, L); columns sum to 1.
        first: place, from 0.
        last: place, included.
    """
    places = range(first, last + 1)
    bits = 2 + np.sum(shares * np.log2(np.maximum(shares, 1e-12)), axis=0)
    width, bottom = _AXIS + len(places) * _WIDTH + 8, 14 + _HEIGHT
    most = np.ceil(float(bits[first : last + 1].max()) * 4) / 4 or 0.25  # bits at the top of the axis
    parts = [
        tag(
            "path", d=f"M{_AXIS - 6:.1f} 14V{bottom:.1f}H{width - 6:.1f}", stroke=NEUTRAL, fill="none", stroke_width=1.2
        )
    ]
    for share in (0.0, 0.5, 1.0):
        parts.append(text(f"{share * most:g}", _AXIS - 12, bottom - share * _HEIGHT + 5, 14, anchor="end"))
    middle = f"translate(12 {14 + _HEIGHT / 2:.1f}) rotate(-90)"
    parts.append(text("bits", 0, 0, 14, transform=middle))
    for number, place in enumerate(places):
        x, y = _AXIS + number * _WIDTH, bottom
        told = ", ".join(
            f"{letter} {shares[row, place]:.0%}"
            for row, letter in sorted(enumerate(LETTERS), key=lambda item: -shares[item[0], place])
        )
        stack = []
        for row in np.argsort(shares[:, place], kind="stable"):
            height = float(bits[place] * shares[row, place]) * _HEIGHT / most
            if height >= 1.0:
                stack.append(_letter(LETTERS[row], x, y, height))
            y -= height
        told = f"Position {place + 1}: {told}; {bits[place]:.2f} bits"
        ground = tag("rect", x=x, y=14, width=_WIDTH, height=_HEIGHT, fill="transparent")
        parts.append(tag("g", tag("title", told), ground, *stack))
        parts.append(text(str(place + 1), x + _WIDTH / 2, bottom + 18, 12, NEUTRAL))
    best = "".join(LETTERS[row] for row in np.argmax(shares[:, first : last + 1], axis=0))
    drawn = join(parts)
    layouts = [(name, width, bottom + 26, drawn) for name in ("wide", "narrow")]
    here = letters[first : last + 1]
    return figure(layouts, f"Sequence logo of {here}, positions {first + 1} to {last + 1}: {best}", legend=False)


def _letter(letter: str, x: float, base: float, height: float) -> Markup:
    """A letter stretched to a height; its width is that of a place."""
    size = 40.0
    across, up = (_WIDTH - 4) / (size * 0.602), height / (size * _CAP)
    place = f"translate({x + _WIDTH / 2:.2f} {base:.2f}) scale({across:.3f} {up:.4f})"
    style = {"font_weight": 700, "font_family": _FONT, "transform": place}
    return text(letter, 0, 0, size, NUCLEOTIDES[letter], **style)
