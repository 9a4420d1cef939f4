"""TIFF files that Pillow does not know: floats of 16 and 64 bits, and deep colours. By tifffile, within bounds."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.errors import InvalidInput

_PLAIN, _DEFLATE = 1, (8, 32946)  # compressions, by their numbers in the file
UNPACKED_HERE = (_PLAIN, *_DEFLATE)
_COLOURS = (0, 1, 2)  # photometric: grey from white, grey from black, red green blue
_MAX_PAGES = 100  # that are counted


@dataclass(frozen=True, slots=True, eq=False)
class TiffPage:
    """A page as it lies in the file."""

    values: NDArray[Any]  # (height, width) or (height, width, 3)
    orientation: int  # as EXIF numbers it
    white_is_least: bool
    left_out: int  # channels that are not read, such as transparency
    pages: int  # in the file, up to 101


def read_tiff(content: bytes, page: int, max_pixels: int) -> TiffPage:
    """One page of a TIFF file.

    Args:
        content: of the file.
        page: counted from 1.
        max_pixels: of the page.

    Raises:
        InvalidInput: no such page; too large; or values that are no picture.
        Exception: of tifffile, for a damaged file.
    """
    import tifffile

    with tifffile.TiffFile(io.BytesIO(content)) as file:
        pages = 0
        while pages <= _MAX_PAGES and _page(file, pages) is not None:
            pages += 1
        found = _page(file, page - 1)
        if found is None:
            raise InvalidInput(f"The file has no page {page}; it has {pages}.")
        size = found.imagewidth * found.imagelength
        if size > max_pixels or prod(found.shape) > 4 * max_pixels:
            raise InvalidInput(
                f"The picture claims {found.imagewidth} x {found.imagelength} pixels; at most {max_pixels / 1e6:.0f} "
                "million can be read. Scale it down first."
            )
        if int(found.photometric) not in _COLOURS:
            raise InvalidInput(
                f"The TIFF page has its colours as {found.photometric.name}, which is not read here for values of "
                f"{found.bitspersample} bits. Save it in RGB or grey."
            )
        tile = (found.tilewidth or 1) * (found.tilelength or 1)
        if tile * found.samplesperpixel > 4 * max_pixels:
            raise InvalidInput("The TIFF file claims tiles that are larger than can be read. Save it without tiles.")
        _check_packing(content, found)
        values = found.asarray()
        orientation = found.tags.valueof(274, default=1)
        white_is_least = int(found.photometric) == 0
    if values.ndim == 3 and found.planarconfig == 2:
        values = np.moveaxis(values, 0, 2)  # one plane after the other
    channels = values.shape[2] if values.ndim == 3 else 1
    if values.ndim not in (2, 3) or not 1 <= channels <= 5:
        shape = " x ".join(map(str, values.shape))
        raise InvalidInput(f"The TIFF page holds {shape} values, which is neither a grey nor a colour picture.")
    read = 3 if channels >= 3 else 1
    values = values if values.ndim == 2 else values[:, :, :3] if read == 3 else values[:, :, 0]
    return TiffPage(values, int(orientation or 1), white_is_least, channels - read, pages)


def _page(file: Any, number: int) -> Any:
    try:
        return file.pages[number]
    except IndexError:
        return None


def _check_packing(content: bytes, page: Any) -> None:
    """Raise InvalidInput where a strip unpacks to more than it should, or is packed in a way that cannot be bounded."""
    compression = int(page.compression)
    if compression == _PLAIN:
        return
    if compression not in _DEFLATE:
        raise InvalidInput(
            f"This TIFF is {page.bitspersample}-bit and packed by {page.compression.name}, which is not read for such "
            "values. Save it without compression, or as 16-bit PNG."
        )
    rows = page.tilelength or page.rowsperstrip or page.imagelength
    width = page.tilewidth or page.imagewidth
    most = min(rows, 1 << 20) * width * page.samplesperpixel * 8 + 64
    for offset, length in zip(page.dataoffsets, page.databytecounts, strict=True):
        unpacking = zlib.decompressobj()
        unpacking.decompress(content[offset : offset + length], most)
        if unpacking.unconsumed_tail:
            raise InvalidInput("A strip of the TIFF file unpacks to more than the picture can hold. Save it anew.")
