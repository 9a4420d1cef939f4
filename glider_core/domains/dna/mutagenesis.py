"""In-silico saturation mutagenesis: what a model answers with every other letter at every place."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from glider_core.domains.dna.model import DNAModel
from glider_core.domains.dna.sequence import LETTERS


def mutagenesis(model: DNAModel, letters: str) -> NDArray[np.float64]:
    """Log intensities of the sequence and of all that differ from it in one letter.

    Args:
        model: is asked 3 L + 1 times.
        letters: L of A, C, G and T.

    Returns:
        (4, L): with letter A, C, G, T at each place, the others as they are. The sequence's own letters all have its
        own answer.

    Raises:
        InvalidInput: these are no letters that the model reads.
    """
    changed = [
        letters[:place] + letter + letters[place + 1 :]
        for letter in LETTERS
        for place in range(len(letters))
        if letters[place] != letter
    ]
    answers = model.predict_sequences([letters, *changed])
    table = np.full((len(LETTERS), len(letters)), answers[0])
    table[np.array([[letter != own for own in letters] for letter in LETTERS])] = answers[1:]
    return table


def letter_shares(table: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each letter's share of the binding intensity at its place, (4, L): a position weight matrix.

    Shares of intensities, not of their logarithms: of two letters, one that is bound three times as strongly has three
    times the share, as in the frequencies of sites that are selected by binding.
    """
    shares = np.exp(table - table.max(axis=0))
    return shares / shares.sum(axis=0)
