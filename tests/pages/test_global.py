# pyright: reportArgumentType=false, reportGeneralTypeIssues=false, reportAttributeAccessIssue=false, reportCallIssue=false
# (what pandas' cells and Streamlit's elements are, their stubs do not know)
"""The Global view, as an analyst meets it: counts, filters, slices, two runs side by side, links."""

from __future__ import annotations

import json
import threading
from typing import Any

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core import prepared
from tests.pages.conftest import Visitor

ROWS = "8"  # a few seconds' work once; other tests go on from the finished chunks


@pytest.fixture(autouse=True, scope="module")
def own_cache(tmp_path_factory: pytest.TempPathFactory) -> Any:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GLIDER_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


def heading(visitor: Visitor) -> str:
    return visitor.app.subheader[0].value


def sets(visitor: Visitor) -> pd.DataFrame:
    """The table of sets."""
    (table,) = (table.value for table in visitor.app.dataframe if "p, adjusted" in table.value)
    return table


def rows_of_set(visitor: Visitor) -> pd.DataFrame:
    (table,) = (table.value for table in visitor.app.dataframe if "row" in table.value)
    return table


def change(visitor: Visitor, kind: str, key: str, value: Any) -> None:
    getattr(visitor.app, kind)(key=f"global.{key}").set_value(value)
    visitor.draw()


def address(visitor: Visitor) -> dict[str, Any]:
    return dict(visitor.app.query_params)


def upload(visitor: Visitor, *files: tuple[str, str]) -> None:
    visitor.settle()  # beside other work a run may have ended since the page was drawn
    for name, content in files:
        visitor.app.file_uploader(key="global.upload").set_value((name, content.encode(), "application/json"))
        visitor.draw()


def run_of_two_fields(model_id: str = "other", fields: tuple[str, ...] = ("hour", "app_category", "weather")) -> str:
    """A saved run over two fields of the simulated clicks and one of its own."""
    interaction = gl.GlobalInteraction(
        features=(0, 1), names=fields[:2], count=4, share=0.5, mean_strength=1.0, mean_effect=1.0, p_value=0.1,
        p_adjusted=0.2, rows=(0, 1, 2, 3),
    )  # fmt: skip
    return gl.GlobalInteractions(
        names=fields, model_id=model_id, fingerprint=None, explained="click", n_rows=8, interactions=(interaction,),
        per_row=0.5, orders=(4,), settings=gl.Settings(), seconds=1.0, versions={},
    ).to_json()  # fmt: skip


