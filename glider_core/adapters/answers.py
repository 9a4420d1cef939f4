"""What a model returns, read as the one number per input that is explained: log-odds, a probability, or a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.instance import RESOLUTION
from glider_core.engine.scale import log_probabilities
from glider_core.errors import BlackBoxFailed, InvalidInput

# (n, k) that sum to 1; (n, k) logits; (n, k) or (n,) distances to a class's border; (n,) of the last of two classes;
# (n,) numbers; (n,) class numbers, one vote an input.
Kind = Literal["probabilities", "scores", "margins", "probability", "value", "votes"]
Scale = Literal["log-odds", "probability", "value"]
# Those that answers of a kind have, the usual one first; of other kinds log-odds and probability.
_SCALES: dict[Kind, tuple[Scale, ...]] = {"value": ("value",), "margins": ("value",), "votes": ("probability",)}
Floats = NDArray[np.float64]
_LOOKS = 8  # masks, from all off to nearly all on


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """What a model's answers are.

    Args:
        kind: how the numbers are meant.
        classes: their names, in the order of the columns; empty for numbers without classes.
    """

    kind: Kind
    classes: tuple[str, ...] = ()

    def named(self, classes: Sequence[Any] | None) -> Outputs:
        """The same with other names of the classes.

        Raises:
            InvalidInput: there are more or fewer classes.
        """
        if classes is None:
            return self
        names = tuple(map(str, classes))
        if self.classes and len(names) != len(self.classes):
            raise InvalidInput(
                f"Got {len(names)} names of classes; the model answers with {len(self.classes)} columns."
            )
        return replace(self, classes=names)

    def number(self, name: Any) -> int:
        """The column of a class.

        Raises:
            InvalidInput: there is none of this name.
        """
        if str(name) in self.classes:
            return self.classes.index(str(name))
        if not self.classes:
            raise InvalidInput(f"This model answers with one number and has no class {str(name)[:60]!r}; name none.")
        more = f" and {len(self.classes) - 8} more" if len(self.classes) > 8 else ""
        shown = ", ".join(f"{known[:40]!r}" for known in self.classes[:8])
        raise InvalidInput(f"The model has no class {str(name)[:60]!r}; it has {shown}{more}.")

    def likeliest(self, raw: Any) -> int:
        """The column of the likeliest class of the first input."""
        values = as_array(raw)
        if self.kind == "votes":
            return int(values.reshape(-1)[0])
        return int(_two_columns(values, self.kind)[0].argmax()) if self.kind != "margins" else _of_margins(values)

    def chosen(
        self, raw: Any, told: Mapping[str, Any], usual: Mapping[str, Any], *,
        second_of_two: bool = True, saturated: bool | None = None,
    ) -> tuple[Answer, dict[str, Any]]:  # fmt: skip
        """The number to explain of one input, and the options that say so to whoever asks for the same again.

        Args:
            raw: what the model answers to the input; may be None where `told` or `usual` name the class.
            told: "target", "against" and "scale" (and others, which are kept as options), None where nothing was said.
            usual: the same, for what was not said.
            second_of_two: whether of two classes the second is explained, else the likeliest of any number of them.
            saturated: whether probabilities are exactly 0 or 1 here and there; None: as `raw` looks.

        Raises:
            InvalidInput: no such class, a class against itself, or a scale that these answers do not have.
        """
        asked = {name: usual.get(name) if value is None else value for name, value in told.items()}
        rival = None if asked["against"] is None else self.number(asked["against"])
        column = None
        if asked["target"] is not None:
            column = self.number(asked["target"])
        elif self.classes:
            column = 1 if second_of_two and len(self.classes) == 2 else self.likeliest(raw)
            if column == rival:  # it is held against something else than itself
                column = next(number for number in range(len(self.classes)) if number != rival)
        if saturated is None:
            saturated = raw is not None and saturates(self, raw)
        scale = asked["scale"] or ("probability" if saturated else None)
        options = {name: value for name, value in told.items() if value is not None}
        options |= {} if column is None else {"target": self.classes[column]}
        return replace(self.answer(column, rival, scale), is_said=asked["scale"] is not None), options

    def answer(self, target: int | None, against: int | None, scale: Scale | None) -> Answer:
        """The number to explain.

        Args:
            target: column of the explained class; None where there are no classes.
            against: column of the class that it is held against; None: all others.
            scale: None: log-odds where there are classes, else the value.

        Raises:
            InvalidInput: a class against itself, or a scale that these answers do not have.
        """
        if target is not None and target == against:
            raise InvalidInput(f"The class {self.classes[target][:60]!r} is held against itself; name another one.")
        possible = _SCALES.get(self.kind, ("log-odds", "probability"))
        scale = scale or possible[0]
        if scale not in possible:
            raise InvalidInput(
                f"Got the scale {str(scale)[:40]!r}; what this model returns ({self.kind}) can be explained as "
                f"{' or '.join(possible)}."
            )
        name = "answer" if target is None else self.classes[target]
        return Answer(
            name=name if against is None else f"{name} against {self.classes[against]}",
            kind=self.kind, target=target, against=against, scale=scale, columns=len(self.classes),
        )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Which number of what a model returns is explained; called with an array, it gives (n,)."""

    name: str  # of the explained output
    kind: Kind
    target: int | None
    against: int | None
    scale: Scale
    columns: int
    is_said: bool = False  # whether a person named the scale

    @property
    def unit(self) -> str:
        """Of an effect."""
        return {"log-odds": "logits", "probability": "probability", "value": "units"}[self.scale]

    @property
    def known_scale(self) -> Literal["given"] | None:
        """What an instance says of its answers; of probabilities nothing, so that they are recognised as such."""
        return None if self.scale == "probability" else "given"

    @property
    def resolution(self) -> float:
        """Of an instance's answers; see `Instance.resolution`."""
        return {"log-odds": RESOLUTION, "probability": 0.005, "value": 0.0}[self.scale]

    def __call__(self, raw: Any) -> Floats:
        """(n,) of a model's raw answers.

        Raises:
            BlackBoxFailed: they have another shape than before.
        """
        values = as_array(raw)
        if self.kind == "value" and values.ndim == 2 and values.shape[1] == 1:
            values = values[:, 0]
        if self.kind == "value" or (self.kind == "margins" and values.ndim == 1):
            return -values if self.kind == "margins" and self.target == 0 else values
        if self.kind == "votes":
            return (values == self.target).astype(np.float64) - (
                0.0 if self.against is None else (values == self.against).astype(np.float64)
            )
        values = _two_columns(values, self.kind)
        if values.ndim != 2 or values.shape[1] != self.columns or self.target is None:
            raise BlackBoxFailed(
                f"The model answered with an array of shape {values.shape}; it had {self.columns} classes before."
            )
        if self.kind == "margins":
            return values[:, self.target] - (0.0 if self.against is None else values[:, self.against])
        logs = values if self.kind == "scores" else log_probabilities(values)
        here = logs[:, self.target]
        others = np.delete(logs, self.target, axis=1) if self.against is None else logs[:, [self.against]]
        if self.scale == "log-odds":
            return here - _log_sum(others)
        probabilities = np.exp(logs - _log_sum(logs)[:, None])
        return probabilities[:, self.target] - (0.0 if self.against is None else probabilities[:, self.against])


