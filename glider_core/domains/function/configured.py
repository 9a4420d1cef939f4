"""Instances of the people who run Glider: named in their local configuration, never from a browser."""

from __future__ import annotations

import importlib
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glider_core.adapters.variables import MODEL
from glider_core.engine.instance import Instance, as_instance
from glider_core.errors import InvalidInput

VARIABLE = "GLIDER_INSTANCES"


def configured() -> list[str]:
    """What the variables GLIDER_INSTANCES and GLIDER_MODEL name: `module:name`, several separated by commas."""
    names = f"{os.environ.get(MODEL, '')},{os.environ.get(VARIABLE, '')}".split(",")
    return list(dict.fromkeys(name.strip() for name in names if name.strip()))


def is_model(name: str) -> bool:
    """Whether this is the name of a model, not of a function that makes instances."""
    return name in [part.strip() for part in os.environ.get(MODEL, "").split(",")]


def load_instances(name: str) -> Sequence[Instance]:
    """The instances that a configured function makes.

    Args:
        name: `module:function`, one of `configured()`. The module is looked for in the working folder as well; the
            function takes no arguments and returns an instance, or a list of them.

    Raises:
        InvalidInput: not configured, not found, or the function raised or returned something else.
    """
    returned = load_named(name)
    if callable(returned):
        returned = _called(name, returned)
    instances = list(returned) if isinstance(returned, list | tuple) else [returned]
    if not instances:
        raise InvalidInput(f"{name[:80]} returned an empty list; return at least one instance.")
    try:
        return [as_instance(instance) for instance in instances]
    except InvalidInput as error:
        raise InvalidInput(f"{name[:80]} returned something else than instances. {error}") from None


def load_named(name: str) -> Any:
    """What a configured name stands for.

    Raises:
        InvalidInput: not configured, or not found.
    """
    if name not in configured():
        raise InvalidInput(
            f"{name[:80]!r} is not configured; name it in the variable {VARIABLE} and start Glider again."
        )
    module, _, function = name.partition(":")
    folder = str(Path.cwd())
    if folder not in sys.path:
        sys.path.append(folder)
    try:
        return getattr(importlib.import_module(module), function or "instance")
    except Exception as error:  # it is somebody's own code
        raise InvalidInput(f"{name[:80]} could not be loaded: {type(error).__name__}: {str(error)[:200]}") from error


def _called(name: str, function: Callable[[], Any]) -> Any:
    try:
        return function()
    except Exception as error:  # the same
        raise InvalidInput(f"{name[:80]} could not be loaded: {type(error).__name__}: {str(error)[:200]}") from error
