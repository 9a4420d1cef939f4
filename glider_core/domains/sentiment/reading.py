"""A text as people paste it, made ready for a model: composed (Unicode NFC), without what cannot be seen."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import regex

from glider_core.characters import code_point, refuse_halves
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.domains.sentiment.tokens import Word, clusters, words
from glider_core.errors import InvalidInput

MAX_WORDS = 300
MAX_CHARACTERS = 20_000

# Marks of direction, joiners, fillers, byte order marks, control characters: nothing that a reader sees.
_UNSEEN = regex.compile(
    r"(?V1)[[\p{Default_Ignorable_Code_Point}\p{Cc}\p{Noncharacter_Code_Point}\uFFF9-\uFFFB]--\s]",
)
_APART = regex.compile(r"(?V1)[\u200B\p{Cc}\p{Noncharacter_Code_Point}]")  # of these, those that separate words
_PLAIN = regex.compile(r"[\p{Latin}\p{ASCII}]")  # needs no joiner and has no variants


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text as a model reads it."""

    raw: str  # as it was given
    text: str  # the same, composed and without what cannot be seen
    words: tuple[Word, ...]  # those that are read, with their places in `text`
    unread: int = 0  # words and marks behind them
    unseen: tuple[str, ...] = ()  # what was left out, as "U+200B ZERO WIDTH SPACE", each once

    def first(self, n: int) -> Sentence:
        """The same, of which only n words are read."""
        return replace(self, words=self.words[:n], unread=self.unread + len(self.words[n:]))


def read_sentence(raw: Any) -> Sentence:
    """The words and marks of a text, the first `MAX_WORDS` of them.

    Raises:
        InvalidInput: it is no text, too long, damaged, or there is nothing in it that can be seen.
    """
    if not isinstance(raw, str):
        do = "decode it first, such as by .decode('utf-8')" if isinstance(raw, bytes | bytearray) else "give a str"
        raise InvalidInput(f"The text to explain is of type {type(raw).__name__}; {do}.")
    if len(raw) > MAX_CHARACTERS:
        raise InvalidInput(
            f"The text has {len(raw):,} characters; this model reads up to {MAX_WORDS} words. "
            "Paste the sentence that you want explained."
        )
    refuse_halves(raw)
    text, unseen = visible(raw)
    found = words(text)
    if not found and unseen:
        raise InvalidInput(
            f"The text has nothing that can be seen, only {_listed(unseen)}. Type a sentence to see which of its words "
            "act together."
        )
    if not found:
        raise InvalidInput("There is no text yet. Type a sentence to see which of its words act together.")
    return Sentence(str(raw), text, tuple(found), unseen=unseen).first(MAX_WORDS)


def read_whole(raw: Any) -> Sentence:
    """The same of a text that is read to its end, as where only a number is given back.

    Raises:
        InvalidInput: as `read_sentence`, and where there are more words than a model reads.
    """
    sentence = read_sentence(raw)
    if sentence.unread:
        raise InvalidInput(
            f"The text has {len(sentence.words) + sentence.unread:,} words and marks; this model reads up to "
            f"{MAX_WORDS}. Keep the part that you want judged."
        )
    return sentence


def all_texts(texts: Any) -> Sequence[Any]:
    """The texts, which are not one text.

    Raises:
        InvalidInput: they are one text, whose letters would be taken for texts, or nothing like a list.
    """
    if isinstance(texts, str | bytes) or not hasattr(texts, "__len__"):
        raise InvalidInput(f"Got a {type(texts).__name__} where a list of texts is expected; put it into a list.")
    return texts


def payload_of(sentence: Sentence, known: Sequence[bool]) -> SentencePayload:
    """What the picture of a sentence needs; each of its words is known to the model or not."""
    return SentencePayload.of(sentence.text, sentence.words, known, unread=sentence.unread, unseen=sentence.unseen)


def visible(text: str) -> tuple[str, tuple[str, ...]]:
    """The text in NFC without characters that cannot be seen, and the names of those.

    What shapes its neighbours stays: joiners within emoji and in scripts that need them, variants of symbols.
    """
    text = unicodedata.normalize("NFC", text)
    if not _UNSEEN.search(text):
        return text, ()
    parts, removed = [], {}
    for cluster in clusters(text):
        hidden = _UNSEEN.findall(cluster)
        bare = unicodedata.normalize("NFC", _UNSEEN.sub("", cluster)) if hidden else cluster
        if hidden and (not bare or bare.isspace() or (len(bare) == 1 and _PLAIN.match(bare))):
            removed |= dict.fromkeys(hidden)
            cluster = bare or (" " if _APART.search(cluster) else "")
        parts.append(cluster)
    return unicodedata.normalize("NFC", "".join(parts)), tuple(map(code_point, removed))


def in_another_script(text: str) -> bool:
    """Whether most of its letters are none of English; a text of no letters is not."""
    letters = [character for character in text if character.isalpha()]
    return 2 * sum(_PLAIN.match(letter) is None for letter in letters) > len(letters)


def _listed(names: tuple[str, ...], most: int = 3) -> str:
    more = f" and {len(names) - most} others" if len(names) > most else ""
    return ", ".join(names[:most]) + more
