"""The network: word vectors, a two-layer bidirectional LSTM, and one logit, positive against negative."""

from __future__ import annotations

import torch
from torch import Tensor, nn

DIMENSIONS = 200  # of a word vector
HIDDEN = 128  # LSTM units per direction and layer


class SentimentLSTM(nn.Module):
    """Reads vectors (n, words, 200), all texts of one length, and answers with logits (n,).

    The read-out sees both final states and the largest value over time of each unit. In training, whole word vectors
    are zeroed now and then: that is the off state of an explanation, so the model has met it.
    """

    def __init__(self, n_words: int, *, dropout: float = 0.5, word_dropout: float = 0.1) -> None:
        super().__init__()
        self.vectors = nn.Embedding(n_words, DIMENSIONS)
        self.lstm = nn.LSTM(DIMENSIONS, HIDDEN, num_layers=2, bidirectional=True, batch_first=True, dropout=dropout)
        self.dropout = nn.Dropout(dropout)
        self.word_dropout = word_dropout
        self.readout = nn.Linear(4 * HIDDEN, 1)

    def forward(self, ids: Tensor) -> Tensor:
        """Logits (n,) for word numbers (n, words)."""
        vectors = self.vectors(ids)
        if self.training:
            vectors = vectors * (torch.rand(ids.shape) >= self.word_dropout)[..., None]
            vectors = nn.functional.dropout(vectors, 0.2)
        return self.from_vectors(vectors)

    def from_vectors(self, vectors: Tensor) -> Tensor:
        """Logits (n,) for word vectors (n, words, 200)."""
        states, _ = self.lstm(vectors)
        summary = torch.cat([states[:, -1, :HIDDEN], states[:, 0, HIDDEN:], states.amax(1)], dim=1)
        return self.readout(self.dropout(summary))[:, 0]
