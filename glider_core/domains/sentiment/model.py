"""The Sentiment-LSTM, loaded from its folder."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.domains.base import Progress
from glider_core.domains.sentiment.instance import OffState, SentimentInstance
from glider_core.domains.sentiment.network import SentimentLSTM
from glider_core.domains.sentiment.reading import Sentence, all_texts, read_sentence, read_whole
from glider_core.domains.sentiment.tokens import pieces
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights

BATCH = 256  # texts evaluated at once


class SentimentModel:
    """Positive or negative: reads English film reviews of one to a few sentences."""

    id = "sentiment/lstm"
    title = "Sentiment-LSTM"

    def __init__(self, network: SentimentLSTM, vocabulary: Sequence[str], identity: str) -> None:
        self._network, self.identity = network, identity
        self._numbers = {word: number for number, word in enumerate(vocabulary)}

    def instance(self, raw: str, /, *, off_state: OffState = "zero") -> SentimentInstance:
        """The text as an instance; of a long one, the first `MAX_WORDS` words, which its payload says.

        Raises:
            InvalidInput: no text, nothing in it that can be seen, or far too long.
        """
        if off_state not in ("zero", "delete"):
            raise InvalidInput(f"Got off state {off_state!r:.40}; choose 'zero' or 'delete'.")
        sentence = read_sentence(raw)
        instance = SentimentInstance(sentence, self._ids(sentence), self._network, self.identity, off_state=off_state)
        return instance.beside(lambda: self.instance(raw, off_state="delete" if off_state == "zero" else "zero"))

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logits (n,), positive against negative.

        Raises:
            InvalidInput: a text without a word, or of more words than the model reads.
        """
        sentences = [read_whole(text) for text in all_texts(texts)]
        numbers = [[number for word in self._ids(sentence) for number in word] for sentence in sentences]
        by_length: dict[int, list[int]] = defaultdict(list)  # texts of one length go together: the model has no padding
        for position, text in enumerate(numbers):
            by_length[len(text)].append(position)
        logits = np.empty(len(texts))
        for positions in by_length.values():
            for start in range(0, len(positions), BATCH):
                batch = positions[start : start + BATCH]
                logits[batch] = self._network(torch.tensor([numbers[position] for position in batch])).numpy()
        return logits

    def word_vectors(self) -> dict[str, torch.Tensor]:
        """The learned vector (200,) of every word in the vocabulary."""
        table = self._network.vectors.weight.detach()
        return {word: table[number] for word, number in self._numbers.items()}

    def _ids(self, sentence: Sentence) -> list[list[int]]:
        """Per word the numbers of its pieces; 0 is unknown."""
        return [[self._numbers.get(piece, 0) for piece in pieces(word.text, self._numbers)] for word in sentence.words]


def load(
    model_id: str = "sentiment/lstm", *, path: Path | None = None, on_progress: Progress | None = None
) -> SentimentModel:
    """The model as it ships, or the one in the folder `path`.

    Raises:
        ModelUnavailable: files are missing or damaged.
    """
    folder = path or ASSETS / model_id
    try:
        vocabulary = json.loads((folder / "vocabulary.json").read_text(encoding="utf-8"))
        if not (isinstance(vocabulary, list) and all(isinstance(word, str) for word in vocabulary)):
            raise ValueError("no list of words")
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"The list of words in {'/'.join(folder.parts[-3:])} cannot be read ({type(error).__name__}); "
            "restore it or train the model anew."
        ) from None
    network = SentimentLSTM(len(vocabulary))
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    weights, identity = load_weights(folder / "weights.safetensors", shapes)
    network.load_state_dict(weights)
    return SentimentModel(network.eval(), vocabulary, identity)
