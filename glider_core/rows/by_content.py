"""Sets counted over inputs that have other features each: by their words or letters in order (Table 2b).

Two reviews share no feature, as "never" is the fourth word of one and the ninth of the other. What they share is what
their sets are made of: "never" before "fails". A set's consistency is in how many of the inputs that have it, it is
found to act together.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from math import comb, inf
from typing import Any

from pydantic import TypeAdapter
from scipy.stats import poisson

from glider_core import saved
from glider_core.domains.base import Content, Model
from glider_core.engine.explain import explain_many
from glider_core.errors import InvalidInput
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.rows.chunk import CHUNK, chunks_of
from glider_core.rows.run import ROWS
from glider_core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSet:
    """Words or letters in an order that were found to act together in one input or more."""

    content: tuple[str, ...]
    order: int  # features that it joins
    count: int  # inputs in which it was found
    present: int  # inputs that have it at all
    mean_effect: float  # logits, signed: the mean joint effect over those in which it was found
    p_value: float  # of this count or more, if each input drew as many sets of its order at random from all that it has
    rows: tuple[int, ...]  # the inputs in which it was found
    effects: tuple[float, ...]  # logits, in each of them

    @property
    def consistency(self) -> float:
        """The share of inputs in which it was found, of those that have it."""
        return self.count / self.present


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRun:
    """What MADEX found in many inputs, by content: what was found in most inputs first."""

    model_id: str
    fingerprint: str | None  # of the model
    explained: str
    n_rows: int
    sets: tuple[ContentSet, ...]
    per_row: float  # sets kept per input, on average
    settings: Settings
    seconds: float = field(compare=False)
    versions: dict[str, str] = field(hash=False)
    label: str = field(default="", compare=False)  # what the inputs are, for people

    def to_json(self) -> str:
        """All of it as JSON text; `from_json` gives an equal one back."""
        return saved.dump("content run", _RUN.dump_python(self, mode="json"))

    @staticmethod
    def from_json(text: str | bytes) -> ContentRun:
        """A run saved by `to_json`.

        Raises:
            InvalidInput: the text is no JSON, not of such a run, or its parts contradict each other.
        """
        run = saved.validate("content run", _RUN, saved.parse("content run", text)[1])
        for each in run.sets:
            fits = 0 < each.count == len(each.rows) == len(each.effects) and each.count <= each.present <= run.n_rows
            if not (fits and each.content and all(0 <= row < run.n_rows for row in each.rows)):
                raise InvalidInput("This saved run over texts contradicts itself; save it again.")
        if run.n_rows < 1 or not 0 <= run.per_row < inf:
            raise InvalidInput("This saved run over texts is of no texts; save it again.")
        return run


_RUN = TypeAdapter(ContentRun)


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


__all__ = ["CHUNK", "ContentRun", "ContentSet", "count", "detect_by_content"]
