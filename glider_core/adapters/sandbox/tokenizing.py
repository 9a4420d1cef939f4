"""A stranger's tokenizer.json, inside the process that may read it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

_MASK, _UNKNOWN, _PAD = ("[MASK]", "<mask>"), ("[UNK]", "<unk>"), ("[PAD]", "<pad>")


class Tokenizer:
    """The tokenizer that a Hugging Face model was trained with, as the library tokenizers reads it.

    Args:
        content: of the file tokenizer.json.

    Raises:
        InvalidInput: it is something else.
    """

    def __init__(self, content: bytes) -> None:
        import tokenizers

        try:
            made = tokenizers.Tokenizer.from_buffer(content)
        except Exception as error:  # the library's own is a plain Exception
            raise InvalidInput(
                f"The tokenizer cannot be read ({str(error)[:160]}); give the file tokenizer.json, as "
                "`tokenizer.save_pretrained(folder)` writes it."
            ) from None
        cut, padding = made.truncation, made.padding
        self._longest = None if cut is None else int(cut["max_length"])
        self.pad = int(padding["pad_id"]) if padding is not None else self._number(made, _PAD) or 0
        # All of a text is to be seen: what the model has no places for is told, not cut off in silence.
        made.no_truncation()
        made.no_padding()
        self._made = made

    def described(self) -> dict[str, Any]:
        """Its kind, how many pieces it knows, and the numbers of those that stand for others."""
        model = self._made.model
        return {
            "kind": type(model).__name__, "size": self._made.get_vocab_size(), "longest": self._longest,
            "mask": self._number(self._made, _MASK),
            "unk": self._number(self._made, (str(getattr(model, "unk_token", None) or ""), *_UNKNOWN)),
        }  # fmt: skip

    def pieces(self, text: str) -> dict[str, NDArray[Any]]:
        """A text's pieces: "ids" (n,), "places" (n, 2) of each in its characters, "special" (n,)."""
        encoded = self._made.encode(text)
        return {
            "ids": np.array(encoded.ids, dtype=np.int64),
            "places": np.array(encoded.offsets, dtype=np.int64).reshape(-1, 2),
            "special": np.array(encoded.special_tokens_mask, dtype=np.int64),
        }

    @staticmethod
    def _number(made: Any, names: tuple[str, ...]) -> int | None:
        return next((number for name in names if name and (number := made.token_to_id(name)) is not None), None)
