"""A picture for a visitor's model file, and what the file does not say of pictures: asked for, as it looks at first."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.adapters.sandbox.description import Description
from glider_core.adapters.sandbox.pictures import LAYOUTS, SCALINGS, Pixels, usual_pixels
from glider_core.domains import DOMAINS
from glider_core.domains.image.classifiers import imagenet_names
from glider_core.domains.image.picture import sample
from pages.parts import visitor

OFF = {"mean": "its mean colour", "blur": "a blur", "black": "black"}
_IMAGENET = 1000  # classes


def asked(described: Description) -> tuple[bytes, Pixels]:
    """The picture to explain, at first one of ours, and what its pixels become.

    Raises:
        InvalidInput: a mean or deviation that is no three numbers.
    """
    usual = usual_pixels(described)
    _, sort, shape = described.inputs[0]
    kept = f"{sort}.{shape}"  # another model has other fields
    key = visitor.key("own_file.picture")
    file = st.file_uploader("A picture of yours, in place of the sample", key=key, max_upload_size=10)
    samples = DOMAINS["image"].examples("image/small50")
    keys = {name: f"own_file.{name}.{kept}" for name in ("scaling", "layout", "side", "mean", "deviation")}
    scaling = st.session_state.get(keys["scaling"], usual.scaling)
    layout = st.session_state.get(keys["layout"], usual.layout or "NCHW")
    side, mean, deviation = None, (0.0,) * 3, (1.0,) * 3
    with st.popover(f"Pixels: {SCALINGS[scaling]}, {layout}", icon=":material/grid_on:"):
        st.caption("Pictures are resized to the model's input. What its file does not say of them is asked here.")
        scaling = st.selectbox(
            "The model's pixels are", list(SCALINGS), list(SCALINGS).index(scaling),
            format_func=SCALINGS.__getitem__, key=keys["scaling"],
        )  # fmt: skip
        if scaling == "own":
            mean = _three(st.text_input("Mean of red, green, blue, from 0 to 1", "0.5, 0.5, 0.5", key=keys["mean"]))
            deviation = _three(st.text_input("Their deviation", "0.25, 0.25, 0.25", key=keys["deviation"]))
        layout = st.selectbox(
            "Its input has", list(LAYOUTS), list(LAYOUTS).index(layout), format_func=LAYOUTS.__getitem__,
            key=keys["layout"],
        )  # fmt: skip
        if None in (shape[2:] if layout == "NCHW" else shape[1:3]):
            side = int(st.number_input("Pixels a side", 16, 1024, 224, key=keys["side"]))
    content = sample(next(iter(samples.values())).removeprefix("sample:")) if file is None else file.getvalue()
    return content, Pixels(
        scaling=scaling, layout=layout, size=None if side is None else (side, side), mean=mean, deviation=deviation
    )


def names(described: Description) -> tuple[str, ...] | None:
    """ImageNet's names, where the model answers with as many numbers and the visitor agrees."""
    if described.answers != _IMAGENET or described.classes:
        return None
    agreed = st.checkbox("Its 1000 classes are ImageNet's", value=True, key="own_file.imagenet")
    return imagenet_names() if agreed else None


def _three(text: str) -> tuple[float, ...]:
    try:
        numbers = tuple(float(part) for part in text.split(","))
    except ValueError:
        numbers = ()
    if len(numbers) != 3:
        raise gl.InvalidInput(f"Got {text[:60]!r}; give three numbers with commas between them.")
    return numbers
