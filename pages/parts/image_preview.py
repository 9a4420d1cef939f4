"""A photo before it is explained: its superpixels, what the model sees in it, and how long asking will take."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import cast

import glider_core as gl
from glider_core.domains.image.model import ImageModel
from glider_core.domains.image.picture import Picture, read_picture, sample
from glider_core.domains.image.superpixels import Quickshift, outlines, segment
from glider_core.drawings.image import Outlines
from glider_core.provenance import fingerprint
from pages.parts import run


@dataclass(frozen=True, slots=True)
class Preview:
    """What is known of a photo before the model is asked about its parts."""

    picture: Picture
    outlines: Outlines  # of its superpixels
    classes: list[tuple[str, float]]  # the likeliest, with their probabilities
    seconds: float  # that one picture takes the model on this machine


def preview(model_id: str, raw: str | bytes, quickshift: Quickshift) -> Preview | None:
    """The preview of a photo; None while it is worked out.

    Raises:
        GliderError: the photo cannot be read, or falls into too few or too many superpixels.
    """
    key = ("preview", model_id, fingerprint(raw), quickshift)
    return run.quick("preview", lambda: _preview(model_id, raw, quickshift), key=key, waiting="Looking at the photo")


def _preview(model_id: str, raw: str | bytes, quickshift: Quickshift) -> Preview:
    model = cast(ImageModel, gl.load_model(model_id))
    picture = read_picture(sample(raw.removeprefix("sample:")) if isinstance(raw, str) else raw)
    return Preview(picture, outlines(segment(picture, quickshift)), model.top(picture), _seconds_per_picture(model_id))


@cache
def _seconds_per_picture(model_id: str) -> float:
    return cast(ImageModel, gl.load_model(model_id)).seconds_per_picture()
