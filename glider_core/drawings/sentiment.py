"""The picture of a sentence: main effects as the words' background, interactions as brackets above them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import glider_core as gl
from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word
from glider_core.drawings import brackets
from glider_core.drawings.palette import NEUTRAL, by_sign, tint
from glider_core.drawings.text import signed

MAX_BRACKETS = 5  # more cannot be told apart
MIN_SHARE = 0.02  # of the strongest one's strength; weaker ones stand in the ranking
_FONT, _HEIGHT, _PAD, _GAP = 22.0, 37.0, 8.0, 6.0
_WIDE, _NARROW = 980.0, 460.0
# Widths of Streamlit's own face (Source Sans) in hundredths of an em; `textLength` makes other faces keep to them.
_WIDTHS = {
    character: width / 100
    for width, characters in {
        20: " ", 24: "|", 25: "',.:;ij’‘", 26: "Il", 29: "!f", 30: "()[]{}", 31: "-", 34: "t", 35: "/\\r",
        42: "*?sz", 43: '"“”', 45: "x", 46: "c", 47: "vy", 48: "JY–", 49: "FL", 50: "0123456789#$+<=>^_aegk~é",
        51: "X", 52: "V", 53: "ESÉ", 54: "ATZ`hou", 55: "bnñ", 56: "dpq", 57: "CPR", 58: "Kß", 59: "B", 61: "&",
        62: "DG", 64: "U", 65: "HN", 66: "OQ", 72: "w", 73: "M", 79: "W", 80: "—", 82: "%", 83: "m", 85: "@", 95: "…",
    }.items()
    for character in characters
}  # fmt: skip


def drawable(interaction: gl.Interaction, tokens: Sequence[Mapping[str, Any]]) -> bool:
    """Whether all of its words are worth a bracket: stop words and marks are not (Section 6.1)."""
    return not any(tokens[i]["stop"] or tokens[i]["punctuation"] for i in interaction.features)


def sentence(explanation: gl.Explanation, tokens: Sequence[Mapping[str, Any]], chosen: int | None = None) -> str:
    """HTML of the picture, every word escaped.

    Args:
        explanation: of the sentence.
        tokens: its words as in the instance's payload.
        chosen: position of the interaction to stress; the others fade.
    """
    layouts = [
        (name, width, *_layout(explanation, tokens, chosen, width))
        for name, width in (("wide", _WIDE), ("narrow", _NARROW))
    ]
    return brackets.figure(layouts, "Sentence with main effects and interactions: " + " ".join(explanation.names))


def _layout(
    explanation: gl.Explanation, tokens: Sequence[Mapping[str, Any]], chosen: int | None, width: float
) -> tuple[float, str]:
    boxes = word_boxes([token["text"] for token in tokens], width)
    drawn = [
        (number, interaction)
        for number, interaction in enumerate(explanation.interactions)
        if drawable(interaction, tokens)
    ]
    strongest = max((interaction.strength for _, interaction in drawn), default=1.0)
    drawn = [
        (number, interaction)
        for place, (number, interaction) in enumerate(drawn)
        if number == chosen or (place < MAX_BRACKETS and interaction.strength >= MIN_SHARE * strongest)
    ]
    feet = _feet(drawn, boxes)
    groups = [
        brackets.Group(
            label=f"I{number + 1} {signed(interaction.effect)}",
            tooltip=f"{' · '.join(interaction.names)}: together {signed(interaction.effect, 3)} logits beyond the sum "
            "of what they add one by one",
            colour=by_sign(interaction.effect),
            thickness=1.4 + 2.0 * interaction.strength / strongest,
            faded=chosen is not None and chosen != number,
            members=feet[number],
        )
        for number, interaction in drawn
    ]
    placed = brackets.place(groups, width)
    scale = max((abs(value) for value in explanation.main_effects), default=0.0)
    parts, y = [], 6.0
    for line in range(max(box[0] for box in boxes) + 1):
        above = brackets.depth(placed.get(line, []))
        y += above
        for box, token, effect in zip(boxes, tokens, explanation.main_effects, strict=True):
            if box[0] == line:
                parts.append(_word(box[1], y, box[2], token, effect, scale))
        if line in placed:
            parts.append(brackets.draw(placed[line], y - 4))
        y += _HEIGHT + 14
    return y, "".join(parts)


def word_boxes(texts: Sequence[str], width: float) -> list[tuple[int, float, float]]:
    """Where each word goes: line, left edge and width in pixels, wrapped at `width`."""
    boxes: list[tuple[int, float, float]] = []
    line, x = 0, 0.0
    for text in texts:
        room = min(text_width(text) + 2 * _PAD, width)
        if x > 0 and x + room > width:
            line, x = line + 1, 0.0
        boxes.append((line, x, room))
        x += room + _GAP
    # One short line is centred, as a title would be.
    if line == 0:
        left = (width - (x - _GAP)) / 2
        boxes = [(at, start + left, room) for at, start, room in boxes]
    return boxes


def text_width(text: str) -> float:
    """A word's width in pixels, as the page's own face sets it, and about right for scripts that it lacks."""
    # Ideographs and emoji fill a square; most other letters are as wide as an n.
    return _FONT * sum(_WIDTHS.get(c, 1.25 if ord(c) >= 0x2E80 else 0.58) for c in text)


def _feet(
    drawn: Sequence[tuple[int, gl.Interaction]], boxes: Sequence[tuple[int, float, float]]
) -> dict[int, list[tuple[int, float]]]:
    """Where each bracket stands: at its words' middle, side by side where a word has several."""
    interactions = dict(drawn)
    visits: dict[int, list[int]] = {}
    for number, interaction in drawn:
        for feature in interaction.features:
            visits.setdefault(feature, []).append(number)
    feet: dict[int, list[tuple[int, float]]] = {number: [] for number, _ in drawn}
    for feature, numbers in sorted(visits.items()):
        line, left, room = boxes[feature]
        # Brackets to the left stand left of those to the right, and long ones inmost: so the fewest lines cross.
        numbers.sort(key=lambda number: _direction(interactions[number].features, feature))
        step = min(9.0, room / (len(numbers) + 1))
        for place, number in enumerate(numbers):
            feet[number].append((line, left + room / 2 + (place - (len(numbers) - 1) / 2) * step))
    return feet


