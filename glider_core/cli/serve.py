"""`glider app`: the pages in a browser."""

from __future__ import annotations

import importlib.util
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import typer

from glider_core.cli.text import readable_errors
from glider_core.errors import InvalidInput

ALWAYS = ("localhost", "127.0.0.1", "::1")  # names that the app answers to
_EVERY_ADDRESS = ("0.0.0.0", "::")
_OUTSIDE = ("192.0.2.1", 9)  # an address for documentation: asked which way leads there, nothing is sent


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Where it answers.")] = 8501,
    address: Annotated[str | None, typer.Option(help="By default this machine alone can reach it.")] = None,
    host: Annotated[
        list[str] | None,
        typer.Option(help="A name by which people open it, such as glider.example.org; may be given several times."),
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="MODULE:NAME", help="An own model: an estimator, a pipeline, or a function.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The table whose rows it reads: CSV, Excel, Parquet.")] = None,
) -> None:
    """Open the app; it runs until it is stopped."""
    with readable_errors():
        if model is not None:
            _check_own(model, data)
        elif data is not None:
            raise InvalidInput("--data is the table of an own model; name it with --model MODULE:NAME.")
        from glider_core.errors import ModelUnavailable
        from glider_core.shipped import APP

        missing = [name for name in ("streamlit", "plotly") if importlib.util.find_spec(name) is None]
        if missing:
            raise ModelUnavailable(f'The app needs {" and ".join(missing)}: `pip install "glider[app]"`.')
        command = [sys.executable, "-m", "streamlit", "run", str(APP), "--server.port", str(port)]
        if address is not None:
            command += ["--server.address", address]
        if host or (address is not None and "STREAMLIT_SERVER_ALLOWED_HOSTS" not in os.environ):
            names = [*ALWAYS, *(host or _names_of(address or "localhost"))]
            for name in dict.fromkeys(names):
                command += ["--server.allowedHosts", name]
            typer.echo(f"It answers to {', '.join(dict.fromkeys(names))}; add other names with --host.", err=True)
    replace_process(command)


def _check_own(model: str, data: Path | None) -> None:
    """Load an own model now, so that what is wrong with it is said here; the app finds it by its variables."""
    from glider_core.adapters.variables import DATA, MODEL
    from glider_core.models import load_model

    os.environ[MODEL] = model
    if data is not None:
        os.environ[DATA] = str(data.resolve())
    load_model(f"function/{model}")
    typer.echo(f"{model} is on the page Your model.", err=True)


def _names_of(address: str) -> list[str]:
    """Names by which people who share a network with this machine can open what listens at this address."""
    if address not in _EVERY_ADDRESS:
        return [address]
    names = [socket.gethostname(), socket.getfqdn()]
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(_OUTSIDE)
            names.append(probe.getsockname()[0])
    except OSError:  # no network
        pass
    return names


def replace_process(command: list[str]) -> None:
    """Go on as another program, so that a signal to this one reaches it; where that cannot be, wait for it."""
    if os.name == "posix":
        os.execv(command[0], command)
    try:
        raise typer.Exit(subprocess.call(command))
    except KeyboardInterrupt:
        raise typer.Exit(0) from None
