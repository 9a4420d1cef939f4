"""Words of a text as a reader sees them, and the smaller pieces that the model's vocabulary knows."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass

# The paper's list (Section 6.1): features like any other to the model, greyed and left out of the pictures.
STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "has",
        "he",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "that",
        "the",
        "to",
        "was",
        "were",
        "will",
        "with",
    ]
)
UNKNOWN = "<unk>"

_WORD = re.compile(
    r"""
    \w+(?:['’\-./&]\w+)*              # words, with inner apostrophes, hyphens, points: don't, well-made, 8.5
    | \.{2,}                          # an ellipsis is one mark
    | [^\w\s](?:[\uFE0F\U0001F3FB-\U0001F3FF]|\u200D[^\w\s])*  # a mark or an emoji with its modifiers
    """,
    re.VERBOSE,
)
_NEGATION = re.compile(r"(.+)(n't)$")
_CLITIC = re.compile(r"(.+)('s|'re|'ve|'ll|'d|'m)$")
_QUOTES = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "…": "."})


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark as written, with its place in the text."""

    text: str
    start: int  # characters from the start of the text
    end: int


def words(text: str) -> list[Word]:
    """The words and punctuation marks of a text, in order; every character but white space belongs to one of them."""
    return [Word(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]


def pieces(word: str, vocabulary: Container[str] = ()) -> list[str]:
    """What the model reads for a word: lower case, clitics apart (does|n't, it|'s), as the treebank has them.

    A joined word that the vocabulary lacks is read part by part; a part that it lacks stays as it is.
    """
    rest, tails = word.translate(_QUOTES).lower(), []
    while match := _NEGATION.match(rest) or _CLITIC.match(rest):
        rest = match.group(1)
        tails.insert(0, match.group(2))
    if set(rest) == {"."} and len(rest) > 1:
        rest = "..."
    parts = [rest]
    if rest not in vocabulary and re.search(r"\w[-./&]\w", rest):
        parts = [part for part in re.split(r"[-./&]", rest) if part]
    return [*parts, *tails]


def is_stop_word(word: str) -> bool:
    """Whether a word, as written, says little by itself: a stop word, with or without a clitic (it's)."""
    return all(piece in STOP_WORDS or piece in {"'s", "'re"} for piece in pieces(word))


def is_punctuation(word: str) -> bool:
    """Whether it is a mark such as a comma; an emoji is not."""
    return all(not character.isalnum() and ord(character) < 0x2100 for character in word)