def test_a_first_visit_counts_sets_and_leads_to_their_rows(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    table = sets(visitor)
    significant = int((table["p, adjusted"] < 0.05).sum())
    assert heading(visitor) == f"8 rows, {len(table)} different sets, {significant} significant"
    assert list(table["rows"]) == sorted(table["rows"], reverse=True)
    planted = int((table["planted"] == "✓")[:5].sum())
    assert visitor.reads(f"The simulator planted 5 sets; {planted} of them are the top 5.")
    assert visitor.reads(f"found in {table['rows'][0]} rows; together they add")
    assert len(rows_of_set(visitor)) == table["rows"][0]
    assert rows_of_set(visitor)["row"].iloc[0].startswith("recommender?model=recommender%2Fsimulated&raw=")


def test_the_stored_run_is_there_without_a_run_and_tells_which_values_carry_a_set(visitor: Visitor) -> None:
    visitor.go("global_view")
    assert not visitor.jobs()
    assert heading(visitor).startswith("300 rows")
    stored = prepared.stored_run("recommender/simulated").interactions
    pair, triple = stored[0], next(each for each in stored if each.order == 3)
    bars, values = visitor.pictures()[:2]
    assert [bars.count(f'data-pick="{" × ".join(each.names)}"') for each in stored[:11]] == [2] * 10 + [0]
    assert f"up in {sum(effect > 0 for effect in pair.effects)} of {pair.count} rows" in " ".join(visitor.texts())
    assert f"{pair.names[0]} by {pair.names[1]}: the strongest joint effect" in values
    visitor.open("global_view", set=" × ".join(triple.names))
    (table,) = (table.value for table in visitor.app.dataframe if "rows found" in table.value)
    assert list(table.columns[:3]) == list(triple.names)
    change(visitor, "number_input", "seed", 1)
    assert visitor.reads("This is the result of the former input")  # another seed is another run


def test_filters_narrow_the_sets_and_a_link_repeats_them(visitor: Visitor, new_visitor: type[Visitor]) -> None:
    visitor.open("global_view", rows=ROWS)
    everything = sets(visitor)
    field = everything["fields"][everything["order"] == 2].iloc[0].split(" × ")[0]  # of the most frequent pair
    change(visitor, "button_group", "order", "2")
    assert set(sets(visitor)["order"]) == {2}
    change(visitor, "multiselect", "any_fields", [field])
    assert all(field in names.split(" × ") for names in sets(visitor)["fields"])
    change(visitor, "toggle", "significant", True)
    narrow = sets(visitor)
    assert (narrow["p, adjusted"] < 0.05).all()
    assert 0 < len(narrow) < len(everything)
    assert list(narrow["rank"]) == [rank for rank in everything["rank"] if rank in set(narrow["rank"])]

    other = new_visitor().open("global_view", **address(visitor))
    assert sets(other).equals(narrow)
    assert address(other) == address(visitor)
    change(other, "multiselect", "any_fields", [])
    change(other, "button_group", "order", "4+")
    change(other, "toggle", "significant", False)
    assert (sets(other)["order"] >= 4).all()


def test_a_null_of_larger_sets_makes_p_values_smaller(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    assert visitor.reads("the **560** sets of at most **3** of the 15 fields")
    before = sets(visitor)["p, adjusted"][0]
    change(visitor, "button_group", "null_order", 4)
    assert visitor.reads("the **1,925** sets of at most **4** of the 15 fields")
    assert sets(visitor)["p, adjusted"][0] < before
    assert address(visitor)["null"] == "4"


def test_a_set_of_the_address_is_looked_into(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    third = sets(visitor).iloc[2]
    visitor.open("global_view", rows=ROWS, set=third["fields"])
    assert list(rows_of_set(visitor).columns[1 : 1 + third["order"]]) == third["fields"].split(" × ")
    assert len(rows_of_set(visitor)) == third["rows"]


def test_a_linked_slice_explains_its_rows_alone(visitor: Visitor) -> None:
    visitor.open("global_view", **{"rows": ROWS, "slice": "hour", "in": ["00", "01"]})
    assert visitor.reads("hour: 00 or 01 · 8 rows · seed 0")
    assert set(rows_of_set(visitor)["hour"]) <= {"00", "01"}
    assert address(visitor)["in"] == ["00", "01"]
    change(visitor, "multiselect", "slice_values", ["00"])
    assert visitor.reads("This is the result of the former input")
    assert address(visitor)["in"] == ["00", "01"]  # the address tells of the run that is shown
    change(visitor, "selectbox", "slice_field", None)
    visitor.press("Run").settle()
    assert not visitor.reads("hour: 00")
    assert "slice" not in address(visitor)


def test_choices_and_result_outlive_a_visit_elsewhere(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS, seed="1")
    change(visitor, "button_group", "order", "2")
    shown, link = sets(visitor), address(visitor)
    visitor.go("home").go("global_view")
    assert visitor.jobs() == []
    assert sets(visitor).equals(shown)
    assert address(visitor) == link
    assert visitor.app.number_input(key="global.seed").value == 1


def test_back_shows_the_former_run(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    former = address(visitor)
    change(visitor, "number_input", "rows", 4)
    visitor.press("Run").settle()
    assert heading(visitor).startswith("4 rows")
    state = visitor.state("glider.global")
    state.written_at -= 60  # a while later
    visitor.go("global_view", **former).settle()
    assert heading(visitor).startswith("8 rows")
    assert visitor.app.number_input(key="global.rows").value == 8


def test_an_address_that_the_browser_sends_late_changes_nothing(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    former = address(visitor)
    change(visitor, "button_group", "order", "2")
    visitor.go("global_view", **former)  # of a poll that left before the page had answered
    assert set(sets(visitor)["order"]) == {2}
    assert address(visitor)["order"] == "2"


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"model": "own"}, "The model that was asked for is not here"),
        ({"model": "visit/DeepFM/crossed"}, "The model that was asked for is not here"),
        ({"model": "<b>x</b>", "slice": "<b>", "seed": "x", "order": "9", "field": "<b>"}, "is not here"),
        ({"slice": "hour", "in": "no such hour", "null": "77", "set": "*"}, "The simulator planted"),
    ],
)
def test_an_address_that_makes_no_sense_shows_the_usual(visitor: Visitor, query: dict[str, str], words: str) -> None:
    visitor.open("global_view", rows=ROWS, **query)
    assert visitor.reads(words)
    assert heading(visitor).startswith("8 rows")
    assert address(visitor)["model"] == "recommender/simulated"


def test_two_runs_of_a_visit_stand_side_by_side(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    assert visitor.reads("then two runs stand here side by side")
    change(visitor, "number_input", "rows", 4)
    visitor.press("Run").settle()
    left, right = visitor.app.selectbox(key="global.left"), visitor.app.selectbox(key="global.right")
    assert left.options == right.options
    names = dict(zip(visitor.state("glider.global").visit.history, left.options, strict=True))
    assert "8 rows" in names[left.value]
    assert "4 rows" in names[right.value]
    assert visitor.reads("among the first 15 of both runs")
    (changes,) = (table.value for table in visitor.app.dataframe if "rank left" in table.value)
    # Swapped by hand, each set's ranks are swapped too, and the choice stays.
    left.set_value(right.value)
    visitor.draw()
    assert visitor.reads("Both sides show the same run")
    visitor.app.selectbox(key="global.right").set_value(next(key for key in names if "8 rows" in names[key]))
    visitor.draw()
    (swapped,) = (table.value for table in visitor.app.dataframe if "rank left" in table.value)
    ranks = changes.set_index("fields")
    assert swapped.set_index("fields")["rank left"].equals(
        ranks["rank right"].reindex(swapped["fields"]).rename("rank left")
    )


def test_saved_runs_of_both_formats_are_compared(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    written = json.loads(run_of_two_fields("<b>other</b>"))
    former = {name: value for name, value in written.items() if name not in ("glider", "format")}
    assert written["format"] == 3
    for name, values in (("new.json", written), ("old.json", former)):
        upload(visitor, (name, json.dumps(values)))
        assert visitor.reads("only the left run has weather")
        left = visitor.app.selectbox(key="global.left")
        assert left.value == "uploaded"
        assert left.options[-1] == f"{name}: <b>other</b> · 8 rows"
        assert not visitor.app.error


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{}", "not a saved global run: names: Field required"),
        ("no json", "This is not a saved global run"),
        ('{"glider": "explanation", "format": 2}', "it says that it is a saved explanation"),
        ('{"glider": "global run", "format": 99}', "reads formats 1 to 3"),
        (run_of_two_fields().replace('"count": 4', '"count": 9'), "contradicts itself"),
    ],
)
def test_a_file_that_is_no_run_is_refused_with_a_sentence(visitor: Visitor, content: str, words: str) -> None:
    visitor.open("global_view", rows=ROWS)
    upload(visitor, ("run.json", content))
    assert len(visitor.app.error) == 1
    assert visitor.reads(words)
    assert heading(visitor).startswith("8 rows")


def test_runs_without_a_common_field_cannot_be_compared(visitor: Visitor) -> None:
    visitor.open("global_view", rows=ROWS)
    upload(visitor, ("run.json", run_of_two_fields(fields=("a", "b", "c"))))
    assert visitor.app.warning


class HeldRun:
    """Stands for `detect_global`: counts the first rows, then waits until it is let go or cancelled."""

    def __init__(self, first: gl.GlobalInteractions) -> None:
        self.first, self.arrived, self.go_on = first, threading.Event(), threading.Event()

    def __call__(self, *args: Any, on_progress: Any, on_partial: Any, **options: Any) -> gl.GlobalInteractions:
        on_partial(self.first)
        self.arrived.set()
        while not self.go_on.wait(0.05):
            on_progress("rows", 0.5)
        raise gl.BlackBoxFailed("The model answered nonsense.")


@pytest.fixture
def held(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> HeldRun:
    visitor.open("global_view", rows=ROWS)
    run = HeldRun(visitor.state("glider.global").visit.shown[1])
    monkeypatch.setattr(gl, "detect_global", run)
    visitor.app.number_input(key="global.rows").set_value(100)
    visitor.press("Run").draw()
    assert run.arrived.wait(30)
    return run


def test_a_run_shows_what_it_has_counted_and_keeps_it_when_cancelled(visitor: Visitor, held: HeldRun) -> None:
    visitor.draw()
    assert heading(visitor).startswith("8 rows")
    assert visitor.reads("100 rows · seed 0")
    assert len(visitor.jobs()) == 1
    visitor.press("Cancel").settle()
    assert visitor.jobs() == []
    assert heading(visitor).startswith("8 rows")
    assert any(
        "100 rows · seed 0, stopped after 8" in name for name in visitor.app.selectbox(key="global.right").options
    )


def test_a_run_that_fails_says_why_and_keeps_what_it_had_counted(visitor: Visitor, held: HeldRun) -> None:
    held.go_on.set()
    visitor.settle()
    (error,) = visitor.app.error
    assert "The model answered nonsense" in error.value
    assert heading(visitor).startswith("8 rows")


def test_a_run_that_is_refused_is_told_and_not_begun_anew(visitor: Visitor, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor.open("global_view", rows=ROWS)
    files: list[Any] = []

    def refuse(*args: Any, resume: Any, **options: Any) -> gl.GlobalInteractions:
        files.append(resume)
        raise gl.InvalidInput("Another process works on this file.")

    monkeypatch.setattr(gl, "detect_global", refuse)
    visitor.press("Run").settle()
    assert visitor.reads("Another process works on this file.")
    (file,) = files
    assert file.is_file()


def clicks(target: str) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 240), "tier": rng.choice(["gold", "tin"], 240)})
    table["age"] = rng.integers(18, 24, 240)
    table[target] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    return table


def test_a_table_with_another_target_never_shows_the_others_target(new_visitor: type[Visitor]) -> None:
    for target in ("bought", "rented"):
        visitor = new_visitor().open("crosses", source="own")
        content = clicks(target).to_csv(index=False).encode()
        visitor.app.file_uploader[0].set_value(("table.csv", content, "text/csv"))
        visitor.draw().press("Train on it").settle()
        assert visitor.reads(f"Learned **{target}**")
        visitor.open("global_view", model="own", rows=ROWS)
        assert visitor.reads(f"AutoInt on your table · 8 rows · seed 0 · explains {target}")
        assert not visitor.reads("is not here")
