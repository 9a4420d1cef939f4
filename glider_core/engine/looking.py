"""Looking: ask a few hundred masks, detect, and ask more while that changes what is found; then measure effects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.clock import STAGES, Clock
from glider_core.engine.detectors import DETECTORS
from glider_core.engine.detectors.base import Detected, Sample
from glider_core.engine.effects import effects
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.judge import Judgement, judge
from glider_core.engine.linear import main_effects, r2
from glider_core.engine.plan import Look, Plan
from glider_core.engine.repeating import sample, with_stability
from glider_core.errors import InvalidInput
from glider_core.provenance import versions
from glider_core.results import Explanation, Interaction
from glider_core.settings import Settings

OnProgress = Callable[[str, float], None]

TOLERANCE = 0.01  # R2 on unseen masks that more questions may still bring when a run stops
FORESIGHT = 0.05  # R2 by which newly asked masks may be foretold worse than the model does once it has them
_ASKED_TWICE = 20  # masks, to see whether the black box repeats itself
_CONTEXTS_AT_A_LOOK = 5  # in a picture that is soon replaced


@dataclass(slots=True)
class _Subject:
    """One instance on its way."""

    place: int
    questions: Questions
    clock: Clock = field(default_factory=Clock)
    noise: float = 0.0  # variance of an answer
    sample: Sample | None = None
    detected: Detected | None = None
    judgement: Judgement | None = None
    foretold: float = -np.inf  # R2 with which the look before foretold the newly asked masks
    looks: tuple[int, ...] = ()

    @property
    def instance(self) -> Instance:
        return self.questions.instance


def explain_stack(
    stack: Sequence[Questions],
    plan: Plan,
    settings: Settings,
    report: OnProgress,
    on_look: Callable[[int, Explanation], None] | None = None,
) -> Iterator[tuple[int, Explanation]]:
    """The explanations of the instances behind these questions, each with its place, as they become ready.

    Args:
        stack: one for each instance; what was asked before is not asked again.
        plan: for as many features as each of them has.
        settings: of the run.
        report: called with a stage and the share of it done ("look" while looks follow each other); may raise to stop.
        on_look: called with a place and what is known so far, after each look but the last, and before repeats.
    """
    detector = DETECTORS[settings.detector]
    growing = detector.grows if settings.grow_questions is None else settings.grow_questions
    looks = plan.looks(growing=growing)
    detector.own_masks(plan.masks.shape[1], settings)  # refused, if at all, before anything is asked
    active = [_Subject(place, questions) for place, questions in enumerate(stack)]
    for number, n in enumerate(looks):
        look, last = plan.look(n), number == len(looks) - 1
        step = report if len(looks) == 1 else _overall(report, number, len(looks))
        _ask(active, look, step)
        former = [subject.judgement for subject in active]
        _detect(active, look, settings, step)
        settled = [
            subject
            for subject, before in zip(active, former, strict=True)
            if last or (before is not None and _settled(subject, before))
        ]
        for done, subject in enumerate(active):
            share = _part(step, "check", done, len(active))
            if subject in settled:
                explanation = _explanation(subject, look, settings, settings.contexts, share)
                if settings.repeats > 1:
                    if on_look is not None:
                        on_look(subject.place, explanation)
                    explanation = with_stability(subject.questions, explanation, settings, settings.repeats, report)
                yield subject.place, explanation
            elif on_look is not None:
                few = min(_CONTEXTS_AT_A_LOOK, settings.contexts)
                on_look(subject.place, _explanation(subject, look, settings, few, share))
        active = [subject for subject in active if subject not in settled]
        if not active:
            return


def _overall(report: OnProgress, number: int, looks: int) -> OnProgress:
    """Progress within one of several looks as progress of them all; each may be the last."""

    def step(stage: str, share: float) -> None:
        report("look", (number + (STAGES.index(stage) + share) / len(STAGES)) / looks)

    return step


def _part(report: OnProgress, stage: str, done: int, total: int) -> Callable[[float], None]:
    return lambda share: report(stage, (done + share) / total)


def _ask(active: Sequence[_Subject], look: Look, report: OnProgress) -> None:
    for done, subject in enumerate(active):
        with subject.clock("ask"):
            share = _part(report, "ask", done, len(active))
            questions, before, settings = subject.questions, subject.sample, look.plan.settings
            if before is None:
                questions(look.distinct, share)  # in batches as in every other run, before some are asked again
                subject.noise = questions.noise(look.distinct[:_ASKED_TWICE])
                if subject.noise and DETECTORS[settings.detector].only_deterministic:
                    raise InvalidInput(
                        f"{settings.detector} needs a model that gives one answer to one question; asked "
                        "the same twice, this one answered otherwise. Choose Grow."
                    )
            answered = sample(questions, look, settings, subject.noise, share)
            subject.foretold = _foretold(subject, look, answered.answers)
            subject.sample = answered
            subject.looks += (len(look.masks),)


@one_blas_thread()
def _foretold(subject: _Subject, look: Look, answers: NDArray[np.float64]) -> float:
    """R2 of what the model of the look before says of the masks that are new in this one."""
    if subject.detected is None or subject.sample is None:
        return -np.inf
    n = len(subject.sample.answers)
    new, weights = look.distinct[n:], look.design.weights[n:]
    if not len(new):
        return 1.0
    return r2(answers[n:], subject.detected.model.prediction(subject.sample.answers, new), weights)


@one_blas_thread()
def _detect(active: Sequence[_Subject], look: Look, settings: Settings, report: OnProgress) -> None:
    clock = Clock()
    samples = [subject.sample for subject in active if subject.sample is not None]
    found = DETECTORS[settings.detector].detect(look, samples, settings, clock, report)
    with clock("detect"):
        for subject, detected in zip(active, found, strict=True):
            subject.detected = detected
            subject.judgement = judge(detected, settings, subject.instance.resolution)
    for subject in active:
        for stage in ("train", "detect"):
            subject.clock.seconds[stage] += clock.seconds[stage] / len(active)


def _settled(subject: _Subject, before: Judgement) -> bool:
    """Whether more questions are unlikely to change what is said."""
    now, resolution = subject.judgement, subject.instance.resolution
    assert now is not None
    if now.verdict(resolution) != before.verdict(resolution) or not _same_first(subject, before):
        return False
    return now.grown - before.grown < TOLERANCE and now.grown - subject.foretold < FORESIGHT


def _same_first(subject: _Subject, before: Judgement) -> bool:
    """Whether the first finding is that of the look before, or one of equal gain.

    Where neither look's is worth as much as more questions may still bring, it does not matter which it is: of many
    sets as small as that, every look puts another one first.
    """
    now = subject.judgement
    assert now is not None
    if all(finding.gain < TOLERANCE for judgement in (now, before) for finding in judgement.findings):
        return True
    if not now.findings or not before.findings:
        return now.findings == before.findings
    first = before.findings[0].features
    for finding in now.findings:
        if finding.features == first:
            return True
        if not finding.tied and finding is not now.findings[0]:
            return False
    return False


def _explanation(
    subject: _Subject, look: Look, settings: Settings, contexts: int, report: Callable[[float], None]
) -> Explanation:
    judgement, detected, sample, instance = subject.judgement, subject.detected, subject.sample, subject.instance
    assert judgement is not None
    assert detected is not None
    assert sample is not None
    sets = [finding.features for finding in judgement.findings]
    with subject.clock("check"):
        measured = effects(
            subject.questions,
            sets,
            contexts=contexts,
            seed=look.plan.context_seed,
            everything_asked=look.plan.exhaustive,
            noise=sample.noise,
            report=report,
        )
        survives = _surviving(subject, sets, [effect.mean for effect in measured], look, settings)
        ends = np.repeat([[True], [False]], look.masks.shape[1], axis=1)
        prediction, prediction_off = subject.questions(ends).tolist()
    strengths = {candidate.features: candidate.strength for candidate in detected.ranking}
    interactions = tuple(
        Interaction(
            features=finding.features,
            names=tuple(instance.names[i] for i in finding.features),
            strength=strengths[finding.features],
            gain=finding.gain,
            tied=finding.tied,
            effect=effect.mean,
            interval=effect.interval,
            same_sign=effect.same_sign,
            at_input=effect.at_input,
            adds=effect.adds,
            t=finding.t,
            survives=survives.get(finding.features),
            answers=effect.answers,
        )
        for finding, effect in zip(judgement.findings, measured, strict=True)
    )
    case = instance.case(settings)
    n = settings.n_masks if look.plan.exhaustive else len(look.masks)
    return Explanation(
        case=case,
        payload=instance.payload,
        fingerprint=case.fingerprint,
        names=instance.names,
        explained=instance.explained,
        prediction=prediction,
        prediction_off=prediction_off,
        main_effects=tuple(main_effects(look.distinct, sample.answers, look.lime, n).tolist()),
        interactions=interactions,
        ranking=detected.ranking,
        scores=judgement.scores,
        explainer_score=judgement.grown if detected.score is None else detected.score,
        spread=judgement.spread,
        resolution=instance.resolution,
        noise=subject.noise**0.5,
        answered=subject.questions.scaled.answered,
        scale=subject.questions.scaled.scale,
        bounds=subject.questions.scaled.bounds,
        clipped=subject.questions.scaled.clipped,
        looks=subject.looks,
        n_evaluations=len(subject.questions),
        timings=dict(subject.clock.seconds),
        versions=versions(),
    )


def _surviving(
    subject: _Subject, sets: Sequence[Features], means: Sequence[float], look: Look, settings: Settings
) -> dict[Features, bool]:
    """Of each set whether a second off state gives its effect the same sign, by an interval that leaves no other."""
    other = subject.instance.other_off_state() if settings.both_off_states and sets else None
    if other is None:
        return {}
    questions = Questions(other, subject.questions.scaled)
    measured = effects(questions, sets, contexts=settings.contexts, seed=look.plan.context_seed)
    subject.questions.count(len(questions))
    survives = {}
    for features, mean, effect in zip(sets, means, measured, strict=True):
        low, high = effect.interval or (effect.mean, effect.mean)
        survives[features] = low > 0 if mean > 0 else high < 0
    return survives
