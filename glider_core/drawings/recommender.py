"""The picture of a table row: a line per field with its main effect, brackets that join fields; a matrix of pairs."""

from __future__ import annotations

from markupsafe import Markup

from glider_core.domains.recommender.payload import RowPayload
from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.lines import Line, lines
from glider_core.drawings.palette import NEUTRAL, tint
from glider_core.drawings.sentences import percent, tooltip, unit_of
from glider_core.drawings.svg import short, tag, text
from glider_core.drawings.upset import Column, upset
from glider_core.results import Explanation

_CELL, _LONGEST = 26.0, 18
_MISSING = "(missing)"  # a value that no model learns, and that needs no remark


def row(explanation: Explanation, payload: RowPayload, chosen: int | None = None, *, look: Look = PLAIN) -> Markup:
    """The row; brackets of sets that a simulator planted get a check mark."""
    features = [
        Line(i, value, "" if known or value == _MISSING else "not learned")
        for i, (value, known) in enumerate(zip(payload.values, payload.known, strict=True))
    ]
    return lines(explanation, features, chosen, heading="field", marked=payload.planted or (), look=look)


def matrix(explanation: Explanation, payload: RowPayload, chosen: int | None = None, *, look: Look = PLAIN) -> Markup:
    """Fields against fields: a cell's colour is the joint effect of the strongest set that holds both."""
    d, unit = len(explanation.names), unit_of(explanation)
    left = 8 + max(len(short(name, _LONGEST)) for name in explanation.names) * 7.0
    cells: dict[tuple[int, int], int] = {}
    for number, interaction in enumerate(explanation.interactions):
        for a in interaction.features:
            for b in interaction.features:
                cells.setdefault((a, b), number)
    scale = max((abs(explanation.interactions[number].effect) for number in cells.values()), default=0.0)
    parts = []
    for i, name in enumerate(explanation.names):
        y, turned = 8 + i * _CELL, f"translate({left + i * _CELL + 17:.1f} {8 + d * _CELL + 6:.1f}) rotate(-55)"
        parts.append(text(short(name, _LONGEST), left - 6, y + 17, 14, anchor="end"))
        parts.append(text(short(name, _LONGEST), 0, 0, 14, anchor="end", transform=turned))
        for j in range(d):
            x, number = left + j * _CELL, cells.get((i, j)) if i != j else None
            square = {"x": x, "y": y, "width": _CELL, "height": _CELL, "stroke": NEUTRAL, "stroke_opacity": 0.3}
            if number is None:
                parts.append(tag("rect", **square, fill="transparent"))
                continue
            interaction = explanation.interactions[number]
            faded = 0.25 if chosen not in (None, number) else None
            hover = tag("title", tooltip(number, interaction, unit))
            box = tag("rect", **square, fill=tint(interaction.effect, scale))
            parts.append(
                tag("g", hover, box, text(str(number + 1), x + _CELL / 2, y + 18, 14), data_set=number, opacity=faded)
            )
    width, height = left + d * _CELL + 8, 8 + d * _CELL + left * 0.85
    return tag(
        "svg",
        *parts,
        class_="glider-matrix",
        viewBox=f"0 0 {width:.0f} {height:.0f}",
        style=f"width:100%;max-width:{width:.0f}px;display:block;margin:auto",
        role="img",
        aria_label="Which fields act together",
        font_family="inherit",
        stroke_width=1,
    )


def over_fields(
    explanation: Explanation, payload: RowPayload, chosen: int | None = None, *, look: Look = PLAIN
) -> Markup:
    """Sets as columns over the fields that they join, as tall as what they explain."""
    planted = {tuple(fields) for fields in payload.planted or ()}
    columns = [
        Column(
            features=interaction.features,
            height=max(interaction.gain, 0.0),
            told=percent(interaction.gain),
            effect=interaction.effect,
            hover=tooltip(number, interaction, unit_of(explanation)),
            marked=interaction.features in planted,
        )
        for number, interaction in enumerate(explanation.interactions)
    ]
    return upset(columns, explanation.names, described="Sets of fields that act together, by what they explain")


def caption(explanation: Explanation, payload: RowPayload) -> str:
    """How to read the row."""
    return (
        "Bars: what each value adds on its own, against a neutral one. Brackets: fields that act together, with what "
        f"they add jointly, in {unit_of(explanation)}." + (" ✓: planted by the simulator." if payload.planted else "")
    )


DRAWING = Drawing(views={"Row": row, "Matrix": matrix, "UpSet": over_fields}, caption=caption)
