"""Image: which parts of a photo act together in what a classifier sees."""

import streamlit as st

import glider_core as gl
from glider_core.domains.image import SAMPLES
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


page = workbench.open_page("image")
# An address is no way to a file of this machine.
known = isinstance(page.state.raw, bytes) or page.state.raw in {f"sample:{name}" for name in SAMPLES}
if not known:
    page.refuse(
        gl.InvalidInput(
            f"There is no sample {str(page.state.raw).removeprefix('sample:')[:60]!r}; choose one, or upload a photo."
        )
    )
page.inputs.file_uploader(
    "Or a photo of yours: PNG, JPEG, WebP, GIF, TIFF or BMP",
    # What is not read is taken, too: the page says what the file is, and how to save it as one that is.
    type=["png", "apng", "jpg", "jpeg", "webp", "gif", "tif", "tiff", "bmp", "heic", "heif", "avif", "svg", "pdf"],
    max_upload_size=10,
    key="image-upload",
    on_change=take_upload,
)
quickshift, seen = quickshift_form(page.state, page.controls), None
reading = reading_form(page.state, page.controls)
if known and page.load() is not None:
    try:
        with page.before:
            seen = preview(page.state.model, page.state.raw, quickshift, reading)
    except gl.GliderError as error:
        page.refuse(error)

note, seconds = "", 0.0
page.available = seen is not None
if seen is not None:
    classes, seconds = seen.classes, seen.seconds * page.state.settings.n_masks
    note = f"At most {duration(seconds)} of the model's time on this machine; a first look comes well before"
    if page.state.options.get("target") not in range(len(classes)):
        page.state.options.pop("target", None)
    with page.before:
        if seen.assumptions:
            st.info(markdown(" ".join(seen.assumptions)), icon=":material/info:")
        left, right = st.columns([3, 2], gap="large", vertical_alignment="center")
    with left:
        picture.show(draw_image.boundaries(seen.picture, seen.outlines, seen.labels), "image-before")
    with right:
        st.radio(
            "Class to explain",
            range(len(classes)),
            format_func=lambda n: markdown(f"{classes[n][0]} {classes[n][1]:.1%}"),
            **page.state.tie_option("target", 0),
        )
        unseen = " The model sees the middle only; the shaded rest is left out." if (seen.labels < 0).any() else ""
        st.caption(f"{len(seen.outlines)} superpixels, found by quickshift.{unseen}")
page.show(note, slow=seconds > 2)
