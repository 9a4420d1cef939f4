"""What the pages of a Parquet file say of themselves: how much they unpack to, whatever the footer says.

Pages stand one behind the other, each behind a header in Thrift's compact protocol
(https://github.com/apache/parquet-format/blob/master/src/main/thrift/parquet.thrift); the headers alone are read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow.parquet as pq

_SIZE, _PACKED = 2, 3  # fields of a header: bytes of the page, unpacked and as it stands in the file
_ENCODING = {5: 2, 8: 4}  # of a data page in the first and the second format: the field with its encoding
_DELTA_BYTE_ARRAY = 7  # texts as differences, which may unpack to any size
_MOST_PAGES = 200_000
_BOOL, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = (1, 2), 3, 7, 8, 9, 10, 12


def keeps_to_its_footer(content: bytes, meta: pq.FileMetaData) -> bool:
    """Whether all pages are as the footer says, and none holds texts as differences; False where that is not clear."""
    left = _MOST_PAGES
    try:
        for group in range(meta.num_row_groups):
            for number in range(meta.num_columns):
                column = meta.row_group(group).column(number)
                starts = [column.data_page_offset, column.dictionary_page_offset]
                place = min(start for start in starts if start)
                end, size = place + column.total_compressed_size, 0
                while place < end:
                    header, behind = _struct(content, place)
                    for page, field in _ENCODING.items():
                        if header.get(page, {}).get(field) == _DELTA_BYTE_ARRAY:
                            return False
                    size += header[_SIZE] + behind - place
                    place = behind + header[_PACKED]
                    left -= 1
                    if left < 0 or header[_SIZE] < 0 or header[_PACKED] < 0:
                        return False
                if size > column.total_uncompressed_size or place != end:
                    return False
    except (IndexError, KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return False
    return True


def _struct(content: bytes, place: int) -> tuple[dict[int, Any], int]:
    """The fields of a struct by their numbers, and where it ends."""
    fields: dict[int, Any] = {}
    number = 0
    while (head := content[place]) != 0:
        place += 1
        kind, step = head & 15, head >> 4
        if step:
            number += step
        else:
            number, place = _number(content, place)
        fields[number], place = _value(content, place, kind)
    return fields, place + 1


def _value(content: bytes, place: int, kind: int) -> tuple[Any, int]:
    if kind in _BOOL:
        return kind == 1, place
    if kind == _BYTE:
        return content[place], place + 1
    if kind == _DOUBLE:
        return None, place + 8
    if kind == _BINARY:
        length, place = _varint(content, place)
        return None, place + length
    if kind in (_LIST, _SET):
        head = content[place]
        count, place = (head >> 4, place + 1) if head >> 4 < 15 else _varint(content, place + 1)
        for _ in range(count):
            place = place + 1 if head & 15 in _BOOL else _value(content, place, head & 15)[1]
        return None, place
    if kind == _STRUCT:
        return _struct(content, place)
    return _number(content, place)


def _number(content: bytes, place: int) -> tuple[int, int]:
    value, place = _varint(content, place)
    return value >> 1 ^ -(value & 1), place


def _varint(content: bytes, place: int) -> tuple[int, int]:
    value = 0
    for shift in range(0, 70, 7):
        byte = content[place]
        place += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, place
    raise ValueError("a number without an end")
