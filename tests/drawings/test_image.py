import re
from dataclasses import replace
from typing import Any

import numpy as np

from glider_core.domains.image.payload import ImagePayload
from glider_core.drawings import DRAWINGS, draw
from glider_core.drawings import image as draw_image
from glider_core.drawings.plane import contains
from glider_core.results import Explanation
from glider_core.shipped import ASSETS
from tests.drawings.values import Elements, explanation, interaction

NAMES = [f"S{i}" for i in range(1, 5)]
LABELS = np.arange(64).reshape(8, 8) // 16


def photo(shade: int, *sets: tuple[int, ...], times: int = 1) -> Any:
    labels = LABELS.repeat(times, axis=0).repeat(times, axis=1)
    payload = ImagePayload.of(np.full((*labels.shape, 3), shade, dtype=np.uint8), labels, off_state="mean", target=0)
    return explanation(NAMES, [interaction(*features, names=NAMES) for features in sets], payload)


def ids(html: str) -> set[str]:
    return set(Elements(html).values("id"))


def test_pictures_on_one_page_have_ids_of_their_own() -> None:
    html = draw(photo(0, (0, 1)))
    assert len(ids(html)) == 1 + 4 + 1  # the photo, its superpixels, and what is cut out
    for other in (draw(photo(1, (0, 1))), draw(photo(0, (2, 3))), draw(photo(0, (0, 1), (2, 3)), 1)):
        assert not ids(html) & ids(other)
    assert ids(html) == ids(draw(photo(0, (0, 1))))


def test_every_reference_has_its_target() -> None:
    drawn = Elements(draw(photo(0, (0, 1), (2, 3))))
    asked = {value.removeprefix("#") for value in drawn.values("href") if value.startswith("#")}
    asked |= {value[5:-1] for value in drawn.values("clip-path")}
    assert asked == set(drawn.values("id"))


def test_overlapping_interactions_are_drawn_as_one_and_a_chosen_one_alone() -> None:
    shown = photo(0, (0, 1), (1, 2), (3, 2, 1)[::-1])
    assert "I1, I2, I3 merged" in Elements(draw(shown)).texts
    texts = Elements(draw(shown, 1)).texts
    assert "I2 +0.50" in texts
    assert "I1, I2, I3 merged" not in texts


def test_what_the_model_does_not_see_is_shaded_and_told() -> None:
    labels = np.where(np.arange(8)[:, None] < 2, -1, LABELS - 1).astype(np.int64)
    payload = ImagePayload.of(np.zeros((8, 8, 3), dtype=np.uint8), labels, off_state="mean", target=0)
    whole = photo(0, (0, 1))
    cut = replace(whole, payload=payload, names=tuple(NAMES[:3]), main_effects=(1.0, 2.0, 3.0))
    caption = DRAWINGS["image"].caption
    assert len(ids(draw(cut))) == 1 + 3 + 1
    assert Elements(draw(cut)).texts.count("The model does not see this part") == 1
    assert "M7.5" in draw(cut)  # the upper quarter, to its edges
    assert caption(cut, payload).endswith("Shaded: what the model does not see.")
    assert "does not see" not in draw(whole) + caption(whole, whole.payload)


def test_without_interactions_the_large_picture_is_of_main_effects() -> None:
    texts = Elements(draw(photo(0))).texts
    assert "What each superpixel does alone" in texts
    assert "All that act together" not in texts


def test_only_superpixels_of_the_first_set_are_named_until_someone_points_at_another() -> None:
    def seen(html: str) -> tuple[set[str], set[str]]:
        names = re.findall(r'<text[^>]*data-feature="\d+"( class="glider-quiet")?[^>]*>(S\d)</text>', html)
        return {name for quiet, name in names if not quiet}, {name for quiet, name in names if quiet}

    large = photo(0, (0, 1), (1, 2), times=40)
    assert seen(draw(large)) == ({"S1", "S2"}, {"S3", "S4"})
    assert seen(draw(large, 1)) == ({"S2", "S3"}, {"S1", "S4"})
    assert seen(draw(photo(0, (0, 1)))) == (set(), set(NAMES))  # no room: the label of the set has it
    alone = replace(photo(0, times=40), main_effects=(1.0, -0.5, 0.1, 0.0))
    assert seen(draw(alone)) == ({"S1", "S2"}, {"S3", "S4"})


def test_letters_over_a_photo_can_be_read_on_a_screen_and_on_a_phone() -> None:
    for width, height in ((600, 400), (224, 224), (200, 640)):
        labels = np.arange(height)[:, None] // (height // 4 + 1) + np.zeros(width, dtype=np.int64)
        payload = ImagePayload.of(np.zeros((height, width, 3), dtype=np.uint8), labels, off_state="mean", target=0)
        html = draw(explanation(NAMES, [interaction(0, 1, names=NAMES)], payload))
        sizes = [float(size) for size in re.findall(r'<text[^>]*font-size="([\d.]+)"', html)]
        shown = min(368 / height, 276 / width)  # pixels of a screen for one of the photo
        assert sizes
        assert min(sizes) * shown >= 14


def test_a_name_finds_room_in_its_superpixel_beside_the_labels() -> None:
    coffee = Explanation.from_json((ASSETS / "samples" / "image-small50-coffee.json").read_text(encoding="utf-8"))
    named = re.findall(r'<text[^>]*data-feature="\d+"(?! class="glider-quiet")[^>]*>(S\d+)</text>', draw(coffee))
    assert set(named) == set(coffee.interactions[0].names)
    square = np.array([[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 4.0]])
    assert contains(square, 1.0, 3.0)
    assert not any(contains(square, *point) for point in ((5.0, 2.0), (-1.0, 2.0), (2.0, 5.0), (2.0, -1.0)))


def test_labels_of_sets_do_not_stand_over_each_other() -> None:
    shown = photo(0, (0, 1), (0, 1, 2, 3), (2, 3))
    sheet = draw_image._Sheet("k", 200, 80, draw_image.outlines(np.arange(64).reshape(8, 8) // 16))
    labels, _ = draw_image._labels(sheet, shown, [0, 1, 2])
    lines = [float(y) for label in labels for y in re.findall(r' y="([\d.]+)"', label)]
    assert len(lines) == 3
    assert all(abs(a - b) >= 11 for n, a in enumerate(lines) for b in lines[:n])


def test_the_picture_before_a_run_shows_every_superpixel() -> None:
    drawn = draw_image.boundaries(np.zeros((8, 8, 3), dtype=np.uint8), draw_image.outlines(LABELS))
    assert [text for text in Elements(drawn).texts if text.startswith("S")] == NAMES
