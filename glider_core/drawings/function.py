"""The picture of an own function, and of every result whose payload is not at hand: names and effects alone."""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup

from glider_core.domains.function.payload import FunctionPayload
from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.lines import Line, drawn, lines
from glider_core.results import Explanation

MAX_LINES = 60  # features, all of which are drawn; of more, those in interactions and those with the largest effects


def function(
    explanation: Explanation, payload: FunctionPayload | None, chosen: int | None = None, *, look: Look = PLAIN
) -> Markup:
    """A line for each feature, with its value where there is one."""
    values = payload.values if payload is not None else ()
    return lines(
        explanation,
        [Line(i, values[i] if i < len(values) else "") for i in _shown(explanation, chosen)],
        chosen,
        look=look,
    )


def caption(explanation: Explanation, payload: FunctionPayload | None) -> str:
    """How to read the lines."""
    d, shown = len(explanation.names), len(_shown(explanation, None))
    of = "" if shown == d else f" Of {d:,} features, the {shown} that act together or have the largest effects."
    return f"Bars: what each feature adds on its own. Brackets: features that act together.{of}"


DRAWING = Drawing(views={"Features": function}, caption=caption)


def _shown(explanation: Explanation, chosen: int | None) -> Sequence[int]:
    d = len(explanation.names)
    if d <= MAX_LINES:
        return range(d)
    # The chosen interaction first, so that it is not the one that is cut off.
    numbers = sorted(drawn(explanation, chosen), key=lambda number: number != chosen)
    joined = [i for number in numbers for i in explanation.interactions[number].features]
    by_effect = sorted(range(d), key=lambda i: (-abs(explanation.main_effects[i]), i))
    return sorted(list(dict.fromkeys([*joined, *by_effect]))[:MAX_LINES])
