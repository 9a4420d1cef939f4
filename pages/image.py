"""Image: which parts of a photo act together in what a classifier sees."""

from __future__ import annotations

import streamlit as st

import glider_core as gl
from glider_core.domains.image.model import ImageModel
from glider_core.domains.image.picture import SAMPLES, Picture, read_picture, sample
from glider_core.domains.image.superpixels import Quickshift, outlines, segment
from glider_core.drawings import image as draw_image
from glider_core.drawings.text import markdown
from pages.parts import frame, model_choice, picture, result_view, run_panel

PAGE, SHIPPED = "image", "image/small50"
OFF_STATES = {"mean": "its mean colour", "blur": "blurred"}


def take_sample() -> None:
    """Explain one of the samples, in place of an upload."""
    if picked := st.session_state["image.example"]:
        st.session_state["image.sample"] = picked
        st.session_state["image.uploads"] = st.session_state.get("image.uploads", 0) + 1  # empties the uploader
        st.session_state["image.run"] = True


def forget_class() -> None:
    """Another model or picture has other likeliest classes."""
    st.session_state.pop("image.rank", None)


@st.cache_data(max_entries=100, show_spinner=False)
def read(content: bytes) -> Picture:
    """The decoded picture."""
    return read_picture(content)


@st.cache_data(max_entries=50, show_spinner="Finding superpixels")
def shapes(content: bytes, settings: Quickshift) -> list:
    """Outlines of the picture's superpixels."""
    return outlines(segment(read(content), settings))


@st.cache_data(max_entries=100, show_spinner="Asking the model")
def likeliest(model_id: str, content: bytes) -> list[tuple[str, float]]:
    """The model's top five classes for the picture."""
    return run_panel.model(model_id).top(read(content))  # type: ignore[attr-defined]


@st.cache_data(show_spinner=False)
def seconds_per_picture(model_id: str) -> float:
    """Measured once on this machine."""
    return run_panel.model(model_id).seconds_per_picture()  # type: ignore[attr-defined]


def duration(seconds: float) -> str:
    """A rough time in words."""
    return f"{max(round(seconds), 1)} seconds" if seconds < 90 else f"{round(seconds / 60)} minutes"


frame.enter()
run_panel.start(PAGE, detector="NID", sample=next(iter(SAMPLES)), model=SHIPPED, off="mean")
if st.session_state["image.sample"] not in SAMPLES:
    st.session_state["image.sample"] = next(iter(SAMPLES))
if st.session_state["image.off"] not in OFF_STATES:
    st.session_state["image.off"] = "mean"

st.title("Image", anchor=False)
st.markdown("Which parts of a photo does a classifier need to see *together*?")
st.pills("Samples", list(SAMPLES), key="image.example", on_change=take_sample, label_visibility="collapsed")
left, right = st.columns([3, 2])
file = left.file_uploader(
    "Or a photo of yours: PNG, JPEG or WebP",
    type=["png", "jpg", "jpeg", "webp"],
    max_upload_size=10,
    key=f"image.upload.{st.session_state.get('image.uploads', 0)}",
    on_change=forget_class,
)
with right:
    model_id = model_choice.select(PAGE, "image", on_change=forget_class)
refused = st.empty()  # a place of its own: what follows does not move when a photo is refused
content = file.getvalue() if file else sample(st.session_state["image.sample"])
try:
    seen = read(content)
except gl.GliderError as error:
    refused.error(markdown(str(error)), icon=":material/error:")
    content = sample(st.session_state["image.sample"])
    seen = read(content)
model: ImageModel | None = model_choice.ready(PAGE, model_id)  # type: ignore[assignment]
if model is None:
    st.stop()
classes = likeliest(model_id, content)

with st.container(horizontal=True, vertical_alignment="center"):
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", key="image.button", width=120)
    note = run_panel.detector_choice(PAGE)
    with st.popover("Settings", icon=":material/tune:"):
        settings = run_panel.settings_form(PAGE)
        off_state = st.radio(
            "A superpixel that is off shows", list(OFF_STATES), format_func=OFF_STATES.__getitem__, key="image.off"
        )
    with st.popover("Superpixels", icon=":material/grid_view:"):
        quickshift = Quickshift(
            float(
                st.slider("Kernel size: smooths colours over so many pixels", 1.0, 10.0, 4.0, 0.5, key="image.kernel")
            ),
            float(st.slider("Maximal distance: more joins more", 5, 300, 200, 5, key="image.distance")),
            float(st.slider("Ratio: nearness (0) against colour (1)", 0.0, 1.0, 0.2, 0.05, key="image.ratio")),
        )
message = st.empty()
needed = seconds_per_picture(model_id) * settings.n_masks
st.caption(
    f"{note} About {duration(needed)} of the model's time on this machine; a first look comes after a sixth of it."
)

before, choice = st.columns([3, 2], gap="large", vertical_alignment="center")
try:
    edges = shapes(content, quickshift)
except gl.InvalidInput as error:
    message.error(markdown(str(error)), icon=":material/error:")
    edges = None
with before:
    if edges is not None:
        picture.show(draw_image.boundaries(seen, edges), "image.before")
with choice:
    rank = st.radio(
        "Class to explain",
        range(len(classes)),
        format_func=lambda n: markdown(f"{classes[n][0]} {classes[n][1]:.1%}"),
        key="image.rank",
    )
    if edges is not None:
        st.caption(f"{len(edges)} superpixels, found by quickshift.")

case = run_panel.Case(
    content, settings, {"quickshift": quickshift, "off_state": off_state, "target": rank or 0}, model_id
)
first_visit = "image.visited" not in st.session_state
st.session_state["image.visited"] = True
if edges is not None and (pressed or first_visit or st.session_state.pop("image.run", False)):
    try:
        own = ("model", "off", *(() if file else ("sample",)))
        run_panel.submit(PAGE, model, case, own, first_look=needed > 2)
    except gl.GliderError as error:
        message.error(markdown(str(error)), icon=":material/error:")

shown = run_panel.panel(PAGE, case)
if shown is None:
    st.stop()

explanation = shown.explanation
result_view.forget_switches_of_others(explanation.names, PAGE)
with st.container(border=True):
    st.subheader(markdown(f"{explanation.explained}: {explanation.prediction:+.1f} logits"), anchor=False)
    if shown.first_look:
        st.markdown(run_panel.FIRST_LOOK)
    st.markdown(result_view.headline(explanation, "logits"))
    chosen = st.session_state.get("image.chosen")
    payload = shown.instance.payload  # type: ignore[attr-defined]
    drawn = draw_image.photo(explanation, payload["picture"], outlines(payload["labels"]), chosen)
    picture.show(drawn, "image.picture")
    st.caption(
        "Left: superpixels that act together, one colour for each interaction; those that share half of their "
        "superpixels are merged. Right: what each superpixel does alone, then each interaction lit. Hover for numbers."
    )
    result_view.choose(PAGE, explanation)
result_view.evidence(PAGE, shown, chosen, say=lambda answer: f"{answer:+.2f} logits")
