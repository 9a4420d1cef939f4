"""The picture of a sentence: main effects as the words' background, interactions as brackets above them."""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Sequence

from markupsafe import Markup

from glider_core.domains.sentiment.payload import SentencePayload, Token
from glider_core.domains.sentiment.tokens import clusters, is_right_to_left
from glider_core.drawings import PLAIN, Drawing, Look, brackets
from glider_core.drawings.families import families
from glider_core.drawings.palette import NEUTRAL, QUIET, by_sign, ink, tint
from glider_core.drawings.sentences import notes, tooltip, unit_of
from glider_core.drawings.svg import figure, join, tag, text
from glider_core.numerals import signed
from glider_core.results import Explanation, Interaction

MAX_BRACKETS = 5  # more cannot be told apart
MIN_SHARE = 0.02  # of the largest gain; smaller ones stand in the ranking
_TOLD = 0.02  # of the scale; a smaller effect gets no number
_FONT, _HEIGHT, _PAD, _GAP = 22.0, 37.0, 8.0, 6.0
_LAYOUTS = (("wide", 980.0), ("middle", 600.0), ("narrow", 330.0))
_WIDER = 1.05  # how far a layout may grow where all words go on one line then
_NUMBER = 43.0  # width of a number below a word
_NUMBERS = 17.0  # height of a line of numbers below the words
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


def sentence(
    explanation: Explanation, payload: SentencePayload, chosen: int | None = None, *, look: Look = PLAIN
) -> Markup:
    """The words over as many lines as they need, with brackets above them; the chosen one's stands out."""
    texts, least = [token.text for token in payload.tokens], _NUMBER if look.numbers else 0.0
    widths = [(name, one_line(texts, width, least=least)) for name, width in _LAYOUTS]
    layouts = [(name, width, *layout(explanation, payload, chosen, width, look)) for name, width in widths]
    described = "Sentence with main effects and interactions: " + " ".join(explanation.names)
    unknown = [payload.tokens[place].text for place in payload.unknown()]
    if unknown:
        described += f". The model has never seen: {' '.join(unknown)}"
    return join([notes(payload.remarks()), figure(layouts, described), _UNKNOWN if unknown else ""])


def undrawn(explanation: Explanation, payload: SentencePayload) -> list[int]:
    """Interactions with a stop word or a mark, which get no bracket (Section 6.1)."""
    quiet = {i for i, token in enumerate(payload.tokens) if token.stop or token.punctuation}
    return [n for n, interaction in enumerate(explanation.interactions) if quiet & set(interaction.features)]


def caption(explanation: Explanation, payload: SentencePayload) -> str:
    """How to read the sentence."""
    left_out = len(undrawn(explanation, payload))
    only = f"; {left_out} interaction{'s' if left_out > 1 else ''} with them only in the ranking" if left_out else ""
    told = "the positive score" if explanation.model_id.startswith("sentiment/") else "the answer"
    return (
        f"A word's colour: its own effect on {told}. Brackets: words that act together, with what they "
        f"add jointly, in {unit_of(explanation)}. Stop words and marks are grey{only}."
    )


_NEVER_SEEN = "the model has never seen this word"
_DASHES = {"stroke": NEUTRAL, "stroke_width": 1.6, "stroke_dasharray": "5 3"}  # around a word that the model never saw
_UNKNOWN = tag(
    "div",
    tag("span", style=f"width:2.2rem;height:1rem;border:1.6px dashed {NEUTRAL};border-radius:.3rem"),
    _NEVER_SEEN,
    class_="glider-legend",
)
DRAWING = Drawing(views={"Sentence": sentence}, caption=caption, undrawn=undrawn)


def layout(
    explanation: Explanation, payload: SentencePayload, chosen: int | None, width: float, look: Look
) -> tuple[float, Markup]:
    """The words with their brackets, wrapped at `width`: the height of it all, and elements of SVG."""
    boxes = word_boxes([token.text for token in payload.tokens], width, least=_NUMBER if look.numbers else 0.0)
    if is_right_to_left(payload.text):
        boxes = _mirrored(boxes, [token.text for token in payload.tokens], width)
    drawn = _drawn(explanation, payload, chosen)
    largest = max((interaction.gain for _, interaction in drawn), default=1.0) or 1.0
    feet, unit = _feet(drawn, boxes), unit_of(explanation)
    groups = [
        brackets.Group(
            number=number,
            label=f"I{number + 1} {signed(interaction.effect)}",
            tooltip=f"{tooltip(number, interaction, unit)} beyond the sum of what they add one by one",
            colour=by_sign(interaction.effect),
            ink=ink(interaction.effect),
            thickness=1.4 + 2.0 * max(interaction.gain, 0.0) / largest,
            faded=chosen is not None and chosen != number,
            members=feet[number],
        )
        for number, interaction in drawn
    ]
    placed = brackets.place(groups, width)
    scale = look.scale or max((abs(value) for value in explanation.main_effects), default=0.0)
    parts, y = [], 6.0
    for line in range(max(box[0] for box in boxes) + 1):
        above = brackets.depth(placed.get(line, []))
        y += above
        for i, (box, token, effect) in enumerate(zip(boxes, payload.tokens, explanation.main_effects, strict=True)):
            if box[0] == line:
                parts.append(_word(i, box[1], y, box[2], token, effect, scale, unit, numbers=look.numbers))
        if line in placed:
            parts.append(brackets.draw(placed[line], y - 4))
        y += _HEIGHT + 14 + (_NUMBERS if look.numbers else 0)
    if payload.unread:
        told = f"… and {payload.unread:,} more words and marks, which the model does not read"
        parts.append(text(told, width / 2, y + 8, 16, NEUTRAL))
        y += 26
    return y, join(parts)


