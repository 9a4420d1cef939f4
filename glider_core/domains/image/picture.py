"""Reading uploaded pictures, which are hostile until shown to be pictures."""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from glider_core.domains.image.samples import SAMPLES
from glider_core.errors import InvalidInput

Picture = NDArray[np.uint8]  # (height, width, 3)

MAX_BYTES = 10_000_000
MAX_PIXELS = 40_000_000
MIN_SIDE = 16
LONG_SIDE = 384  # to which pictures are reduced: more shows no more superpixels, and takes quickshift minutes
FORMATS = ("PNG", "JPEG", "WEBP")


def read_picture(content: bytes) -> Picture:
    """The picture of a PNG, JPEG or WebP file, upright, at most `LONG_SIDE` pixels long.

    Raises:
        InvalidInput: another format, damaged, too many bytes or pixels, or too small.
    """
    if len(content) > MAX_BYTES:
        raise InvalidInput(
            f"The file has {len(content) / 1e6:.1f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read. Save it smaller."
        )
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # we have a limit of our own, below
            opened = Image.open(io.BytesIO(content), formats=FORMATS)
            width, height = opened.size  # from the header; nothing is unpacked yet
            if width * height > MAX_PIXELS:
                raise InvalidInput(
                    f"The picture claims {width} x {height} pixels; at most {MAX_PIXELS / 1e6:.0f} million can be "
                    "read. Scale it down first."
                )
            picture = ImageOps.exif_transpose(opened)
            picture.thumbnail((LONG_SIDE, LONG_SIDE), Image.Resampling.LANCZOS)
            if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
                ground = Image.new("RGBA", picture.size, "white")
                picture = Image.alpha_composite(ground, picture.convert("RGBA"))
            picture = picture.convert("RGB")
    except UnidentifiedImageError:
        raise InvalidInput("This file is no PNG, JPEG or WebP picture. Save it as one of these.") from None
    except Image.DecompressionBombError:
        raise InvalidInput("The picture claims more pixels than can be read. Scale it down first.") from None
    except (OSError, ValueError, SyntaxError, TypeError, MemoryError, EOFError) as error:
        raise InvalidInput(
            f"The picture is damaged or cut off ({type(error).__name__}). Save it anew and try again."
        ) from None
    if min(picture.size) < MIN_SIDE:
        raise InvalidInput(f"The picture is {width} x {height} pixels; each side needs {MIN_SIDE} or more.")
    return np.asarray(picture, dtype=np.uint8)


def sample(name: str) -> bytes:
    """The file of one of the `SAMPLES`.

    Raises:
        InvalidInput: no sample of that name.
    """
    import skimage

    if name not in SAMPLES:
        raise InvalidInput(f"There is no sample {name[:40]!r}; choose one of {', '.join(SAMPLES)}.")
    from pathlib import Path

    return (Path(skimage.__file__).parent / "data" / SAMPLES[name]).read_bytes()
