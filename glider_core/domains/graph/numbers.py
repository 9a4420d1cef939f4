"""Whether an attribute's texts are numbers, and which."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

_PLAIN = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)
_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
_COMMA_AND_POINTS = re.compile(r"[+-]?\d{1,3}(\.\d{3})*,\d+", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)
_CODE = re.compile(r"[+-]?0\d", re.ASCII)  # 007 is a code, not the number 7
_MISSING = {"nan", "na", "n/a", "null", "none", "?", "-"}  # in a column of numbers


@dataclass(frozen=True, slots=True, eq=False)
class Column:
    """An attribute of all nodes."""

    texts: Sequence[str]  # empty where a node has none
    numbers: NDArray[np.float64] | None  # not a number where a node has none; None: an attribute of texts
    remark: str = ""  # what was assumed to read its numbers


def column_of(values: Sequence[Any], *, european: bool = False) -> Column:
    """An attribute's values as numbers where all of them are.

    Args:
        values: of the nodes.
        european: whether 1,234 is likelier 1.234 than 1234, where the column does not tell.
    """
    texts = [text_of(value) for value in values]
    given = {text for text in texts if text}
    missing = {text for text in given if text.casefold() in _MISSING}
    numeric = given - missing
    if not numeric or any(_CODE.match(text) for text in numeric):
        return Column(texts, None)
    told = [f"{', '.join(sorted(missing))} is read as missing"] if missing else []
    if all(_PLAIN.fullmatch(text) for text in numeric):
        plain = {text: float(text) for text in numeric}
    else:
        plain, how = _with_commas(numeric, european)
        told.append(how)
    if not plain or not all(math.isfinite(number) for number in plain.values()):
        return Column(texts, None)
    numbers = np.array([plain.get(text, math.nan) for text in texts])
    return Column(texts, numbers, "; ".join(told))


def text_of(value: Any) -> str:
    """A value as text, without blanks around it; empty where there is none, which is also how some write NaN."""
    if value is None:
        return ""
    text = str(value).strip()
    return "" if text.casefold() == "nan" else text


def _with_commas(texts: set[str], european: bool) -> tuple[dict[str, float], str]:
    """Numbers with commas, and how they were read; none where some text is no number."""
    with_comma = {text for text in texts if "," in text}
    others = texts - with_comma
    decimal = all(_COMMA.fullmatch(text) or _COMMA_AND_POINTS.fullmatch(text) for text in with_comma) and all(
        re.fullmatch(r"[+-]?\d+", text, re.ASCII) for text in others
    )
    thousands = all(_THOUSANDS.fullmatch(text) for text in with_comma) and all(map(_PLAIN.fullmatch, others))
    if decimal and (european or not thousands):
        how = "the comma is read as the decimal mark"
        return {text: float(text.replace(".", "").replace(",", ".")) for text in texts}, how
    if thousands:
        return {text: float(text.replace(",", "")) for text in texts}, "commas are read as marks of thousands"
    return {}, ""
