"""MADEX: explain one instance, or many at once (Section 3 of Tsang et al. 2020).

Ask the black box about masks of the instance, train a small explainer on the answers, read interactions out of it,
keep those that a linear model needs, and check them on the black box.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.engine.asking import ask
from glider_core.engine.detectors.gradient_nid import gradient_nid_rankings
from glider_core.engine.detectors.nid import nid_ranking
from glider_core.engine.effects import MAX_FACTORIAL_ORDER, check_masks, joint_effect
from glider_core.engine.explainer import Explainers, Recipe, train_explainers
from glider_core.engine.instance import Instance, as_instance
from glider_core.engine.linear import Basis, Selection, r2, select
from glider_core.engine.masks import Split, distinct, lime_weights, sample_masks, split_masks
from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.provenance import versions
from glider_core.results import Candidate, Explanation, Interaction
from glider_core.settings import Settings

OnProgress = Callable[[str, float], None]

STAGES = ("ask", "train", "detect", "select", "check")
MAX_FEATURES = 1000  # beyond, the explainer's first layer and d^2 pairs stop being small
# Masks asked at once, unless the instance has another wish; fixed, so that the black box rounds alike in every run.
CHUNK = 500
BATCH = 32  # instances asked, then trained together
FIRST_LOOK, NEXT_LOOK = 1000, 500  # masks before the first look of an early stop, and from each look to the next
LOOKS = 3  # looks in a row that must agree


def explain(
    instance: Instance,
    settings: Settings | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_look: Callable[[Explanation], None] | None = None,
) -> Explanation:
    """Explain one instance: its main effects, its interactions, and the evidence for them.

    Args:
        instance: d named features and a black box.
        settings: the paper's by default.
        on_progress: called with a stage (see `STAGES`; "look" with `stop_when_stable`) and the share of it done, every
            few milliseconds of our own work and after every 500 masks of the black box's. An exception raised in it
            stops the run and comes out of here; raise `Cancelled` for that.
        on_look: with `Settings.stop_when_stable`, called with what is known so far, each time more masks have come in.

    Raises:
        InvalidInput: no features, or more than 1000.
        InvalidSettings: a GPU is asked for where there is none.
        BlackBoxFailed: the black box raised, or its answer is not one finite number per mask.
    """
    settings, instance = settings or Settings(), as_instance(instance)
    if settings.stop_when_stable is None:
        return explain_many([instance], settings, on_progress=on_progress)[0]
    _check_device(settings.device)
    report = on_progress or (lambda stage, share: None)
    return _explain_until_stable(instance, _Plan.draw(_n_features(instance), settings), settings, report, on_look)


def explain_many(
    instances: Sequence[Instance],
    settings: Settings | None = None,
    *,
    on_progress: OnProgress | None = None,
    on_result: Callable[[int, Explanation], None] | None = None,
) -> list[Explanation]:
    """Explain many instances, their explainers trained in stacks of `BATCH`; the same results as one by one.

    Args:
        instances: any mix; those with equally many features share their stack.
        settings: for all of them.
        on_progress: as for `explain`, the share counted within the current stack.
        on_result: called with position and explanation as soon as each is there.

    Returns:
        Explanations in the order given. Timings of a stack's training are divided among its members.
    """
    settings, instances = settings or Settings(), [as_instance(instance) for instance in instances]
    _check_device(settings.device)
    report = on_progress or (lambda stage, share: None)
    by_size: dict[int, list[int]] = defaultdict(list)
    for position, instance in enumerate(instances):
        by_size[_n_features(instance)].append(position)
    results: dict[int, Explanation] = {}
    for d, positions in by_size.items():
        plan = _Plan.draw(d, settings)
        if settings.stop_when_stable is not None:  # each stops when it is ready
            for position in positions:
                results[position] = _explain_until_stable(instances[position], plan, settings, report, None)
                if on_result is not None:
                    on_result(position, results[position])
            continue
        per_stack = max(1, BATCH // settings.repeats)
        for start in range(0, len(positions), per_stack):
            stack = positions[start : start + per_stack]
            for position, result in zip(
                stack, _explain_stack([instances[p] for p in stack], plan, settings, report), strict=True
            ):
                results[position] = result
                if on_result is not None:
                    on_result(position, result)
    return [results[position] for position in range(len(instances))]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What all instances with d features share: masks, their weights, and who trains on which."""

    masks: NDArray[np.bool_]  # (n, d)
    distinct: NDArray[np.bool_]  # (m, d)
    which: NDArray[np.intp]  # (n,) each mask's row in `distinct`
    weights: NDArray[np.float64]  # (n,)
    splits: tuple[Split, ...]  # one per repeat
    seeds: tuple[int, ...]  # of each repeat's explainer
    bases: tuple[Basis, ...]  # of each repeat's linear models

    @classmethod
    def draw(cls, d: int, settings: Settings) -> _Plan:
        """All of it from the settings' seed, so that an instance is explained alike in any company."""
        mask_seed, split_seed, *repeat_seeds = np.random.SeedSequence(settings.seed).spawn(2 + settings.repeats)
        masks = sample_masks(d, settings.n_masks, np.random.default_rng(mask_seed))
        sizes = settings.n_train, settings.n_validation, settings.n_test
        deal = np.random.default_rng(split_seed)
        weights = lime_weights(masks, settings.kernel_width)
        # The first repeat takes the masks as drawn; the others are dealt anew, so they differ in data as well.
        splits = tuple(split_masks(*sizes, deal if repeat else None) for repeat in range(settings.repeats))
        return cls(
            masks,
            *distinct(masks),
            weights,
            splits,
            tuple(int(seed.generate_state(1)[0]) for seed in repeat_seeds),
            tuple(Basis.of(masks, weights, split) for split in splits),
        )

    def upto(self, n: int) -> _Plan:
        """A smaller plan of the first n masks. Of every twelve in a row ten train, one validates and one tests, so that
        what a mask is for does not change when more are asked."""
        masks, weights, part = self.masks[:n], self.weights[:n], np.arange(n) % 12
        split = Split(*(np.flatnonzero(rows) for rows in (part < 10, part == 10, part == 11)))
        splits = [split]
        for seed in self.seeds[1:]:
            rows = np.concatenate([split.train, split.validation])
            rows[1:] = np.random.default_rng(seed).permutation(rows[1:])
            train, validation = np.split(rows, [len(split.train)])
            splits.append(Split(np.sort(train), np.sort(validation), split.test))
        bases = tuple(Basis.of(masks, weights, one) for one in splits)
        return _Plan(masks, *distinct(masks), weights, tuple(splits), self.seeds, bases)


