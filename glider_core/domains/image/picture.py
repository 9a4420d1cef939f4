"""Reading uploaded pictures, which are hostile until shown to be pictures."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from glider_core.domains.image.decoding import Decoded, open_frame, open_tiff
from glider_core.domains.image.formats import READ, not_a_picture, refuse_foreign, webp_size
from glider_core.domains.image.reading import MIN_SIDE, Reading, check_size
from glider_core.domains.image.samples import SAMPLES
from glider_core.errors import InvalidInput

Picture = NDArray[np.uint8]  # (height, width, 3)

MAX_BYTES = 10_000_000
LONG_SIDE = 384  # to which pictures are reduced: more shows no more superpixels, and takes quickshift minutes
STRIP_SIDE = 64  # pixels that the short side keeps where there is room: a strip is not reduced to a line
_UPRIGHT = {  # EXIF's orientation: what turns the picture upright
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True, eq=False)
class ReadPicture:
    """A picture and what was assumed to read it."""

    picture: Picture
    assumptions: tuple[str, ...] = ()  # sentences
    frames: int = 1  # in the file; above `MAX_FRAMES`: more than are counted
    deep: bool = False  # whether it has more than 8 bits, so that `Reading.levels` matters
    transparent: bool = False  # whether `Reading.ground` matters


def read_picture(content: bytes, reading: Reading | None = None) -> Picture:
    """The picture of a file, upright, in 8-bit colours, reduced to about `LONG_SIDE` pixels; see `decode`."""
    return decode(content, reading).picture


def decode(content: bytes, reading: Reading | None = None) -> ReadPicture:
    """The picture of a PNG, JPEG, WebP, GIF, TIFF or BMP file, and what was assumed to read it.

    Raises:
        InvalidInput: another format, damaged, too many bytes or pixels, too small or narrow, nothing to be seen, or no
            such frame.
    """
    reading = reading or Reading()
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(content) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read. Save it smaller."
        )
    refuse_foreign(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's limit of pixels, where we have our own, and its doubts on EXIF
            return _decode(content, reading)
    except InvalidInput:
        raise
    except UnidentifiedImageError:
        raise not_a_picture() from None
    except Image.DecompressionBombError:
        raise InvalidInput("The picture claims more pixels than can be read. Scale it down first.") from None
    except Exception as error:  # decoders raise errors of many kinds
        raise InvalidInput(
            f"The picture is damaged or cut off ({type(error).__name__}). Save it anew and try again."
        ) from None


def _decode(content: bytes, reading: Reading) -> ReadPicture:
    check_size(*(webp_size(content) or (MIN_SIDE, MIN_SIDE)))
    try:
        opened = Image.open(io.BytesIO(content), formats=READ)
    except UnidentifiedImageError:
        if content[:2] not in (b"II", b"MM"):
            raise
        decoded: Decoded = open_tiff(content, reading)
    else:
        decoded = open_frame(opened, content, reading)
    picture, told = decoded.picture, list(decoded.assumptions)
    width, height = picture.size
    most = _long_side(width, height)
    picture.thumbnail((most, most), Image.Resampling.LANCZOS)
    if decoded.orientation in _UPRIGHT:
        picture = picture.transpose(_UPRIGHT[decoded.orientation])
    transparent = picture.mode == "RGBA" and picture.getextrema()[3][0] < 255  # type: ignore[index]
    if transparent:
        if picture.getextrema()[3][1] == 0:  # type: ignore[index]
            raise InvalidInput(
                f"The picture of {width} x {height} pixels is transparent throughout: there is nothing to see. Save it "
                "with its background."
            )
        told.append(f"Transparent parts are shown {reading.ground}.")
        picture = Image.alpha_composite(Image.new("RGBA", picture.size, reading.ground), picture)
        if all(low == high for low, high in picture.getextrema()):  # type: ignore[misc]
            raise InvalidInput(
                f"What the picture of {width} x {height} pixels shows is as {reading.ground} as its ground, since "
                f"transparent parts are shown {reading.ground}. Choose the other ground, or save it with its own."
            )
    pixels = np.asarray(picture.convert("RGB"), dtype=np.uint8)
    return ReadPicture(pixels, tuple(told), decoded.frames, decoded.deep, transparent)


def _long_side(width: int, height: int) -> int:
    """Pixels of the long side after reducing: of strips more, so that they are no lines; in all never many more."""
    short, long = sorted((width, height))
    if LONG_SIDE * short >= STRIP_SIDE * long:
        return LONG_SIDE
    scale = min(1.0, max(LONG_SIDE / long, STRIP_SIDE / short), sqrt(LONG_SIDE**2 / (long * short)))
    return round(scale * long)


def read_file(path: str) -> bytes:
    """The content of the file at a path.

    Raises:
        InvalidInput: it cannot be read, or is larger than any picture may be.
    """
    try:
        file = Path(path)
        if file.is_file() and file.stat().st_size > MAX_BYTES:
            raise InvalidInput(
                f"The picture {path[-80:]} has {file.stat().st_size / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB "
                "can be read. Save it smaller."
            )
        with file.open("rb") as opened:
            return opened.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InvalidInput(f"The picture {path[-80:]} cannot be read ({type(error).__name__}).") from None


def sample(name: str) -> bytes:
    """The file of one of the `SAMPLES`.

    Raises:
        InvalidInput: no sample of that name.
    """
    import skimage

    if name not in SAMPLES:
        raise InvalidInput(f"There is no sample {name[:40]!r}; choose one of {', '.join(SAMPLES)}.")
    return (Path(skimage.__file__).parent / "data" / SAMPLES[name]).read_bytes()
