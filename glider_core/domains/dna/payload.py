"""What the picture of a sequence needs: its letters, and the motifs among them that have a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from pydantic import TypeAdapter

from glider_core.payload import Payload


@dataclass(frozen=True, slots=True, kw_only=True)
class Motif:
    """A named motif where it stands in the sequence."""

    start: int  # position of its first letter, from 0
    letters: str  # as they stand here, on whichever strand the motif is
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SequencePayload(Payload):
    """36 letters and the named motifs among them."""

    domain: ClassVar[str] = "dna"

    sequence: str
    motifs: tuple[Motif, ...]
    name: str = ""  # of its record in FASTA or FASTQ
    assumptions: tuple[str, ...] = ()  # what was taken for granted when it was read, in sentences

    def fits(self, d: int) -> bool:
        """A letter is a feature, and a motif lies within them."""
        return len(self.sequence) == d and all(0 <= m.start <= d - len(m.letters) for m in self.motifs)

    def remarks(self) -> tuple[str, ...]:
        """What was taken for granted when the sequence was read."""
        return self.assumptions

    def to_json(self) -> bytes:
        """The record as JSON, without what is as usual."""
        return TypeAdapter(type(self)).dump_json(self, exclude_defaults=True)
