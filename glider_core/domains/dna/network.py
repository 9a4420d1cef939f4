"""The network: two convolutions over the letters, then a small head that sees where things stand."""

from __future__ import annotations

from torch import Tensor, nn

from glider_core.domains.dna.sequence import LENGTH


class DNACNN(nn.Module):
    """(n, 4, 36) one-hot letters to (n,) standardised log intensity: two Conv1d (kernel 5, 64 channels) and a head."""

    def __init__(self, *, dropout: float = 0.3) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(4, 64, 5, padding=2),
            nn.ReLU(),
            nn.Conv1d(64, 64, 5, padding=2),
            nn.ReLU(),
            nn.Flatten(),
            nn.Dropout(dropout),
            nn.Linear(64 * LENGTH, 64),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(64, 1),
        )

    def forward(self, letters: Tensor) -> Tensor:
        """Standardised log intensities (n,)."""
        return self.layers(letters)[:, 0]
