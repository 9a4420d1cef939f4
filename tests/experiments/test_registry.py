"""The registry of experiments: what is in it, how options are read, that a new one is one file."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core import experiments
from glider_core.cli import app
from glider_core.experiments import EXPERIMENTS, Experiment, Option

KNOWN = {
    # The paper's tables and figures.
    "figure2", "figure3", "figure4", "figure5", "figure6", "figure7", "figure8", "table2a", "table2b", "table3",
    "table4", "table5", "table6", "table7", "table8", "table10", "dna",
    # Claims of ours.
    "crosses", "dna-sparsity", "intervals", "negations", "negative-controls", "peers", "planted-families",
    "planted-recommender", "planted-sets", "questions-saved", "real-tables", "surrogate-fit",
}  # fmt: skip
NEW = """
from glider_core.experiments import Context, Experiment, Option

EXPERIMENT = Experiment(
    name="count-letters",
    title="Count letters",
    run=lambda context: {"letters": context["times"] * 3},
    options={"times": Option(help="How often.", default=2)},
)
"""


def test_every_experiment_is_there_and_its_quick_options_are_options() -> None:
    assert set(EXPERIMENTS) >= KNOWN
    assert len(EXPERIMENTS) == len(list(EXPERIMENTS))
    for name, experiment in EXPERIMENTS.items():
        assert experiment.name == name
        assert experiment.quick, f"{name} has no quick size"
        context = experiment.context(quick=True)
        for option, value in experiment.quick.items():
            assert context[option] == value
        assert experiment.context().options.keys() == experiment.options.keys()


def test_helpers_of_the_package_are_no_experiments() -> None:
    for name in ("base", "markdown", "paper", "sources", "source-model", "measured", "dna_sparsity", "nothing"):
        assert name not in EXPERIMENTS


def test_a_new_experiment_is_one_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "count_letters.py").write_text(NEW)
    monkeypatch.setattr(experiments, "__path__", [*experiments.__path__, str(tmp_path)])
    registry = type(EXPERIMENTS)()  # a new one, as in a new process
    try:
        assert "count-letters" in list(registry)
        assert registry["count-letters"].run(registry["count-letters"].context(times=5)) == {"letters": 15}
    finally:
        sys.modules.pop("glider_core.experiments.count_letters", None)


def test_options_are_checked_before_anything_runs() -> None:
    never = Experiment(
        name="never",
        title="",
        run=lambda context: pytest.fail("ran"),
        options={
            "table": Option(help="", kind=str, default="a", choices=("a", "b")),
            "rows": Option(help="", least=1),
            "targets": Option(help="", kind=str, several=True, default=("x",), choices=("x", "y")),
        },
        quick={"rows": 5},
    )
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"table": "c"}, "choose among a, b"),
        ({"rows": 0}, "give 1 or more"),
        ({"targets": ("x", "z")}, "there is no 'z'"),
        ({"columns": 1}, "no option 'columns'"),
    ]
    for given, says in wrong:
        with pytest.raises(gl.InvalidInput, match=says):
            never.context(**given)
    context = never.context(quick=True, rows=7, table=None)
    assert (context["table"], context["rows"], context["targets"]) == ("a", 7, ("x",))  # what is given wins over quick
    assert never.context(quick=True)["rows"] == 5


@pytest.mark.parametrize(
    "given", [["--sizes", "3,4"], ["--sizes", "3", "--sizes", "4"], ["--sizes", "3", "--sizes=4,"]]
)
def test_values_are_given_one_by_one_or_with_commas(monkeypatch: pytest.MonkeyPatch, given: list[str]) -> None:
    sizes = Experiment(
        name="sizes",
        title="",
        run=lambda context: {"sizes": list(context["sizes"])},
        options={"sizes": Option(help="", several=True, default=(1, 2))},
    )
    monkeypatch.setattr("glider_core.experiments.EXPERIMENTS", {"sizes": sizes})
    for more, expected in ((given, [3, 4]), ([], [1, 2])):
        done = CliRunner().invoke(app, ["reproduce", "sizes", "--quick", *more])
        assert json.loads(done.output)["sizes"] == expected
