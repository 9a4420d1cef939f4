"""Pictures that would fill the memory, and what a model makes of the others."""

import io
import os
import resource
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
import tifffile
from PIL import Image

import glider_core as gl
from glider_core.domains.image.payload import ImagePayload
from tests.inputs.picture_files import (
    WHITE,
    Content,
    chunk,
    grey,
    noise,
    png_file,
    saved,
    tiff,
)


def _tiff_claim(width: int, height: int, **more: int) -> bytes:
    """A TIFF of a few bytes with these sides; `more`: tags by number, as t322=..."""
    tags = {256: width, 257: height, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 279: 4} | {
        int(name[1:]): value for name, value in more.items()
    }
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in sorted(tags.items()))
    return b"II*\0" + struct.pack("<I", 12) + b"abcd" + struct.pack("<H", len(tags)) + entries + bytes(4)


def _bombs() -> dict[str, bytes]:
    large = struct.pack("<HHH", 60000, 60000, 0)[:5] + bytes(2)
    webp = b"VP8X" + struct.pack("<I", 10) + bytes(4) + (16383).to_bytes(3, "little") * 2
    many = zlib.compress(bytes(300_000_000), 9)
    strip = tiff(np.zeros((64, 64), "float64"), compression="zlib", rowsperstrip=64)
    page = tifffile.TiffFile(io.BytesIO(strip)).pages[0]
    bomb = strip[: page.dataoffsets[0]] + many  # type: ignore[union-attr]
    count = struct.pack("<I", page.databytecounts[0])  # type: ignore[union-attr]
    assert bomb.count(count) >= 1
    return {
        "png": png_file(30000, 30000, b"0"),
        "png16": png_file(30000, 30000, b"0", bits=16, colours=0),
        "webp": b"RIFF" + struct.pack("<I", len(webp) + 4) + b"WEBP" + webp + bytes(40),
        "gif": b"GIF89a" + large + b"\x2c" + bytes(4) + large[:4] + bytes(60) + b";",
        "tiff": _tiff_claim(100_000, 100_000),
        "tiff-tile": _tiff_claim(64, 64, t322=40_000, t323=40_000, t324=8, t325=4),
        "tiff-float64": _tiff_claim(60_000, 60_000, t258=64, t339=3),
        "bmp": b"BM" + struct.pack("<IHHIIiiHHIIiiII", 60, 0, 0, 54, 40, 50_000, 50_000, 1, 24, 0, 0, 0, 0, 0, 0),
        "tiff-strip": bomb.replace(count, struct.pack("<I", len(many))),
        "png-text": png_file(64, 64, b"\0" * 193 * 64)[:33] + chunk(b"zTXt", b"a\0\0" + many) + chunk(b"IEND", b""),
    }


_PROGRAM = """
import pickle, sys
from glider_core.domains.image.picture import decode
from glider_core.errors import InvalidInput


def peak():  # MB of this program alone, where `ru_maxrss` would begin with that of the process that started it
    return next(int(line.split()[1]) // 1024 for line in open("/proc/self/status") if line.startswith("VmHWM"))


before = peak()
for name, content in pickle.load(sys.stdin.buffer).items():
    try:
        print(name, "|read", decode(content).picture.shape)
    except InvalidInput as error:
        print(name, "|", error)
print("grown", peak() - before)
"""