class _Remembering:
    """An instance that is asked about each mask once."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._answers: dict[bytes, float] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._instance, name)

    @property
    def asked(self) -> int:
        return len(self._answers)

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        keys = [row.tobytes() for row in np.packbits(masks, axis=1)]
        new = [number for number, key in enumerate(keys) if key not in self._answers]
        if new:
            self._answers |= zip(
                (keys[number] for number in new), ask(self._instance, masks[new]).tolist(), strict=True
            )
        return np.array([self._answers[key] for key in keys])


def _explain_until_stable(
    instance: Instance,
    plan: _Plan,
    settings: Settings,
    report: OnProgress,
    on_look: Callable[[Explanation], None] | None,
) -> Explanation:
    """Look at 1000 masks, then at 500 more each time, until the top stays as it is over `LOOKS` looks."""
    remembering, seconds = _Remembering(instance), dict.fromkeys(STAGES, 0.0)
    tops: list[list[tuple[int, ...]]] = []
    looks = [*range(FIRST_LOOK, settings.n_masks, NEXT_LOOK), settings.n_masks]
    for number, n in enumerate(looks):

        def step(stage: str, share: float, done: int = number) -> None:
            report("look", (done + (STAGES.index(stage) + share) / len(STAGES)) / len(looks))

        found = next(iter(_explain_stack([cast(Instance, remembering)], plan.upto(n), settings, step)))
        seconds = {stage: seconds[stage] + found.timings[stage] for stage in STAGES}
        found = replace(found, timings=seconds, n_evaluations=remembering.asked)
        tops.append([interaction.features for interaction in found.interactions[: settings.stop_when_stable]])
        if n == looks[-1] or (len(tops) >= LOOKS and all(top == tops[-1] for top in tops[-LOOKS:])):
            return found
        if on_look is not None:
            on_look(found)
    raise AssertionError("the last look returns")


@dataclass(slots=True)
class _Clock:
    """Seconds per stage."""

    seconds: dict[str, float] = field(default_factory=lambda: dict.fromkeys(STAGES, 0.0))

    @contextmanager
    def __call__(self, stage: str, share: float = 1.0) -> Iterator[None]:
        start = time.perf_counter()
        yield
        self.seconds[stage] += (time.perf_counter() - start) * share


def _explain_stack(
    instances: Sequence[Instance], plan: _Plan, settings: Settings, report: OnProgress
) -> Iterator[Explanation]:
    clocks = [_Clock() for _ in instances]
    answers = []
    for number, (instance, clock) in enumerate(zip(instances, clocks, strict=True)):
        with clock("ask"):
            answers.append(
                _ask_all(
                    instance,
                    plan.distinct,
                    lambda share, done=number: report("ask", (done + share) / len(instances)),
                )
            )
    targets = np.stack([answer[plan.which] for answer in answers])

    started = time.perf_counter()
    explainers, spreads = _train(plan, targets, settings, report)
    for clock in clocks:
        clock.seconds["train"] = (time.perf_counter() - started) / len(instances)

    started = time.perf_counter()
    rankings = _detect(explainers, settings, report)
    scores = _explainer_scores(explainers, plan, targets, spreads)
    for clock in clocks:
        clock.seconds["detect"] = (time.perf_counter() - started) / len(instances)

    for number, (instance, clock) in enumerate(zip(instances, clocks, strict=True)):
        mine = slice(number * settings.repeats, (number + 1) * settings.repeats)
        # Strengths are read from explainers of standardised targets; in logits a weight is `spread` times larger.
        unit = spreads[number] if settings.detector == "NID" else spreads[number] ** 2
        ranked = [
            [Candidate(features=c.features, strength=c.strength * float(unit)) for c in ranking] if unit else []
            for ranking in rankings[mine]
        ]
        with clock("select"):
            selections = []
            for repeat, (split, ranking) in enumerate(zip(plan.splits, ranked, strict=True)):
                report("select", (number + repeat / settings.repeats) / len(instances))
                selections.append(
                    select(
                        plan.masks,
                        targets[number],
                        plan.weights,
                        split,
                        [candidate.features for candidate in ranking],
                        max_interactions=settings.max_interactions,
                        basis=plan.bases[repeat],
                    )
                )
        with clock("check"):
            report("check", number / len(instances))
            interactions, n_asked = _check(instance, ranked, selections, len(plan.masks[0]))
            ends = np.zeros((2, len(plan.masks[0])), dtype=bool)
            ends[0] = True
            prediction, prediction_off = ask(instance, ends)
        report("check", (number + 1) / len(instances))
        yield Explanation(
            case=(case := instance.case(settings)),
            payload=instance.payload,
            fingerprint=case.fingerprint,
            names=instance.names,
            explained=instance.explained,
            prediction=float(prediction),
            prediction_off=float(prediction_off),
            main_effects=tuple(selections[0].main_effects.tolist()),
            interactions=interactions,
            ranking=tuple(ranked[0]),
            scores=selections[0].scores,
            validation_scores=selections[0].validation_scores,
            explainer_score=scores[number],
            n_evaluations=len(plan.distinct) + n_asked + len(ends),
            timings=clock.seconds,
            versions=versions(),
        )


def _ask_all(instance: Instance, masks: NDArray[np.bool_], report: Callable[[float], None]) -> NDArray[np.float64]:
    answers, batch = [], instance.batch
    for start in range(0, len(masks), batch):
        report(start / len(masks))
        answers.append(ask(instance, masks[start : start + batch]))
    report(1.0)
    return np.concatenate(answers)


def _train(
    plan: _Plan, targets: NDArray[np.float64], settings: Settings, report: OnProgress
) -> tuple[Explainers, NDArray[np.float64]]:
    """Members in the order instance by instance, repeat by repeat; and each instance's spread of targets, logits."""
    train = plan.splits[0].train
    weights = plan.weights[train] / plan.weights[train].sum()
    level = targets[:, train] @ weights
    spread = np.sqrt(((targets[:, train] - level[:, None]) ** 2) @ weights)
    # Against a large level a tiny spread is rounding of the black box, not an effect of features.
    spread[spread <= 1e-7 * np.maximum(1.0, np.abs(level))] = 0.0
    standardised = (targets - level[:, None]) / np.where(spread, spread, 1.0)[:, None]
    standardised[spread == 0] = 0.0
    gradient_based = settings.detector == "GradientNID"
    recipe = Recipe(
        hidden=settings.hidden,
        activation="softplus" if gradient_based else "relu",
        linear=gradient_based,
        l1=0.0 if gradient_based else settings.l1,
        learning_rate=settings.learning_rate or (3e-3 if gradient_based and settings.schedule == "plateau" else 1e-2),
        batch_size=settings.batch_size,
        schedule=settings.schedule,
        epochs=settings.epochs or _epochs(settings, len(train)),
        patience=settings.patience,
        max_epochs=settings.max_epochs,
    )
    explainers = train_explainers(
        plan.masks,
        standardised.repeat(settings.repeats, axis=0),
        plan.weights,
        plan.splits * len(targets),
        plan.seeds * len(targets),
        recipe,
        device=settings.device,
        on_progress=lambda share: report("train", share),
    )
    report("train", 1.0)
    return explainers, spread


