"""Where runs of the app keep what they have finished: a file for each run in the cache, few enough and not for ever."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.downloads import cache_folder
from glider_core.provenance import fingerprint
from glider_core.rows.chunk import chunks_of, digest_of
from glider_core.rows.run import run_case
from glider_core.settings import Settings

MAX_FILES = 50
MAX_AGE = 14 * 86_400.0  # seconds; they hold names of fields and effects of visitors' tables


def resume_file(model: Any, rows: pd.DataFrame, settings: Settings) -> Path | None:
    """The file of this run: of this model with these settings over these rows.

    Older files go, beyond `MAX_FILES` or `MAX_AGE`.

    Returns:
        A path in the cache; None where runs cannot be told apart, since the model has no identity, or where the cache
        cannot be written. The run then starts anew after a kill.
    """
    case = run_case(model, settings).fingerprint
    if case is None:
        return None
    folder = cache_folder() / "runs"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{fingerprint(case, *map(digest_of, chunks_of(rows)))}.jsonl"
        path.touch()
    except OSError:
        return None
    _tidy(folder, path)
    return path


def _tidy(folder: Path, current: Path) -> None:
    newest_first = sorted(
        ((path.stat().st_mtime, path) for path in folder.glob("*.jsonl") if path != current), reverse=True
    )
    for place, (changed, path) in enumerate(newest_first, 1):
        if place >= MAX_FILES or time.time() - changed > MAX_AGE:
            with contextlib.suppress(OSError):
                path.unlink()
