"""DNA sequences: what people paste, random ones for a first look, and motifs that have a name."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.characters import code_point
from glider_core.domains.dna.records import Record, records
from glider_core.errors import InvalidInput

LENGTH = 36  # letters that the model reads
LETTERS = "ACGT"
MAX_CHARACTERS = 10_000  # of one sequence, which is not looked at any further
# What the codes of IUPAC that are no single letter stand for.
IUPAC = {
    "N": "any letter", "R": "A or G", "Y": "C or T", "S": "C or G", "W": "A or T", "K": "G or T", "M": "A or C",
    "B": "C, G or T", "D": "A, G or T", "H": "A, C or T", "V": "A, C or G",
}  # fmt: skip
# Cyrillic and Greek letters that nobody can tell from those of DNA.
LOOK_ALIKES = {"А": "A", "а": "a", "С": "C", "с": "c", "Т": "T", "Ԍ": "G", "Α": "A", "Τ": "T", "Ϲ": "C", "ϲ": "c"}

# Motifs worth naming. An E-box is CANNTG; which letters stand in its middle decides who binds it.
MOTIFS = {
    "CACGTG": "E-box CACGTG (Myc, Max, Mad)",
    "CATGTG": "E-box CATGTG (non-canonical)",
    "CACATG": "E-box CACATG (non-canonical)",
    "CAGCTG": "E-box CAGCTG (MyoD, AP-4)",
    "CATATG": "E-box CATATG (Twist)",
    "CACGCG": "E-box-like CACGCG (non-canonical, Myc)",
    "CGCGTG": "E-box-like CGCGTG (non-canonical, Myc)",
    "TATAAA": "TATA box",
    "CCAAT": "CCAAT box",
    "GGGCGG": "GC box (Sp1)",
}


def parse(text: str) -> str:
    """A pasted sequence as 36 upper-case letters.

    Lower case, white space, line numbers, a header and comments of FASTA, FASTQ, and U for T are understood.

    Raises:
        InvalidInput: several records, other letters, or another length.
    """
    return read_record(text).letters


def read_record(text: Any, number: int | None = None) -> Record:
    """The one record of a text, or that of this number, from 1, whose letters are 36 of A, C, G and T.

    Raises:
        InvalidInput: several records and no number, no record of this number, other letters, or another length.
    """
    all_records = records(text)
    if not all_records:
        raise InvalidInput(f"There is no sequence yet. Type or paste {LENGTH} letters of A, C, G and T.")
    if number is None and len(all_records) > 1:
        names = ", ".join(f"{place} {record.title}" for place, record in enumerate(all_records[:5], 1))
        more = f" and {len(all_records) - 5} more" if len(all_records) > 5 else ""
        kind = "FASTQ" if all_records[0].text.lstrip().startswith("@") else "FASTA"
        raise InvalidInput(
            f"The text has {len(all_records)} {kind} records: {names}{more}. Say which to explain, such as record=1, "
            f"or give one sequence of {LENGTH} letters."
        )
    if number is not None and (type(number) is not int or not 1 <= number <= len(all_records)):
        raise InvalidInput(
            f"There is no record {number!r:.20}; the text has {len(all_records)}, numbered from 1. Choose one of them."
        )
    record = all_records[(number or 1) - 1]
    _check(record.letters, f"Record {number}, {record.title}" if len(all_records) > 1 else "The sequence")
    return record


def _check(letters: str, what: str) -> None:
    """Refuse letters that are not 36 of A, C, G and T."""
    if not letters:
        raise InvalidInput(
            f"There is no sequence yet: {what[0].lower()}{what[1:]} has no letters. Type or paste {LENGTH} letters of "
            "A, C, G and T."
        )
    if len(letters) > MAX_CHARACTERS:
        raise InvalidInput(
            f"{what} has {len(letters):,} characters; this model reads exactly {LENGTH} letters. Paste that part only."
        )
    foreign = [(position, letter) for position, letter in enumerate(letters, 1) if letter not in LETTERS]
    if foreign:
        shown = ", ".join(f"{_spelled(letter)} at position {position}" for position, letter in foreign[:3])
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise InvalidInput(
            f"{what} has letters other than A, C, G and T: {shown}{more}. {_remedy({letter for _, letter in foreign})}"
        )
    if len(letters) != LENGTH:
        do = "Shorten it." if len(letters) > LENGTH else "Add the letters around it."
        raise InvalidInput(f"{what} has {len(letters)} letters; this model reads exactly {LENGTH}. {do}")


def _spelled(letter: str) -> str:
    """A letter as it stands where anyone can see what it is, else by its code point and name."""
    if letter.isascii() and letter.isprintable():
        return letter
    plain = unicodedata.normalize("NFKC", letter)
    like = LOOK_ALIKES.get(letter, plain if plain.isascii() and plain.isprintable() else "")
    return f"{code_point(letter)} (looks like {like})" if like else code_point(letter)


def _remedy(foreign: set[str]) -> str:
    if foreign <= set("-."):
        return "Gaps are no letters: take them out, and add the letters around."
    if foreign <= set(IUPAC):
        which = next(letter for letter in IUPAC if letter in foreign)
        return f"{which} stands for {IUPAC[which]}, and this model reads one letter at a place: choose it."
    return "Replace them."


def letter_count(text: str) -> int:
    """How many letters a pasted sequence has, whatever they are; those of all records together."""
    try:
        return sum(len(record.letters) for record in records(text))
    except InvalidInput:
        return 0


def random_sequence(seed: int, *, motif: str = "CACGTG") -> str:
    """36 random letters with the motif at their centre; without one, for motif=""."""
    rng = np.random.default_rng(seed)
    letters = "".join(rng.choice(list(LETTERS), size=LENGTH))
    start = (LENGTH - len(motif)) // 2
    return letters[:start] + motif + letters[start + len(motif) :]


def reverse_complement(sequence: str) -> str:
    """The other strand, read in its own direction."""
    return sequence.translate(str.maketrans("ACGT", "TGCA"))[::-1]


def find_motifs(sequence: str) -> list[tuple[int, str, str]]:
    """Places of the named motifs on either strand: first position (from 0), letters as they stand here, name."""
    places = set()
    for motif, name in MOTIFS.items():
        for letters in {motif, reverse_complement(motif)}:
            for start in range(len(sequence) - len(letters) + 1):
                if sequence.startswith(letters, start):
                    places.add((start, letters, name))
    return sorted(places)


def name_motif(sequence: str, positions: Sequence[int]) -> str | None:
    """The name of a motif whose place holds all of these positions, and of which they cover at least four letters."""
    for start, letters, name in find_motifs(sequence):
        if len(positions) >= 4 and all(start <= position < start + len(letters) for position in positions):
            return name
    return None


def one_hot(codes: NDArray[np.integer]) -> NDArray[np.float32]:
    """Letter numbers (n, length), 0..3 for ACGT, as (n, 4, length)."""
    return np.eye(4, dtype=np.float32)[codes].transpose(0, 2, 1)


def encode(sequence: str) -> NDArray[np.int64]:
    """Letter numbers (length,), 0..3 for ACGT."""
    return np.array([LETTERS.index(letter) for letter in sequence])
