"""Who a function is: a fingerprint of its code and of all that it holds on to, or nothing where that cannot be told.

Two functions that one line of a program made are alike in their code, and differ in what they close over.
"""

from __future__ import annotations

import functools
import hashlib
import site
import sys
import sysconfig
from collections.abc import Callable, Mapping
from enum import Enum
from pathlib import Path
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from glider_core.provenance import fingerprint

MOST_BYTES = 500_000_000  # of contents; a model that is larger is not hashed again and again
_DEEPEST, _MOST_VALUES = 200, 1_000_000
_PLAIN = (bool, int, float, complex, str, bytes, range, type(None), type(...), type(NotImplemented))


class _Untold(Exception):
    """Something is in it whose content cannot be told."""


def identity_of(name: str, predict: Callable[..., Any]) -> str | None:
    """The identity of a function that its author calls by this name.

    Its code counts, that of the functions that it calls unless a package brings them, its defaults, and what it closes
    over or is bound to, by content: numbers, arrays, tensors, networks, whatever can be pickled. Of the variables of
    its module those count whose content can be told.

    Returns:
        None where what it closes over cannot be told, such as an open connection or more than `MOST_BYTES`.
    """
    try:
        return fingerprint("function", name, _Contents().digest(predict))
    except (_Untold, RecursionError):
        return None


def code_parts(code: CodeType) -> list[str | bytes]:
    """What a function does, apart from where it stands: its instructions, constants and names, inner functions too."""
    inner = [constant for constant in code.co_consts if isinstance(constant, CodeType)]
    plain = [constant for constant in code.co_consts if not isinstance(constant, CodeType)]
    parts: list[str | bytes] = [code.co_code, repr(plain), repr(code.co_names), repr(code.co_freevars)]
    return parts + [part for function in inner for part in code_parts(function)]


