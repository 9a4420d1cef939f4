"""What the picture of a sentence needs: its words, and what the model makes of each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from glider_core.domains.sentiment.tokens import Word, is_punctuation, is_stop_word
from glider_core.payload import Payload


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

    def fits(self, d: int) -> bool:
        """A token is a feature."""
        return len(self.tokens) == d

    @classmethod
    def of(cls, text: str, words: Sequence[Word], known: Sequence[bool]) -> SentencePayload:
        """The payload of a text of these words, each known to the model or not."""
        return cls(
            text=text,
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
