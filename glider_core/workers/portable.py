"""What goes to a worker: tasks as bytes, in which models stand by name.

A model that `load_model` has loaded is loaded there, too. One that exists here only, such as one trained on a visitor's
table, is sent once and kept there.
"""

from __future__ import annotations

import io
import itertools
import pickle
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from glider_core.errors import GliderError
from glider_core.models import load_model, loaded_id

Report = Callable[[str, float], None]  # stage, and the share of it done; raises once the run is cancelled
Send = Callable[[Any], None]  # passes on a part of the result before the end

_numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
_next_number = itertools.count()


class NotPortable(GliderError):
    """Something in a task exists in this process only."""


class Task:
    """A function with its arguments, which can be done in another process.

    Args:
        function: of a module that needs no Streamlit; called with `report`, `send` and the arguments.
        arguments: anything that can be pickled, and models.
    """

    def __init__(self, function: Callable[..., Any], *arguments: Any) -> None:
        self.function, self.arguments = function, arguments

    def __call__(self, report: Report, send: Send) -> Any:
        """Do it; returns the result."""
        return self.function(report, send, *self.arguments)


@dataclass(frozen=True, slots=True)
class Packed:
    """A task as bytes."""

    content: bytes
    models: Mapping[int, Any]  # those in it that a worker cannot load, by number


class _Pickler(pickle.Pickler):
    def __init__(self, file: io.BytesIO) -> None:
        super().__init__(file, protocol=pickle.HIGHEST_PROTOCOL)
        self.models: dict[int, Any] = {}

    def persistent_id(self, obj: Any) -> tuple[str, str | int] | None:
        if not (callable(getattr(type(obj), "instance", None)) and hasattr(obj, "identity")):
            return None
        if (model_id := loaded_id(obj)) is not None:
            return "id", model_id
        number = _numbers.setdefault(obj, next(_next_number))
        self.models[number] = obj
        return "number", number


class _Unpickler(pickle.Unpickler):
    def __init__(self, file: io.BytesIO, models: Mapping[int, Any]) -> None:
        super().__init__(file)
        self._models = models

    def persistent_load(self, pid: tuple[str, Any]) -> Any:
        kind, name = pid
        return load_model(name) if kind == "id" else self._models[name]


def pack(task: Task) -> Packed:
    """The task as bytes.

    Raises:
        NotPortable: something in it cannot be pickled.
    """
    file = io.BytesIO()
    pickler = _Pickler(file)
    try:
        pickler.dump(task)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise NotPortable(f"This run works only in the process that it was asked in: {error!s:.200}.") from None
    return Packed(file.getvalue(), pickler.models)


def unpack(content: bytes, models: Mapping[int, Any]) -> Task:
    """The task again; `models` are those that were sent, by number."""
    return _Unpickler(io.BytesIO(content), models).load()


def model_bytes(model: Any) -> bytes:
    """A model with its weights.

    Raises:
        NotPortable: it cannot be pickled.
    """
    try:
        return pickle.dumps(model, protocol=pickle.HIGHEST_PROTOCOL)
    except (pickle.PicklingError, TypeError, AttributeError, RecursionError) as error:
        raise NotPortable(f"This model works only in the process that made it: {error!s:.200}.") from None
