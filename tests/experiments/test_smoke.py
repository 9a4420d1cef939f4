"""Every experiment runs by its command in its tiny size, tells of what came out, and goes on from what was kept."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from glider_core.cli import app
from glider_core.experiments import EXPERIMENTS, Beside
from glider_core.experiments.base import VARIABLE

LACKING = "No folder of training data"


@pytest.fixture(scope="module")
def keep(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder for all, as of `reproduce all`: experiments of one family share what is in it."""
    return tmp_path_factory.mktemp("keep")


def given(options: Mapping[str, Any]) -> list[str]:
    """Options as one would type them."""
    pairs = []
    for name, value in options.items():
        typed = ",".join(map(str, value)) if isinstance(value, tuple) else str(value)
        pairs += [f"--{name.replace('_', '-')}", typed]
    return pairs


def without_seconds(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: without_seconds(own) for name, own in value.items() if "second" not in name}
    return [without_seconds(own) for own in value] if isinstance(value, list) else value


@pytest.mark.parametrize("name", EXPERIMENTS)
def test_every_experiment_runs_in_its_tiny_size(name: str, keep: Path, tmp_path: Path) -> None:
    experiment = EXPERIMENTS[name]
    assert experiment.smoke, (
        f"{name} has no tiny size. Give its EXPERIMENT `smoke`: values of options, beside those of `quick`, with which "
        "it takes about half a second."
    )
    out, kept = tmp_path / "out.json", ["--keep", str(keep / "all")] if "keep" in experiment.options else []
    words = ["reproduce", name, "--quick", *given(experiment.smoke), *kept, "--out", str(out)]
    done = CliRunner().invoke(app, words)
    if done.exit_code == 2 and LACKING in done.output.replace("\n", " "):
        pytest.skip(f"needs the folder of training data, {VARIABLE}")
    assert done.exit_code == 0, done.output or repr(done.exception)
    result = json.loads(out.read_text())
    assert result["versions"]["glider"]
    options = experiment.context(quick=True, **experiment.smoke).options
    told = {experiment.stem(name, options): result}
    assert experiment.report is not None, f"{name} tells nothing in docs/results.md: give it a `report`"
    assert "|" in experiment.report(told)
    for beside in experiment.beside(told) if experiment.beside else []:
        assert isinstance(beside, Beside)
        assert beside.what
        assert beside.paper
        assert beside.ours
    for caption, picture in (experiment.pictures(told) if experiment.pictures else {}).items():
        assert caption
        assert "<svg" in picture
    if kept:
        again = CliRunner().invoke(app, words)
        assert again.exit_code == 0, again.output
        # What is kept is not measured anew: were it, networks and noise would still be the same, but not the seconds.
        assert without_seconds(json.loads(out.read_text())) == without_seconds(result), f"{name} does not go on"
