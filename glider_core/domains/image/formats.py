"""What kind of file a picture is, told by its first bytes: what is read, and what is named with a way out."""

from __future__ import annotations

import re
import struct

from glider_core.errors import InvalidInput

READ = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")  # as Pillow calls them
NAMES = "PNG, JPEG, WebP, GIF, TIFF or BMP"

_HEIC = "as iPhones take them. Export it as JPEG: open it in Preview (Mac) or Photos (Windows) and save a copy"
_SVG = "which has no pixels. Export it as PNG from a drawing program or a browser's screenshot"
_PDF = "which holds pages, not one picture. Export the page as PNG, or take a screenshot of it"
_RAW = "as cameras store it. Develop it with the camera's program and save it as JPEG, PNG or TIFF"
_VIDEO = "which moves. Save one of its frames as PNG or JPEG"
_AS_PNG = "which is not read here. Save it as PNG, JPEG or TIFF"
_UNPACK = "which is packed. Unpack it first"

# First bytes of what people take for pictures; what it is, and the way out.
_BEGINNINGS: tuple[tuple[bytes, str, str], ...] = (
    (b"%!PS", "an EPS drawing", _SVG),
    (b"8BPS", "a Photoshop file (PSD)", _AS_PNG),
    (b"\x00\x00\x00\x0cjP", "a JPEG 2000 picture", _AS_PNG),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture", _AS_PNG),
    (b"\x00\x00\x00\x0cJXL ", "a JPEG XL picture", _AS_PNG),
    (b"\xff\x0a", "a JPEG XL picture", _AS_PNG),
    (b"\x00\x00\x01\x00", "an icon (ICO)", _AS_PNG),
    (b"\x76\x2f\x31\x01", "an OpenEXR picture", _AS_PNG),
    (b"SIMPLE  =", "a FITS picture", _AS_PNG),
    (b"\x93NUMPY", "a NumPy array", "which the library takes as pixels. Save it as TIFF or PNG"),
    (b"\x89HDF", "an HDF5 file", _AS_PNG),
    (b"MATLAB", "a MATLAB file", _AS_PNG),
    (b"FUJIFILMCCD-RAW", "a raw photo", _RAW),
    (b"\x1aE\xdf\xa3", "a video", _VIDEO),
    (b"\x1f\x8b", "a gzip file", _UNPACK),
    (b"PK\x03\x04", "a ZIP file or a document of Office", f"{_UNPACK}, and give the picture in it"),
    (b"Rar!", "a RAR file", _UNPACK),
    (b"7z\xbc\xaf", "a 7z file", _UNPACK),
)
_HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"hevm", b"hevs", b"mif1", b"msf1"}


def refuse_foreign(content: bytes) -> None:
    """Raise InvalidInput where the file is known to be something else than the pictures that are read."""
    if not content:
        raise InvalidInput(f"The file is empty: no PNG, JPEG or WebP picture nor any other. Give one in {NAMES}.")
    if (known := _foreign(content)) is not None:
        what, way_out = known
        raise InvalidInput(f"This file is {what}, {way_out}; {NAMES} can be read.")


def not_a_picture() -> InvalidInput:
    """The error for a file that is nothing we know."""
    return InvalidInput("This file is no PNG, JPEG or WebP picture, and no GIF, TIFF or BMP. Save it as one of these.")


def webp_size(content: bytes) -> tuple[int, int] | None:
    """Width and height that a WebP file claims; None of another file. Pillow makes room for both when it opens one."""
    if content[:4] != b"RIFF" or content[8:12] != b"WEBP" or len(content) < 30:
        return None
    kind, body = content[12:16], content[20:30]
    if kind == b"VP8X":
        return 1 + int.from_bytes(body[4:7], "little"), 1 + int.from_bytes(body[7:10], "little")
    if kind == b"VP8L":
        bits = int.from_bytes(body[1:5], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", body[6:10])
        return width & 0x3FFF, height & 0x3FFF
    return None


def _foreign(content: bytes) -> tuple[str, str] | None:
    for beginning, what, way_out in _BEGINNINGS:
        if content.startswith(beginning):
            return what, way_out
    if content[4:8] == b"ftyp":
        return _of_media(content)
    if content[:4] == b"RIFF" and content[8:12] == b"AVI ":
        return "a video", _VIDEO
    if content[128:132] == b"DICM":
        return "a DICOM picture", "which is not read here. Export it as TIFF or PNG with 16 bits"
    if b"%PDF-" in content[:1024]:
        return "a PDF document", _PDF
    head = content[:4096].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").lower()  # UTF-16 as well
    if head.startswith(b"<"):
        if re.search(rb"<(\w+:)?svg[\s>]", head):
            return "an SVG drawing", _SVG
        if b"<html" in head or b"<!doctype html" in head:
            return "a web page", "which is no picture. Save the picture itself: right-click on it, Save image as"
    return None


def _of_media(content: bytes) -> tuple[str, str]:
    """Of a file in the boxes of ISO's media format: pictures of phones, videos, raw photos."""
    length = min(max(int.from_bytes(content[:4], "big"), 16), 256)
    brands = {content[start : start + 4] for start in (8, *range(16, length, 4))}
    if brands & {b"avif", b"avis"}:
        return "an AVIF picture", _AS_PNG
    if brands & _HEIC_BRANDS:
        return "a HEIC picture", _HEIC
    if b"crx " in brands:
        return "a raw photo", _RAW
    return "a video", _VIDEO
