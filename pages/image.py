"""Image: which parts of a photo act together in what a classifier sees."""

from typing import cast

import streamlit as st

import glider_core as gl
from glider_core.domains.image import SAMPLES
from glider_core.domains.image.model import ImageModel
from glider_core.drawings import image as draw_image
from glider_core.drawings.text import markdown
from pages.parts import picture, workbench
from pages.parts.image_preview import preview, quickshift_form, reading_form


def take_upload() -> None:
    """Explain the uploaded photo when asked to, the likeliest class first."""
    if (file := st.session_state["image-upload"]) is not None:
        page.state.raw = file.getvalue()
        page.state.options.pop("target", None)
        page.state.options.pop("reading", None)


def duration(seconds: float) -> str:
    """A rough time in words."""
    return f"{max(round(seconds), 1)} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"


def titled(name: str, shares: dict[str, float]) -> str:
    """A class with its probability, if it is among the likeliest."""
    return f"{name} {shares[name]:.0%}" if name in shares else name


page = workbench.open_page("image")
# An address is no way to a file of this machine.
known = isinstance(page.state.raw, bytes) or page.state.raw in {f"sample:{name}" for name in SAMPLES}
if not known:
    page.refuse(
        gl.InvalidInput(
            f"There is no sample {str(page.state.raw).removeprefix('sample:')[:60]!r}; choose one, or upload a photo."
        )
    )
place = page.inputs.container(horizontal=True, vertical_alignment="bottom")
place.popover("Your photo", icon=":material/upload_file:").file_uploader(
    "A photo of yours: PNG, JPEG, WebP, GIF, TIFF or BMP",
    # What is not read is taken, too: the page says what the file is, and how to save it as one that is.
    type=["png", "apng", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp", "heic", "heif", "avif", "svg", "pdf"],
    max_upload_size=10,
    key="image-upload",
    on_change=take_upload,
)
superpixels = page.controls.popover("Superpixels", icon=":material/grid_view:", width=150)
before = superpixels.container()
quickshift, seen = quickshift_form(page.state, superpixels), None
reading = reading_form(page.state, page.controls)
model = page.load() if known else None
if model is not None:
    try:
        with page.before:
            seen = preview(page.state.model, page.state.raw, quickshift, reading)
    except gl.GliderError as error:
        page.refuse(error)

note, seconds = "", 0.0
page.available = seen is not None
if seen is not None:
    classes, seconds = seen.classes, seen.seconds * page.state.settings.n_masks
    note = f"{len(seen.outlines)} superpixels, found by quickshift; at most {duration(seconds)} of the model's time"
    shares = dict(classes)
    named = [*shares, *(name for name in cast(ImageModel, model).classes if name not in shares)]
    target = page.state.options.get("target")
    if isinstance(target, int) and 0 < target < len(classes):  # of an older link: its rank
        page.state.options["target"] = classes[target][0]
    elif target not in named:
        page.state.options.pop("target", None)
    with place:
        st.selectbox(
            "Class to explain",
            named,
            format_func=lambda name: titled(name, shares),
            **page.state.tie_option("target", named[0]),
        )
    against = page.state.options.get("against")
    if against is not None and (against not in named or against == page.state.options.get("target", named[0])):
        page.state.options.pop("against")
    page.form.selectbox(
        "Against another class",
        ["none", *(name for name in named if name != page.state.options.get("target", named[0]))],
        help="Explained is then by how many logits the first class is ahead of this one.",
        **page.state.tie_option("against", "none"),
    )
    with page.before:
        if seen.assumptions:
            st.info(markdown(" ".join(seen.assumptions)), icon=":material/info:")
    with before:
        picture.show(draw_image.boundaries(seen.picture, seen.outlines, seen.labels), "image-before")
        if (seen.labels < 0).any():
            st.caption("The model sees the middle only; the shaded rest is left out.")
page.show(note, slow=seconds > 2)
