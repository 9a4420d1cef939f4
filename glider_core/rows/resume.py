"""Where runs of the app keep what they have finished: a file for each run in the cache, few enough and not for ever."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.downloads import cache_folder
from glider_core.errors import InvalidInput
from glider_core.journal import Journal, UnusableJournal
from glider_core.provenance import fingerprint
from glider_core.rows.chunk import chunks_of, digest_of
from glider_core.rows.run import run_case, run_header
from glider_core.settings import Settings

MAX_FILES = 50
MAX_AGE = 14 * 86_400.0  # seconds; they hold names of fields and effects of visitors' tables


def resume_file(model: Any, rows: pd.DataFrame, settings: Settings, folder: Path | None = None) -> Path | None:
    """The file of this run: of this model with these settings over these rows.

    It lies in the folder; by default in one of the cache that all runs of shipped models share.

    Older files go, beyond `MAX_FILES` or `MAX_AGE`.

    A file that cannot be gone on with, as after a damaged disk, is begun anew.

    Returns:
        A path in the cache; None where the run cannot be kept: the model has no identity, rows cannot be known again,
        somebody else does the same run right now, or the cache cannot be written. After a kill it starts anew.
    """
    case = run_case(model, settings)
    folder = folder or cache_folder() / "runs"
    if case.fingerprint is None:
        return None
    try:
        path = folder / f"{fingerprint(case.fingerprint, *map(digest_of, chunks_of(rows)))}.jsonl"
        try:
            with Journal.open(path, run_header(case)):
                path.touch()
        except UnusableJournal:
            path.unlink()
        _tidy(folder, path)
    except (OSError, InvalidInput):
        return None
    return path


def _tidy(folder: Path, current: Path) -> None:
    changed: dict[Path, float] = {}
    for path in folder.glob("*.jsonl"):
        with contextlib.suppress(OSError):  # another process tidies, too
            changed[path] = path.stat().st_mtime
    changed.pop(current, None)
    for place, path in enumerate(sorted(changed, key=changed.__getitem__, reverse=True), 1):
        if place >= MAX_FILES or time.time() - changed[path] > MAX_AGE:
            with contextlib.suppress(OSError):
                path.unlink()