def one_line(texts: Sequence[str], width: float, *, least: float = 0.0) -> float:
    """The width in pixels at which the words go on one line, where that is hardly more than `width`; else `width`."""
    boxes = word_boxes(texts, width * _WIDER, least=least)
    end = max((left + room for _, left, room in boxes), default=0.0) - min((left for _, left, _ in boxes), default=0.0)
    return max(width, end + 0.01) if all(line == 0 for line, _, _ in boxes) else width  # for sums of fractions


def word_boxes(texts: Sequence[str], width: float, *, least: float = 0.0) -> list[tuple[int, float, float]]:
    """Where each word goes: line, left edge and width in pixels, wrapped at `width`; none is narrower than `least`.

    No line begins with a mark that closes something: the word before it comes along.
    """
    boxes: list[tuple[int, float, float]] = []
    line, x = 0, 0.0
    for word in texts:
        room = min(max(text_width(word) + 2 * _PAD, least), width)
        if x > 0 and x + room > width:
            line, x = line + 1, 0.0
            if (
                _closes(word)
                and len(boxes) > 1
                and boxes[-2][0] == boxes[-1][0]
                and boxes[-1][2] + _GAP + room <= width
            ):
                boxes[-1] = (line, 0.0, boxes[-1][2])
                x = boxes[-1][2] + _GAP
        boxes.append((line, x, room))
        x += room + _GAP
    # One short line is centred, as a title would be.
    if line == 0:
        left = (width - (x - _GAP)) / 2
        boxes = [(at, start + left, room) for at, start, room in boxes]
    return boxes


def _closes(word: str) -> bool:
    """Whether it is a mark that stands behind a word."""
    return all(unicodedata.category(c) in ("Po", "Pe", "Pf") for c in word)


def _mirrored(
    boxes: Sequence[tuple[int, float, float]], texts: Sequence[str], width: float
) -> list[tuple[int, float, float]]:
    """The boxes of a text that runs from right to left, in which words of other scripts keep their order."""
    placed = list(boxes)
    for _, numbers in itertools.groupby(range(len(boxes)), key=lambda number: boxes[number][0]):
        here, order = list(numbers), list[int]()
        for rightwards, grouped in itertools.groupby(here, key=lambda number: _runs_rightwards(texts[number])):
            run = list(grouped)
            order = [*(run if rightwards else run[::-1]), *order]
        line, left, room = boxes[here[-1]]
        x = width - left - room
        for number in order:
            placed[number] = (line, x, boxes[number][2])
            x += boxes[number][2] + _GAP
    return placed


def _runs_rightwards(word: str) -> bool:
    return any(map(str.isalpha, word)) and not is_right_to_left(word)


def text_width(word: str) -> float:
    """A word's width in pixels, as the page's own face sets it, and about right for scripts that it lacks."""
    return _FONT * sum(_cluster_width(cluster) for cluster in clusters(word))


def _cluster_width(cluster: str) -> float:
    """In em. Accents have no width; ideographs and emoji, of however many parts, fill a square; an n is usual."""
    letters = [c for c in cluster if unicodedata.category(c) not in ("Mn", "Me", "Cf")] or cluster[:1]
    if any(ord(c) >= 0x1F000 for c in letters):
        return 1.25
    return sum(_WIDTHS.get(c, 1.25 if ord(c) >= 0x2E80 else 0.58) for c in letters)


def _drawn(explanation: Explanation, payload: SentencePayload, chosen: int | None) -> list[tuple[int, Interaction]]:
    """The interactions that get a bracket, with their positions: heads of the largest families, and the chosen one."""
    left_out = undrawn(explanation, payload)
    heads = [family for family in families(explanation.interactions, left_out=left_out) if family.head not in left_out]
    least = MIN_SHARE * max((family.gain for family in heads), default=0.0)
    numbers = {family.head for family in heads[:MAX_BRACKETS] if family.gain >= least}
    if chosen is not None and chosen < len(explanation.interactions) and chosen not in left_out:
        numbers.add(chosen)
    return [(number, explanation.interactions[number]) for number in sorted(numbers)]


def _feet(
    drawn: Sequence[tuple[int, Interaction]], boxes: Sequence[tuple[int, float, float]]
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


def _word(
    i: int,
    x: float,
    y: float,
    room: float,
    token: Token,
    effect: float,
    scale: float,
    unit: str,
    *,
    numbers: bool,
) -> Markup:
    quiet = token.stop or token.punctuation
    unlearned = "" if token.known else f"; {_NEVER_SEEN}"
    length = max(min(text_width(token.text), room - 2 * _PAD), 4.0)
    parts = [tag("title", f"{token.text}: {signed(effect, 3)} {unit} on its own{unlearned}")]
    if not quiet:
        parts.append(tag("rect", x=x, y=y, width=room, height=_HEIGHT, rx=6, fill=tint(effect, scale)))
    fit = {"textLength": length, "lengthAdjust": "spacingAndGlyphs"}
    parts.append(text(token.text, x + room / 2, y + 26, _FONT, QUIET if quiet else "currentColor", **fit))
    if numbers and abs(effect) >= _TOLD * scale:
        parts.append(text(signed(effect), x + room / 2, y + _HEIGHT + 14, 14, ink(effect), font_weight=600))
    if not token.known:
        parts.append(tag("rect", x=x + 1, y=y + 1, width=room - 2, height=_HEIGHT - 2, rx=5, fill="none", **_DASHES))
    return tag("g", *parts, data_feature=i)
