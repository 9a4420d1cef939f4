"""What was measured: the results of experiments as they lie in assets/results."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from glider_core.experiments import owner_of
from glider_core.shipped import ASSETS

RESULTS = ASSETS / "results"


def files_of(experiment: str) -> list[Path]:
    """The files in assets/results that are this experiment's, in the order of their names."""
    return [path for path in sorted(RESULTS.glob("*.json")) if owner_of(path.stem) == experiment]


def measured(experiment: str) -> dict[str, dict[str, Any]]:
    """The results of an experiment that lie in assets/results, by their files' stems."""
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files_of(experiment)}
