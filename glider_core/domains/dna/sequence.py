"""DNA sequences: what people paste, random ones for a first look, and motifs that have a name."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

LENGTH = 36  # letters that the model reads
LETTERS = "ACGT"
MAX_CHARACTERS = 10_000

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

    Lower case, white space, line numbers, one FASTA header and U for T are understood.

    Raises:
        InvalidInput: several records, other letters, or another length.
    """
    if len(text) > MAX_CHARACTERS:
        raise InvalidInput(
            f"The text has {len(text):,} characters; this model reads exactly {LENGTH} letters. Paste that part only."
        )
    headers = [line for line in text.splitlines() if _is_header(line)]
    if len(headers) > 1:
        raise InvalidInput(f"The text has {len(headers)} FASTA records; give one sequence of {LENGTH} letters.")
    letters = _letters(text)
    if not letters:
        raise InvalidInput(f"There is no sequence yet. Type or paste {LENGTH} letters of A, C, G and T.")
    foreign = [(position, letter) for position, letter in enumerate(letters, 1) if letter not in LETTERS]
    if foreign:
        shown = ", ".join(f"{letter} at position {position}" for position, letter in foreign[:3])
        more = f" and {len(foreign) - 3} more" if len(foreign) > 3 else ""
        raise InvalidInput(f"The sequence has letters other than A, C, G and T: {shown}{more}. Replace them.")
    if len(letters) != LENGTH:
        do = "Shorten it." if len(letters) > LENGTH else "Add the letters around it."
        raise InvalidInput(f"The sequence has {len(letters)} letters; this model reads exactly {LENGTH}. {do}")
    return letters


def letter_count(text: str) -> int:
    """How many letters a pasted sequence has, whatever they are."""
    return len(_letters(text[:MAX_CHARACTERS]))


def _letters(text: str) -> str:
    body = "".join(line for line in text.splitlines() if not _is_header(line))
    return re.sub(r"[\s\d]", "", body).upper().replace("U", "T")


def _is_header(line: str) -> bool:
    return line.lstrip().startswith((">", ";"))


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
