"""The notebooks run, and results show themselves in them by their pictures."""

from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbclient import NotebookClient

import glider_core as gl
from glider_core.comparison import compare

NOTEBOOKS = Path(__file__).parents[1] / "docs" / "notebooks"
QUICK = "sequences"


def shown(name: str) -> str:
    """The HTML of all that a notebook shows, run from its first cell to its last."""
    book = nbformat.read(NOTEBOOKS / f"{name}.ipynb", as_version=4)
    NotebookClient(book, timeout=300, resources={"metadata": {"path": str(NOTEBOOKS.parents[1])}}).execute()
    outputs = [output for cell in book.cells for output in cell.get("outputs", [])]
    return "".join(output.get("data", {}).get("text/html", "") for output in outputs)


def test_a_notebook_shows_pictures() -> None:
    html = shown(QUICK)
    assert html.count("glider-result") == 2
    assert "<svg" in html
    assert "U6" in html


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted({path.stem for path in NOTEBOOKS.glob("*.ipynb")} - {QUICK}))
def test_every_notebook_runs(name: str) -> None:
    assert "glider-result" in shown(name)


def test_results_show_themselves_and_plot(never_fails: gl.Explanation) -> None:
    html = never_fails._repr_html_()
    assert html is not None
    assert "never" in html
    assert "<svg" in html
    assert "fails" in never_fails.plot().to_json()
    other = compare(never_fails, never_fails)._repr_html_()
    assert other is not None
    assert "Agreement 100%" in other


def test_a_run_over_rows_shows_itself_and_plots() -> None:
    rows = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)), columns=["dose", "smoke", "age"])
    model = gl.tabular(lambda x: 3.0 * ((x["dose"] > 0.5) & (x["smoke"] > 0.5)) + x["age"], rows)
    run = gl.detect_global(model, rows[(rows["dose"] > 0.5) & (rows["smoke"] > 0.5)])
    assert [set(found.names) for found in run.interactions] == [{"dose", "smoke"}]
    html = run._repr_html_()
    assert html is not None
    assert "<svg" in html
    assert "dose" in html
    assert "smoke" in html
    assert "dose" in run.plot().to_json()


def test_what_a_stranger_named_is_escaped() -> None:
    instance = gl.FunctionInstance(["<script>", "b"], lambda m: 1.0 * (m[:, 0] & m[:, 1]), explained="<b>")
    html = gl.explain(instance)._repr_html_()
    assert html is not None
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html
