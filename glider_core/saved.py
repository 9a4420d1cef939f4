"""The one form in which results are saved: JSON text that says what it is, and in which format.

Format 1 is what versions up to 0.3 wrote, without a word on what it is; it is read still.
"""

from __future__ import annotations

import json
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from glider_core.errors import GliderError, InvalidInput
from glider_core.provenance import versions

FORMAT = 3
KINDS = {
    "explanation": "a saved explanation",
    "global run": "a saved global run",
    "content run": "a saved run over texts",
}

Result = TypeVar("Result")


def dump(kind: str, values: dict[str, Any]) -> str:
    """A result's JSON values as text, with its kind and format in front."""
    return json.dumps({"glider": kind, "format": FORMAT} | values, indent=1, ensure_ascii=False)


def parse(kind: str, text: str | bytes) -> tuple[int, dict[str, Any]]:
    """The format and the values of a saved result.

    Raises:
        InvalidInput: the text is no JSON, of another kind, or of a format that this version does not know.
    """
    try:
        values = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InvalidInput(f"This is not {KINDS[kind]}: {error!s:.120}.") from None
    if not isinstance(values, dict):
        raise InvalidInput(f"This is not {KINDS[kind]}: it holds {type(values).__name__}, not a record.")
    says = values.pop("glider", kind)
    if says != kind:
        told = KINDS.get(says) if isinstance(says, str) else None
        raise InvalidInput(f"This is not {KINDS[kind]}: it says that it is {told or repr(says)[:40]}.")
    number = values.pop("format", 1)
    if type(number) is not int or not 1 <= number <= FORMAT:
        raise InvalidInput(
            f"This is {KINDS[kind]} in format {number!r:.20}; this version of Glider reads formats 1 to {FORMAT}. "
            f"It was written by version {_writer(values)}; install that one or a newer one."
        )
    return number, values


def validate(kind: str, adapter: TypeAdapter[Result], values: dict[str, Any]) -> Result:
    """The result that these values make.

    Raises:
        InvalidInput: a value is missing, unknown or of another kind.
    """
    try:
        return adapter.validate_json(json.dumps(values))
    except GliderError as error:
        raise InvalidInput(f"This is not {KINDS[kind]}: {error!s:.300}{_written_by(values)}") from None
    except (ValidationError, ValueError) as error:
        what = f"{error!s:.200}"
        if isinstance(error, ValidationError):
            first = error.errors()[0]
            what = f"{'.'.join(map(str, first['loc'])) or 'the text itself':.80}: {first['msg']:.200}"
        raise InvalidInput(f"This is not {KINDS[kind]}: {what}.{_written_by(values)}") from None


def _refuse_constant(name: str) -> float:
    raise ValueError(f"it holds {name}, which is no number")


def _writer(values: dict[str, Any]) -> str:
    wrote = values.get("versions")
    return f"{wrote.get('glider', 'unknown')!s:.20}" if isinstance(wrote, dict) else "unknown"


def _written_by(values: dict[str, Any]) -> str:
    """A sentence on the version that wrote the values, if it is another one; else nothing."""
    wrote, here = _writer(values), versions()["glider"]
    return "" if wrote in (here, "unknown") else f" It was written by version {wrote}; this is version {here}."
