"""A DNA sequence as an instance: one feature per letter; off, a letter is a random other one (Section 6.1)."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from glider_core.cases import Case
from glider_core.domains.dna.payload import Motif, SequencePayload
from glider_core.domains.dna.records import Record
from glider_core.domains.dna.sequence import LENGTH, encode, find_motifs
from glider_core.engine.instance import RESOLUTION, Instance


class DNAInstance(Instance):
    """36 letters of which each can be replaced.

    Args:
        record: its letters are 36 of A, C, G and T.
        network: (n, 4, 36) to standardised log intensity (n,).
        scale: level and spread of the log intensity.
        identity: of the model's weights.
        seed: of the replacements.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    stochastic = True

    def __init__(
        self, record: Record, network: nn.Module, scale: tuple[float, float], identity: str, *, seed: int = 0
    ) -> None:
        sequence = record.letters
        plain = not (record.name or record.assumptions)
        super().__init__(
            [f"{letter}{position}" for position, letter in enumerate(sequence, 1)],
            explained="log intensity",
            payload=SequencePayload(
                sequence=sequence,
                motifs=tuple(Motif(start=s, letters=letters, name=name) for s, letters, name in find_motifs(sequence)),
                name=record.name,
                assumptions=record.assumptions,
            ),
            case=Case(
                domain="dna",
                model="dna/cnn",
                raw=sequence if plain else record.text,
                options={"seed": seed},
                identity=identity,
            ),
        )
        self._record = record
        self._codes = encode(sequence)
        self._network = network
        self._scale = scale
        self._seed = seed
        self._identity_of_model = identity

    def redrawn(self, draw: int, /) -> DNAInstance:
        """The same sequence, whose letters become others when off; draw 0 is this instance's own."""
        if draw == 0:
            return self
        seed = int(np.random.SeedSequence([self._seed, draw]).generate_state(1)[0])
        return DNAInstance(self._record, self._network, self._scale, self._identity_of_model, seed=seed)

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Log intensities (n,) of the sequence with the masked letters (n, 36) replaced."""
        codes = self.perturb(masks)
        letters = torch.nn.functional.one_hot(torch.from_numpy(codes), 4).transpose(1, 2).float()
        level, spread = self._scale
        return self._network(letters).double().numpy() * spread + level

    def perturb(self, masks: NDArray[np.bool_]) -> NDArray[np.int64]:
        """Letter numbers (n, 36) after the masked letters are replaced by random others.

        The replacements are a hash of mask, position and seed: uniform over the three other letters, yet the same
        mask always becomes the same sequence, in whatever batch it comes.
        """
        shift = 1 + (_hash(masks, self._seed) % np.uint64(3)).astype(np.int64)
        return np.where(masks, self._codes, (self._codes + shift) % 4)


def _hash(masks: NDArray[np.bool_], seed: int) -> NDArray[np.uint64]:
    """(n, d) pseudo-random numbers, each a function of its whole mask, its position and the seed."""
    keys = np.random.default_rng([seed, LENGTH]).integers(0, 2**64, size=(2, masks.shape[1]), dtype=np.uint64)
    # Sums wrap around modulo 2^64, which is what a hash wants.
    mask = (masks * keys[0]).sum(axis=1, dtype=np.uint64)
    return _mix(_mix(mask)[:, None] + keys[1])


def _mix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The finalizer of SplitMix64: every input bit reaches every output bit."""
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
