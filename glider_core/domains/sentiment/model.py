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
from glider_core.domains.sentiment.tokens import Word, pieces, words
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights

MAX_WORDS = 300
MAX_CHARACTERS = 20_000
BATCH = 256  # texts evaluated at once


class SentimentModel:
    """Positive or negative: reads English film reviews of one to a few sentences."""

    id = "sentiment/lstm"
    title = "Sentiment-LSTM"

    def __init__(self, network: SentimentLSTM, vocabulary: Sequence[str], identity: str) -> None:
        self._network, self.identity = network, identity
        self._numbers = {word: number for number, word in enumerate(vocabulary)}

    def instance(self, raw: str, /, *, off_state: OffState = "zero") -> SentimentInstance:
        """The text as an instance.

        Raises:
            InvalidInput: no word in it, or too long.
        """
        if off_state not in ("zero", "delete"):
            raise InvalidInput(f"Got off state {off_state!r:.40}; choose 'zero' or 'delete'.")
        found, ids = self._read(raw)
        return SentimentInstance(raw, found, ids, self._network, self.identity, off_state=off_state)

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logits (n,), positive against negative.

        Raises:
            InvalidInput: a text without a word, or too long.
        """
        numbers = [[number for word in self._read(text)[1] for number in word] for text in texts]
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

    def _read(self, raw: str) -> tuple[list[Word], list[list[int]]]:
        """A text's words, and per word the numbers of its pieces; raises InvalidInput as `instance` does."""
        text_words = read_words(raw)
        return text_words, [
            [self._numbers.get(piece, 0) for piece in pieces(word.text, self._numbers)] for word in text_words
        ]


def read_words(raw: str) -> list[Word]:
    """The words and marks of a text.

    Raises:
        InvalidInput: no word in it, or too long.
    """
    if len(raw) > MAX_CHARACTERS:
        raise InvalidInput(
            f"The text has {len(raw):,} characters; this model reads up to {MAX_WORDS} words. "
            "Paste the sentence that you want explained."
        )
    text_words = words(raw)
    if not text_words:
        raise InvalidInput("There is no text yet. Type a sentence to see which of its words act together.")
    if len(text_words) > MAX_WORDS:
        raise InvalidInput(
            f"The text has {len(text_words):,} words and marks; this model reads up to {MAX_WORDS}. "
            "Keep the sentence that you want explained."
        )
    return text_words


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
