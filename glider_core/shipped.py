"""What ships with Glider: models, samples and measured results, in an installed package as in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_INSIDE = Path(str(files("glider_core"))) / "assets"  # where the build puts them
ASSETS = _INSIDE if _INSIDE.is_dir() else Path(__file__).resolve().parent.parent / "assets"
