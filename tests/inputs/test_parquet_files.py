"""Parquet as other programs write it, and files whose footer lies about what they unpack to."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from glider_core.errors import InvalidInput
from glider_core.tables.read import read_table


def lying_bomb(megabytes: int) -> bytes:
    """A file of a few kilobytes whose footer says that it unpacks to next to nothing."""
    text, rows = "x" * (megabytes * 1_000_000 // 150), 150
    content = io.BytesIO()
    pq.write_table(
        pa.table({"a": [text] * rows, "b": range(rows), "y": [0, 1] * 75}), content, compression="zstd",
        use_dictionary=False, write_statistics=False,
        column_encoding={"a": "DELTA_BYTE_ARRAY", "b": "PLAIN", "y": "PLAIN"},
    )  # fmt: skip
    written = content.getvalue()
    group = pq.read_metadata(io.BytesIO(written)).row_group(0)
    length = int.from_bytes(written[-8:-4], "little")
    footer = written[-8 - length : -8]
    for size in (group.column(0).total_uncompressed_size, group.total_byte_size):
        footer = footer.replace(varint(size), varint(100, len(varint(size))))
    lying = written[: -8 - length] + footer + written[-8:]
    assert pq.read_metadata(io.BytesIO(lying)).row_group(0).column(0).total_uncompressed_size == 100
    return lying


def varint(number: int, length: int = 1) -> bytes:
    """As Thrift writes a number, of this length at least."""
    number, written = number * 2, bytearray()
    while number or len(written) < length:
        written.append(number & 127 | 128)
        number >>= 7
    written[-1] &= 127
    return bytes(written)


@pytest.mark.slow
def test_a_footer_that_lies_is_not_believed() -> None:
    bomb = lying_bomb(700)
    assert len(bomb) < 10_000
    with pytest.raises(InvalidInput, match=r"500 MB of values are read"):
        read_table(bomb, "lie.parquet")


@pytest.mark.parametrize("text", ["DELTA_BYTE_ARRAY", "DELTA_LENGTH_BYTE_ARRAY", "PLAIN"])
def test_every_way_to_write_parquet_is_read(text: str) -> None:
    content, names = io.BytesIO(), [f"city {i % 7}" for i in range(300)]
    pq.write_table(
        pa.table({"a": names, "b": range(300), "f": [i / 2 for i in range(300)], "y": [0, 1] * 150}), content,
        use_dictionary=False, version="2.6", data_page_version="2.0",
        column_encoding={"a": text, "b": "DELTA_BINARY_PACKED", "f": "BYTE_STREAM_SPLIT", "y": "PLAIN"},
    )  # fmt: skip
    found = read_table(content.getvalue(), "a.parquet").table
    assert found["a"].tolist() == names
    assert found.iloc[3].tolist() == ["city 3", 3, 1.5, 1]
