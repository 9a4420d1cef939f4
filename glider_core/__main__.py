"""`python -m glider_core`: the command line."""

from glider_core.cli import app

app()
