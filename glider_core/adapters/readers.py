"""Models of texts: how they are asked about a text of which parts are off; here functions, in `pieces` networks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Outputs
from glider_core.domains.sentiment.tokens import Word

OFF_STATES = {"mask": "[MASK]", "unk": "[UNK]", "delete": "left out", "zero": "a zero vector"}


class Reader:
    """Asks a model about texts; `outputs` None: its first answers tell."""

    outputs: Outputs | None = None
    off_states: tuple[str, ...] = ("delete",)
    longest: int | None = None  # pieces that it reads at most

    def fitting(self, text: str, parts: Sequence[Word]) -> int:
        """How many of the parts it reads, counted from the first."""
        return len(parts)

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """A function from masks (n, parts) to raw answers, of this text."""
        raise NotImplementedError


class FunctionReader(Reader):
    """A function of a list of texts; off, a part is left out, or another text stands in its place.

    Args:
        ask: list of str to (n,) or (n, classes).
        replacement: what stands in the place of a part that is off; None: it is left out.
        outputs: what the answers are, where it is known.
    """

    def __init__(self, ask: Callable[[list[str]], Any], replacement: str | None, outputs: Outputs | None) -> None:
        self._ask, self._replacement, self.outputs = ask, replacement, outputs
        self.off_states = ("delete",) if replacement is None else ("replace",)

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """Equal texts are asked once, shorter ones first, so that those of one length come together."""

        def answer(masks: NDArray[np.bool_]) -> Any:
            texts = [without(text, parts, mask, self._replacement) for mask in masks]
            distinct = sorted(set(texts), key=lambda one: (len(one), one))
            raw = np.asarray(self._ask(distinct))
            place = {one: number for number, one in enumerate(distinct)}
            return raw[[place[one] for one in texts]]

        return answer


def without(text: str, parts: Sequence[Word], mask: NDArray[np.bool_], replacement: str | None) -> str:
    """The text with the parts that a mask (parts,) keeps; no double spaces where one was left out."""
    built, last = [], 0
    for part, kept in zip(parts, mask, strict=True):
        built.append(text[last : part.start])
        built.append(text[part.start : part.end] if kept else (replacement or ""))
        last = part.end
    joined = "".join(built) + text[last:]
    return joined if replacement is not None or mask.all() else " ".join(joined.split())
