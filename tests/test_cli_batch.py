"""`glider explain MODEL --batch FILE` fills a case book, once, and tells what it could not read."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core.batches import nodes_of, of_table, pasted, rows_of, sets_found, usual_columns
from glider_core.cli import app
from glider_core.rows.slices import row_slices
from glider_core.store import Ask, Store
from glider_core.tables.read import read_table

REVIEWS = 'sentence,label\nThe songs are never dull.,1\n"It fails, badly.",1\n'


def test_a_table_is_explained_into_a_book_with_its_labels_once(tmp_path: Path) -> None:
    (tmp_path / "reviews.csv").write_text(REVIEWS)
    url = f"sqlite:///{tmp_path / 'cases.db'}"
    asked = ["explain", "sentiment/lstm", "--batch", str(tmp_path / "reviews.csv"), "--store", url, "--masks", "300"]
    first = CliRunner().invoke(app, asked)
    assert first.exit_code == 0, first.output
    assert "2 explained" in first.output
    again = CliRunner().invoke(app, asked)
    assert "0 explained" in again.output
    assert "2 were in the book already" in again.output
    lines = Store(url).book().lines(Ask(sort="title", descending=False))
    assert [(line.title, line.label, line.wrong) for line in lines] == [
        ("It fails, badly.", "1", True),
        ("The songs are never dull.", "1", False),
    ]
    assert lines[0].batch.startswith("reviews.csv, ")


def test_what_cannot_be_read_is_told_and_the_rest_explained(tmp_path: Path) -> None:
    (tmp_path / "two.fa").write_text(">good\nCGTTAATTACTCCTCCACGTGTTGTCCTACACTACC\n>short\nACGT\n")
    url, file = f"sqlite:///{tmp_path / 'cases.db'}", str(tmp_path / "two.fa")
    asked = ["explain", "dna/cnn", "--batch", file, "--store", url, "--book", "lab", "--masks", "300"]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 2
    assert "1 explained" in done.output
    assert "Record 2, short: The sequence has 4 letters" in done.output
    assert [line.title for line in Store(url).book("lab").lines()] == ["Record 1, good"]


@pytest.mark.parametrize("more", [[], ["input", "--batch", "x"], ["--batch", "x", "--json"]])
def test_one_input_or_a_batch(more: list[str]) -> None:
    assert CliRunner().invoke(app, ["explain", "sentiment/lstm", *more]).exit_code == 2


def test_inputs_are_lines_records_or_columns() -> None:
    assert [each.raw for each in pasted("sentiment/lstm", "\ufeffOne.\n\n  Two. \n")] == ["One.", "Two."]
    assert [each.title for each in pasted("dna/cnn", ">a\nAC\n>b\nGT")] == ["Record 1, a", "Record 2, b"]
    with pytest.raises(gl.InvalidInput, match="no input"):
        pasted("sentiment/lstm", " \n")
    table = read_table(REVIEWS.encode(), "reviews.csv", least_rows=1, least_columns=1).table
    assert usual_columns(list(table.columns)) == ("sentence", "label")
    rows = of_table(table, None, "label")
    assert (rows[0].raw, rows[0].label) == ({"sentence": "The songs are never dull."}, "1")
    with pytest.raises(gl.InvalidInput, match="no column 'text'"):
        of_table(table, "text")


def ages(model) -> list[str]:
    return [name for name in row_slices(model.rows["age"]) if " to " in name]


def test_the_shell_chooses_rows_nodes_and_sentences(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'cases.db'}"

    def shell(*given: str) -> list:
        done = CliRunner().invoke(app, ["explain", *given, "--store", url, "--book", given[0][:3], "--masks", "300"])
        assert done.exit_code == 0, done.output
        return Store(url).book(given[0][:3]).lines()

    rows = shell("recommender/census", "--choose", "wrong", "--limit", "2", "--where", "sex=Male")
    assert [(line.wrong, line.batch.startswith("recommender/census, ")) for line in rows] == [(True, True)] * 2
    [node] = shell("graph/karate", "--of-class", "Mr. Hi's side", "--limit", "1")
    assert node.label == "Mr. Hi's side"
    reviews = tmp_path / "reviews.csv"
    reviews.write_text("sentence,label,year\nA joy.,1,1999\nDull and sad.,1,1999\nSo bad.,1,2001\n")
    [line] = shell("sentiment/lstm", "--batch", str(reviews), "--choose", "wrong", "--where", "year=1999")
    assert (line.title, line.wrong) == ("Dull and sad.", True)


@pytest.mark.parametrize(
    "given",
    [
        ["sentiment/lstm", "--choose", "wrong"], ["graph/karate", "--where", "sex=Male"],
        ["recommender/census", "--where", "sex"], ["recommender/census", "--choose", "best"],
        ["recommender/census", "--of-class", "x"], ["graph/karate", "--choose", "highest"],
        ["recommender/census", "3", "--choose", "wrong"],
    ],
)  # fmt: skip
def test_a_choice_that_makes_no_sense_is_a_sentence(given: list[str], tmp_path: Path) -> None:
    done = CliRunner().invoke(app, ["explain", *given, "--store", f"sqlite:///{tmp_path / 'cases.db'}"])
    assert done.exit_code == 2
    assert "Traceback" not in done.output


def test_rows_and_nodes_are_chosen_by_what_the_model_says() -> None:
    model = gl.load_model("recommender/census")
    answers = model.predict_rows(model.rows)  # type: ignore[attr-defined]
    assert [each.raw for each in rows_of(model, "highest", 2)] == sorted(range(300), key=lambda row: -answers[row])[:2]
    uncertain = rows_of(model, "uncertain", 3, where={"sex": "Female"})
    assert all(model.rows["sex"][each.raw] == "Female" for each in uncertain)  # type: ignore[attr-defined]
    assert abs(answers[uncertain[0].raw]) <= abs(answers[uncertain[2].raw])
    truth = model.answers  # type: ignore[attr-defined]
    wrong = rows_of(model, "wrong", 5)
    assert all((answers[each.raw] >= 0) != bool(truth[each.raw]) for each in wrong)
    assert [each.label for each in wrong] == [("no", "yes")[truth[each.raw]] for each in wrong]
    assert abs(answers[wrong[0].raw]) >= abs(answers[wrong[4].raw])
    names, numbers = next(iter(sets_found(model).items()))
    with_set = rows_of(model, "first", 500, found=names[::-1])
    assert {each.raw for each in with_set} == set(numbers)
    young = rows_of(model, "first", 500, where={"age": ages(model)[0]})
    assert 20 < len(young) < 150  # a range of the numbers
    for how in ({"found": ("sex", "nothing")}, {"where": {"sex": "none"}}, {"where": {"sax": "Female"}}):
        with pytest.raises(gl.InvalidInput):
            rows_of(model, **how)  # type: ignore[arg-type]
    karate = gl.load_model("graph/karate")
    said = karate.predict_nodes().argmax(axis=1)  # type: ignore[attr-defined]
    wrong = nodes_of(karate, wrong=True)
    for each in wrong:
        number = karate.find(each.raw)  # type: ignore[attr-defined]
        assert said[number] != karate.graph.labels[number]  # type: ignore[attr-defined]
    assert len(wrong) == int((said != karate.graph.labels).sum())  # type: ignore[attr-defined]
