"""Settings of a run: frozen, checked, and the same in JSON, in an address and in a form."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from glider_core.errors import InvalidSettings

# Detectors are plug-ins that know settings; settings know none of them, and look their names up when they are made.
_REGISTRY = "glider_core.engine.detectors"
_PARTS = ("n_train", "n_validation", "n_test")
_TEXTS = ("detector", "device", "schedule", "counting")
_MASKS = "masks"  # of an address: all three parts in one number


class Settings(BaseModel):
    """Settings of MADEX; the defaults are the paper's (Section 6.1 of Tsang et al. 2020).

    Raises:
        InvalidSettings: a value out of range, or an unknown name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    detector: str = "Grow"  # a name in `glider_core.engine.detectors.DETECTORS`
    n_train: int = Field(default=5000, ge=50, le=1_000_000)  # masks the explainer trains on
    n_validation: int = Field(default=500, ge=20, le=100_000)  # masks for early stopping and the top-k threshold
    n_test: int = Field(default=500, ge=20, le=100_000)  # masks that nothing was fitted or chosen on
    kernel_width: float | None = Field(default=0.25, gt=0, le=1000)  # of LIME's weights; None weighs all masks alike
    # Strict elsewhere, but JSON has no tuples.
    hidden: tuple[int, ...] = Field(default=(256, 128, 64), min_length=1, max_length=8, strict=False)  # layers
    # None: the detector's own; the paper's 1e-2 but for GradientNID on a plateau.
    learning_rate: float | None = Field(default=None, gt=0, le=1)
    batch_size: int = Field(default=100, ge=1, le=100_000)  # masks per step
    # "decay": `epochs` of them, the rate warmed up, held, then brought down to zero. "plateau", as in the paper: a
    # constant rate until validation stops improving. Decay finds at least as much in a third of the epochs.
    schedule: Literal["decay", "plateau"] = "decay"
    epochs: int | None = Field(default=None, ge=1, le=10_000)  # of "decay"; None: the detector's own
    patience: int = Field(default=5, ge=1, le=1000)  # of "plateau": epochs without a better validation loss
    max_epochs: int = Field(default=100, ge=1, le=10_000)  # of "plateau"
    l1: float = Field(default=1e-4, ge=0, le=10)  # NID only; GradientNID trains without
    max_order: int | None = Field(default=None, ge=2, le=1000)  # of detected sets; None: any
    max_interactions: int = Field(default=20, ge=0, le=200)  # at most so many are tried and kept
    min_gain: float = Field(default=1e-3, ge=0, le=1)  # R2 on unseen masks that an interaction adds to those above it
    # Ask few masks first, then more while that changes what is found; the masks above are then the most that are asked.
    # None: as the detector does.
    grow_questions: bool | None = None
    contexts: int = Field(default=20, ge=2, le=1000)  # of the other features, in which an effect is measured
    repeats: int = Field(default=1, ge=1, le=50)  # with new masks each; more than one measures stability
    both_off_states: bool = False  # whether effects are measured with a second off state too, where there is one
    # Over many rows, what counts in each: "gates", the interactions of an explanation; "paper", the top 100 of the
    # ranking without the set of all features, as in the authors' code.
    counting: Literal["gates", "paper"] = "gates"
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?)$")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InvalidSettings(_explain_settings(error)) from None

    @model_validator(mode="before")
    @classmethod
    def _of_former_versions(cls, values: Any) -> Any:
        """Up to version 0.4 a run stopped early when its first so many interactions stayed."""
        if isinstance(values, dict) and "stop_when_stable" in values:
            values = dict(values)
            if values.pop("stop_when_stable") is not None:
                values.setdefault("grow_questions", True)
        return values

    @field_validator("*", mode="before")
    @classmethod
    def _numbers_of_numpy(cls, value: Any) -> Any:
        """A loop over `np.arange(5)` gives numbers that are numbers to everyone but a strict check."""
        return value.item() if hasattr(value, "item") and getattr(value, "ndim", 1) == 0 else value

    @field_validator("detector")
    @classmethod
    def _known_detector(cls, value: str) -> str:
        detectors = importlib.import_module(_REGISTRY).DETECTORS
        if value not in detectors:
            raise ValueError(f"choose one of {', '.join(detectors)}")
        return value

    @model_validator(mode="after")
    def _layers_in_range(self) -> Settings:
        if not all(1 <= width <= 4096 for width in self.hidden):
            raise ValueError("every hidden layer needs 1 to 4096 units")
        return self

    @property
    def n_masks(self) -> int:
        """All masks drawn for one instance."""
        return self.n_train + self.n_validation + self.n_test

    @classmethod
    def with_masks(cls, masks: int, **others: Any) -> Settings:
        """Settings of so many masks, split as the paper does: 10 parts to train, one to validate, one to test.

        Raises:
            InvalidSettings: too few masks, or another setting is out of range.
        """
        held_out = max(20, masks // 12)
        return cls(n_train=masks - 2 * held_out, n_validation=held_out, n_test=held_out, **others)

    def to_query(self) -> dict[str, str]:
        """The settings that differ from the defaults, as parameters of an address."""
        plain, usual = self.model_dump(mode="json"), Settings().model_dump(mode="json")
        changed = {name: value for name, value in plain.items() if value != usual[name]}
        if any(name in changed for name in _PARTS):
            split = Settings.with_masks(self.n_masks)
            if all(getattr(split, name) == getattr(self, name) for name in _PARTS):
                changed = {_MASKS: self.n_masks} | {n: v for n, v in changed.items() if n not in _PARTS}
        return {name: value if isinstance(value, str) else json.dumps(value) for name, value in changed.items()}

    @staticmethod
    def reads(name: str) -> bool:
        """Whether `from_query` reads a parameter of this name."""
        return name in Settings.model_fields or name == _MASKS

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Settings:
        """The settings in an address; parameters that are no settings are passed over.

        Raises:
            InvalidSettings: a value out of range, or no value at all.
        """
        values: dict[str, Any] = {}
        for name, text in query.items():
            if Settings.reads(name):
                try:
                    values[name] = text if name in _TEXTS else json.loads(text)
                except (ValueError, RecursionError):
                    raise InvalidSettings(f"The address says {name}={text!r:.40}; that is no number.") from None
        masks = values.pop(_MASKS, None)
        if masks is None:
            return Settings(**values)
        if not isinstance(masks, int):
            raise InvalidSettings(f"The address says masks={masks!r:.40}; that is no whole number.")
        parts = {name: values.pop(name) for name in _PARTS if name in values}
        if parts:
            raise InvalidSettings(f"The address says masks and {', '.join(parts)}; give one or the other.")
        return Settings.with_masks(masks, **values)


def _explain_settings(error: ValidationError) -> str:
    sentences = []
    for problem in error.errors():
        name = ".".join(map(str, problem["loc"])) or "settings"
        sentences.append(f"{name}: got {problem['input']!r:.80}; {problem['msg'][0].lower()}{problem['msg'][1:]}.")
    return "These settings cannot be used. " + " ".join(sentences)
