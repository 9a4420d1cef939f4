"""A case: what is explained and how, as a value that can be saved, linked to, compared and done again."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.provenance import fingerprint, versions
from glider_core.settings import Settings

LONGEST_ADDRESS = 30_000  # characters after its "?"; servers answer 400 to twice or four times as many
_BYTES = "$base64"  # the mark of bytes in JSON
_TEXT, _OTHER = "text", "raw"  # of an address: raw input that is text, and any other, as JSON
_MODEL, _OPTION = "model", "option."  # of an address; the second begins the name of an option


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One input, one model, one way to explain it.

    Two cases of one fingerprint have the same explanation and the same picture. The fingerprint is the only key that
    results are kept under.
    """

    domain: str  # a name of `glider_core.domains.DOMAINS`
    model: str  # a model's id, "<domain>/<name>"
    raw: Any = field(default=None, hash=False)  # what the model's `instance` takes: a text, a number, bytes, JSON
    options: Mapping[str, Any] = field(default_factory=dict, hash=False)  # of the model's `instance`; JSON
    settings: Settings = field(default_factory=Settings)
    # Identity of all that the model brings in and that can change what is computed or shown: weights, names, classes,
    # target, what it read of the input. None: unknown, so that results of this case are never kept for others.
    identity: str | None = None

    @property
    def fingerprint(self) -> str | None:
        """Identity of everything that can change what is computed or shown; None without the model's identity."""
        if self.identity is None:
            return None
        asked = {name: value for name, value in self.to_dict().items() if name != "identity"}
        return fingerprint("case", self.identity, _canonical(asked), _canonical(versions()))

    def to_dict(self) -> dict[str, Any]:
        """The case as JSON values; bytes as {"$base64": ...}."""
        return {
            "domain": self.domain,
            "model": self.model,
            "raw": _plain(self.raw),
            "options": _plain(self.options),
            "settings": self.settings.model_dump(mode="json"),
            "identity": self.identity,
        }

    @staticmethod
    def from_dict(values: Any) -> Case:
        """A case from what `to_dict` gave.

        Raises:
            InvalidInput: something is missing, or of another kind.
        """
        try:
            return Case(
                domain=_text(_record(values)["domain"]),
                model=_text(values["model"]),
                raw=_bytes_back(values["raw"]),
                options=_record(_bytes_back(_record(values["options"]))),
                settings=Settings(**_record(values["settings"])),
                identity=None if values["identity"] is None else _text(values["identity"]),
            )
        except InvalidSettings as error:
            raise InvalidInput(f"This is not a saved case: {error}") from None
        except KeyError as error:
            raise InvalidInput(f"This is not a saved case: it has no {error}.") from None
        except (TypeError, ValueError, RecursionError) as error:
            raise InvalidInput(f"This is not a saved case: {error!s:.100}.") from None

    def to_json(self) -> str:
        """The case as JSON text; `from_json` gives an equal one back."""
        return json.dumps(self.to_dict(), ensure_ascii=False)

    @staticmethod
    def from_json(text: str | bytes) -> Case:
        """A case saved by `to_json`.

        Raises:
            InvalidInput: the text is no JSON, or not of a case.
        """
        try:
            values = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise InvalidInput(f"This is not a saved case: {type(error).__name__}.") from None
        return Case.from_dict(values)

    def to_query(self) -> dict[str, str] | None:
        """The case as parameters of an address; None when its input does not fit (a file, a graph, a long text).

        Settings stand in it where they differ from the engine's defaults, so that a link means the same everywhere.
        """
        if isinstance(self.raw, bytes):
            return None
        query = {_MODEL: self.model}
        if isinstance(self.raw, str):
            query[_TEXT] = self.raw
        elif self.raw is not None:
            query[_OTHER] = json.dumps(_plain(self.raw), ensure_ascii=False)
        for name, value in self.options.items():
            query[f"{_OPTION}{name}"] = json.dumps(_plain(value), ensure_ascii=False)
        query |= self.settings.to_query()
        return query if len(urlencode(query)) <= LONGEST_ADDRESS else None

    @staticmethod
    def reads(name: str) -> bool:
        """Whether `from_query` reads a parameter of this name."""
        return name in (_MODEL, _TEXT, _OTHER) or name.startswith(_OPTION) or Settings.reads(name)

    @staticmethod
    def from_query(query: Mapping[str, str]) -> Case:
        """The case that an address names; unknown parameters are passed over.

        Raises:
            InvalidInput: no model is named, or a value cannot be read.
            InvalidSettings: a setting is out of range.
        """
        model = query.get(_MODEL, "")
        if "/" not in model:
            raise InvalidInput("The address names no model; it needs model=<domain>/<name>.")
        try:
            raw = query[_TEXT] if _TEXT in query else _bytes_back(json.loads(query.get(_OTHER, "null")))
            options = {
                name.removeprefix(_OPTION): _bytes_back(json.loads(value))
                for name, value in query.items()
                if name.startswith(_OPTION)
            }
        except (ValueError, TypeError, RecursionError):
            raise InvalidInput("The address holds an input or option that is no JSON; copy the link again.") from None
        return Case(
            domain=model.partition("/")[0],
            model=model,
            raw=raw,
            options=options,
            settings=Settings.from_query(query),
        )


def _canonical(value: Any) -> str:
    """One text for one value, whatever the order of its keys."""
    return json.dumps(value, sort_keys=True, ensure_ascii=True, allow_nan=True)


def _plain(value: Any) -> Any:
    """JSON values of a raw input or options; numpy's numbers become Python's, tuples lists.

    Raises:
        InvalidInput: something in it is no value, or it is nested too deep to be written down.
    """
    try:
        return _written(value)
    except RecursionError:
        raise InvalidInput("A case cannot hold values that are nested so deep.") from None


def _written(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {_BYTES: base64.b64encode(bytes(value)).decode()}
    if isinstance(value, Mapping):
        return {_escaped(name): _written(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_written(inner) for inner in value]
    if value is None or isinstance(value, str | bool | int | float):
        return value
    if hasattr(value, "tolist"):  # of numpy
        return _written(value.tolist())
    raise InvalidInput(
        f"A case cannot hold a {type(value).__name__}; give text, numbers, bytes, or lists and tables of them."
    )


def _bytes_back(value: Any) -> Any:
    if isinstance(value, dict):
        if set(value) == {_BYTES}:
            return base64.b64decode(value[_BYTES], validate=True)
        return {name.removeprefix("$"): _bytes_back(inner) for name, inner in value.items()}
    return [_bytes_back(inner) for inner in value] if isinstance(value, list) else value


def _escaped(name: Any) -> str:
    """A key that cannot be taken for the mark of bytes."""
    if not isinstance(name, str):
        raise InvalidInput(f"A case names its values by text; got the name {name!r:.40}.")
    return f"${name}" if name.startswith("$") else name


def _record(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{value!r:.40} where names with values are expected")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r:.40} where a text is expected")
    return value
