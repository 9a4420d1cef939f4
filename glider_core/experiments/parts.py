"""A long experiment in parts: what is finished stays in a folder, and runs that are given one folder share the work.

A part is a journal of its own. A run leaves alone what another one is at, and takes its result once that is there: the
same command, started once for each core, is done in a fraction of the time, and each of them writes the whole result.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from glider_core.experiments.base import Option
from glider_core.journal import KIND, Journal, JournalInUse
from glider_core.provenance import versions

KEEP = Option(
    help="A folder for what is finished: with it a killed run goes on, and runs side by side share the work.",
    kind=Path,
)
Value = TypeVar("Value")
_PAUSE = 2.0  # seconds after which a part that another run is at is looked for again


def in_parts(
    parts: Mapping[str, Callable[[], dict[str, Any]]],
    *,
    experiment: str,
    header: Mapping[str, Any],
    keep: Path | None,
    pause: Callable[[float], None] = time.sleep,
) -> dict[str, dict[str, Any]]:
    """What every part measures, as JSON values, in the order of the parts.

    Args:
        parts: by their names, each of which names a file.
        experiment: that they are of.
        header: what their results depend on beside their names and the versions of libraries, as JSON values.
        keep: the folder; None keeps nothing.
        pause: waits so many seconds for another run.

    Raises:
        InvalidInput: what is kept belongs to another run, or was changed; the folder cannot be written.
    """
    done: dict[str, dict[str, Any]] = {}
    left, in_use = deque(parts), 0
    while left:
        name = left.popleft()
        path = None if keep is None else keep / f"{_slug(f'{experiment} {name}')}.jsonl"
        try:
            with Journal.open(path, {KIND: experiment, "part": name, **header, "versions": versions()}) as journal:
                if not journal.entries:
                    journal.entries.append(parts[name]())
                    journal.append(journal.entries[0])
                done[name] = journal.entries[0]
            in_use = 0
        except JournalInUse:
            left.append(name)
            in_use += 1
            if in_use >= len(left):
                pause(_PAUSE)
                in_use = 0
    return {name: done[name] for name in parts}


def when_free(work: Callable[[], Value], pause: Callable[[float], None] = time.sleep) -> Value:
    """What `work` gives, once no other run is at the journal that it opens first."""
    while True:
        try:
            return work()
        except JournalInUse:
            pause(_PAUSE)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
