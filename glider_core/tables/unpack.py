"""A table's file as it comes: what it is, told by its first bytes, and taken out of gzip, zip, bzip2 or xz.

Whatever is unpacked is counted, and stops at `MAX_UNPACKED`: a small file may unpack to more than a machine can hold.
"""

from __future__ import annotations

import bz2
import io
import lzma
import re
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from glider_core.errors import InvalidInput

MAX_BYTES = 50_000_000  # of a file as it comes
MAX_UNPACKED = 200_000_000  # of a file out of gzip, zip, bzip2 or xz
MAX_DECODED = 500_000_000  # of a table's values, once they are read, whatever its file was
_CHUNK = 1 << 20
_WAY_OUT = "Give CSV, Excel (.xlsx) or Parquet."


@dataclass(frozen=True, slots=True)
class Unpacked:
    """A file's content, out of what it was packed in."""

    content: bytes
    kind: str  # "text", "parquet", "workbook"
    compression: str = ""
    member: str = ""
    members: tuple[str, ...] = ()


def content_of(source: bytes | bytearray | memoryview | str | Path) -> bytes:
    """A file's bytes, given as such or by its path.

    Raises:
        InvalidInput: it cannot be read, or is too large.
    """
    if isinstance(source, (str, Path)):
        path = Path(source)
        try:
            size = path.stat().st_size
            if size > MAX_BYTES:
                raise InvalidInput(_too_large(size))
            source = path.read_bytes()
        except OSError as error:
            raise InvalidInput(f"{path.name} cannot be read ({error.strerror}).") from None
    content = bytes(source)
    if len(content) > MAX_BYTES:
        raise InvalidInput(_too_large(len(content)))
    return content


def unpack(content: bytes, name: str, member: str | None = None) -> Unpacked:
    """The table inside, out of one archive and of what it is compressed with.

    Args:
        content: of the file.
        name: of the file, for messages.
        member: of an archive with several files.

    Raises:
        InvalidInput: too large once unpacked, damaged, several files and none chosen, or no table at all.
    """
    compression, chosen = "", ""
    members: tuple[str, ...] = ()
    for _ in range(3):  # a .csv.gz in a .zip
        kind = _kind(content, name)
        if kind in ("text", "parquet", "workbook"):
            return Unpacked(content, kind, compression, chosen, members)
        if kind == "zip":
            content, chosen, members = _from_zip(content, name, member)
            name = chosen
        else:
            content = _decompressed(content, kind, name)
            name = str(PurePosixPath(name).with_suffix("")) if "." in name else name
        compression = compression or kind
    raise InvalidInput(f"{name[:80]} is packed several times over; unpack it once.")


