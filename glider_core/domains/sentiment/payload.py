"""What the picture of a sentence needs: its words, and what the model makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

from pydantic import TypeAdapter

from glider_core.domains.sentiment.tokens import Word, is_punctuation, is_right_to_left, is_stop_word, is_unspaced
from glider_core.payload import Payload

_NAMED = 4  # unknown words that are named
UNSPACED = (
    "Writing without spaces is split into its characters, not into words (Unicode's word boundaries, UAX 29; runs of "
    "katakana stay whole)."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A word or mark, which is one feature."""

    text: str  # as written
    start: int  # characters from the start of the text
    end: int
    known: bool  # whether the model has learned it
    stop: bool  # a stop word, which is drawn in grey
    punctuation: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePayload(Payload):
    """A text and its tokens, in order."""

    domain: ClassVar[str] = "sentiment"

    text: str
    tokens: tuple[Token, ...]
    unread: int = 0  # words and marks of the text behind the last token, which the model does not read
    unseen: tuple[str, ...] = ()  # characters that were left out, as "U+200B ZERO WIDTH SPACE"

    def fits(self, d: int) -> bool:
        """A token is a feature."""
        return len(self.tokens) == d

    def grouped(self, members: Sequence[Sequence[int]], names: Sequence[str]) -> SentencePayload:
        """A group is a token of its own, as long as the words from its first to its last."""
        return replace(
            self,
            tokens=tuple(
                Token(
                    text=name,
                    start=self.tokens[inside[0]].start,
                    end=self.tokens[inside[-1]].end,
                    known=any(self.tokens[i].known for i in inside),
                    stop=all(self.tokens[i].stop for i in inside),
                    punctuation=all(self.tokens[i].punctuation for i in inside),
                )
                for inside, name in zip(members, names, strict=True)
            ),
        )

    def unknown(self) -> tuple[int, ...]:
        """Positions of words that the model has never seen."""
        return tuple(place for place, token in enumerate(self.tokens) if not token.known)

    def remarks(self) -> tuple[str, ...]:
        """What was not read, was left out, split, or means nothing to the model."""
        told = []
        if self.unread:
            told.append(
                f"The model reads the first {len(self.tokens):,} words and marks, up to "
                f"{_quoted(self.tokens[-1].text)}; the other {self.unread:,} are not read."
            )
        if self.unseen:
            told.append(f"Left out, since nobody can see them: {', '.join(self.unseen)}.")
        if any(is_unspaced(token.text) for token in self.tokens):
            told.append(UNSPACED)
        if unknown := self._about_unknown():
            told.append(unknown)
        return tuple(told)

    def _about_unknown(self) -> str:
        words = [token for token in self.tokens if not token.punctuation]
        unknown = list(dict.fromkeys(token.text for token in words if not token.known))
        if not unknown:
            return ""
        count = sum(not token.known for token in words)
        *first, last = (_quoted(text) for text in unknown[:_NAMED])
        if more := len(unknown) - _NAMED > 0:
            first, last = [*first, last], f"{len(unknown) - _NAMED} others"
        named = f"{', '.join(first)} and {last}" if first else last
        if 2 * count < len(words):
            return f"The model has never seen {named}: what it says of {'them' if first else 'it'} means little."
        said = f": {named}" if more or len(unknown) < count else f", {named}"
        return (
            f"This model knows English only. It has never seen {count:,} of the {len(words):,} words here{said}; "
            "what it says of them means little."
        )

    def to_json(self) -> bytes:
        """The record as JSON, without what is as usual: most texts have nothing to remark."""
        return TypeAdapter(type(self)).dump_json(self, exclude_defaults=True)

    @classmethod
    def of(
        cls, text: str, words: Sequence[Word], known: Sequence[bool], *, unread: int = 0, unseen: Sequence[str] = ()
    ) -> SentencePayload:
        """The payload of a text of these words, each known to the model or not."""
        return cls(
            text=text,
            unread=unread,
            unseen=tuple(unseen),
            tokens=tuple(
                Token(
                    text=word.text,
                    start=word.start,
                    end=word.end,
                    known=is_known,
                    stop=is_stop_word(word.text),
                    punctuation=is_punctuation(word.text),
                )
                for word, is_known in zip(words, known, strict=True)
            ),
        )


def _quoted(word: str) -> str:
    """A word in quotation marks; set apart where it runs from right to left, as the sentence around does not."""
    return f"\u2068“{word:.40}”\u2069" if is_right_to_left(word) else f"“{word:.40}”"
