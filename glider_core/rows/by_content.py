"""Sets counted over inputs that have other features each: by their words or letters in order (Table 2b).

Two reviews share no feature, as "never" is the fourth word of one and the ninth of the other. What they share is what
their sets are made of: "never" before "fails". A set's consistency is in how many of the inputs that have it, it is
found to act together.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from math import comb
from typing import Any

from scipy.stats import poisson

from glider_core.domains.base import Content, Model
from glider_core.engine.explain import explain_many
from glider_core.errors import InvalidInput
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.rows.chunk import CHUNK, chunks_of
from glider_core.rows.content_run import ContentRun, ContentSet
from glider_core.rows.run import ROWS
from glider_core.settings import Settings


def detect_by_content(
    model: Model,
    inputs: Iterable[Any],
    content: Content,
    settings: Settings | None = None,
    *,
    label: str = "",
    on_progress: Callable[[str, float], None] | None = None,
    on_partial: Callable[[ContentRun], None] | None = None,
) -> ContentRun:
    """Explain every input, and count the sets that come back by what they are made of.

    Args:
        model: of the inputs.
        inputs: what `model.instance` takes, at most some ten thousand.
        content: how sets are told across inputs.
        settings: of MADEX; those of `detect_global` by default.
        label: what the inputs are, for people.
        on_progress: called with "rows" and the share done; may raise to stop.
        on_partial: called after each chunk with what has been counted so far.

    Raises:
        InvalidInput: there are no inputs, or one of them cannot be read; the message names it.
        BlackBoxFailed: as for `explain`.
    """
    started = time.perf_counter()
    settings, raws = settings or ROWS, list(inputs)
    if not raws:
        raise InvalidInput("There are no inputs; give at least one.")
    report = on_progress or (lambda stage, share: None)
    found: list[Explanation] = []
    report("rows", 0.0)
    for chunk in chunks_of(raws):
        instances = [_instance(model, raw, len(found) + place) for place, raw in enumerate(chunk, 1)]
        share = len(found) / len(raws)
        found += explain_many(instances, settings, on_progress=lambda stage, done, share=share: report("rows", share))
        report("rows", len(found) / len(raws))
        if on_partial is not None and len(found) < len(raws):
            on_partial(count(model, found, content, settings, time.perf_counter() - started, label))
    return count(model, found, content, settings, time.perf_counter() - started, label)


def count(
    model: Model,
    explanations: Sequence[Explanation],
    content: Content,
    settings: Settings,
    seconds: float,
    label: str = "",
) -> ContentRun:
    """The run that these explanations, one for each input, make."""
    rows: dict[tuple[str, ...], dict[int, float]] = defaultdict(dict)
    orders: dict[tuple[str, ...], int] = {}
    for row, explanation in enumerate(explanations):
        for interaction in explanation.interactions:
            key = content.key(explanation.names, interaction.features)
            # Twice in one input, the stronger counts.
            if abs(interaction.effect) >= abs(rows[key].get(row, 0.0)):
                rows[key][row] = interaction.effect
            orders[key] = min(orders.get(key, interaction.order), interaction.order)
    chances = [_chances(explanation) for explanation in explanations]
    sets = []
    for key, effects in rows.items():
        having = [row for row, e in enumerate(explanations) if row in effects or content.holds(e.names, key)]
        rate = sum(chances[row].get(orders[key], 0.0) for row in having)
        sets.append(
            ContentSet(
                content=key,
                order=orders[key],
                count=len(effects),
                present=len(having),
                mean_effect=sum(effects.values()) / len(effects),
                # Of independent draws that are each unlikely: at or above the exact tail, for counts above the mean.
                p_value=float(poisson.sf(len(effects) - 1, rate)),
                rows=tuple(effects),
                effects=tuple(round(effect, 4) for effect in effects.values()),
            )
        )
    sets.sort(key=lambda each: (-each.count, -each.consistency, each.content))
    n_kept = sum(len(explanation.interactions) for explanation in explanations)
    return ContentRun(
        model_id=model.id,
        fingerprint=model.identity,
        explained=explanations[0].explained,
        n_rows=len(explanations),
        sets=tuple(sets),
        per_row=n_kept / len(explanations),
        settings=settings,
        seconds=seconds,
        versions=versions(),
        label=label,
    )


def _chances(explanation: Explanation) -> dict[int, float]:
    """By order, the chance that one given set would be among those of an input, were they drawn at random."""
    kept: dict[int, int] = defaultdict(int)
    for interaction in explanation.interactions:
        kept[interaction.order] += 1
    return {order: min(1.0, number / comb(len(explanation.names), order)) for order, number in kept.items()}


def _instance(model: Model, raw: Any, number: int) -> Any:
    try:
        return model.instance(raw)
    except InvalidInput as error:
        raise InvalidInput(f"Input {number} of the list: {error}") from None


__all__ = ["CHUNK", "count", "detect_by_content"]