def _kind(content: bytes, name: str) -> str:
    """What a file is, by its first bytes."""
    if not content.strip(b"\0 \r\n\t"):
        raise InvalidInput(f"{name[:80]} is empty; it cannot be read as a table. {_WAY_OUT}")
    head = content[:512]
    if head[:4] == b"PAR1":
        return "parquet"
    for start, kind in ((b"\x1f\x8b", "gzip"), (b"BZh", "bzip2"), (b"\xfd7zXZ\0", "xz")):
        if head.startswith(start):
            return kind
    if head[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return _kind_of_zip(content)
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return "workbook"  # Excel's old .xls; whatever else it is, the reader of workbooks says
    text = head.lstrip(b"\xef\xbb\xbf \r\n\t").lower()
    if re.match(rb'\{\s*"|\[\s*[{\[]', text):
        raise InvalidInput(
            f"{name[:80]} is JSON; it cannot be read as a table. Convert it to CSV, for example with "
            "`pandas.read_json(...).to_csv(...)`."
        )
    for start, what, way_out in _OTHERS:
        if text.startswith(start):
            raise InvalidInput(f"{name[:80]} is {what}; it cannot be read as a table. {way_out}")
    if name.lower().endswith((".parquet", ".pq")):
        raise InvalidInput(f"{name[:80]} cannot be read as a table: it does not begin as a Parquet file does.")
    if name.lower().endswith((".xlsx", ".xls", ".xlsm", ".ods")):
        raise InvalidInput(f"{name[:80]} cannot be read as a table: it does not begin as a workbook does. {_WAY_OUT}")
    return "text"


_OTHERS = (
    (b"%pdf", "a PDF", "Export the table as CSV."),
    (b"<!doctype html", "a web page", "Save the table itself as CSV or .xlsx."),
    (b"<html", "a web page", "Save the table itself as CSV or .xlsx."),
    (b"<table", "a web page", "Save the table itself as CSV or .xlsx."),
    (b"<?xml", "XML", _WAY_OUT),
    (b"{\\rtf", "a text document", "Save the table as CSV."),
    (b"@relation", "an ARFF file", "Save it as CSV with a line of names."),
    (b"arrow1", "an Arrow (Feather) file", "Save it as Parquet."),
    (b"orc", "an ORC file", "Save it as Parquet."),
    (b"obj\x01", "an Avro file", "Save it as Parquet."),
    (b"sqlite format 3", "an SQLite database", "Export the table as CSV."),
    (b"\x89hdf", "an HDF5 file", "Save the table as Parquet."),
    (b"\x28\xb5\x2f\xfd", "packed with Zstandard", "Unpack it first."),
    (b"7z\xbc\xaf", "a 7-Zip archive", "Unpack it first."),
    (b"rar!", "a RAR archive", "Unpack it first."),
    (b"$fl2", "an SPSS file", "Export the table as CSV."),
    (b"<stata_dta>", "a Stata file", "Export the table as CSV."),
    (b"\x89png", "a picture", _WAY_OUT),
    (b"\xff\xd8\xff", "a picture", _WAY_OUT),
    (b"gif8", "a picture", _WAY_OUT),
)


def _kind_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        return "zip"  # and the error is told when it is opened
    is_workbook = bool(names & {"xl/workbook.xml", "xl/workbook.bin"}) or {"content.xml", "mimetype"} <= names
    return "workbook" if is_workbook else "zip"


def _from_zip(content: bytes, name: str, member: str | None) -> tuple[bytes, str, tuple[str, ...]]:
    """The archive's one file, or the chosen one; with its name and the names of all."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            members = tuple(
                info.filename
                for info in archive.infolist()
                if not info.is_dir()
                and not info.filename.startswith("__MACOSX/")
                and not PurePosixPath(info.filename).name.startswith(".")
            )
            if len(members) == 0:
                raise InvalidInput(f"{name[:80]} holds no file; it cannot be read as a table. {_WAY_OUT}")
            if member is None and len(members) > 1:
                listed = ", ".join(members[:6]) + (" ..." if len(members) > 6 else "")
                raise SeveralMembers(f"{name[:80]} holds {len(members)} files ({listed[:300]}); choose one.", members)
            chosen = members[0] if member is None else member
            if chosen not in members:
                raise InvalidInput(
                    f"{name[:80]} holds no file {chosen[:80]!r}; choose one of: {', '.join(members)[:300]}."
                )
            with archive.open(chosen) as file:
                return _read_all(file, chosen), chosen, members
    except RuntimeError:
        raise InvalidInput(f"{name[:80]} is locked with a password; unpack it first.") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as error:
        raise InvalidInput(f"{name[:80]} is a damaged or unusual zip archive ({error!s:.80}); pack it anew.") from None


def _decompressed(content: bytes, kind: str, name: str) -> bytes:
    try:
        if kind == "gzip":
            return _read_all(_Gzip(content), name)
        with (bz2.BZ2File if kind == "bzip2" else lzma.LZMAFile)(io.BytesIO(content)) as file:
            return _read_all(file, name)
    except (zlib.error, EOFError, OSError, lzma.LZMAError, MemoryError) as error:
        raise InvalidInput(f"{name[:80]} is damaged ({kind}: {error!s:.80}); pack it anew.") from None


class _Gzip(io.RawIOBase):
    """Gzip, one member after the other; a cut file is an error, junk after the end is not."""

    def __init__(self, content: bytes) -> None:
        self._rest = content
        self._inner = zlib.decompressobj(31)

    def read(self, size: int = -1, /) -> bytes:
        while self._rest:
            out = self._inner.decompress(self._rest, size)
            self._rest = self._inner.unconsumed_tail
            if self._inner.eof:
                self._rest = self._inner.unused_data if self._inner.unused_data[:2] == b"\x1f\x8b" else b""
                self._inner = zlib.decompressobj(31)
            elif not self._rest and not out:
                raise EOFError("it ends in the middle")
            elif not self._rest:
                # What was read may have been all of a cut file: its end mark decides.
                more = self._inner.flush(size)
                if not self._inner.eof:
                    raise EOFError("it ends in the middle")
                out += more
            if out:
                return out
        return b""


def _read_all(file: IO[bytes] | io.RawIOBase | lzma.LZMAFile | bz2.BZ2File, name: str) -> bytes:
    content = bytearray()
    while part := file.read(_CHUNK):
        content += part
        if len(content) > MAX_UNPACKED:
            raise InvalidInput(
                f"{name[:80]} unpacks to more than {MAX_UNPACKED / 1e6:.0f} MB, which is all that is read of a table; "
                "give fewer rows or columns."
            )
    return bytes(content)


def _too_large(size: int) -> str:
    return f"The file has {size / 1e6:.0f} MB; at most {MAX_BYTES / 1e6:.0f} MB can be read."


class SeveralMembers(InvalidInput):
    """An archive holds several files, and none was chosen."""

    def __init__(self, message: str, members: tuple[str, ...]) -> None:
        super().__init__(message)
        self.members = members
