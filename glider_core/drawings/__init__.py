"""Pictures: pure functions of a result to SVG, HTML or a Plotly figure; they know no page.

A domain's picture is the `DRAWING` of the module `glider_core.drawings.<domain>`, or of the module `drawing` in the
domain's own package. A result without a payload (of an own instance, or saved by version 0.3) is drawn as a function.

Parts that stand for a feature carry `data-feature`, its position in `Explanation.names`; parts that stand for a set
carry `data-set`, its position in `Explanation.interactions`. A page makes controls of them.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from markupsafe import Markup

from glider_core.errors import InvalidInput
from glider_core.payload import Payload
from glider_core.plugins import domain_packages
from glider_core.results import Explanation

FALLBACK = "function"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a picture is drawn beside others."""

    scale: float | None = None  # effect that fills a tint or a bar; None: the picture's own largest
    numbers: bool = False  # whether main effects stand there as numbers, too


PLAIN = Look()


class View(Protocol):
    """Draws (explanation, its payload, position of the interaction to stress or None) as HTML, all texts escaped."""

    def __call__(self, explanation: Explanation, payload: Any, chosen: int | None = None, /, *, look: Look) -> Markup:
        """The picture."""
        ...


def _all_drawn(explanation: Explanation, payload: Any) -> Collection[int]:
    return ()


def _no_name(explanation: Explanation, payload: Any, number: int) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """How a domain's explanations are drawn."""

    views: Mapping[str, View]  # by title, the usual one first
    caption: Callable[[Explanation, Any], str]  # how to read the picture; plain text
    # Positions of interactions that the picture leaves out on principle, such as those with a stop word.
    undrawn: Callable[[Explanation, Any], Collection[int]] = _all_drawn
    # What people call the set of this position, such as "E-box CACGTG"; nothing where it has no name.
    name: Callable[[Explanation, Any, int], str] = _no_name


class _Drawings(Mapping[str, Drawing]):
    """Every domain's drawing by the domain's name, loaded when first asked for."""

    def __getitem__(self, domain: str) -> Drawing:
        package = domain_packages()[domain]
        name = f"{__name__}.{domain}"
        if not package.startswith("glider_core.") or importlib.util.find_spec(name) is None:
            name = f"{package}.drawing"
        return importlib.import_module(name).DRAWING

    def __iter__(self) -> Iterator[str]:
        return iter(domain_packages())

    def __len__(self) -> int:
        return len(domain_packages())


DRAWINGS: Mapping[str, Drawing] = _Drawings()


def drawing_of(explanation: Explanation) -> Drawing:
    """The drawing that fits an explanation.

    Raises:
        InvalidInput: its domain is not installed here.
    """
    domain = FALLBACK if explanation.payload is None else explanation.domain
    if domain not in DRAWINGS:
        raise InvalidInput(f"There is no picture for results of the domain {domain[:40]!r}; it is not installed here.")
    return DRAWINGS[domain]


def draw(explanation: Explanation, chosen: int | None = None, *, view: str | None = None, look: Look = PLAIN) -> Markup:
    """The picture of an explanation as HTML that stands by itself; the same for the same explanation, byte for byte.

    What could not be read is drawn without its sets; of what is almost a plain sum, the sets are grey. For LIME's
    picture, and for both of them, see `glider_core.drawings.layered`.

    Args:
        explanation: run here, or read from its JSON; its model is not needed.
        chosen: position of the interaction to stress.
        view: a title among the drawing's views; the first by default.
        look: one scale for pictures that stand side by side, and numbers.

    Raises:
        InvalidInput: there is no such view, or the domain is not installed here.
    """
    drawing = drawing_of(explanation)
    view = view or next(iter(drawing.views))
    if view not in drawing.views:
        raise InvalidInput(f"There is no view {view[:40]!r}; choose one of {', '.join(drawing.views)}.")
    if explanation.verdict == "unreadable":
        explanation = replace(explanation, interactions=(), scores=explanation.scores[:1])
    payload: Payload | None = explanation.payload
    drawn = drawing.views[view](explanation, payload, chosen, look=look)
    return _GREY.format(drawn) if explanation.verdict == "additive" else drawn


_GREY = Markup('<div class="glider-grey"><style>.glider-grey [data-set]{{filter:grayscale(1)}}</style>{}</div>')