def as_array(raw: Any) -> NDArray[Any]:
    """An array of what a model returned; tensors, data frames, and lists of them are understood.

    Raises:
        BlackBoxFailed: it is nothing like numbers.
    """
    if hasattr(raw, "logits"):
        raw = raw.logits
    if hasattr(raw, "detach"):
        raw = raw.detach().cpu().double().numpy()
    try:
        values = np.asarray(raw)
        return values if values.dtype.kind in "iub" else values.astype(np.float64)
    except (TypeError, ValueError):
        raise BlackBoxFailed(
            f"The model answered with {type(raw).__name__}, not with numbers; return an array of (n,) or (n, classes)."
        ) from None


def outputs_of(raw: Any, classes: Sequence[Any] | None = None) -> Outputs:
    """What answers to several inputs are, told by their shape and values.

    Args:
        raw: (n,) numbers, or (n, k): probabilities where they sum to 1, else logits.
        classes: their names, where they are known.

    Raises:
        BlackBoxFailed: another shape.
    """
    values = as_array(raw)
    if values.ndim == 1 or (values.ndim == 2 and values.shape[1] == 1):
        if classes is not None and len(classes) == 2:
            inside = bool(len(values)) and float(values.min()) >= 0 and float(values.max()) <= 1
            return Outputs(kind="probability" if inside else "margins").named(classes)
        return Outputs(kind="value")
    if values.ndim != 2:
        raise BlackBoxFailed(f"The model answered with an array of shape {values.shape}; return (n,) or (n, classes).")
    sums = values.sum(axis=1)
    probabilities = bool((values >= 0).all()) and bool((np.abs(sums - 1) < 1e-3).all())
    names = tuple(str(number) for number in range(values.shape[1]))
    return Outputs(kind="probabilities" if probabilities else "scores", classes=names).named(classes)


def saturates(outputs: Outputs, raw: Any) -> bool:
    """Whether probabilities are exactly 0 or 1 here and there, as those of a forest: their log-odds mean nothing."""
    if outputs.kind not in ("probabilities", "probability"):
        return False
    values = as_array(raw).astype(np.float64)
    # Of several columns one that is 0 says it: near 1 numbers are coarser than near 0.
    return bool((values <= 0).any() or (outputs.kind == "probability" and (values >= 1).any()))


def saturates_between(answer: Answer, ask: Callable[[NDArray[np.bool_]], Any], d: int) -> bool:
    """Whether log-odds would meet probabilities of exactly 0 or 1 where some of the d features are off.

    What is asked of models whose first answer alone does not tell: a forest that is unsure of a text may be sure of a
    part of it. Of log-odds that come from logits, and of other scales, nothing is asked.
    """
    if answer.is_said or answer.scale != "log-odds" or answer.kind not in ("probabilities", "probability"):
        return False
    masks = np.random.default_rng(0).random((_LOOKS, d)) < np.linspace(0.0, 0.9, _LOOKS)[:, None]
    return saturates(Outputs(kind=answer.kind), ask(masks))


def _two_columns(values: NDArray[Any], kind: Kind) -> Floats:
    """(n, 2) of answers that tell of the second class only."""
    if kind == "probability":
        second = values.reshape(len(values)).astype(np.float64)
        return np.column_stack([1 - second, second])
    if kind == "scores" and (values.ndim == 1 or values.shape[1] == 1):
        second = values.reshape(len(values)).astype(np.float64)
        return np.column_stack([np.zeros(len(second)), second])
    return values.astype(np.float64)


def _of_margins(values: NDArray[Any]) -> int:
    return int(values[0] > 0) if values.ndim == 1 or values.shape[1] == 1 else int(values[0].argmax())


def _log_sum(logs: Floats) -> Floats:
    """The logarithm of the sum of exponentials along each row."""
    largest = logs.max(axis=1)
    return largest + np.log(np.exp(logs - largest[:, None]).sum(axis=1))