@functools.cache
def is_installed(top: str) -> bool:
    """Whether a package is Python's own, Glider's or an installed one, so that its version tells its code."""
    if top in sys.stdlib_module_names or top == "glider_core":
        return top != "__main__"
    file = getattr(sys.modules.get(top), "__file__", None)
    folders = {*site.getsitepackages(), sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
    return file is not None and any(Path(file).is_relative_to(folder) for folder in folders)


class _Contents:
    """Digests of values by their content; the same for equal ones, in every process."""

    def __init__(self) -> None:
        self._places: dict[int, int] = {}  # of what is being told or was: by its id, in the order of telling
        self._alive: list[Any] = []  # so that no id is given twice
        self._bytes = 0

    def digest(self, value: Any, depth: int = 0) -> bytes:
        kind = type(value)
        if kind in _PLAIN:
            return self._parts(kind.__name__, repr(value))
        if id(value) in self._places:
            return self._parts("seen", str(self._places[id(value)]))
        if depth > _DEEPEST or len(self._places) > _MOST_VALUES:
            raise _Untold
        self._places[id(value)] = len(self._places)
        self._alive.append(value)
        return self._told(value, depth + 1)

    def _told(self, value: Any, depth: int) -> bytes:
        size = getattr(value, "nbytes", 0)
        if isinstance(size, int) and size > MOST_BYTES:  # before it is copied
            raise _Untold
        if isinstance(value, np.ndarray) and not value.dtype.hasobject:
            return self._parts("array", str(value.dtype), str(value.shape), np.ascontiguousarray(value).tobytes())
        if isinstance(value, np.generic):
            return self._parts("number", str(value.dtype), value.tobytes())
        if callable(getattr(value, "untyped_storage", None)):
            return self._tensor(value)
        if isinstance(value, list | tuple) and type(value) in (list, tuple):
            return self._parts(type(value).__name__, *(self.digest(inner, depth) for inner in value))
        if type(value) in (set, frozenset):
            return self._parts("set", *sorted(_Contents().digest(inner, depth) for inner in value))
        if type(value) is dict:
            return self._mapping(value, depth)
        if isinstance(value, FunctionType):
            return self._function(value, depth)
        if isinstance(value, MethodType):
            return self._parts("method", self.digest(value.__self__, depth), self.digest(value.__func__, depth))
        if isinstance(value, CellType):
            return self._cell(value, depth)
        if isinstance(value, ModuleType):
            return self._parts("module", value.__name__)
        if isinstance(value, type):
            return self._class(value, depth)
        if isinstance(value, BuiltinFunctionType) and isinstance(value.__self__, ModuleType | None):
            return self._parts("builtin", str(value.__module__), value.__qualname__)
        if isinstance(value, Enum):
            return self._parts("enum", type(value).__qualname__, value.name)
        return self._object(value, depth)

    def _tensor(self, value: Any) -> bytes:
        import torch

        content = value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()
        return self._parts("tensor", str(value.dtype), str(tuple(value.shape)), content)

    def _mapping(self, value: Mapping[Any, Any], depth: int) -> bytes:
        # In their order: it may well be of meaning, and most are made in the same one.
        return self._parts("dict", *(self.digest(part, depth) for item in value.items() for part in item))

    def _cell(self, value: CellType, depth: int) -> bytes:
        try:
            return self.digest(value.cell_contents, depth)
        except ValueError:  # a name that nothing was given yet
            return self._parts("empty")

    def _function(self, function: FunctionType, depth: int) -> bytes:
        if is_installed((function.__module__ or "__main__").partition(".")[0]):
            held = (function.__closure__, function.__defaults__)
            return self._parts("installed", function.__module__, function.__qualname__, self.digest(held, depth))
        held = (function.__closure__, function.__defaults__, function.__kwdefaults__, function.__dict__)
        parts = [self.digest(part, depth) for part in held]
        for name in sorted(_names_in(function.__code__) & function.__globals__.keys()):
            variable = function.__globals__[name]
            try:
                # On its own: what cannot be told leaves no trace.
                parts.append(self._parts(name, _Contents().digest(variable, depth)))
            except _Untold:
                parts.append(self._parts(name))
        return self._parts("function", *code_parts(function.__code__), *parts)

    def _class(self, kind: type, depth: int) -> bytes:
        name = f"{kind.__module__}.{kind.__qualname__}"
        if is_installed(kind.__module__.partition(".")[0]):
            return self._parts("class", name)
        members = {
            key: member
            for key, member in vars(kind).items()
            if key
            not in ("__dict__", "__weakref__", "__doc__", "__module__", "__firstlineno__", "__static_attributes__")
        }
        own = [self._member(key, member, depth) for key, member in sorted(members.items())]
        return self._parts("class", name, *own, *(self.digest(base, depth) for base in kind.__bases__))

    def _member(self, name: str, member: Any, depth: int) -> bytes:
        inner = getattr(member, "__func__", None) or getattr(member, "fget", None) or member
        if isinstance(inner, FunctionType):
            return self._parts(name, self.digest(inner, depth))
        try:
            return self._parts(name, _Contents().digest(inner, depth))
        except _Untold:
            return self._parts(name)

    def _object(self, value: Any, depth: int) -> bytes:
        """Any other object by what it would be pickled as."""
        try:
            made = value.__reduce_ex__(4)
        except Exception:  # of a class of somebody's own
            raise _Untold from None
        if isinstance(made, str):
            return self._parts("global", str(getattr(value, "__module__", "")), made)
        maker, given, state, items, pairs = (*made, None, None, None)[:5]
        if not isinstance(given, tuple):
            raise _Untold
        listed = [[] if found is None else list(found) for found in (items, pairs)]
        return self._parts(
            "object", *(self.digest(part, depth) for part in (type(value), maker, given, state, *listed))
        )

    def _parts(self, *parts: str | bytes) -> bytes:
        digest = hashlib.sha256()
        for part in parts:
            raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
            self._bytes += len(raw)
            digest.update(len(raw).to_bytes(8, "big"))
            digest.update(raw)
        if self._bytes > MOST_BYTES:
            raise _Untold
        return digest.digest()


def _names_in(code: CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, CodeType))
    return set(code.co_names).union(*(_names_in(function) for function in inner))
