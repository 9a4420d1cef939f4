"""Asking the black box: in batches, its answers checked, and no mask asked twice in a run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import Instance, Masks
from glider_core.engine.scale import Scaled
from glider_core.errors import BlackBoxFailed, GliderError

Answers = NDArray[np.float64]


class OutOfMemory(BlackBoxFailed):
    """The black box ran out of memory on one batch; a smaller one may do."""


class Questions:
    """What a black box was asked in a run, and what it answered: each mask once, whatever asks for it.

    Batches have the size that the instance likes, and are asked in the order given, so that a model that rounds by
    batch rounds alike in every run. Where memory does not hold one, it is halved. Answers are given on the scale that
    the instance asks for.

    Args:
        instance: whose black box it is.
        scaled: how answers of the same black box are taken already.
    """

    def __init__(self, instance: Instance, scaled: Scaled | None = None) -> None:
        self.instance = instance
        self.scaled = scaled or Scaled(instance.scale)
        self.batch = max(1, int(instance.batch))
        self.resolution = 0.0  # relative: of the numbers that the black box computes with, as far as its answers tell
        self._answers: dict[bytes, float] = {}
        self._draws: dict[int, Questions] = {}
        self._again = 0

    def __len__(self) -> int:
        """How many answers were given, those of other draws and to questions asked again included."""
        return len(self._answers) + self._again + sum(map(len, self._draws.values()))

    def redrawn(self, draw: int) -> Questions:
        """The questions to another draw of what is random when off, with a memory of their own; 0 is this draw."""
        if draw == 0:
            return self
        if draw not in self._draws:
            self._draws[draw] = Questions(self.instance.redrawn(draw), self.scaled)
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
        answers = self._ask(masks[new], report)
        self._answers.update(zip((keys[row] for row in new), answers.tolist(), strict=True))
        return np.array([self._answers[key] for key in keys])

    def noise(self, masks: Masks) -> float:
        """Variance of the answer to one mask, asked once more: 0 of a black box that repeats itself.

        Differences as small as a batch of another size makes in half precision are none.

        Args:
            masks: (n, d), asked before or not.
        """
        first = self(masks)
        again = self._ask(np.ascontiguousarray(masks[::-1]))[::-1]
        self._again += len(masks)
        variance = float(np.mean((first - again) ** 2)) / 2
        return variance if variance > _REPEATS**2 * max(float(first.var()), self.rounding(first) ** 2) else 0.0

    def average(self, masks: Masks, times: int, report: Callable[[float], None] | None = None) -> Answers:
        """The mean of so many answers to each mask (n, d), which stands for its answer from now on."""
        total = np.zeros(len(masks))
        for number in range(times):
            total += self._ask(masks, None if report is None else lambda s, done=number: report((done + s) / times))
        self._again += len(masks) * (times - 1)
        keys = [row.tobytes() for row in np.packbits(masks, axis=1)]
        self._answers.update(zip(keys, (total / times).tolist(), strict=True))
        return total / times

    def count(self, answers: int) -> None:
        """Count answers that were given elsewhere, such as with another off state."""
        self._again += answers

    def rounding(self, answers: Answers) -> float:
        """How far answers of this size may lie apart by the black box's own rounding."""
        return _ROUNDINGS * self.scaled.rounding(answers, self.resolution)

    def _ask(self, masks: Masks, report: Callable[[float], None] | None = None) -> Answers:
        answers, start = np.empty(len(masks)), 0
        while start < len(masks):
            if report is not None:
                report(start / len(masks))
            part = masks[start : start + self.batch]
            try:
                answers[start : start + len(part)], resolution = _ask(self.instance, part)
            except OutOfMemory:
                if len(part) == 1:
                    raise
                self.batch = max(1, len(part) // 2)
                continue
            self.resolution = max(self.resolution, resolution)
            start += len(part)
        if report is not None:
            report(1.0)
        return self.scaled(answers, self.resolution)


_REPEATS = 1e-3  # share of the answers' deviation below which a difference between two answers to one mask is rounding
_ROUNDINGS = 16  # steps of a number's resolution that a sum of a few may be off


def ask(instance: Instance, masks: Masks) -> Answers:
    """The black box's answers to masks (n, d), checked: (n,) finite float64.

    The masks are handed out read-only: a model that writes into them fails itself, not its neighbour.

    Raises:
        BlackBoxFailed: it raised, answered in another shape, or with something that is no finite number. An error of
            Glider's own passes through as it is, `Cancelled` among them.
    """
    return _ask(instance, masks)[0]


def _ask(instance: Instance, masks: Masks) -> tuple[Answers, float]:
    """Answers, and the resolution of the numbers that they came in."""
    view = masks.view()
    view.flags.writeable = False
    try:
        raw: Any = instance.predict(view)
    except GliderError:
        raise
    except Exception as error:
        if isinstance(error, MemoryError) or "out of memory" in str(error).lower():  # CUDA's is a RuntimeError
            raise OutOfMemory(
                f"The model ran out of memory on {len(masks)} mask{'s' * (len(masks) > 1)} at once; free some memory, "
                "or use a smaller model or input."
            ) from None
        raise BlackBoxFailed(
            f"The model raised {type(error).__name__} when asked about {len(masks)} masks: {error}"
        ) from error
    answers, resolution = _numbers(raw, len(masks))
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
    if np.abs(answers).max(initial=0.0) > _LARGEST:
        raise BlackBoxFailed(
            f"The model answered {np.abs(answers).max():.0e}; beyond {_LARGEST:.0e} squares overflow; scale them."
        )
    return answers, resolution


_LARGEST = 1e100


def _numbers(raw: Any, n: int) -> tuple[Answers, float]:
    """An array of what a model answered: of tensors on any device, in any precision, with or without a gradient.

    Returns:
        The numbers, and the resolution of the kind that they came in.
    """
    raw = _unwrapped(raw)
    kind = str(getattr(raw[0] if isinstance(raw, list | tuple) and raw else raw, "dtype", "")).removeprefix("torch.")
    try:
        if isinstance(raw, list | tuple) and raw and all(hasattr(part, "detach") for part in raw):
            raw = [_of_tensor(part) for part in raw]
        elif hasattr(raw, "detach"):
            raw = _of_tensor(raw)
        numbers = np.asarray(raw)
        if numbers.dtype.kind == "c":
            raise TypeError("complex numbers")
        if isinstance(numbers, np.ma.MaskedArray) or np.ma.isMaskedArray(raw):
            raise TypeError("masked values")
        return np.asarray(numbers, dtype=np.float64), _RESOLUTION.get(kind, _RESOLUTION["float64"])
    except (TypeError, ValueError, OverflowError, RuntimeError):
        raise BlackBoxFailed(
            f"The model answered with {type(raw).__name__}, not with numbers; return an array of {n} logits."
        ) from None


_RESOLUTION = {"float64": 2.0**-52, "float32": 2.0**-23, "float16": 2.0**-10, "bfloat16": 2.0**-7}


def _unwrapped(raw: Any) -> Any:
    """The answers inside what models of known libraries return: `.logits`, or a tuple or list of one array."""
    if hasattr(raw, "logits"):
        raw = raw.logits
    if isinstance(raw, tuple | list) and len(raw) == 1 and getattr(raw[0], "ndim", 0) > 0:
        raw = raw[0]
    return raw


def _of_tensor(tensor: Any) -> Any:
    # numpy has no bfloat16; every floating-point number of torch's is one of float64's.
    return tensor.detach().cpu().double().numpy()