def _direction(features: Sequence[int], feature: int) -> tuple[int, int]:
    before, after = feature - min(features), max(features) - feature
    return (1, -after) if after > before else (0, before)


def _word(x: float, y: float, room: float, token: Mapping[str, Any], effect: float, scale: float) -> str:
    quiet = token["stop"] or token["punctuation"]
    tooltip = f"{token['text']}: {signed(effect, 3)} logits on its own" + (
        "" if token["known"] else " (not in the model's vocabulary)"
    )
    fill = 'fill="currentColor" opacity="0.5"' if quiet else 'fill="currentColor"'
    background = (
        ""
        if quiet
        else f'<rect x="{x:.1f}" y="{y:.1f}" width="{room:.1f}" height="{_HEIGHT}" rx="6" '
        f'fill="{tint(effect, scale)}"/>'
    )
    length = max(room - 2 * _PAD, 4.0)
    unknown = (
        ""
        if token["known"]
        else f'<path d="M{x + _PAD:.1f} {y + _HEIGHT - 5:.1f}h{length:.1f}" stroke="{NEUTRAL}" stroke-width="1.6" '
        'stroke-dasharray="2 3"/>'
    )
    return (
        f"<g><title>{escape(tooltip)}</title>{background}"
        f'<text x="{x + _PAD:.1f}" y="{y + 26:.1f}" font-size="{_FONT}" textLength="{length:.1f}" '
        f'lengthAdjust="spacingAndGlyphs" {fill}>{escape(token["text"])}</text>{unknown}</g>'
    )


def plain_tokens(names: Sequence[str]) -> list[dict[str, Any]]:
    """Tokens for a saved explanation, of which only the words are at hand."""
    return [
        {"text": name, "known": True, "stop": is_stop_word(name), "punctuation": is_punctuation(name)} for name in names
    ]
