"""What comes out of a run: interactions and explanations; frozen, JSON both ways."""

from __future__ import annotations

import importlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from math import inf, isfinite
from typing import Any, Literal

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
    # R2 on unseen masks that it adds to the features and to the interactions above it; all of them sum to
    # `Shares.together`.
    gain: float
    tied: bool = False  # whether its gain may as well be that of the interaction above it
    # Logits, signed: what the features add together beyond the sum of what they add one by one, the mean over contexts
    # of the other features.
    effect: float
    interval: tuple[float, float] | None = None  # of 95 %, of the effect; None: measured in one context only
    same_sign: float | None = None  # share of contexts in which it has the effect's sign
    at_input: float  # logits: the same in the one context of the input itself, every other feature on
    adds: (
        float  # logits: of the effect, what the interactions inside it do not account for; all of it if there are none
    )
    t: float | None = None  # of the fit, robust; None where nothing is left to chance
    stability: float | None = None  # share of `Explanation.runs` that found it, 0..1; None: not measured
    family_stability: float | None = None  # the same of it, or of a set that lies in it, or in which it lies
    survives: bool | None = None  # whether another off state gives it the same sign; None: there is none, or not asked
    # The black box's logits for every on/off combination of the features, the others on: entry c has feature
    # features[j] on where bit j of c is set, so the last entry is the untouched instance. None above order 6.
    answers: tuple[float, ...] | None = None

    @property
    def order(self) -> int:
        """How many features it joins."""
        return len(self.features)


@dataclass(frozen=True, slots=True)
class Shares:
    """What explains the variation of the answers, LIME's weights counted, on masks that were not fitted; sums to 1."""

    alone: float  # a linear model of the features
    together: float  # the interactions beside it
    rest: float  # neither


def drawings_for_notebooks() -> Any:
    """The module that draws results; results themselves know nothing of drawings."""
    return importlib.import_module("glider_core.drawings.notebook")


def shares_of(scores: Sequence[float]) -> Shares:
    """The shares that R2 on unseen masks tells: of the features alone, and with the first k interactions, k = 1, ..."""
    alone = min(max(scores[0], 0.0), 1.0)
    together = min(max(scores[-1] - alone, 0.0), 1.0 - alone)
    return Shares(alone, together, 1.0 - alone - together)


Scale = Literal["given", "log-odds"]  # what answers are explained in: themselves, or the log-odds of probabilities
Answered = Literal["numbers", "probabilities", "votes"]  # what the answers of a black box look like
Verdict = Literal["strong", "weak", "additive", "unreadable"]
STRONG, ADDITIVE = 0.05, 0.01  # shares of the variation explained by interactions, from and below which
READABLE = 0.5  # share of the variation that an explanation accounts for at least


