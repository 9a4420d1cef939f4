"""`glider app`: the pages in a browser."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from typing import Annotated

import typer

from glider_core.cli.text import readable_errors


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it answers.")] = 8501,
    address: Annotated[str | None, typer.Option(help="By default this machine alone can reach it.")] = None,
) -> None:
    """Open the app; it runs until it is stopped."""
    with readable_errors():
        from glider_core.errors import ModelUnavailable
        from glider_core.shipped import APP

        missing = [name for name in ("streamlit", "plotly") if importlib.util.find_spec(name) is None]
        if missing:
            raise ModelUnavailable(f'The app needs {" and ".join(missing)}: `pip install "glider[app]"`.')
        command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
        if address is not None:
            command += ["--server.address", address]
    replace_process(command)


def replace_process(command: list[str]) -> None:
    """Go on as another program, so that a signal to this one reaches it; where that cannot be, wait for it."""
    if os.name == "posix":
        os.execv(command[0], command)
    try:
        raise typer.Exit(subprocess.call(command))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
