"""Image: which parts of a photo act together in what a classifier sees."""

from dataclasses import asdict

import streamlit as st

import glider_core as gl
from glider_core.domains.image import SAMPLES
from glider_core.domains.image.superpixels import Quickshift
from glider_core.drawings import image as draw_image
from glider_core.drawings.text import markdown
from pages.parts import picture, workbench
from pages.parts.image_preview import preview
from pages.parts.state import tied

SLIDERS = {  # of quickshift: label, least, most, step
    "kernel_size": ("Kernel size: smooths colours over so many pixels", 1.0, 10.0, 0.5),
    "max_dist": ("Maximal distance: more joins more", 5.0, 300.0, 5.0),
    "ratio": ("Ratio: nearness (0) against colour (1)", 0.0, 1.0, 0.05),
}


def take_upload() -> None:
    """Explain the uploaded photo when asked to, the likeliest class first."""
    if (file := st.session_state["image-upload"]) is not None:
        page.state.raw = file.getvalue()
        page.state.options.pop("target", None)


def take_quickshift() -> None:
    """Put the sliders' values among the options, where they are not the usual ones."""
    chosen = Quickshift(**{name: float(st.session_state[f"image-{name}"]) for name in SLIDERS})
    page.state.options.pop("quickshift", None)
    if chosen != Quickshift():
        page.state.options["quickshift"] = asdict(chosen)


def quickshift_form() -> Quickshift:
    """Sliders for the superpixels."""
    told = page.state.options.get("quickshift")
    values = asdict(Quickshift()) | (told if isinstance(told, dict) else {})
    with page.controls.popover("Superpixels", icon=":material/grid_view:"):
        for name, (label, low, high, step) in SLIDERS.items():
            value = values[name] if isinstance(values[name], int | float) else low
            key = tied(f"image-{name}", min(max(float(value), low), high))
            st.slider(label, low, high, step=step, key=key, on_change=take_quickshift)
    return Quickshift(**{name: st.session_state[f"image-{name}"] for name in SLIDERS})


def duration(seconds: float) -> str:
    """A rough time in words."""
    return f"{max(round(seconds), 1)} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"


page = workbench.open_page("image")
if isinstance(page.state.raw, str) and page.state.raw.removeprefix("sample:") not in SAMPLES:
    page.state.raw = f"sample:{next(iter(SAMPLES))}"  # an address is no way to a file of this machine
page.inputs.file_uploader(
    "Or a photo of yours: PNG, JPEG or WebP",
    type=["png", "jpg", "jpeg", "webp"],
    max_upload_size=10,
    key="image-upload",
    on_change=take_upload,
)
quickshift, seen = quickshift_form(), None
if page.load() is not None:
    try:
        with page.before:
            seen = preview(page.state.model, page.state.raw, quickshift)
    except gl.GliderError as error:
        page.refuse(error)

note, seconds = "", 0.0
page.available = seen is not None
if seen is not None:
    seconds = seen.seconds * page.state.settings.n_masks
    note = f"About {duration(seconds)} of the model's time on this machine; a first look comes after a sixth of it"
    if page.state.options.get("target") not in range(len(seen.classes)):
        page.state.options.pop("target", None)
    with page.before:
        left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        picture.show(draw_image.boundaries(seen.picture, seen.outlines), "image-before")
    with right:
        st.radio(
            "Class to explain",
            range(len(seen.classes)),
            format_func=lambda n: markdown(f"{seen.classes[n][0]} {seen.classes[n][1]:.1%}"),
            **page.state.tie_option("target", 0),
        )
        st.caption(f"{len(seen.outlines)} superpixels, found by quickshift.")
page.show(note, slow=seconds > 2)
