"""Every benchmark that the command names is there, and is told of."""

import ast
from pathlib import Path

import pytest

from benchmarks.__main__ import BENCHMARKS

FOLDER = Path(__file__).parents[1] / "benchmarks"


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_benchmark_can_be_run_and_is_told_of(name: str) -> None:
    module = ast.parse((FOLDER / f"{BENCHMARKS[name]}.py").read_text(encoding="utf-8"))
    (run,) = (node for node in module.body if isinstance(node, ast.FunctionDef) and node.name == "run")
    assert ast.get_docstring(run)  # the command prints it
    required = len(run.args.args) - len(run.args.defaults)
    assert required == 0, "the command gives it nothing"
    assert f"- **{name}**" in (FOLDER / "README.md").read_text(encoding="utf-8")
