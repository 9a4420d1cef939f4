"""Pictures as people have them: read right, with what was assumed, or refused with the sentence that helps."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

import glider_core as gl
from glider_core.domains.image.levels import to_bytes
from glider_core.domains.image.payload import png
from glider_core.domains.image.picture import (
    LONG_SIDE,
    MAX_BYTES,
    Reading,
    ReadPicture,
    decode,
    read_file,
    read_picture,
)
from tests.inputs.picture_files import (
    CASES,
    RAMP,
    WHITE,
    Content,
    frames,
    grey,
    grey_tiff,
    half_transparent,
    is_falling_ramp,
    is_ramp,
    is_red,
    left_dark_right_white,
    noise,
    png16,
    saved,
    tiff,
    turned,
)

DEEP = [
    *(
        pytest.param(grey_tiff(low, high, kind, options), told, id=f"{kind}-{name}")
        for kind, low, high, told in (
            ("int8", -100, 100, "8-bit signed grey; its values, -100 to 100,"),
            ("uint16", 3, 4095, "16-bit grey; its values, 3 to 4,095,"),
            ("int16", -1000, 3000, "16-bit signed grey; its values, -1,000 to 3,000,"),
            ("uint32", 0, 4e9, "32-bit grey; its values, 0 to 4,000,000,000,"),
            ("int32", -2e9, 2e9, "32-bit signed grey; its values, -2,000,000,000 to 2,000,000,000,"),
            ("float16", -0.5, 0.5, "16-bit floating-point grey; its values, -0.5 to 0.5,"),
            ("float32", 0, 1e-3, "32-bit floating-point grey; its values, 0 to 0.001,"),
            ("float64", -1e300, 1e300, "64-bit floating-point grey; its values, -1e+300 to 1e+300,"),
        )
        for name, options in (
            ("little", {}),
            ("big", {"byteorder": ">"}),
            ("packed", {"compression": "zlib"}),
            ("tiled", {"tile": (16, 32)}),
        )
    ),
    pytest.param(lambda: saved(Image.fromarray(grey(0, 65535, "uint16"))), "its values, 0 to 65,535", id="png16"),
    pytest.param(lambda: saved(Image.fromarray(grey(7, 300, "uint16"))), "its values, 7 to 300", id="png16-dark"),
    pytest.param(
        lambda: png16(np.dstack([grey(0, 4095, "uint16")] * 3)), "16-bit colour; its values, 0 to 4,095", id="png16-rgb"
    ),
    pytest.param(
        lambda: png16(np.dstack([grey(0, 4095, "uint16")] * 3 + [np.full(RAMP.shape, 65535, "uint16")])),
        "16-bit colour; its values, 0 to 4,095", id="png16-rgba",
    ),
    pytest.param(
        lambda: tiff(np.dstack([grey(0, 4095, "uint16")] * 3), photometric="rgb"), "16-bit colour", id="tiff-rgb16"
    ),
    pytest.param(
        lambda: tiff(np.stack([grey(0, 4095, "uint16")] * 3), photometric="rgb", planarconfig="separate"),
        "16-bit colour", id="tiff-rgb16-planes",
    ),
    pytest.param(
        lambda: tiff(np.dstack([grey(0, 2, "float32")] * 3), photometric="rgb"), "32-bit floating-point colour",
        id="tiff-rgb-float",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "told"), DEEP)
def test_deep_pictures_go_from_their_least_to_their_greatest_value_and_say_so(content: Content, told: str) -> None:
    read = decode(content())
    assert is_ramp(read)
    assert read.deep
    assert any(told in sentence for sentence in read.assumptions), read.assumptions


READ = [
    pytest.param(lambda: saved(Image.fromarray((255 * RAMP).round().astype(np.uint8))), is_ramp, (), id="grey"),
    pytest.param(grey_tiff(0, 255, "uint8", {}), is_ramp, (), id="tiff-grey"),
    pytest.param(
        lambda: tiff(grey(0, 255, "uint8"), photometric="miniswhite"), is_falling_ramp, (), id="tiff-white-is-0"
    ),
    pytest.param(
        lambda: tiff(grey(0, 999, "uint16"), photometric="miniswhite"), is_falling_ramp, ("from white to black",),
        id="tiff16-white-is-0",
    ),
    pytest.param(
        lambda: tiff(grey(0, 9, "float64"), photometric="miniswhite"), is_falling_ramp, ("from white to black",),
        id="tiff-float64-white-is-0",
    ),
    pytest.param(
        lambda: saved(Image.fromarray(np.tile(np.arange(64) < 32, (48, 1)))),
        lambda read: bool((read.picture[:, :32] == 255).all() and (read.picture[:, 32:] == 0).all()), (), id="1-bit",
    ),
    pytest.param(lambda: saved(Image.new("RGB", (40, 32), "red").convert("P")), is_red, (), id="palette"),
    pytest.param(lambda: half_transparent("P"), left_dark_right_white, ("shown white",), id="palette-transparent"),
    pytest.param(lambda: half_transparent("LA"), left_dark_right_white, ("shown white",), id="grey-alpha"),
    pytest.param(lambda: half_transparent("RGBA"), left_dark_right_white, ("shown white",), id="rgba"),
    pytest.param(
        lambda: saved(Image.new("CMYK", (40, 32), (0, 255, 255, 0)), "JPEG", quality=100),
        lambda read: bool(np.abs(read.picture.astype(int) - (255, 0, 0)).max() < 6), ("inks (CMYK)",), id="cmyk-jpeg",
    ),
    pytest.param(lambda: saved(Image.new("CMYK", (40, 32), (0, 255, 255, 0)), "TIFF"), is_red, ("CMYK",), id="cmyk"),
    pytest.param(lambda: frames("GIF"), is_red, ("of its 3 frames, the first is read",), id="gif-moves"),
    pytest.param(lambda: frames("WEBP"), is_red, ("of its 3 frames, the first is read",), id="webp-moves"),
    pytest.param(lambda: frames("PNG"), is_red, ("of its 3 frames, the first is read",), id="apng-moves"),
    pytest.param(lambda: frames("TIFF"), is_red, ("of its 3 pages, the first is read",), id="tiff-pages"),
    pytest.param(
        lambda: tiff(np.stack([grey(0, 1, "float64"), 1 - grey(0, 1, "float64")]), photometric="minisblack"), is_ramp,
        ("of its 2 pages, the first is read", "64-bit floating-point"), id="tiff-float64-pages",
    ),
    pytest.param(lambda: saved(Image.new("RGB", (40, 32), "red"), "GIF"), is_red, (), id="gif-still"),
    pytest.param(lambda: saved(Image.new("RGB", (40, 32), "red"), "BMP"), is_red, (), id="bmp"),
    pytest.param(
        lambda: saved(Image.new("RGB", (40, 32), "red"), "TIFF", compression="tiff_lzw"), is_red, (), id="tiff-lzw"
    ),
]  # fmt: skip


@pytest.mark.parametrize(("content", "right", "told"), READ)
def test_pictures_are_read_right_and_say_what_was_assumed(
    content: Content, right: Callable[[ReadPicture], bool], told: tuple[str, ...]
) -> None:
    read = decode(content())
    assert right(read)
    assert len(read.assumptions) == len(told)
    for part, sentence in zip(told, read.assumptions, strict=True):
        assert part in sentence


@pytest.mark.parametrize("orientation", range(1, 9))
def test_photos_stand_upright(orientation: int) -> None:
    """EXIF's eight ways: where the darkest column of the file belongs."""
    picture = read_picture(turned(orientation))[:, :, 0].astype(int)
    if orientation >= 5:
        picture = picture.T
    assert picture.shape == (32, 64)
    rising = picture[:, 0].max() < picture[:, -1].min()
    assert rising == (orientation in (1, 4, 5, 6))


