"""The binding-microarray data: unique 36-letter probes and the logarithm of their fluorescence."""

from __future__ import annotations

import csv
import gzip
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from glider_core.domains.dna.sequence import reverse_complement
from glider_core.errors import InvalidInput


@dataclass(frozen=True, slots=True)
class Probes:
    """Sequences and what was measured on them."""

    sequences: tuple[str, ...]
    intensity: NDArray[np.float64]  # (n,) natural-scale logarithm, as published


def load_probes(data: Path) -> Probes:
    """All 7534 probes, in the file's order."""
    path = data / "dna" / "gcpbm_ebox_7534.tsv.gz"
    if not path.is_file():
        raise InvalidInput(f"There is no dna/{path.name} in the data folder; see the model card.")
    with gzip.open(path, "rt") as lines:
        rows = list(csv.DictReader(lines, delimiter="\t"))
    return Probes(
        tuple(row["sequence"].upper() for row in rows), np.array([float(row["log_intensity"]) for row in rows])
    )


def split_probes(probes: Probes, seed: int) -> dict[str, Probes]:
    """80 % train, 10 % validation, 10 % test; a probe and its reverse complement stay on one side."""
    groups = sorted({min(s, reverse_complement(s)) for s in probes.sequences})
    order = np.random.default_rng(seed).permutation(len(groups))
    share = {groups[g]: rank / len(groups) for rank, g in enumerate(order)}
    place = np.array([share[min(s, reverse_complement(s))] for s in probes.sequences])
    bounds = {"train": (0.0, 0.8), "validation": (0.8, 0.9), "test": (0.9, 1.0)}
    return {
        part: Probes(
            tuple(probes.sequences[i] for i in np.flatnonzero((low <= place) & (place < high))),
            probes.intensity[(low <= place) & (place < high)],
        )
        for part, (low, high) in bounds.items()
    }
