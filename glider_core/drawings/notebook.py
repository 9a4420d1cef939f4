"""Results as a notebook shows them: the same pictures as in the app, and a figure of Plotly's on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

import plotly.graph_objects as go
from markupsafe import Markup

from glider_core.domains import DOMAINS
from glider_core.drawings import draw, drawing_of
from glider_core.drawings.charts import fidelity, gain_bars
from glider_core.drawings.compared import set_table
from glider_core.drawings.global_run import by_rank, upset_of
from glider_core.drawings.sentences import headline, unit_of
from glider_core.drawings.svg import tag
from glider_core.results import Explanation

if TYPE_CHECKING:
    from glider_core.comparison import Comparison
    from glider_core.rows.result import GlobalInteractions

_BOX = "font-family:system-ui,sans-serif;max-width:62rem;margin:.3rem 0"
_QUIET = "opacity:.7;font-size:.9em;margin:.3rem 0"
_SETS = 12


def of_explanation(explanation: Explanation) -> str:
    """The answer, the verdict in a sentence, and the picture, as HTML that stands by itself."""
    own = not explanation.model_id.startswith(f"{explanation.domain}/") or explanation.domain not in DOMAINS
    domain = DOMAINS["function"] if own else DOMAINS[explanation.domain]
    drawing = drawing_of(explanation)
    undrawn = drawing.undrawn(explanation, explanation.payload)
    told = headline(explanation, unit_of(explanation), undrawn).replace("**", "")
    return str(
        tag(
            "div",
            tag("h4", domain.heading(explanation), style="margin:.2rem 0"),
            tag("p", told, style="margin:.3rem 0"),
            *(tag("p", note, style=_QUIET) for note in explanation.notes),
            draw(explanation),
            tag("p", drawing.caption(explanation, explanation.payload), style=_QUIET),
            class_="glider-result",
            style=_BOX,
        )
    )


def of_run(run: GlobalInteractions) -> str:
    """The most frequent sets against their fields, as HTML that stands by itself."""
    shown = run.interactions[:_SETS]
    told = f"{run.n_rows:,} rows · {len(run.interactions):,} sets"
    if not shown:
        return str(tag("div", tag("p", f"{told}: nothing was found in any row."), style=_BOX))
    picture: Markup = upset_of(run, shown)
    return str(tag("div", tag("p", f"{told}; the first {len(shown)}:"), picture, class_="glider-result", style=_BOX))


def of_comparison(comparison: Comparison) -> str:
    """The agreement in a sentence, and the sets of both on one scale."""
    told = tag("p", comparison.words)
    if not comparison.sets:
        return str(tag("div", told, style=_BOX))
    return str(tag("div", told, set_table(comparison, "left", "right"), class_="glider-result", style=_BOX))


def figure_of_explanation(explanation: Explanation) -> go.Figure:
    """Interactions by what they add; where there are none, how well the features alone fit."""
    return gain_bars(explanation) or fidelity(explanation)


def figure_of_run(run: GlobalInteractions) -> go.Figure:
    """How often each set was found, by its rank."""
    return by_rank(run, run.interactions)