@pytest.mark.parametrize(
    ("size", "shape"),
    [
        ((3000, 64), (56, 2629)),
        ((20, 2000), (2000, 20)),
        ((16, 16), (16, 16)),
        ((28, 28), (28, 28)),
        ((100, 1200), (768, 64)),
        ((1200, 800), (256, LONG_SIDE)),
        ((2000, 400), (77, LONG_SIDE)),
        ((16, 2048), (2048, 16)),
    ],
)
def test_strips_and_small_pictures_keep_what_can_be_divided(size: tuple[int, int], shape: tuple[int, int]) -> None:
    picture = read_picture(saved(noise(*size)))
    assert picture.shape[:2] == shape
    assert (read_picture(png(picture)) == picture).all()  # as it is saved, it is read again


REFUSED = [
    pytest.param(lambda: b"", "The file is empty", id="empty"),
    pytest.param(lambda: b"hello", "no PNG, JPEG or WebP picture, and no GIF, TIFF or BMP", id="text"),
    pytest.param(lambda: b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "a HEIC picture.*as JPEG", id="heic"),
    pytest.param(lambda: b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic" + bytes(50), "a HEIC picture", id="heif"),
    pytest.param(lambda: b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf" + bytes(50), "an AVIF picture.*as PNG", id="avif"),
    pytest.param(lambda: b"\0\0\0\x18ftypisom\0\0\0\0isomiso2" + bytes(50), "a video.*frames as PNG", id="mp4"),
    pytest.param(lambda: b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing.*as PNG", id="svg"),
    pytest.param(lambda: b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg width='9'/>", "an SVG", id="svg-xml"),
    pytest.param(lambda: "<?xml version='1.0'?><svg />".encode("utf-16"), "an SVG drawing", id="svg-utf16"),
    pytest.param(lambda: b"%PDF-1.7\n" + bytes(40), "a PDF document.*as PNG", id="pdf"),
    pytest.param(lambda: b"\r\n%PDF-1.7\n" + bytes(40), "a PDF document", id="pdf-late"),
    pytest.param(lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "an EPS drawing", id="eps"),
    pytest.param(lambda: b"8BPS\0\1" + bytes(40), "Photoshop", id="psd"),
    pytest.param(lambda: bytes(128) + b"DICM" + bytes(40), "a DICOM picture.*16 bits", id="dicom"),
    pytest.param(lambda: b"<!DOCTYPE html><html><body>404", "a web page", id="html"),
    pytest.param(lambda: b"PK\3\4" + bytes(40), "a ZIP file", id="zip"),
    pytest.param(lambda: b"\x1f\x8b" + bytes(40), "a gzip file.*Unpack", id="svgz"),
    pytest.param(lambda: b"\0\0\0\x0cJXL \r\n\x87\n", "JPEG XL", id="jxl"),
    pytest.param(lambda: b"\0\0\1\0\1\0" + bytes(40), "an icon", id="ico"),
    pytest.param(lambda: saved(noise(8, 8)), "8 x 8 pixels; each side needs 16", id="8x8"),
    pytest.param(lambda: saved(noise(3000, 9)), "3000 x 9 pixels; each side needs 16", id="thin"),
    pytest.param(lambda: saved(noise(20, 3000)), "20 x 3000 pixels, one side more than 128 times", id="line"),
    pytest.param(
        lambda: saved(Image.new("RGBA", (64, 48), (200, 0, 0, 0))), "64 x 48 pixels is transparent throughout",
        id="transparent",
    ),
    pytest.param(
        lambda: saved(Image.fromarray(np.dstack([WHITE, (255 * RAMP).astype(np.uint8)]))), "as white as its ground",
        id="white-on-transparent",
    ),
    pytest.param(lambda: saved(noise(200, 200))[:5000], "damaged or cut off", id="png-cut"),
    pytest.param(lambda: saved(noise(200, 200), "JPEG")[:3000], "damaged or cut off", id="jpeg-cut"),
    pytest.param(lambda: saved(noise(200, 200), "WEBP")[:3000], "damaged or cut off|no PNG", id="webp-cut"),
    pytest.param(lambda: saved(noise(200, 200), "GIF")[:3000], "damaged or cut off", id="gif-cut"),
    pytest.param(lambda: saved(noise(200, 200), "TIFF")[:3000], "damaged or cut off", id="tiff-cut"),
    pytest.param(lambda: saved(noise(200, 200), "BMP")[:3000], "damaged or cut off", id="bmp-cut"),
    pytest.param(lambda: tiff(np.zeros((48, 64), "float64"))[:3000], "damaged or cut off", id="tiff-float64-cut"),
    pytest.param(lambda: saved(noise(200, 200))[:20], "no PNG|damaged", id="header-cut"),
    pytest.param(lambda: tiff(np.full((48, 64), np.nan)), "every value is NaN", id="all-nan"),
    pytest.param(lambda: tiff(np.ones((48, 64), "complex64")), "real|kind complex64|no picture|damaged", id="complex"),
    pytest.param(
        lambda: tiff(np.ones((48, 64, 9), "float32"), photometric="minisblack", planarconfig="contig"),
        "48 x 64 x 9 values", id="channels",
    ),
    pytest.param(lambda: saved(Image.new("LAB", (40, 32)), "TIFF"), "in Lab", id="lab"),
    pytest.param(
        lambda: tiff(np.zeros((48, 64), "uint16"), extratags=[(50706, "B", 4, (1, 4, 0, 0), True)]), "a raw photo",
        id="dng",
    ),
    pytest.param(lambda: b"\xff" * (MAX_BYTES + 1), "10.0 MB; at most 10 MB", id="too-many-bytes"),
]  # fmt: skip


@pytest.mark.parametrize(("content", "sentence"), REFUSED)
def test_what_cannot_be_read_is_refused_with_its_sentence(content: Content, sentence: str) -> None:
    with pytest.raises(gl.InvalidInput, match=sentence):
        decode(content())


@pytest.mark.parametrize(
    ("content", "reading", "right"),
    [
        pytest.param(lambda: frames("GIF"), Reading(frame=3), (0, 0, 255), id="gif-3"),
        pytest.param(lambda: frames("WEBP"), Reading(frame=2), (0, 255, 0), id="webp-2"),
        pytest.param(lambda: frames("PNG"), Reading(frame=3), (0, 0, 255), id="apng-3"),
        pytest.param(lambda: frames("TIFF"), Reading(frame=2), (0, 255, 0), id="tiff-2"),
        pytest.param(
            lambda: saved(Image.fromarray(np.full((40, 32), 25700, "uint16"))), Reading(levels="type"), (100, 100, 100),
            id="whole-range",
        ),
    ],
)  # fmt: skip
def test_what_was_assumed_can_be_changed(content: Content, reading: Reading, right: tuple[int, int, int]) -> None:
    assert (decode(content(), reading).picture == right).all()


def test_white_on_transparent_is_seen_on_black() -> None:
    drawn = saved(Image.fromarray(np.dstack([WHITE, (255 * RAMP).round().astype(np.uint8)])))
    read = decode(drawn, Reading(ground="black"))
    assert is_ramp(read)
    assert read.assumptions == ("Transparent parts are shown black.",)


def test_one_hot_pixel_does_not_darken_the_rest_when_the_ends_are_left_out() -> None:
    values = grey(0, 1000, "uint16")
    values[3, 3] = 65535
    assert decode(tiff(values)).picture.max(axis=2)[40:].max() < 5
    assert decode(tiff(values), Reading(levels="middle")).picture[40:].max() == 255


@pytest.mark.parametrize("frame", [4, 99, 100_000])
@pytest.mark.parametrize("kind", ["GIF", "TIFF"])
def test_a_frame_that_is_not_there_is_refused(kind: str, frame: int) -> None:
    with pytest.raises(gl.InvalidInput, match=f"no (frame|page) {frame}; it has 3"):
        decode(frames(kind), Reading(frame=frame))


@pytest.mark.parametrize(
    "told",
    [{"frame": 0}, {"frame": "2"}, {"frame": 1.5}, {"levels": "x"}, {"ground": "red"}, {"x": 1}, [1], "own", {1: 2}],
)
def test_a_reading_that_makes_no_sense_is_refused(told: object) -> None:
    with pytest.raises(gl.InvalidInput, match="Got the reading"):
        Reading.of(told)  # type: ignore[arg-type]


def test_values_that_are_no_numbers_are_black_and_counted() -> None:
    values = grey(1, 2, "float32")
    values[0, :5], values[1, 0] = np.nan, np.inf
    read = decode(tiff(values))
    assert "6 values are no numbers" in read.assumptions[0]
    assert (read.picture[0, :5] == 0).all()


def test_the_file_of_the_shelf_has_its_contrast_again() -> None:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    read = decode((CASES / "gray16.png").read_bytes())
    values = np.asarray(Image.open(CASES / "gray16.png")).astype(float)
    expected = (values - values.min()) / (values.max() - values.min()) * 255
    assert np.abs(read.picture[:, :, 0] - expected).max() <= 1
    assert "16-bit grey" in read.assumptions[0]


@settings(max_examples=40, deadline=None)
@given(
    arrays.arrays(
        st.sampled_from([np.uint16, np.int16, np.int32, np.uint32, np.float32, np.float64]),
        st.tuples(st.integers(16, 24), st.integers(16, 24)),
        elements={"allow_nan": False, "allow_infinity": False},
    ),
    st.sampled_from(["<", ">"]),
    st.sampled_from([None, "zlib"]),
)
def test_any_grey_tiff_is_read_as_its_values_say(values: np.ndarray, order: str, packed: str | None) -> None:
    read = decode(tiff(values, byteorder=order, compression=packed, photometric="minisblack"))
    exact = values.astype(np.longdouble)
    low, high = exact.min(), exact.max()
    expected = 255 * (exact - low) / (high - low) if high > low else 0 * exact
    assert np.abs(read.picture[:, :, 0] - expected).max() < 0.51


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=200), st.sampled_from(["PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP"]), st.integers(0, 3000))
def test_a_damaged_file_is_read_or_refused_and_never_crashes(noise_bytes: bytes, kind: str, place: int) -> None:
    content = bytearray(saved(Image.fromarray((255 * RAMP).astype(np.uint8)), kind))
    place %= len(content)
    content[place : place + len(noise_bytes)] = noise_bytes
    with contextlib.suppress(gl.InvalidInput):
        assert decode(bytes(content)).picture.ndim == 3


def test_levels_are_of_all_colours_together() -> None:
    colours = np.dstack([np.full((4, 4), 100), np.full((4, 4), 200), np.full((4, 4), 300)]).astype(np.uint16)
    assert to_bytes(colours)[0][0, 0].tolist() == [0, 128, 255]


def test_a_path_that_is_no_picture_is_refused(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "no.png", Path("x\0y")):
        with pytest.raises(gl.InvalidInput, match="cannot be read"):
            read_file(str(path))
    large = tmp_path / "large.png"
    large.write_bytes(bytes(MAX_BYTES + 1))
    with pytest.raises(gl.InvalidInput, match=r"10\.0 MB"):
        read_file(str(large))
