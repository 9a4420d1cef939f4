"""Small pictures as files, and what they look like when they are read right."""

import io
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

from glider_core.domains.image.picture import (
    ReadPicture,
)

CASES = Path(os.environ.get("GLIDER_CASES", Path(__file__).parents[3] / "shared" / "cases"))
RAMP = np.linspace(0.0, 1.0, 64 * 48).reshape(48, 64)  # from the upper left to the lower right
WHITE = np.full((48, 64), 255, dtype=np.uint8)
Content = Callable[[], bytes]


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def tiff(values: np.ndarray, **options) -> bytes:
    file = io.BytesIO()
    tifffile.imwrite(file, values, **options)
    return file.getvalue()


def grey(low: float, high: float, kind: str) -> np.ndarray:
    """The ramp from one value to another, as this kind of number."""
    values = low * (1 - RAMP) + high * RAMP
    return (values if "float" in kind else values.round()).astype(kind)


def grey_tiff(low: float, high: float, kind: str, options: dict) -> Content:
    return lambda: tiff(grey(low, high, kind), photometric="minisblack", **options)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png_file(width: int, height: int, body: bytes, *, bits: int = 8, colours: int = 2) -> bytes:
    header = struct.pack(">IIBBBBB", width, height, bits, colours, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(body)) + chunk(b"IEND", b"")


def png16(values: np.ndarray) -> bytes:
    """A 16-bit PNG of colours (height, width, 3) or colours with transparency (height, width, 4)."""
    height, width, channels = values.shape
    body = b"".join(b"\0" + row.astype(">u2").tobytes() for row in values)
    return png_file(width, height, body, bits=16, colours={3: 2, 4: 6}[channels])


def frames(kind: str) -> bytes:
    first, *rest = (Image.new("RGB", (40, 32), colour) for colour in ("#ff0000", "#00ff00", "#0000ff"))
    return saved(first, kind, save_all=True, append_images=rest, **({"lossless": True} if kind == "WEBP" else {}))


def half_transparent(mode: str) -> bytes:
    """The left half is opaque and dark; the right half cannot be seen."""
    alpha = np.where(np.arange(64) < 32, 255, 0).astype(np.uint8) * np.ones((48, 1), dtype=np.uint8)
    dark = Image.new("RGBA", (64, 48), (40, 40, 40, 255))
    dark.putalpha(Image.fromarray(alpha))
    if mode == "P":
        flat = Image.fromarray((alpha // 255).astype(np.uint8))
        flat.putpalette([200, 0, 200, 40, 40, 40])
        return saved(flat, transparency=0)
    return saved(dark.convert(mode))


def turned(orientation: int) -> bytes:
    """A ramp of columns that has to be turned to stand upright."""
    picture = Image.fromarray(np.tile(np.arange(64, dtype=np.uint8) * 4, (32, 1)))
    exif = picture.getexif()
    exif[0x0112] = orientation
    return saved(picture, "PNG", exif=exif)


def noise(width: int, height: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 255, (height, width, 3)).astype(np.uint8))


def is_ramp(read: ReadPicture) -> bool:
    """Whether the picture goes evenly from black to white."""
    return bool(np.abs(read.picture[:, :, 1].astype(float) - 255 * RAMP).max() <= 1.6)


def is_falling_ramp(read: ReadPicture) -> bool:
    return bool(np.abs(read.picture[:, :, 1].astype(float) - 255 * (1 - RAMP)).max() <= 1.6)


def is_red(read: ReadPicture) -> bool:
    return bool((read.picture == (255, 0, 0)).all())


def left_dark_right_white(read: ReadPicture) -> bool:
    return bool((read.picture[:, :30] == 40).all() and (read.picture[:, 34:] == 255).all())
