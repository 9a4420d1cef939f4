"""A text divided into what is switched on and off: words, phrases, or sentences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Literal

import regex

from glider_core.domains.sentiment.reading import MAX_CHARACTERS, MAX_WORDS, Sentence, visible
from glider_core.domains.sentiment.tokens import Word, is_punctuation, is_stop_word, words
from glider_core.errors import InvalidInput

Unit = Literal["words", "phrases", "sentences"]
Division = Unit | Literal["auto"] | Callable[[str], Sequence[tuple[int, int]]]  # see `divided`
MANY_WORDS = 80  # from which on "auto" takes larger parts
_LONGEST = 20 * MAX_CHARACTERS
# The end of a sentence: marks, what closes behind them, then white space and no small letter; or a blank line.
_END = regex.compile(r"(?<=[.!?…。！？][\"'”’)\]]*)\s+(?=[^\p{Ll}\s])|(?<=[。！？])|\n\s*\n")


def divided(raw: object, division: Division) -> tuple[Sentence, str]:
    """A text with the parts that are its features, and which kind of parts they are.

    Args:
        raw: the text.
        division: "words", "phrases" or "sentences"; "auto", words where there are few; or a function from the text to
            (start, end) of each part, which must not overlap.

    Raises:
        InvalidInput: no text, nothing to be seen in it, or parts that overlap or lie outside.
    """
    if not isinstance(raw, str):
        raise InvalidInput(f"The text to explain is of type {type(raw).__name__}; give a str.")
    if len(raw) > _LONGEST:
        raise InvalidInput(f"The text has {len(raw):,} characters; at most {_LONGEST:,} are read. Give less of it.")
    text, unseen = visible(raw)
    if not text.strip():
        raise InvalidInput("There is no text yet. Give a text whose parts act together.")
    parts, kind = _parts(text, division)
    if not parts:
        raise InvalidInput("The text falls into no parts; divide it in another way.")
    return Sentence(raw, text, tuple(parts), unseen=unseen).first(MAX_WORDS), kind


def _parts(text: str, division: Division) -> tuple[list[Word], str]:
    if callable(division):
        return _given(text, division(text)), "parts"
    if division not in ("auto", "words", "phrases", "sentences"):
        raise InvalidInput(f"Got features {division!r:.40}; choose words, phrases, sentences or auto.")
    single = words(text)
    if division == "words" or (division == "auto" and len(single) <= MANY_WORDS):
        return single, "words"
    if division != "phrases" and (len(whole := _sentences(text)) > 3 or division == "sentences"):
        return whole, "sentences"
    return _phrases(text, single), "phrases"


def _sentences(text: str) -> list[Word]:
    found, start = [], 0
    for end, following in [*((m.start(), m.end()) for m in _END.finditer(text)), (len(text), len(text))]:
        part = text[start:end]
        if part.strip():
            left = start + len(part) - len(part.lstrip())
            right = left + len(part.strip())
            found.append(Word(text[left:right], left, right))
        start = following
    return found


def _phrases(text: str, single: list[Word]) -> list[Word]:
    """Runs of words that belong together on the surface: small words with those behind them, up to a mark."""
    found: list[Word] = []
    open_phrase, telling = False, False
    for word in single:
        mark, small = is_punctuation(word.text), is_stop_word(word.text)
        if mark and found:  # a mark closes the phrase that it stands behind
            found[-1] = replace(found[-1], end=word.end)
            open_phrase = False
        elif open_phrase and not (small and telling):
            found[-1] = replace(found[-1], end=word.end)
        else:
            found.append(word)
            open_phrase, telling = True, False
        telling = telling or not (mark or small)
    return [Word(text[part.start : part.end], part.start, part.end) for part in found]


def _given(text: str, places: Sequence[tuple[int, int]]) -> list[Word]:
    last = 0
    for start, end in places:
        if not last <= start < end <= len(text):
            raise InvalidInput(
                f"The part from {start} to {end} overlaps the one before or lies outside the text of {len(text)} "
                "characters; give (start, end) in order."
            )
        last = end
    return [Word(text[start:end], start, end) for start, end in places]
