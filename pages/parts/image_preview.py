"""A photo before it is explained: its superpixels, what the model sees in it, and how long asking will take."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cache
from typing import Any, cast

import numpy as np
import streamlit as st
from numpy.typing import NDArray
from streamlit.delta_generator import DeltaGenerator

import glider_core as gl
from glider_core.domains.image.model import ImageModel
from glider_core.domains.image.payload import ImagePayload
from glider_core.domains.image.picture import Picture
from glider_core.domains.image.reading import Reading
from glider_core.domains.image.superpixels import GRAINS, Quickshift, outlines
from glider_core.drawings.image import Outlines
from glider_core.grouping import GROUPS
from glider_core.provenance import fingerprint
from pages.parts import run
from pages.parts.state import PageState
from pages.parts.ties import tied

_SLIDERS = {  # of quickshift: label, least, most, step
    "kernel_size": ("Kernel size: smooths colours over so many pixels", 1.0, 10.0, 0.5),
    "max_dist": ("Maximal distance: more joins more", 5.0, 300.0, 5.0),
    "ratio": ("Ratio: nearness (0) against colour (1)", 0.0, 1.0, 0.05),
}


_LEVELS = {
    "own": "The picture's least to its greatest value",
    "middle": "The same, without the outermost 0.5 % at either end",
    "type": "All that its kind of number can hold",
}


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a photo before the model is asked about its parts."""

    picture: Picture
    labels: NDArray[np.int64]  # superpixel numbers (height, width), -1 where the model does not look
    outlines: Outlines  # of its superpixels, as they will be explained
    assumptions: tuple[str, ...]  # on how the file was read
    classes: list[tuple[str, float]]  # the likeliest, with their probabilities
    seconds: float  # that one picture takes the model on this machine


def preview(model_id: str, raw: str | bytes, quickshift: Quickshift, reading: Reading) -> Preview | None:
    """The preview of a photo; None while it is worked out.

    Raises:
        GliderError: the photo cannot be read, or falls into too few or too many superpixels.
    """
    key = ("preview", model_id, fingerprint(raw), quickshift, reading)
    return run.quick(
        "preview", lambda: _preview(model_id, raw, quickshift, reading), key=key, waiting="Looking at the photo"
    )


def quickshift_form(state: PageState, place: DeltaGenerator) -> Quickshift:
    """How large the superpixels are; what is not usual stands among the options, and is explained when it is run."""

    def put(chosen: Quickshift) -> None:
        for name in ("quickshift", GROUPS):  # groups are of other superpixels, though these have the same names
            state.options.pop(name, None)
        if chosen != Quickshift():
            state.options["quickshift"] = asdict(chosen)

    def take() -> None:
        put(Quickshift(**{name: float(st.session_state[key]) for name, key in keys.items()}))

    def take_grain() -> None:
        if (title := st.session_state[grain]) is not None:
            put(GRAINS[title])
            state.wanted = True

    told = state.options.get("quickshift")
    values = asdict(Quickshift()) | (told if isinstance(told, dict) else {})
    keys = {name: f"{state.page}-{name}" for name in _SLIDERS}
    now = next((title for title, each in GRAINS.items() if asdict(each) == values), None)
    grain = f"{state.page}-superpixel-grain"
    with place:
        st.segmented_control("One feature is a superpixel", list(GRAINS), on_change=take_grain, **tied(grain, now))
        for name, (label, low, high, step) in _SLIDERS.items():
            value = values[name] if isinstance(values[name], int | float) else low
            inside = min(max(float(value), low), high)
            st.slider(label, low, high, step=step, on_change=take, **tied(keys[name], inside))
    return Quickshift(**{name: st.session_state[key] for name, key in keys.items()})


def reading_form(state: PageState, place: DeltaGenerator) -> Reading:
    """What a visitor may change of how a file is read; what is unusual stands among the options."""
    if not isinstance(state.raw, bytes):  # our own samples leave no choice
        state.options.pop("reading", None)
        return Reading()

    def take() -> None:
        chosen = Reading(
            frame=int(st.session_state[keys["frame"]]),
            levels=st.session_state[keys["levels"]],
            ground=st.session_state[keys["ground"]],
        )
        state.options.pop("reading", None)
        if chosen != Reading():
            state.options["reading"] = asdict(chosen)

    try:
        reading = Reading.of(state.options.get("reading"))
    except gl.GliderError:
        state.options.pop("reading")
        reading = Reading()
    keys = {name: f"{state.page}-reading-{name}" for name in asdict(reading)}
    ties: dict[str, dict[str, Any]] = {
        name: tied(keys[name], value) | {"on_change": take} for name, value in asdict(reading).items()
    }
    with place.popover("Reading", icon=":material/tune:", help="How the file is read where there is a choice"):
        st.number_input("Frame or page, of a file with several", 1, 100_000, step=1, **ties["frame"])
        st.radio(
            "From black to white, of more than 8 bits",
            list(_LEVELS),
            format_func=_LEVELS.__getitem__,
            **ties["levels"],
        )
        st.radio(
            "Behind transparent parts",
            ["white", "black"],
            format_func=str.capitalize,
            horizontal=True,
            **ties["ground"],
        )
    return reading


def _preview(model_id: str, raw: str | bytes, quickshift: Quickshift, reading: Reading) -> Preview:
    model = cast(ImageModel, gl.load_model(model_id))
    payload = cast(ImagePayload, model.instance(raw, quickshift=quickshift, reading=reading).payload)
    picture, labels = payload.picture, payload.labels
    return Preview(
        picture,
        labels,
        outlines(labels),
        payload.assumptions,
        model.top(picture),
        _seconds_per_picture(model_id),
    )


@cache
def _seconds_per_picture(model_id: str) -> float:
    return cast(ImageModel, gl.load_model(model_id)).seconds_per_picture()
