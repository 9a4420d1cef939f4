"""What ships with Glider: models, samples, measured results and the app, in an installed package as in a checkout."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("glider_core")))
_CHECKOUT = _PACKAGE.parent


def _place(in_wheel: str, in_checkout: str) -> Path:
    """Where the build put it (see pyproject.toml); where there is nothing, its place in the repository."""
    installed = _PACKAGE / in_wheel
    return installed if installed.exists() else _CHECKOUT / in_checkout


ASSETS = _place("assets", "assets")
APP = _place("_app/app.py", "app.py")  # what Streamlit runs; `.streamlit/config.toml` lies beside it


def place_for(*parts: str) -> Path:
    """Where a command writes what it makes: among the assets of a checkout, else in the working folder."""
    home = ASSETS if ASSETS.parent == _CHECKOUT else Path.cwd()
    return home.joinpath(*parts)
