"""Asking the black box: in batches, its answers checked, and no mask asked twice in a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import Instance, Masks
from glider_core.errors import BlackBoxFailed, GliderError

Answers = NDArray[np.float64]


class Questions:
    """What a black box was asked in a run, and what it answered: each mask once, whatever asks for it.

    Batches have the size that the instance likes, and are asked in the order given, so that a model that rounds by
    batch rounds alike in every run.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._answers: dict[bytes, float] = {}
        self._draws: dict[int, Questions] = {}

    def __len__(self) -> int:
        """How many distinct masks were asked, those of other draws included."""
        return len(self._answers) + sum(map(len, self._draws.values()))

    def redrawn(self, draw: int) -> Questions:
        """The questions to another draw of what is random when off, with a memory of their own; 0 is this draw."""
        if draw == 0:
            return self
        if draw not in self._draws:
            self._draws[draw] = Questions(self.instance.redrawn(draw))
        return self._draws[draw]

    def __call__(self, masks: Masks, report: Callable[[float], None] | None = None) -> Answers:
        """Answers (n,) to masks (n, d); those not asked before are asked now.

        Args:
            masks: any, also equal ones.
            report: called before each batch with the share done; may raise to stop.

        Raises:
            BlackBoxFailed: as for `ask`.
        """
        keys = [row.tobytes() for row in np.packbits(masks, axis=1)]
        rows = {key: row for row, key in reversed(list(enumerate(keys))) if key not in self._answers}
        new = sorted(rows.values())
        for start in range(0, len(new), self.instance.batch):
            if report is not None:
                report(start / len(new))
            batch = new[start : start + self.instance.batch]
            answers = ask(self.instance, masks[batch])
            self._answers.update(zip((keys[row] for row in batch), answers.tolist(), strict=True))
        if report is not None:
            report(1.0)
        return np.array([self._answers[key] for key in keys])


def ask(instance: Instance, masks: Masks) -> Answers:
    """The black box's answers to masks (n, d), checked: (n,) finite float64.

    The masks are handed out read-only: a model that writes into them fails itself, not its neighbour.

    Raises:
        BlackBoxFailed: it raised, answered in another shape, or with something that is no finite number. An error of
            Glider's own passes through as it is, `Cancelled` among them.
    """
    view = masks.view()
    view.flags.writeable = False
    try:
        raw: Any = instance.predict(view)
    except GliderError:
        raise
    except MemoryError:
        raise BlackBoxFailed(
            f"The model ran out of memory on {len(masks)} masks at once; predict them in smaller batches inside it."
        ) from None
    except Exception as error:
        raise BlackBoxFailed(
            f"The model raised {type(error).__name__} when asked about {len(masks)} masks: {error}"
        ) from error
    answers = _numbers(raw, len(masks))
    if answers.shape == (len(masks), 1):
        answers = answers[:, 0]
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


def _numbers(raw: Any, n: int) -> Answers:
    """An array of what a model answered: of tensors on any device, in any precision, with or without a gradient."""
    try:
        if isinstance(raw, list | tuple) and raw and all(hasattr(part, "detach") for part in raw):
            raw = [_of_tensor(part) for part in raw]
        elif hasattr(raw, "detach"):
            raw = _of_tensor(raw)
        numbers = np.asarray(raw)
        if numbers.dtype.kind == "c":
            raise TypeError("complex numbers")
        return np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise BlackBoxFailed(
            f"The model answered with {type(raw).__name__}, not with numbers; return an array of {n} logits."
        ) from None


def _of_tensor(tensor: Any) -> Any:
    # numpy has no bfloat16; every floating-point number of torch's is one of float64's.
    return tensor.detach().cpu().double().numpy()
