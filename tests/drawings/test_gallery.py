"""Galleries: what stands in them, and that texts from outside stay texts."""

from __future__ import annotations

import io
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

import glider_core as gl
from glider_core.domains.image.payload import ImagePayload
from glider_core.drawings import gallery
from glider_core.errors import InvalidInput
from glider_core.shipped import ASSETS

SVG = "{http://www.w3.org/2000/svg}"


def sample(name: str) -> gl.Explanation:
    return gl.Explanation.from_json((ASSETS / "samples" / f"{name}.json").read_text(encoding="utf-8"))


def photo(heading: str) -> gallery.Photo:
    explanation = sample("image-small50-rocket")
    payload = explanation.payload
    assert isinstance(payload, ImagePayload)
    file = io.BytesIO()
    Image.fromarray(payload.picture).save(file, "JPEG")
    labels = payload.labels[::4, ::4]
    return gallery.Photo(heading=heading, jpeg=file.getvalue(), labels=labels, explanation=explanation)


def test_a_photo_stands_beside_its_effects_and_its_first_two_sets() -> None:
    first = photo("A <b>rocket</b>")
    none = replace(first.explanation, interactions=(), scores=first.explanation.scores[:1])
    second = gallery.Photo(heading="Again", jpeg=first.jpeg + b"\0", labels=first.labels, explanation=none)
    drawn = ElementTree.fromstring(gallery.photos([first, second], title="Photos"))
    texts = [element.text for element in drawn.iter(f"{SVG}text")]
    assert texts[0] == "A <b>rocket</b>"
    groups = [text for text in texts if text and text.startswith("I1")]
    assert len(groups) == 1  # the second photo has none, and says so
    assert texts.count("No set found") == 2
    assert len(drawn.findall(f".//{SVG}svg")) == 2 * (2 + gallery.SETS)
    ids = [element.get("id") for element in drawn.iter() if element.get("id")]
    assert len(ids) == len(set(ids))
    used = {element.get("href", "")[1:] for element in drawn.iter(f"{SVG}use")}
    assert used <= set(ids)  # nothing that is drawn is missing


def test_sentences_stand_below_each_other_with_their_brackets() -> None:
    known = sample("sentiment-lstm-not-bad")
    unread = replace(known, scores=tuple(0.1 for _ in known.scores), spread=known.resolution + 1.0)
    assert unread.verdict == "unreadable"
    rows = [gallery.Sentence(heading=f"{n} & <i>", explanation=e) for n, e in enumerate([known, unread])]
    drawn = ElementTree.fromstring(gallery.sentences(rows, title="Sentences"))
    texts = [element.text or "" for element in drawn.iter(f"{SVG}text")]
    assert [text for text in texts if "<i>" in text] == ["0 & <i>", "1 & <i>"]
    assert texts.count("flat") == 2
    assert sum(text.startswith("I1 ") for text in texts) == 1  # of what could not be read no set is drawn


def test_a_gallery_of_nothing_is_refused() -> None:
    with pytest.raises(InvalidInput, match="nothing to draw"):
        gallery.photos([], title="")
    photographed = gallery.Sentence(heading="Rocket", explanation=sample("image-small50-rocket"))
    with pytest.raises(InvalidInput, match="Rocket is no explanation of a sentence"):
        gallery.sentences([photographed], title="")


def test_superpixels_that_a_small_photo_lost_are_passed_over() -> None:
    first = photo("Rocket")
    lost = np.where(first.labels == first.labels.max(), 0, first.labels)
    drawn = ElementTree.fromstring(gallery.photos([replace(first, labels=lost)], title=""))
    ids = {element.get("id") for element in drawn.iter()}
    assert {element.get("href", "")[1:] for element in drawn.iter(f"{SVG}use")} <= ids
