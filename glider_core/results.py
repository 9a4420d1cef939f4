"""What comes out of a run: interactions and explanations; frozen, JSON both ways."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from math import inf, isfinite
from typing import Any

from pydantic import TypeAdapter, ValidationError

from glider_core import saved
from glider_core.cases import Case
from glider_core.errors import InvalidInput
from glider_core.payload import Payload, read_payload
from glider_core.settings import Settings


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
    # Logits: the standard deviation of the effect over the draws that `effect` and `answers` are means of. None where
    # what is off is not random.
    effect_deviation: float | None = None
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
    """One instance explained by MADEX: main effects, interactions and the evidence for them.

    It holds all that its picture needs, so that it can be drawn again without its model.
    """

    case: Case  # what was asked
    payload: Payload | None  # what the domain's picture needs; None: of an instance without a domain of its own
    fingerprint: str | None  # of the case as it was run; None when the model has no identity
    names: tuple[str, ...]  # the instance's d features
    explained: str  # name of the explained output
    prediction: float  # logits, every feature kept
    prediction_off: float  # logits, every feature off
    main_effects: tuple[float, ...]  # (d,) LIME coefficients, logits per feature
    interactions: tuple[Interaction, ...]  # the selected ones, strongest first
    ranking: tuple[Candidate, ...]  # the detector's candidates, strongest first (the first 200)
    scores: tuple[float, ...]  # R2 on the test masks of the linear model with the first k sets, k = 0, 1, ...
    validation_scores: tuple[float, ...]  # the same on the validation masks, where the threshold was chosen
    explainer_score: float  # R2 of the explainer itself on the test masks
    n_evaluations: int  # distinct masks that the black box was asked about, those of other draws included
    timings: dict[str, float] = field(hash=False)  # seconds per stage
    versions: dict[str, str] = field(hash=False)  # of the libraries that shape the result

    @property
    def domain(self) -> str:
        """The name of the domain whose picture it has."""
        return self.case.domain

    @property
    def model_id(self) -> str:
        """The explained model's id."""
        return self.case.model

    @property
    def settings(self) -> Settings:
        """How it was explained."""
        return self.case.settings

    def to_json(self) -> str:
        """The whole explanation as JSON text; `from_json` gives an equal one back."""
        values = {name: getattr(self, name) for name in _MEASURED}
        values["interactions"] = [asdict(interaction) for interaction in self.interactions]
        values["ranking"] = [asdict(candidate) for candidate in self.ranking]
        payload = None if self.payload is None else json.loads(self.payload.to_json())
        return saved.dump("explanation", {"case": self.case.to_dict(), "payload": payload} | values)

    @staticmethod
    def from_json(text: str | bytes) -> Explanation:
        """An explanation saved by `to_json`, of this version or of 0.3.

        Raises:
            InvalidInput: the text is no JSON, not of an explanation, or its parts contradict each other.
        """
        number, values = saved.parse("explanation", text)
        if number == 1:
            values = _from_format_1(values)
        case, payload = Case.from_dict(values.pop("case", None)), values.pop("payload", None)
        measured = saved.validate("explanation", _ADAPTER, values)
        explanation = Explanation(
            case=case,
            payload=None if payload is None else _read_payload(case.domain, payload),
            **{name: getattr(measured, name) for name in _MEASURED},
        )
        _check_parts(explanation)
        return explanation


@dataclass(frozen=True, slots=True, kw_only=True)
class _Measured:
    """What of an explanation is plain numbers and texts, for one strict reading of them all."""

    fingerprint: str | None
    names: tuple[str, ...]
    explained: str
    prediction: float
    prediction_off: float
    main_effects: tuple[float, ...]
    interactions: tuple[Interaction, ...]
    ranking: tuple[Candidate, ...]
    scores: tuple[float, ...]
    validation_scores: tuple[float, ...]
    explainer_score: float
    n_evaluations: int
    timings: dict[str, float]
    versions: dict[str, str]


_MEASURED = tuple(_Measured.__dataclass_fields__)
_ADAPTER = TypeAdapter(_Measured)


def _from_format_1(values: dict[str, Any]) -> dict[str, Any]:
    """Up to version 0.3 a result held neither its case nor its payload: what was asked is not known, only of whom."""
    model = values.pop("model_id", "function")
    domain = model.partition("/")[0] if isinstance(model, str) and "/" in model else "function"
    case = {"domain": domain, "model": model, "raw": None, "options": {}, "settings": values.pop("settings", None)}
    return values | {"case": case | {"identity": None}}


def _read_payload(domain: str, values: Any) -> Payload:
    try:
        return read_payload(domain, json.dumps(values))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise InvalidInput(f"This is not a saved explanation: payload.{where:.80}: {first['msg']:.200}.") from None


def _check_parts(explanation: Explanation) -> None:
    """Refuse an explanation that someone edited or that was cut together: its parts must fit each other."""
    d = len(explanation.names)
    numbers = [
        explanation.prediction,
        explanation.prediction_off,
        explanation.explainer_score,
        *explanation.main_effects,
        *explanation.scores,
        *explanation.validation_scores,
    ]
    ok = len(explanation.main_effects) == d and all(map(isfinite, numbers)) and explanation.n_evaluations >= 0
    for candidate in (*explanation.interactions, *explanation.ranking):
        features = candidate.features
        ok = ok and len(features) >= 2 and list(features) == sorted(set(features)) and isfinite(candidate.strength)
        ok = ok and all(0 <= feature < d for feature in features)
    for interaction in explanation.interactions:
        ok = ok and interaction.names == tuple(explanation.names[i] for i in interaction.features)
        ok = ok and isfinite(interaction.effect) and isfinite(interaction.gain)
        ok = ok and (interaction.effect_deviation is None or 0 <= interaction.effect_deviation < inf)
        ok = ok and (interaction.stability is None or 0 <= interaction.stability <= 1)
        ok = ok and (interaction.answers is None or len(interaction.answers) == 2 ** len(interaction.features))
        if not ok:
            break
    ok = ok and (explanation.payload is None or explanation.payload.fits(d))
    if not ok:
        raise InvalidInput(
            "This saved explanation contradicts itself: its features, names and numbers do not fit each other. "
            "Save it again."
        )
