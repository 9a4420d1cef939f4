"""The evidence: every result has its place in it, what is stored follows the results, and the sum is right."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest

from glider_core.experiments import EXPERIMENTS, Beside, document, evidence, measured, owner_of
from glider_core.experiments.evidence import Section

ALL = {path.stem for path in measured.RESULTS.glob("all_*.json")}  # of all experiments together, see `everything`


@pytest.fixture(scope="module")
def sections() -> tuple[Section, ...]:
    return evidence.stored()


def section(name: str, *met: bool | None, files: tuple[str, ...] = ("a.json",)) -> Section:
    rows = tuple(Beside(what=f"row {n}", paper="1", ours="2", met=each) for n, each in enumerate(met))
    empty = evidence.section_of("figure3")
    return replace(empty, name=name, title=name.title(), rows=rows, pictures=(), files=files, report="told", claim="")


def test_every_result_belongs_to_an_experiment_which_has_a_section_with_it(sections: tuple[Section, ...]) -> None:
    stems = {path.stem for path in measured.RESULTS.glob("*.json")} - ALL
    told = {Path(file).stem: section.name for section in sections for file in section.files}
    assert told == {stem: owner_of(stem) for stem in stems}
    assert set(told.values()) <= set(EXPERIMENTS)
    assert {section.name for section in sections} == set(EXPERIMENTS)
    for one in sections:
        assert bool(one.report) == bool(one.files), f"{one.name} tells nothing of its results"
        assert one.claim or not one.files, f"{one.name} claims nothing"


def test_every_picture_is_svg_that_says_what_it_shows(sections: tuple[Section, ...]) -> None:
    drawn = [(one.name, *picture) for one in sections for picture in one.pictures]
    assert len(drawn) > 20
    for name, caption, svg in drawn:
        root = ElementTree.fromstring(svg)
        told = root.attrib.get("aria-label") or root.findtext("{http://www.w3.org/2000/svg}desc")
        assert caption, name
        assert told, f"{name}: {caption}"


def test_a_result_is_of_the_experiment_with_the_longest_name_that_begins_its_own() -> None:
    assert owner_of("dna") == "dna"
    assert owner_of("dna_sparsity") == "dna-sparsity"
    assert owner_of("table3_census_t100") == "table3"
    assert owner_of("nobody_s") is None


def test_the_sum_counts_each_row_once_and_names_what_falls_short() -> None:
    held = (section("table3", True, False, None), section("zebra", True, files=()))
    counts = evidence.summary(held)
    assert (counts.met, counts.missed, counts.beside, counts.measured) == (2, 1, 1, 1)
    assert counts.not_met == (("table3", 1),)
    assert counts.unmeasured == ("zebra",)
    told = document.results_page(held)
    assert "Of 3 numbers" in told
    assert "| [Table3](#table3) | 1 | 1 | 1 |" in told
    assert "| [Zebra](#zebra) | 1 |  |  |" in told
    assert "Not measured yet: `glider reproduce zebra`" in told.replace("\n", " ")
    assert list(evidence.chapters(held)) == ["Tables and figures of the paper", evidence.OWN]


def test_what_is_stored_is_gathered_anew_once_a_result_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    results = tmp_path / "results"
    results.mkdir()
    monkeypatch.setattr(measured, "RESULTS", results)
    monkeypatch.setattr(evidence, "RESULTS", results)
    before = evidence.section_of("intervals")
    assert (before.files, before.rows, before.report) == ((), (), "")
    evidence.store([before], tmp_path / "stored")
    assert evidence.stored(tmp_path / "stored") == (before,)
    rows = [{"noise": "some", "features": 8, "cases": 4, "held": 0.75}]
    result = {"rows": rows, "cases": 4, "held": 0.75, "seconds": 3.5, "data": "made up", "versions": {"glider": "9.9"}}
    (results / "intervals.json").write_text(json.dumps(result))
    (after,) = evidence.stored(tmp_path / "stored")
    assert "75.0 %" in after.report
    assert (after.seconds, after.data, after.versions) == (3.5, ("made up",), ("Glider 9.9",))
    evidence.store([], tmp_path / "stored")
    assert list((tmp_path / "stored").iterdir()) == []


def test_rows_are_handed_out_as_csv() -> None:
    one = replace(section("table3"), rows=(Beside(what='a, "b"', paper="1", ours="2", differs="x\ny", met=False),))
    _, row = csv.reader(io.StringIO(evidence.rows_as_csv([one])))
    assert row == ["table3", 'a, "b"', "1", "2", "no", "x\ny"]


def test_the_document_escapes_what_would_end_a_cell_and_links_to_its_sections() -> None:
    one = replace(section("table3", True), rows=(Beside(what="a|b", paper="1", ours="2", met=True),))
    page = document.results_page([one])
    assert "| a\\|b | 1 | 2 | ✓ |  |" in page
    assert "[Table3](#table3)" in page
    assert "### Table3" in page


def test_the_stored_evidence_is_read_without_pytorch() -> None:
    code = "import sys; from glider_core.experiments import evidence; evidence.stored(); print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
