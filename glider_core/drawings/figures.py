"""What all Plotly figures share: their margins, where their legend stands, and how names are written into them."""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from glider_core.drawings.text import plotly as plain

TYPE = 14  # pixels
LEGEND: dict[str, Any] = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}

__all__ = ["LEGEND", "plain", "sized", "tidy"]


def tidy(figure: go.Figure, height: int, **more: Any) -> go.Figure:
    """The figure at this height in pixels, with the layout of all, and no type smaller than 14 pixels."""
    margin = {"l": 8, "r": 16, "t": 28, "b": 8}
    return sized(figure, TYPE).update_layout(height=height, margin=margin, hoverlabel_align="left", **more)


def sized(figure: go.Figure, pixels: int) -> go.Figure:
    """The figure with all of its type this large."""
    for update in (figure.update_xaxes, figure.update_yaxes):  # a theme has sizes of its own for these
        update(tickfont_size=pixels, title_font_size=pixels)
    return figure.update_layout(font_size=pixels, legend_font_size=pixels)
