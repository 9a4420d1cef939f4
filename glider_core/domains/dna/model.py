"""The DNA-CNN, loaded from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.domains.base import Progress
from glider_core.domains.dna.instance import DNAInstance
from glider_core.domains.dna.network import DNACNN
from glider_core.domains.dna.sequence import encode, one_hot, parse, read_record
from glider_core.errors import InvalidInput
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights


class DNAModel:
    """Binding strength of 36 letters around an E-box."""

    id = "dna/cnn"
    title = "DNA-CNN"

    def __init__(self, network: DNACNN, scale: tuple[float, float], identity: str) -> None:
        self._network, self._scale, self.identity = network, scale, identity

    def instance(self, raw: str, /, *, record: int | None = None, seed: int = 0) -> DNAInstance:
        """The pasted sequence as an instance.

        Args:
            raw: letters, FASTA or FASTQ.
            record: which one is meant where there are several, from 1; `records.records` lists them.
            seed: of the replacement letters.

        Raises:
            InvalidInput: not one sequence of 36 letters A, C, G, T.
        """
        return DNAInstance(read_record(raw, record), self._network, self._scale, self.identity, seed=seed)

    @torch.inference_mode()
    def predict_sequences(self, sequences: Sequence[str]) -> NDArray[np.float64]:
        """Log intensities (n,) of sequences as pasted.

        Raises:
            InvalidInput: one of them is not 36 letters A, C, G, T; or they are one text, not a list.
        """
        if isinstance(sequences, str):
            raise InvalidInput("Got a str where a list of sequences is expected; put it into a list.")
        letters = torch.from_numpy(one_hot(np.stack([encode(parse(sequence)) for sequence in sequences])))
        level, spread = self._scale
        return self._network(letters).double().numpy() * spread + level


def load(model_id: str = "dna/cnn", *, path: Path | None = None, on_progress: Progress | None = None) -> DNAModel:
    """The model as it ships, or the one in the folder `path`.

    Raises:
        ModelUnavailable: files are missing or damaged.
    """
    folder = path or ASSETS / model_id
    network = DNACNN()
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    weights, identity = load_weights(folder / "weights.safetensors", {**shapes, "scale": (2,)})
    level, spread = weights.pop("scale").tolist()
    network.load_state_dict(weights)
    return DNAModel(network.eval(), (level, spread), identity)
