"""An ONNX model of word pieces with its tokenizer.json as a reader of texts; both run in the process of their own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.pieces import PieceReader
from glider_core.adapters.sandbox.file_model import FileModel
from glider_core.errors import InvalidInput

ASSUMED = 512  # pieces, where neither the model nor its tokenizer says how many it reads


class FileReader(PieceReader):
    """A model file that reads word pieces.

    Args:
        model: of a file that reads them, with its tokenizer.

    Raises:
        InvalidInput: it has no tokenizer.
    """

    def __init__(self, model: FileModel) -> None:
        tokenizer = model.described.tokenizer
        if tokenizer is None:
            raise InvalidInput(
                f"{model.name[:80]} reads word pieces; give its tokenizer.json, too, which lies beside the model."
            )
        known = {"mask": tokenizer.mask, "unk": tokenizer.unk}
        super().__init__(
            {name: number for name, number in known.items() if number is not None} | {"delete": None},
            model.described.longest or tokenizer.longest or ASSUMED,
        )
        self._model, self.identity = model, model.own_identity

    def _encoded(self, text: str) -> tuple[Sequence[int], Sequence[tuple[int, int]], Sequence[int]]:
        return self._model.pieces(text)

    def _read(self, ids: NDArray[np.int64], kept: NDArray[np.bool_] | None) -> NDArray[Any]:
        return self._model.ask_pieces(ids)
