"""The check: what each interaction is worth, asked of the black box itself."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.effects import MAX_FACTORIAL_ORDER, check_masks, joint_effect
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.engine.linear import Selection
from glider_core.engine.masks import distinct
from glider_core.results import Candidate, Explanation, Interaction

DRAWS = 30  # of what is random when off, over which an effect is averaged


def checked(
    questions: Questions,
    rankings: Sequence[Sequence[Candidate]],
    selections: Sequence[Selection],
    report: Callable[[float], None],
    *,
    draws: int = DRAWS,
) -> tuple[Interaction, ...]:
    """The interactions that the first repeat selected, each with its evidence.

    Where what is off is random, one set of answers tells more of the draw than of the features: answers and effects are
    then averaged over many, as the explainer's training averages over its masks.

    Args:
        questions: to the instance, of this run; they are added to.
        rankings: a ranking per repeat.
        selections: parallel to `rankings`.
        report: called before each batch with the share done; may raise to stop.
        draws: of what is random when off, where it is.

    Returns:
        The interactions in the order of the selection.
    """
    instance, selection = questions.instance, selections[0]
    candidates = [rankings[0][position] for position in selection.selected]
    if not candidates:
        return ()
    answers = _answers(questions, [candidate.features for candidate in candidates], report, draws)
    selected = [
        {ranking[position].features for position in chosen.selected}
        for ranking, chosen in zip(rankings, selections, strict=True)
    ]
    interactions = [
        _interaction(instance, candidate, drawn, gain=after - before, selected=selected)
        for candidate, drawn, before, after in zip(
            candidates, answers, selection.scores[:-1], selection.scores[1:], strict=True
        )
    ]
    return tuple(interactions)


def _interaction(
    instance: Instance,
    candidate: Candidate,
    drawn: NDArray[np.float64],
    *,
    gain: float,
    selected: Sequence[set[tuple[int, ...]]],
) -> Interaction:
    features = candidate.features
    return Interaction(
        features=features,
        names=tuple(instance.names[i] for i in features),
        strength=candidate.strength,
        gain=gain,
        stability=sum(features in sets for sets in selected) / len(selected) if len(selected) > 1 else None,
        **_effect(features, drawn),
    )


def averaged(questions: Questions, explanation: Explanation, report: Callable[[float], None]) -> Explanation:
    """An explanation that was checked with one draw of what is random when off, checked with `DRAWS` of them."""
    sets = [interaction.features for interaction in explanation.interactions]
    if not sets or not questions.instance.stochastic:
        return explanation
    answers = _answers(questions, sets, report, DRAWS)
    interactions = tuple(
        replace(interaction, **_effect(interaction.features, drawn))
        for interaction, drawn in zip(explanation.interactions, answers, strict=True)
    )
    return replace(explanation, interactions=interactions, n_evaluations=len(questions))


def _answers(
    questions: Questions, sets: Sequence[Features], report: Callable[[float], None], draws: int
) -> list[NDArray[np.float64]]:
    """Per set the answers (draws, its check's masks)."""
    masks = [check_masks(len(questions.instance.names), features) for features in sets]
    ends = np.cumsum([len(part) for part in masks])[:-1]
    asked, which = distinct(np.concatenate(masks))
    draws = draws if questions.instance.stochastic else 1
    rows = [
        questions.redrawn(draw)(asked, lambda share, done=draw: report((done + share) / draws))[which]
        for draw in range(draws)
    ]
    return np.split(np.stack(rows), ends, axis=1)


def _effect(features: Features, drawn: NDArray[np.float64]) -> dict[str, Any]:
    """What of an interaction its answers (draws, masks) tell."""
    effects = [joint_effect(features, answers) for answers in drawn.tolist()]
    mean = drawn.mean(axis=0).tolist()
    return {
        "effect": joint_effect(features, mean),
        "effect_deviation": float(np.std(effects, ddof=1)) if len(effects) > 1 else None,
        "answers": tuple(mean) if len(features) <= MAX_FACTORIAL_ORDER else None,
    }