def _epochs(settings: Settings, n_train: int) -> int:
    """Enough steps, however few masks there are: as many as eight epochs of the paper's 5000.

    Twelve for curvature, and for a strong L1 term, which takes longer to empty the weights that nothing needs.
    """
    epochs = 12 if settings.detector == "GradientNID" or settings.l1 >= 1e-3 else 8
    return max(epochs, -(-epochs * 5000 // n_train))


def _detect(explainers: Explainers, settings: Settings, report: OnProgress) -> list[list[Candidate]]:
    report("detect", 0.0)
    if settings.detector == "GradientNID":
        return gradient_nid_rankings(explainers)
    layers = [weight.cpu().numpy() for weight in explainers.weights]
    rankings = []
    for member in range(len(layers[0])):
        report("detect", member / len(layers[0]))
        rankings.append(nid_ranking([layer[member] for layer in layers], max_order=settings.max_order))
    return rankings


def _explainer_scores(
    explainers: Explainers, plan: _Plan, targets: NDArray[np.float64], spreads: NDArray[np.float64]
) -> list[float]:
    """R2 of each instance's first explainer on the test masks."""
    rows = plan.splits[0].test
    masks = torch.as_tensor(plan.masks[rows], device=explainers.weights[0].device).float()
    outputs = explainers.predict(masks[None]).double().cpu().numpy()[:: len(plan.splits)]
    weights = plan.weights[plan.splits[0].train]
    level = np.average(targets[:, plan.splits[0].train], axis=1, weights=weights)
    return [r2(targets[i, rows], level[i] + spreads[i] * outputs[i], plan.weights[rows]) for i in range(len(targets))]


def _check(
    instance: Instance, ranked: list[list[Candidate]], selections: list[Selection], d: int
) -> tuple[tuple[Interaction, ...], int]:
    """The interactions of the first repeat with their evidence, and how many masks that took."""
    selection = selections[0]
    chosen = [ranked[0][position] for position in selection.kept]
    if not chosen:
        return (), 0
    masks = [check_masks(d, candidate.features) for candidate in chosen]
    asked, which = distinct(np.concatenate(masks))
    answers = np.split(_ask_all(instance, asked, lambda share: None)[which], np.cumsum([len(m) for m in masks])[:-1])
    found = [
        {ranking[position].features for position in one.kept} for ranking, one in zip(ranked, selections, strict=True)
    ]
    interactions = []
    for number, (candidate, answer) in enumerate(zip(chosen, answers, strict=True)):
        features = candidate.features
        interactions.append(
            Interaction(
                features=features,
                names=tuple(instance.names[i] for i in features),
                strength=candidate.strength,
                effect=joint_effect(features, answer.tolist()),
                gain=selection.scores[number + 1] - selection.scores[number],
                stability=sum(features in sets for sets in found) / len(found) if len(found) > 1 else None,
                answers=tuple(answer.tolist()) if len(features) <= MAX_FACTORIAL_ORDER else None,
            )
        )
    return tuple(interactions), len(asked)


def _n_features(instance: Instance) -> int:
    d = len(instance.names)
    if not 1 <= d <= MAX_FEATURES:
        raise InvalidInput(
            f"The instance has {d} features; MADEX explains 1 to {MAX_FEATURES}. "
            "Group features that belong together and switch each group as one."
        )
    return d


def _check_device(device: str) -> None:
    if device.startswith("cuda") and not torch.cuda.is_available():
        raise InvalidSettings(f"device: got {device!r}, but this machine offers no CUDA GPU; use 'cpu'.")
