"""Who a model is: a fingerprint of all that its answers come from, or nothing where that cannot be told."""

from __future__ import annotations

import functools
import io
import pickle
import types
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from typing import Any

from glider_core.engine.function_identity import code_parts, is_installed
from glider_core.provenance import fingerprint


def model_identity(*sources: Any) -> str | None:
    """A fingerprint of models and data by their content; None where some of it cannot be told.

    A model is told by its parameters as it pickles, with the versions of the packages that they belong to, and with the
    code of functions and classes that no installed package brings: a notebook's own transformer counts as it is
    written. A function that closes over something, and whatever cannot be pickled, has no identity.
    """
    file, seen = io.BytesIO(), _Seen()
    try:
        pickler = _Telling(file, seen)
        for source in sources:
            pickler.dump(_content(source))
    except Exception:  # of a class of somebody's own; then nothing is known of it
        return None
    return fingerprint("model", file.getvalue(), *(f"{name} {seen.packages[name]}" for name in sorted(seen.packages)),
                       *seen.code)  # fmt: skip


class _Seen:
    def __init__(self) -> None:
        self.packages: dict[str, str] = {}
        self.code: list[str | bytes] = []


class _Telling(pickle.Pickler):
    """Pickles, and notes which code the pickled objects stand for."""

    def __init__(self, file: io.BytesIO, seen: _Seen) -> None:
        super().__init__(file, protocol=5)
        self._told = seen

    def reducer_override(self, obj: Any) -> Any:
        if isinstance(obj, type | types.FunctionType):
            top = (getattr(obj, "__module__", None) or "builtins").partition(".")[0]
            if is_installed(top):
                self._told.packages.setdefault(top, _version(top))
            else:
                self._told.code += _code_of(obj)
        return NotImplemented


def _content(source: Any) -> Any:
    """What stands for a source: of a network its tensors, whose pickle names the storage; else the source itself."""
    if hasattr(source, "own_identity"):
        if source.own_identity is None:
            raise ValueError("a model that nobody knows, such as a service")
        return source.own_identity
    owner = getattr(source, "__self__", None)
    if owner is not None and not isinstance(owner, types.ModuleType):
        return _content(owner), source.__name__
    if isinstance(source, functools.partial):
        return _content(source.func), source.args, source.keywords
    if callable(getattr(source, "state_dict", None)) and callable(getattr(source, "named_modules", None)):
        tensors = [(name, str(value.dtype), tuple(value.shape), _bytes_of(value)) for name, value in
                   source.state_dict().items()]  # fmt: skip
        return tensors, repr(source), sorted({type(module) for _, module in source.named_modules()}, key=str)
    return source


def _bytes_of(tensor: Any) -> bytes:
    import torch

    return tensor.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy().tobytes()


def _code_of(obj: type | types.FunctionType) -> list[str | bytes]:
    """What a class or function does, with the functions and constants of its module that it uses.

    Raises:
        ValueError: it uses something that its code does not tell: what it closes over, or a variable of its module.
    """
    parts: dict[str, list[str | bytes]] = {}
    _collect(obj, parts)
    return [part for name in sorted(parts) for part in (name, *parts[name])]


def _collect(obj: Any, parts: dict[str, list[str | bytes]]) -> None:
    name = f"{obj.__module__}.{obj.__qualname__}"
    if name in parts or is_installed((obj.__module__ or "builtins").partition(".")[0]):
        return
    parts[name] = []
    if isinstance(obj, types.FunctionType):
        functions = [obj]
    else:
        members = (getattr(member, "__func__", getattr(member, "fget", member)) for member in vars(obj).values())
        functions = [member for member in members if isinstance(member, types.FunctionType)]
        for base in obj.__bases__:
            _collect(base, parts)
    for function in functions:
        if function.__closure__ and function.__code__.co_freevars != ("__class__",):
            raise ValueError("a closure")
        parts[name] += [function.__qualname__, *code_parts(function.__code__), repr(function.__defaults__)]
        for used in _names_in(function.__code__) & function.__globals__.keys():
            value = function.__globals__[used]
            if isinstance(value, type | types.FunctionType):
                _collect(value, parts)
            elif isinstance(value, str | bytes | int | float | bool | tuple | None):
                parts[name].append(f"{used}={value!r}")
            elif not (isinstance(value, types.ModuleType) and is_installed(value.__name__.partition(".")[0])):
                if not is_installed((getattr(value, "__module__", None) or "__main__").partition(".")[0]):
                    raise ValueError(f"a variable {used}")
                if not callable(value) or hasattr(value, "__dict__"):
                    raise ValueError(f"a variable {used}")
    parts[name].sort(key=repr)


def _names_in(code: types.CodeType) -> set[str]:
    inner = (constant for constant in code.co_consts if isinstance(constant, types.CodeType))
    return set(code.co_names).union(*(_names_in(function) for function in inner))


@functools.cache
def _version(top: str) -> str:
    try:
        return version(packages_distributions().get(top, [top])[0])
    except PackageNotFoundError:
        return ""
