"""One frame of a file, unpacked within bounds: grey values of any depth, palettes, inks and transparency."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from glider_core.domains.image.formats import READ
from glider_core.domains.image.levels import to_bytes
from glider_core.domains.image.reading import MAX_FRAMES, MAX_PIXELS, REMARKS, Reading, check_frame, check_size
from glider_core.domains.image.tiff import UNPACKED_HERE, read_tiff
from glider_core.errors import InvalidInput

# TIFF's tags.
_BITS, _COMPRESSION, _PHOTOMETRIC, _ORIENTATION, _PLANES = 258, 259, 262, 274, 284
_TILE_WIDTH, _TILE_LENGTH, _SIGN, _DNG = 322, 323, 339, 50706
_RAW_PHOTO = (32803, 34892)  # photometric: the mosaic of a camera's sensor
_MAX_REMARKS = 8


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """A frame of its file's own size, as it lies in the file."""

    picture: Image.Image  # L, RGB or RGBA
    orientation: int  # as EXIF numbers it
    assumptions: tuple[str, ...]
    frames: int
    deep: bool


def open_frame(opened: Image.Image, content: bytes, reading: Reading) -> Decoded:
    """A frame of a file that Pillow has opened, but not unpacked.

    Raises:
        InvalidInput: too large, no such frame, or a camera's raw data.
        Exception: of Pillow, for a damaged file.
    """
    check_size(*opened.size)
    frames, word = _count(opened), "page" if opened.format == "TIFF" else "frame"
    if reading.frame > 1:
        check_frame(reading.frame, *opened.size)
        _seek(opened, reading.frame, frames, word)
        check_size(*opened.size)  # pages of a TIFF differ
    told = _frame_told(frames, word, reading.frame)
    tags: Any = getattr(opened, "tag_v2", {}) if opened.format == "TIFF" else {}
    _check_tiff(tags)
    if _is_deep(tags):
        return open_tiff(content, reading)
    raw = _raw_mode(opened)  # which is gone once the pixels are there
    orientation = tags.get(_ORIENTATION, 1) if tags else _exif_orientation(opened)
    values = _deep_values(opened, content, reading.frame, raw)
    if values is None:
        picture, remarks = _to_8_bit(opened, raw)
        return Decoded(picture, orientation, (*told, *remarks, *_of_ours(opened)), frames, deep=False)
    alpha, inverse = None, tags.get(_PHOTOMETRIC) == 0
    if values.ndim == 3 and values.shape[2] == 4:
        values, alpha = values[:, :, :3], (values[:, :, 3] >> 8).astype(np.uint8)
    pixels, how = to_bytes(values, reading.levels, white_is_least=inverse)
    picture = Image.fromarray(pixels)
    if alpha is not None:
        picture.putalpha(Image.fromarray(alpha))
    return Decoded(picture, orientation, (*told, how), frames, deep=True)


def open_tiff(content: bytes, reading: Reading) -> Decoded:
    """A page of a TIFF file whose kind of values Pillow does not know.

    Raises:
        InvalidInput: too large, no such page, or no picture.
        Exception: of tifffile, for a damaged file.
    """
    page = read_tiff(content, reading.frame, MAX_PIXELS)
    check_size(page.values.shape[1], page.values.shape[0])
    pixels, how = to_bytes(page.values, reading.levels, white_is_least=page.white_is_least)
    told = [*_frame_told(page.pages, "page", reading.frame), how]
    if page.left_out:
        told.append("Its transparency, or what else it holds beside its colours, is left out.")
    return Decoded(Image.fromarray(pixels), page.orientation, tuple(told), page.pages, deep=True)


def _count(opened: Image.Image) -> int:
    """Frames in the file; of a TIFF, where each is a jump through the file, up to `MAX_FRAMES` + 1."""
    if opened.format != "TIFF":
        return int(getattr(opened, "n_frames", 1))
    frames = 1
    try:
        while frames <= MAX_FRAMES:
            opened.seek(frames)
            frames += 1
    except Exception:  # the end, or a page that is damaged: not counted
        pass
    opened.seek(0)
    return frames


def _seek(opened: Image.Image, frame: int, frames: int, word: str) -> None:
    try:
        opened.seek(frame - 1)
    except EOFError:
        raise InvalidInput(f"The file has no {word} {frame}; it has {frames}.") from None


def _frame_told(frames: int, word: str, chosen: int) -> tuple[str, ...]:
    if frames < 2:
        return ()
    number = f"more than {MAX_FRAMES}" if word == "page" and frames > MAX_FRAMES else f"{frames:,}"
    which = "the first" if chosen == 1 else f"{word} {chosen}"
    moving = "The picture moves" if word == "frame" else "The file has several pages"
    return (f"{moving}: of its {number} {word}s, {which} is read.",)


