"""The picture of a day: its signs, those of the strongest interaction underlined."""

from __future__ import annotations

from markupsafe import Markup

from glider_core.drawings import PLAIN, Drawing, Look
from glider_core.drawings.svg import join, tag
from glider_core.results import Explanation
from tests.sixth_domain.weather.payload import WeatherPayload


def sky(explanation: Explanation, payload: WeatherPayload, chosen: int | None = None, *, look: Look = PLAIN) -> Markup:
    """The signs in a row."""
    found = explanation.interactions[chosen or 0].features if explanation.interactions else ()
    signs = (tag("u" if i in found else "span", sign, " ") for i, sign in enumerate(payload.signs))
    return tag("p", join(signs), class_="weather-sky")


DRAWING = Drawing(views={"Sky": sky}, caption=lambda explanation, payload: "Underlined: signs that act together.")
