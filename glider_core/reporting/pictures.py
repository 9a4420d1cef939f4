"""A picture as a file of its own: SVG that every program draws alike, and PNG of it."""

from __future__ import annotations

import re

from glider_core.drawings import draw
from glider_core.errors import InvalidInput
from glider_core.results import Explanation

INK, PAPER = "#16202a", "#ffffff"
WIDEST = 4000  # pixels of a PNG
_SVG = re.compile(r"<(/?)svg\b[^>]*>")
_STYLES = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_VARIABLE = re.compile(r"var\(--[\w-]+\s*,\s*([^()]*(?:\([^()]*\)[^()]*)*)\)")
_EITHER = re.compile(r"light-dark\(\s*([^(),]*(?:\([^()]*\))?)\s*,[^()]*(?:\([^()]*\)[^()]*)*\)")


def svg_of(explanation: Explanation, chosen: int | None = None, *, view: str | None = None) -> str:
    """The picture of an explanation as an SVG file, in its widest layout, with colours of paper.

    Args:
        explanation: to be drawn, as `drawings.draw` does.
        chosen: position of the interaction to stress.
        view: a title among the drawing's views.

    Raises:
        InvalidInput: as for `draw`; or this picture is no SVG.
    """
    return svg_file(draw(explanation, chosen, view=view))


def svg_file(html: str) -> str:
    """The largest picture in HTML of ours as an SVG file, such as one of a run over many rows.

    Raises:
        InvalidInput: it holds no SVG.
    """
    found = [part for part in _top_level(str(html)) if not re.match(r'<svg[^>]*class="glider-(narrow|middle)', part)]
    if not found:
        raise InvalidInput("This picture holds no SVG; take the report, which holds it as it is.")
    return _alone(max(found, key=_area), "".join(_STYLES.findall(str(html))))


def png_of(svg: str, width: int = 1600) -> bytes:
    """An SVG file of `svg_of` as a PNG of this width in pixels.

    Raises:
        InvalidInput: the width is out of range, or the picture cannot be drawn.
    """
    import resvg_py

    if not 16 <= width <= WIDEST:
        raise InvalidInput(f"Got a width of {width} pixels; choose 16 to {WIDEST}.")
    try:
        return bytes(
            resvg_py.svg_to_bytes(svg_string=svg, width=width, background=PAPER, sans_serif_family="DejaVu Sans")
        )
    except ValueError as error:
        raise InvalidInput(f"The picture cannot be drawn as PNG ({error!s:.200}); take the SVG.") from None


def _top_level(html: str) -> list[str]:
    """Every SVG that lies in no other."""
    found, depth, start = [], 0, 0
    for match in _SVG.finditer(html):
        if match[1]:
            depth -= 1
            if depth == 0:
                found.append(html[start : match.end()])
        else:
            if depth == 0:
                start = match.start()
            depth += 1
    return found


def _area(svg: str) -> float:
    return _size(svg)[0] * _size(svg)[1]


def _size(svg: str) -> tuple[float, float]:
    match = re.match(r'<svg[^>]*\bviewBox="[-\d.]+ [-\d.]+ ([\d.]+) ([\d.]+)"', svg)
    return (float(match[1]), float(match[2])) if match else (0.0, 0.0)


def _alone(svg: str, styles: str) -> str:
    """An SVG of a page as a file: sizes, name space and plain colours."""
    width, height = _size(svg)
    opening, _, rest = svg.partition(">")
    opening = re.sub(r'\s(width|height|style|font-family|color|xmlns(:\w+)?)="[^"]*"', "", opening)
    styles = re.sub(
        r"@container[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}|@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", styles
    )
    head = (
        f'{opening} xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="{width:g}" '
        f'height="{height:g}" color="{INK}" font-family="DejaVu Sans, system-ui, sans-serif">'
    )
    made = f"{head}<style>{_plain(styles).replace('<', '')}</style>{_plain(rest)}"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{made}\n'


def _plain(text: str) -> str:
    """Colours of a page as colours of paper."""
    while (plainer := _EITHER.sub(r"\1", _VARIABLE.sub(r"\1", text))) != text:
        text = plainer
    return re.sub(r"\bCanvasText\b", INK, re.sub(r"\bCanvas\b", PAPER, text)).replace("currentColor", INK)