def _check_tiff(tags: Any) -> None:
    """Raise InvalidInput for what Pillow would unpack into more than a picture, or into something else."""
    if not tags:
        return
    if tags.get(_PHOTOMETRIC) in _RAW_PHOTO or _DNG in tags:
        raise InvalidInput(
            "This TIFF is a raw photo, as cameras store it; what can be seen of it here is a small preview. Develop it "
            "with the camera's program and save it as JPEG, PNG or TIFF."
        )
    if int(tags.get(_TILE_WIDTH, 1)) * int(tags.get(_TILE_LENGTH, 1)) > MAX_PIXELS:
        raise InvalidInput("The TIFF file claims tiles that are larger than can be read. Save it without tiles.")


def _exif_orientation(opened: Image.Image) -> int:
    try:
        return int(opened.getexif().get(_ORIENTATION, 1))
    except Exception:  # a broken EXIF does not spoil its picture
        return 1


def _is_deep(tags: Any) -> bool:
    """Whether a TIFF's page holds what tifffile reads better: Pillow mixes up signs, orders of bytes, and planes."""
    bits, sign = max(tags.get(_BITS) or (1,)), max(tags.get(_SIGN) or (1,))
    plain = tags.get(_PHOTOMETRIC) in (0, 1, 2) and (bits in (16, 32, 64) or (bits == 8 and sign != 1))
    if not plain:
        return False
    if tags.get(_COMPRESSION, 1) in UNPACKED_HERE or tags.get(_PLANES) == 2:
        return True
    if bits == 16 and sign == 1:
        return False
    raise InvalidInput(
        f"This TIFF has values of {bits} bits and is packed in a way that is not read for them. Save it without "
        "compression, or as 16-bit PNG."
    )


def _deep_values(opened: Image.Image, content: bytes, frame: int, raw: str) -> NDArray[Any] | None:
    """Values of more than 8 bits, (height, width) or (height, width, 3 or 4); None for a picture of bytes."""
    if opened.mode.startswith(("I", "F")):
        values = np.asarray(opened)
        return values.astype(values.dtype.newbyteorder("="))
    if opened.mode in ("RGB", "RGBA") and raw in _OTHER_HALF:
        high = np.asarray(opened).astype(np.uint16)
        again = Image.open(io.BytesIO(content), formats=READ)
        again.seek(frame - 1)
        again.tile = [tile._replace(args=_with_raw_mode(tile.args, _OTHER_HALF[raw])) for tile in again.tile]
        high <<= 8  # in place: of the largest pictures, each copy takes 240 MB
        high |= np.asarray(again)
        return high
    return None


# Pillow keeps the upper byte of deep colours. What it calls the same values in the other order of bytes is their lower.
_OTHER_HALF = {
    f"{colours};16{order}": f"{colours};16{other}"
    for colours in ("RGB", "RGBA")
    for order, other in (("B", "L"), ("L", "B"), ("N", "B" if np.little_endian else "L"))
}


def _raw_mode(opened: Image.Image) -> str:
    args: Any = opened.tile[0].args if len(getattr(opened, "tile", ())) > 0 else ""  # type: ignore[attr-defined]
    return str(args if isinstance(args, str) else args[0] if args else "")


def _with_raw_mode(args: Any, raw: str) -> Any:
    return raw if isinstance(args, str) else (raw, *args[1:])


def _to_8_bit(opened: Image.Image, raw: str) -> tuple[Image.Image, tuple[str, ...]]:
    """The picture in L, RGB or RGBA, and what was assumed."""
    told = ("Of its 16 bits a value, the upper 8 are read.",) if ";16" in raw else ()
    if opened.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in opened.info:
        return opened.convert("RGBA"), told
    if opened.mode in ("L", "RGB"):
        return opened.copy(), told
    if opened.mode == "1":
        return opened.convert("L"), told
    if opened.mode == "LAB":
        raise InvalidInput("The picture's colours are in Lab, which is not read here. Save it in RGB.")
    if opened.mode == "CMYK":
        told = ("Its inks (CMYK) are shown in screen colours, without a printer's profile.", *told)
    return opened.convert("RGB"), told


def _of_ours(opened: Image.Image) -> tuple[str, ...]:
    """What was assumed when a picture that we have written was first read."""
    if opened.format != "PNG":
        return ()
    told = opened.info.get(REMARKS)
    lines = str(told).split("\n") if isinstance(told, str) else []
    return tuple(line[:300] for line in lines[:_MAX_REMARKS] if line.strip())
