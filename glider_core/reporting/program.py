"""A case as a program that explains it anew."""

from __future__ import annotations

from glider_core.cases import Case
from glider_core.grouping import GROUPS
from glider_core.settings import Settings


def as_python(case: Case) -> str:
    """Python that explains the case anew; where its input is a file, its path is to be filled in."""
    usual = Settings()
    changed = {name: value for name, value in case.settings.model_dump().items() if value != getattr(usual, name)}
    settings = f"gl.Settings({', '.join(f'{name}={value!r}' for name, value in changed.items())})"
    is_file = isinstance(case.raw, bytes)
    raw = 'Path("your-file").read_bytes()' if is_file else repr(case.raw)
    options = {name: value for name, value in case.options.items() if name != GROUPS}
    more = "".join(f", {name}={value!r}" for name, value in options.items())
    lines = ["from pathlib import Path\n"] * is_file + ["import glider_core as gl"]
    if groups := case.options.get(GROUPS):  # features that were joined into one
        lines += ["from glider_core.grouping import GroupedInstance, read_groups"]
    lines += ["", f"model = gl.load_model({case.model!r})", f"instance = model.instance({raw}{more})"]
    if groups:
        lines += [f"instance = GroupedInstance(instance, read_groups({groups!r}))"]
    lines += [f"explanation = gl.explain(instance, {settings})", "print(explanation.verdict, explanation.shares)"]
    return "\n".join(lines) + "\n"