def test_pictures_that_would_fill_the_memory_are_refused_before_they_are_unpacked() -> None:
    import pickle

    def bounded() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (4_000_000_000, 4_000_000_000))

    done = subprocess.run(
        [sys.executable, "-c", _PROGRAM], input=pickle.dumps(_bombs()), capture_output=True, preexec_fn=bounded,
        cwd=Path(__file__).parents[2], env=os.environ | {"OMP_NUM_THREADS": "1"}, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    *told, grown = done.stdout.decode().splitlines()
    by_name = dict(line.split(" |", 1) for line in told)
    assert set(by_name) == set(_bombs())
    for name, sentence in by_name.items():
        assert "claims" in sentence or "unpacks" in sentence or "damaged" in sentence, (name, sentence)
    assert int(grown.split()[1]) < 100  # MB


@pytest.fixture(scope="module")
def small() -> gl.Model:
    return gl.load_model("image/small50")


def payload_of(instance: gl.Instance) -> ImagePayload:
    assert isinstance(instance.payload, ImagePayload)
    return instance.payload


def test_what_was_assumed_is_of_the_result_and_of_its_identity(small: gl.Model) -> None:
    blocks = np.random.default_rng(0).random((4, 4)).repeat(16, axis=0).repeat(16, axis=1)
    blocks = (blocks - blocks.min()) / (blocks.max() - blocks.min())
    first, second = (small.instance(tiff(high * blocks, photometric="minisblack")) for high in (4095, 65535))
    assert (payload_of(first).picture == payload_of(second).picture).all()
    assert "0 to 4,095" in payload_of(first).remarks()[0]
    assert "0 to 65,535" in payload_of(second).remarks()[0]
    prints = {instance.case(gl.Settings()).fingerprint for instance in (first, second)}
    assert len(prints) == 2
    # Explained again from what was saved, it says the same and has the same identity.
    case = gl.Case.from_json(first.case(gl.Settings()).to_json())
    again = small.instance(case.raw, **case.options)
    assert again.payload == first.payload
    assert again.case(gl.Settings()).fingerprint in prints


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        pytest.param(lambda: saved(Image.fromarray(WHITE)), "64 x 48 pixels have one colour", id="flat-white"),
        pytest.param(lambda: saved(Image.fromarray(grey(5, 5, "uint16"))), "have one colour", id="flat-16-bit"),
        pytest.param(lambda: tiff(grey(0.5, 0.5, "float32")), "have one colour", id="flat-float"),
    ],
)
def test_a_picture_without_parts_is_refused(small: gl.Model, content: Content, sentence: str) -> None:
    with pytest.raises(gl.InvalidInput, match=sentence):
        small.instance(content())


@pytest.mark.parametrize(("size", "d"), [((3000, 64), 10), ((20, 2000), 2), ((96, 96), 4), ((64, 40), 2)])
def test_small_pictures_and_strips_have_superpixels(small: gl.Model, size: tuple[int, int], d: int) -> None:
    places = np.arange(max(size)) * 12 // max(size)
    colours = np.random.default_rng(1).integers(0, 255, (12, 3)).astype(np.uint8)[places]
    strip = np.broadcast_to(colours, (min(size), *colours.shape))
    picture = Image.fromarray(np.ascontiguousarray(strip if size[0] >= size[1] else strip.swapaxes(0, 1)))
    assert picture.size == size
    assert len(small.instance(saved(picture)).names) >= d


def test_a_picture_of_too_many_parts_says_what_to_do(small: gl.Model) -> None:
    blocks = noise(188, 4).resize((3000, 64), Image.Resampling.NEAREST)
    with pytest.raises(gl.InvalidInput, match=r"2629 x 56 pixels.*2 to 300 can be explained.*Raise kernel size"):
        small.instance(saved(blocks))


def test_a_tiny_picture_says_what_to_do_and_then_has_parts(small: gl.Model) -> None:
    icon = saved(Image.fromarray(np.random.default_rng(0).integers(90, 160, (28, 28)).astype(np.uint8)))
    with pytest.raises(gl.InvalidInput, match=r"28 x 28 pixels.*1 superpixel;.*Lower kernel size"):
        small.instance(icon)
    assert len(small.instance(icon, quickshift={"kernel_size": 2.0, "max_dist": 20.0}).names) > 1


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"quickshift": {"x": 1}}, "Got the quickshift"),
        ({"quickshift": [1, 2]}, "Got the quickshift"),
        ({"quickshift": {"ratio": "much"}}, "The ratio is much"),
        ({"reading": {"frame": -1}}, "Got the reading"),
        ({"target": [1]}, "Got class rank"),
        ({"target": 1.5}, "Got class rank"),
        ({"off_state": {}}, "Got off state"),
    ],
)
def test_options_that_make_no_sense_are_refused(small: gl.Model, options: dict, sentence: str) -> None:
    with pytest.raises(gl.InvalidInput, match=sentence):
        small.instance("sample:Cat", **options)


@pytest.mark.parametrize("raw", [None, 3, ["x"], {"a": 1}, np.zeros((8, 8, 3), np.uint8), np.zeros((30, 30))])
def test_what_is_no_picture_at_all_is_refused(small: gl.Model, raw: object) -> None:
    with pytest.raises(gl.InvalidInput, match=r"Got a|each side"):
        small.instance(raw)