def verdict_of(shares: Shares, spread: float, resolution: float) -> Verdict:
    """What an explanation comes to, in a word.

    "unreadable": the model that explains leaves more than half of the variation open. "additive": interactions explain
    less than 1 %, or the black box hardly reacts at all. "strong": they explain 5 % or more. "weak": in between.
    """
    if spread <= resolution:
        return "additive"
    if shares.rest > READABLE:
        return "unreadable"
    if shares.together < ADDITIVE:
        return "additive"
    return "strong" if shares.together >= STRONG else "weak"


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
    interactions: tuple[Interaction, ...]  # what passes the gates, in forward order: each adds most to those above it
    ranking: tuple[Candidate, ...]  # the detector's candidates, strongest first (the first 200)
    scores: tuple[float, ...]  # R2 on unseen masks of the linear model with the first k interactions, k = 0, 1, ...
    explainer_score: float  # the same of all that the detector learned: its network, or the model that it grew
    spread: float  # logits: deviation of the answers over the masks, weighted
    resolution: float = 0.0  # logits: a spread at or below this is too small to matter
    noise: float = 0.0  # logits: deviation of an answer asked twice; 0 where the black box repeats itself
    answered: Answered = "numbers"  # what the answers look like, where nobody said what they are
    scale: Scale = "given"  # what they are explained in; of "log-odds" all that is in logits above is
    bounds: tuple[float, float] | None = None  # of "log-odds": probabilities beyond were taken as these
    clipped: int = 0  # how many answers were
    looks: tuple[int, ...] = ()  # numbers of masks after which the run looked; the last is what the result stands on
    runs: int = 1  # with other masks each, over which stability was measured; 1: it was not
    n_evaluations: int  # distinct masks that the black box was asked about, those of other draws included
    timings: dict[str, float] = field(hash=False)  # seconds per stage
    versions: dict[str, str] = field(hash=False)  # of the libraries that shape the result

    @property
    def shares(self) -> Shares:
        """What explains the variation of the answers: features alone, interactions, neither."""
        return shares_of(self.scores)

    @property
    def verdict(self) -> Verdict:
        """What it comes to, in a word; see `verdict_of`."""
        return verdict_of(self.shares, self.spread, self.resolution)

    @property
    def reacts(self) -> bool:
        """Whether the black box reacts to what is switched off by more than is worth a word."""
        return self.spread > self.resolution

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known of the answers' scale, in sentences; plain text."""
        if self.scale == "log-odds":
            told = ["Explained in log-odds of the answers."]
            if self.clipped and self.bounds is not None:
                told.append(
                    f"Exact 0 and 1 have no log-odds: {self.clipped} of {self.n_evaluations} answers were taken as "
                    f"{_bound(self.bounds[0])} or 1 - {_bound(1.0 - self.bounds[1])}."
                )
            if self.answered == "votes":
                told.append("All answers are hard votes, whose log-odds say no more than themselves.")
            return tuple(told)
        return _RECOGNISED[self.answered]

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

    def plot(self) -> Any:
        """Its ranking as a figure of Plotly's, which notebooks show; needs the extra `app`."""
        return drawings_for_notebooks().figure_of_explanation(self)

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the same picture as the app; None, its text alone, where that cannot be drawn."""
        try:
            return drawings_for_notebooks().of_explanation(self)
        except (ImportError, InvalidInput):
            return None

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
        if number < 3:
            values = _from_format_2(values)
        case, payload = Case.from_dict(values.pop("case", None)), values.pop("payload", None)
        # Before stability was measured behind a result, it was measured in as many runs as the settings said.
        values.setdefault("runs", case.settings.repeats)
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
    explainer_score: float
    spread: float
    resolution: float
    noise: float
    answered: Answered = "numbers"
    scale: Scale = "given"
    bounds: tuple[float, float] | None = None
    clipped: int = 0
    looks: tuple[int, ...]
    runs: int
    n_evaluations: int
    timings: dict[str, float]
    versions: dict[str, str]


_RECOGNISED: dict[Answered, tuple[str, ...]] = {
    "numbers": (),
    "probabilities": (
        "All answers lie between 0 and 1: probabilities, as it seems, explained as they are. They flatten near 0 and "
        "1, so that features that add up in log-odds seem to interact; choose the scale 'log-odds' to see what stays.",
    ),
    "votes": (
        "All answers are one of two: hard votes, as it seems. They do not tell how sure the model is, so that features "
        "that cross its threshold only together seem to interact; explain its probability or score, if it has one.",
    ),
}


def _bound(value: float) -> str:
    return f"{value:.2g}"


_MEASURED = tuple(_Measured.__dataclass_fields__)
_ADAPTER = TypeAdapter(_Measured)


def _from_format_1(values: dict[str, Any]) -> dict[str, Any]:
    """Up to version 0.3 a result held neither its case nor its payload: what was asked is not known, only of whom."""
    model = values.pop("model_id", "function")
    domain = model.partition("/")[0] if isinstance(model, str) and "/" in model else "function"
    case = {"domain": domain, "model": model, "raw": None, "options": {}, "settings": values.pop("settings", None)}
    return values | {"case": case | {"identity": None}}


def _from_format_2(values: dict[str, Any]) -> dict[str, Any]:
    """Up to format 2 an effect was that at the input, and R2 on held-out masks the only measure of a fit."""
    values.pop("validation_scores", None)
    interactions = values.get("interactions")
    if isinstance(interactions, list):
        values["interactions"] = [
            {name: value for name, value in interaction.items() if name != "effect_deviation"}
            | {"at_input": interaction.get("effect"), "adds": interaction.get("effect")}
            for interaction in interactions
            if isinstance(interaction, dict)
        ]
    # The spread was not kept: that the model reacts is all that such a file says.
    return values | {"spread": 1.0, "resolution": 0.0, "noise": 0.0, "looks": []}


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
        explanation.spread,
        explanation.resolution,
        explanation.noise,
        *explanation.main_effects,
        *explanation.scores,
    ]
    ok = len(explanation.main_effects) == d and all(map(isfinite, numbers)) and explanation.n_evaluations >= 0
    ok = ok and explanation.clipped >= 0 and (explanation.bounds is None or 0 < min(explanation.bounds) < 1)
    ok = ok and len(explanation.scores) == len(explanation.interactions) + 1 and min(numbers[3:6]) >= 0
    ok = ok and explanation.runs >= 1
    for candidate in (*explanation.interactions, *explanation.ranking):
        features = candidate.features
        ok = ok and len(features) >= 2 and list(features) == sorted(set(features)) and isfinite(candidate.strength)
        ok = ok and all(0 <= feature < d for feature in features)
    for interaction in explanation.interactions:
        ok = ok and interaction.names == tuple(explanation.names[i] for i in interaction.features)
        ok = ok and all(map(isfinite, (interaction.effect, interaction.gain, interaction.at_input, interaction.adds)))
        ok = ok and (interaction.interval is None or -inf < interaction.interval[0] <= interaction.interval[1] < inf)
        ok = ok and (interaction.same_sign is None or 0 <= interaction.same_sign <= 1)
        ok = ok and (interaction.t is None or 0 <= interaction.t < inf)
        ok = ok and all(s is None or 0 <= s <= 1 for s in (interaction.stability, interaction.family_stability))
        ok = ok and (interaction.answers is None or len(interaction.answers) == 2 ** len(interaction.features))
        if not ok:
            break
    ok = ok and (explanation.payload is None or explanation.payload.fits(d))
    if not ok:
        raise InvalidInput(
            "This saved explanation contradicts itself: its features, names and numbers do not fit each other. "
            "Save it again."
        )
