"""Elements of SVG and HTML, whose texts are escaped by construction: only `tag` turns a text into markup."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from markupsafe import Markup

from glider_core.drawings.palette import NEGATIVE, POSITIVE

GROUND = "var(--st-background-color,Canvas)"  # of the page, in Streamlit and elsewhere


def tag(name: str, *children: str, **attributes: str | float | None) -> Markup:
    """An element; children that are plain texts are escaped, and so is every value.

    Args:
        name: of the element.
        children: texts, or markup that stands as it is.
        attributes: with _ for a hyphen; an _ at the end is dropped. Fractions are written with two digits, and what is
            None is left out.
    """
    written = Markup("").join(
        Markup(' {}="{}"').format(key.rstrip("_").replace("_", "-"), _value(value))
        for key, value in attributes.items()
        if value is not None
    )
    return Markup("<{0}{1}>{2}</{0}>").format(name, written, join(children))


def _value(value: str | float) -> str:
    """As it stands in an attribute, whether it is markup or not."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)


def text(
    content: str, x: float, y: float, size: float, fill: str = "currentColor", *, anchor: str = "middle", **more: Any
) -> Markup:
    """A text whose base line is at y; x is its middle, or its "start" or "end"."""
    return tag("text", content, x=x, y=y, text_anchor=anchor, font_size=size, fill=fill, **more)


def join(parts: Iterable[str]) -> Markup:
    """The parts one after the other, plain texts escaped."""
    return Markup("").join(parts)


def halo(width: int = 4, ground: str = GROUND) -> str:
    """Style of a text that no line crosses: it stands on a rim of the ground."""
    return f"paint-order:stroke;stroke:{ground};stroke-width:{width}px;stroke-linejoin:round"


def short(text: str, longest: int) -> str:
    """The text, cut to so many letters."""
    return text if len(text) <= longest else text[: longest - 1] + "…"


def figure(layouts: Sequence[tuple[str, float, float, Markup]], description: str, *, legend: bool = True) -> Markup:
    """One SVG for each layout (name, width, height, content), of which style shows the one that fits the screen.

    Args:
        layouts: "wide" and "narrow", or "wide", "middle" and "narrow".
        description: of the picture, for those who do not see it.
        legend: whether it says what the two colours mean.
    """
    drawings = join(
        tag(
            "svg",
            content,
            class_=f"glider-{name}",
            viewBox=f"0 0 {width:.0f} {height:.0f}",
            width="100%",
            style=f"max-width:{width * _LARGER[name]:.0f}px",
            role="img",
            aria_label=description,
            font_family="inherit",
        )
        for name, width, height, content in layouts
    )
    kind = "glider-figure glider-three" if len(layouts) > 2 else "glider-figure"
    return _STYLE + tag("div", drawings, _LEGEND if legend else "", class_=kind)


_LARGER = {"wide": 1.3, "middle": 1.25, "narrow": 1.3}  # how far a layout may grow beyond its own size
_STYLE = Markup(
    "<style>.glider-figure{container-type:inline-size;text-align:center;padding-top:.5rem}"
    ".glider-figure>.glider-narrow{display:none}@container (max-width:700px){"
    ".glider-figure:not(.glider-three)>.glider-wide{display:none}"
    ".glider-figure:not(.glider-three)>.glider-narrow{display:inline}}"
    ".glider-three>.glider-middle{display:none}@container (max-width:860px){"
    ".glider-three>.glider-wide{display:none}.glider-three>.glider-middle{display:inline}}"
    "@container (max-width:520px){.glider-three>.glider-middle{display:none}"
    ".glider-three>.glider-narrow{display:inline}}"
    ".glider-legend{display:flex;justify-content:center;align-items:center;gap:.6rem;font-size:.875rem;"
    "padding-bottom:.6rem}.glider-legend i{width:7.5rem;height:.6rem;border-radius:.3rem}</style>"
)
_COLOURS = f"background:linear-gradient(90deg,{NEGATIVE},{NEGATIVE}00 50%,{POSITIVE}00 50%,{POSITIVE})"
_LEGEND = tag("div", "lowers the answer", tag("i", style=_COLOURS), "raises it", class_="glider-legend")
