"""Words of a text as a reader sees them, and the smaller pieces that the model's vocabulary knows."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container
from dataclasses import dataclass
from functools import lru_cache

import regex

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

# A text's clusters are told by their kinds, a letter for each: w of words, s stands for itself (an ideograph, a kana),
# k katakana, b and a vowels that belong to the next or the former letter, * a mark or an emoji.
_WORD = re.compile(
    r"""
    w[wa]*(?:['\-./&]w[wa]*)*  # words, with inner apostrophes, hyphens, points: don't, well-made, 8.5
    | \.{2,}           # an ellipsis is one mark
    | k[ka]*           # runs of katakana
    | b?sa* | \S       # anything else by itself
    """,
    re.VERBOSE,
)
_LETTER = re.compile(r"\w")
_JOINS = {
    **{c: c for c in "-./&'"},
    "’": "'",
    "ʼ": "'",
    "＇": "'",
    "\u2010": "-",
    "\u2011": "-",
    "·": "'",
    "״": "'",
    "׳": "w",
}
# Writing that puts no space between words: Unicode (UAX 29) ends a word behind each of its letters, but joins katakana.
_ALONE = regex.compile(r"[\p{Ideographic}\p{Hiragana}\p{Line_Break=Complex_Context}]")
_KATAKANA = regex.compile(r"\p{Word_Break=Katakana}")
_BEFORE = regex.compile(r"\p{Logical_Order_Exception}")  # Thai and Lao vowels that are written before their consonant
_AFTER = frozenset("ーｰ々ะาๅๆະາ")
_NEGATION = re.compile(r"(.+)(n't)$")
_CLITIC = re.compile(r"(.+)('s|'re|'ve|'ll|'d|'m)$")
_QUOTES = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "＇": "'", "“": '"', "”": '"', "…": ".", "\u2010": "-", "\u2011": "-"}
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word or mark as written, with its place in the text."""

    text: str
    start: int  # characters from the start of the text
    end: int


def words(text: str) -> list[Word]:
    """The words and punctuation marks of a text, in order; every character but white space belongs to one of them.

    A grapheme cluster (a letter with its accents, an emoji with its modifiers) is never split. Writing without spaces
    falls into its letters: Chinese and Japanese as Unicode's word boundaries (UAX 29) have it, katakana in runs, Thai,
    Lao, Khmer and Burmese into clusters, with the vowels that stand beside them.
    """
    parts = clusters(text)
    starts = [0]
    for part in parts:
        starts.append(starts[-1] + len(part))
    places = [(starts[match.start()], starts[match.end()]) for match in _WORD.finditer("".join(map(_kind, parts)))]
    return [Word(text[start:end], start, end) for start, end in places]


def clusters(text: str) -> list[str]:
    """The extended grapheme clusters of a text: what a reader calls its characters."""
    return list(text) if text.isascii() else regex.findall(r"\X", text)


def is_unspaced(word: str) -> bool:
    """Whether it is a piece of writing that puts no spaces between words."""
    return _kind(clusters(word)[0]) in "skba"


def is_right_to_left(text: str) -> bool:
    """Whether most of its letters are of a script that runs from right to left."""
    letters = [unicodedata.bidirectional(c) for c in text if c.isalpha()]
    return 2 * sum(direction in ("R", "AL") for direction in letters) > len(letters)


@lru_cache(maxsize=4096)
def _kind(cluster: str) -> str:
    if cluster.isspace():
        return " "
    letter = _LETTER.search(cluster)
    if letter is None:
        # Some vowels of Burmese and its kin are clusters of their own to Unicode.
        return "a" if unicodedata.category(cluster[0]).startswith("M") else _JOINS.get(cluster, "*")
    if letter.group() in _AFTER:
        return "a"
    if _KATAKANA.match(letter.group()):
        return "k"
    if not _ALONE.match(letter.group()):
        return "w"
    return "b" if _BEFORE.match(letter.group()) else "s"


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
    if rest not in vocabulary:  # ligatures of a PDF, letters as wide as an ideograph
        plain = unicodedata.normalize("NFKC", rest).lower()
        rest = plain if plain in vocabulary else rest
    parts = [rest]
    if rest not in vocabulary and re.search(r"\w[-./&]\w", rest):
        parts = [part for part in re.split(r"[-./&]", rest) if part]
    return [*parts, *tails]


def is_stop_word(word: str) -> bool:
    """Whether a word, as written, says little by itself: a stop word, with or without a clitic (it's)."""
    return all(piece in STOP_WORDS or piece in {"'s", "'re"} for piece in pieces(word))


def is_punctuation(word: str) -> bool:
    """Whether it is a mark such as a comma; an emoji is not."""
    return all(
        not character.isalnum() and (ord(character) < 0x2100 or unicodedata.category(character).startswith("P"))
        for character in word
    )
