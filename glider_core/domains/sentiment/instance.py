"""A sentence as an instance: one feature per word; off, a word's vector is zero, or the word is gone (Section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glider_core.cases import Case
from glider_core.domains.sentiment.masked import BLOCK, MaskedSentence
from glider_core.domains.sentiment.network import SentimentLSTM
from glider_core.domains.sentiment.reading import Sentence, payload_of
from glider_core.engine.instance import RESOLUTION, Instance

OffState = Literal["zero", "delete"]

CHUNK = 500  # masks read at once, so that those of a long text fit in memory


class SentimentInstance(Instance):
    """A text whose words can be switched off.

    Args:
        sentence: as read; its words are the features.
        ids: per word the numbers of its pieces in the vocabulary; 0 is unknown.
        network: (n, pieces, 200) word vectors to logits (n,).
        identity: of the model's weights.
        off_state: "zero" zeroes the vectors of a word's pieces; "delete" closes the gap.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    def __init__(
        self,
        sentence: Sentence,
        ids: Sequence[Sequence[int]],
        network: SentimentLSTM,
        identity: str,
        *,
        off_state: OffState = "zero",
    ) -> None:
        super().__init__(
            [word.text for word in sentence.words],
            explained="positive",
            payload=payload_of(sentence, [all(numbers) for numbers in ids]),
            case=Case(
                domain="sentiment",
                model="sentiment/lstm",
                raw=sentence.raw,
                options={"off_state": off_state},
                identity=identity,
            ),
        )
        self._network = network
        self._off_state = off_state
        self._word_of_piece = np.repeat(np.arange(len(sentence.words)), [len(numbers) for numbers in ids])
        flat = torch.tensor([number for numbers in ids for number in numbers])
        self._vectors = network.vectors(flat).detach()  # (pieces, 200)
        # Masks that begin or end alike share work; of a long text fewer go at once, so that it can be cancelled.
        self.batch = 6 * BLOCK if len(flat) <= 40 else 2 * BLOCK
        self._masked = MaskedSentence(network, self._vectors)

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,), positive against negative, of the text with the masked words (n, d) off."""
        kept = torch.from_numpy(masks[:, self._word_of_piece])  # (n, pieces)
        if self._off_state == "zero":
            answers = self._masked.logits(kept)
        else:
            answers = torch.cat([self._without(chunk) for chunk in kept.split(CHUNK)])
        return answers.double().numpy()

    def _without(self, kept: Tensor) -> Tensor:
        # Texts of one length go together; the model has no notion of padding.
        lengths = kept.sum(1)
        answers = torch.empty(len(kept))
        for length in lengths.unique().tolist():
            rows = lengths == length
            if length == 0:  # of an emptied text the model reads a single zero vector
                vectors = torch.zeros(int(rows.sum()), 1, self._vectors.shape[1])
            else:
                vectors = self._vectors[kept[rows].nonzero()[:, 1].view(-1, length)]
            answers[rows] = self._network.from_vectors(vectors)
        return answers
