"""The words: pages of docs are what commands write, links lead somewhere, code in the README runs."""

import re
from pathlib import Path
from typing import Any

import pytest

import glider_core as gl
from glider_core.experiments import document, evidence

ROOT = Path(__file__).parents[1]
PAGES = [
    ROOT / "README.md",
    ROOT / "CHANGELOG.md",
    *sorted((ROOT / "docs").glob("*.md")),
    ROOT / "benchmarks/README.md",
]


def test_the_results_page_its_pictures_and_what_the_app_shows_are_what_the_command_writes() -> None:
    sections = evidence.gather()
    assert (ROOT / "docs/results.md").read_text(encoding="utf-8") == document.results_page(sections), (
        "run `make results`"
    )
    drawn = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "docs/pictures").glob("*.svg")}
    assert drawn == document.pictures(sections), "run `make results`"
    assert evidence.stored() == sections, "run `make results`"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


def test_the_readme_is_short() -> None:
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 140
    assert [line for line in lines if len(line) > 132 and not line.startswith("|")] == []


def test_code_in_the_readme_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 3
    names: dict[str, Any] = {}
    for block in blocks:
        exec(block.replace("model, model.rows,", "model, model.rows.head(4),"), names)
    assert names["explanation"].interactions
    assert (tmp_path / "run.jsonl").exists()
    assert names["crosses"].get_feature_names_out().size


def test_the_changelog_tells_of_this_version() -> None:
    assert f"\n## {gl.__version__}\n" in (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def test_the_template_of_an_own_model_is_explained_and_has_an_identity() -> None:
    names: dict[str, Any] = {"__name__": "own_model"}
    source = (ROOT / "docs/own_model.py").read_text(encoding="utf-8")
    exec(source, names)
    instance = names["instance"]()
    assert instance.identity is not None
    assert gl.explain(instance, gl.Settings.with_masks(400)).names == tuple(names["fields"])
    other: dict[str, Any] = {"__name__": "own_model"}
    exec(source.replace("manual_seed(0)", "manual_seed(1)"), other)  # other weights, the same code
    assert other["instance"]().identity != instance.identity


def test_commands_that_the_docs_name_exist() -> None:
    from typer.testing import CliRunner

    from glider_core.cli import app
    from glider_core.experiments import EXPERIMENTS

    help_text = CliRunner().invoke(app, ["--help"]).output
    text = "\n".join(page.read_text(encoding="utf-8") for page in PAGES)
    for command in set(re.findall(r"`?glider ([a-z-]+)", text)) - {"reproduce"}:
        assert command in help_text, f"glider {command}"
    for name in re.findall(r"glider reproduce ([a-z0-9-]+)", text):
        assert name in (*EXPERIMENTS, "all")
