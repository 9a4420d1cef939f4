"""What goes into a run and what comes out of it: settings, interactions, explanations; frozen, JSON both ways."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

from glider_core.errors import InvalidInput, InvalidSettings

Detector = Literal["NID", "GradientNID"]


class Settings(BaseModel):
    """Settings of MADEX; the defaults are the paper's (Section 6.1 of Tsang et al. 2020).

    Raises:
        InvalidSettings: a value out of range, or an unknown name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    detector: Detector = "NID"
    n_train: int = Field(default=5000, ge=50, le=1_000_000)  # masks the explainer trains on
    n_validation: int = Field(default=500, ge=20, le=100_000)  # masks for early stopping and the top-k threshold
    n_test: int = Field(default=500, ge=20, le=100_000)  # masks that nothing was fitted or chosen on
    kernel_width: float | None = Field(default=0.25, gt=0, le=1000)  # of LIME's weights; None weighs all masks alike
    # Strict elsewhere, but JSON has no tuples.
    hidden: tuple[int, ...] = Field(default=(256, 128, 64), min_length=1, max_length=8, strict=False)  # layers
    # None: the paper's 1e-2; 3e-3 for GradientNID on a plateau, since curvature is noise at a constant 1e-2.
    learning_rate: float | None = Field(default=None, gt=0, le=1)
    batch_size: int = Field(default=100, ge=1, le=100_000)  # masks per step
    # "decay": `epochs` of them, the rate warmed up, held, then brought down to zero. "plateau", as in the paper: a
    # constant rate until validation stops improving. Decay finds at least as much in a third of the epochs.
    schedule: Literal["decay", "plateau"] = "decay"
    epochs: int | None = Field(default=None, ge=1, le=10_000)  # of "decay"; None: about 400 steps, see `madex`
    patience: int = Field(default=5, ge=1, le=1000)  # of "plateau": epochs without a better validation loss
    max_epochs: int = Field(default=100, ge=1, le=10_000)  # of "plateau"
    l1: float = Field(default=1e-4, ge=0, le=10)  # NID only; GradientNID trains without
    max_order: int | None = Field(default=None, ge=2, le=1000)  # of detected sets; None: any
    max_interactions: int = Field(default=20, ge=0, le=200)  # at most so many are tried and kept
    repeats: int = Field(default=1, ge=1, le=50)  # explainers trained; more than one measures stability
    # Ask in steps, and stop once the first so many interactions and their order stay the same over `LOOKS` looks; the
    # masks above are then the most that are asked.
    stop_when_stable: int | None = Field(default=None, ge=1, le=50)
    seed: int = Field(default=0, ge=0, lt=2**32)
    device: str = Field(default="cpu", pattern=r"^(cpu|cuda(:\d+)?)$")

    def __init__(self, **values: Any) -> None:
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise InvalidSettings(_explain_settings(error)) from None

    @model_validator(mode="after")
    def _layers_in_range(self) -> Settings:
        if not all(1 <= width <= 4096 for width in self.hidden):
            raise ValueError("every hidden layer needs 1 to 4096 units")
        return self

    @property
    def n_masks(self) -> int:
        """All masks drawn for one instance."""
        return self.n_train + self.n_validation + self.n_test


def _explain_settings(error: ValidationError) -> str:
    sentences = []
    for problem in error.errors():
        name = ".".join(map(str, problem["loc"])) or "settings"
        sentences.append(f"{name}: got {problem['input']!r:.80}; {problem['msg'][0].lower()}{problem['msg'][1:]}.")
    return "These settings cannot be used. " + " ".join(sentences)


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A set of features that the detector ranked, whether it was kept or not."""

    features: tuple[int, ...]  # sorted positions in Explanation.names
    strength: float  # the detector's score, >= 0; comparable within one explanation only


@dataclass(frozen=True, slots=True, kw_only=True)
class Interaction:
    """Features whose joint effect on the black box is not the sum of their separate effects."""

    features: tuple[int, ...]  # sorted positions in Explanation.names
    names: tuple[str, ...]  # parallel to features
    strength: float  # the detector's score, >= 0; comparable within one explanation only
    effect: float  # logits, signed: what the features add together beyond the sum of what they add one by one
    gain: float  # by how much it raised the linear model's R2 on held-out masks when it was added
    stability: float | None = None  # share of repeats that found it, 0..1; None when run once
    # The black box's logits for every on/off combination of the features, the others kept: entry c has feature
    # features[j] on where bit j of c is set, so the last entry is the untouched instance. None above order 6.
    answers: tuple[float, ...] | None = None

    @property
    def order(self) -> int:
        """How many features it joins."""
        return len(self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """One instance explained by MADEX: main effects, interactions and the evidence for them."""

    names: tuple[str, ...]  # the instance's d features
    model_id: str
    fingerprint: str | None  # identity of instance and model; None when the instance has none
    explained: str  # name of the explained output
    prediction: float  # logits, every feature kept
    prediction_off: float  # logits, every feature off
    main_effects: tuple[float, ...]  # (d,) LIME coefficients, logits per feature
    interactions: tuple[Interaction, ...]  # the selected ones, strongest first
    ranking: tuple[Candidate, ...]  # the detector's candidates, strongest first (the first 200)
    scores: tuple[float, ...]  # R2 on the test masks of the linear model with the first k sets, k = 0, 1, ...
    validation_scores: tuple[float, ...]  # the same on the validation masks, where the threshold was chosen
    explainer_score: float  # R2 of the explainer itself on the test masks
    n_evaluations: int  # distinct masks that the black box was asked about
    timings: dict[str, float] = field(hash=False)  # seconds per stage
    settings: Settings
    versions: dict[str, str] = field(hash=False)  # of the libraries that shape the result

    def to_json(self) -> str:
        """The whole explanation as JSON text; `from_json` gives an equal one back."""
        return _EXPLANATION.dump_json(self, indent=1).decode()

    @staticmethod
    def from_json(text: str | bytes) -> Explanation:
        """An explanation saved by `to_json`.

        Raises:
            InvalidInput: the text is no JSON, or not of an explanation.
        """
        try:
            return _EXPLANATION.validate_json(text)
        except InvalidSettings as error:
            raise InvalidInput(f"This is not a saved explanation: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the text itself"
            raise InvalidInput(f"This is not a saved explanation: {where}: {first['msg']}.") from None


_EXPLANATION = TypeAdapter(Explanation)
