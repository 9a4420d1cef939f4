"""An instance: whatever is explained, seen as d named features that can be switched off (Tsang et al. 2020)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import BlackBoxFailed, InvalidInput

Masks = NDArray[np.bool_]
Logits = NDArray[np.floating[Any]]


@runtime_checkable
class Instance(Protocol):
    """What the engine needs to know of the thing it explains.

    Besides these members an instance may carry `fingerprint: str` (its identity together with its model's, for
    caching), `model_id: str`, `explained: str` (the name of the explained output), `batch: int` (how many masks it
    likes to be asked about at once) and `payload: Mapping` (what its page needs to draw it).
    """

    @property
    def names(self) -> Sequence[str]:
        """The d features' names, in display order; they need not be unique."""
        ...

    def predict(self, masks: Masks, /) -> Logits:
        """Logits of the explained class, (n,), for masks (n, d) bool, True where the feature is kept.

        The same mask must get the same answer, in whatever batch it comes.
        """
        ...


class FunctionInstance:
    """Any black box at all: a Python function from masks to logits, with a name for each feature.

    Args:
        names: d feature names.
        predict: f((n, d) bool, True = kept) -> (n,) logits of the explained class.
        fingerprint: identity for caching; without one, results of this instance are not cached.
        payload: whatever the drawing code needs.

    Raises:
        InvalidInput: no names, names that are not strings, or `predict` cannot be called.
    """

    def __init__(
        self,
        names: Sequence[str],
        predict: Callable[[Masks], Any],
        *,
        fingerprint: str | None = None,
        model_id: str = "function",
        explained: str = "output",
        payload: Mapping[str, Any] | None = None,
    ) -> None:
        if isinstance(names, str) or not len(names) or not all(isinstance(name, str) for name in names):
            raise InvalidInput(
                f"Got {names!r:.80} as feature names; give a list of at least one string, one per feature."
            )
        if not callable(predict):
            raise InvalidInput(f"`predict` is a {type(predict).__name__}; give a function from masks to logits.")
        self.names = tuple(names)
        self._predict = predict
        self.fingerprint = fingerprint
        self.model_id = model_id
        self.explained = explained
        self.payload = dict(payload or {})

    def predict(self, masks: Masks, /) -> Logits:
        """The function's own answer, unchecked; the engine checks it (see `ask`)."""
        return self._predict(masks)


def ask(instance: Instance, masks: Masks) -> NDArray[np.float64]:
    """The black box's answers to masks (n, d), checked: (n,) finite float64.

    Raises:
        BlackBoxFailed: it raised, answered in another shape, or with something that is no finite number.
    """
    try:
        raw: Any = instance.predict(masks)
    except MemoryError:
        raise BlackBoxFailed(
            f"The model ran out of memory on {len(masks)} masks at once; predict them in smaller batches inside it."
        ) from None
    except Exception as error:
        raise BlackBoxFailed(
            f"The model raised {type(error).__name__} when asked about {len(masks)} masks: {error}"
        ) from error
    try:
        answers = np.asarray(raw.detach().cpu() if hasattr(raw, "detach") else raw, dtype=np.float64)
    except (TypeError, ValueError):
        raise BlackBoxFailed(
            f"The model answered with {type(raw).__name__}, not with numbers; return an array of {len(masks)} logits."
        ) from None
    if answers.shape != (len(masks),):
        raise BlackBoxFailed(
            f"The model answered {len(masks)} masks with an array of shape {answers.shape}; "
            f"it must be ({len(masks)},): one logit of the explained class per mask."
        )
    if not np.isfinite(answers).all():
        bad = int(np.flatnonzero(~np.isfinite(answers))[0])
        raise BlackBoxFailed(
            f"The model answered {answers[bad]} to a mask that keeps {int(masks[bad].sum())} of {masks.shape[1]} "
            "features; every answer must be a finite number. If it returns probabilities of 0 or 1 turned into "
            "logits, clip them first."
        )
    return answers


def fingerprint(*parts: str | bytes) -> str:
    """A short stable identity of the parts together (first 128 bits of SHA-256, hex)."""
    digest = hashlib.sha256()
    for part in parts:
        raw = part.encode() if isinstance(part, str) else part
        digest.update(len(raw).to_bytes(8, "big") + raw)  # the length keeps ("ab", "c") and ("a", "bc") apart
    return digest.hexdigest()[:32]
