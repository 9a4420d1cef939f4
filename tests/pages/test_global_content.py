"""The Global view over sentences and sequences: a stored run at once, its inputs, and a visitor's own list."""

from __future__ import annotations

import pytest

from glider_core import prepared
from glider_core.domains import DOMAINS
from glider_core.rows.content_run import ranked


@pytest.mark.parametrize(
    ("model", "telling"), [("sentiment/lstm", ("neither", "nor")), ("dna/cnn", ("CACGTG",))], ids=["sentiment", "dna"]
)
def test_the_stored_runs_are_of_the_corpus_and_of_todays_models(model: str, telling: tuple[str, ...]) -> None:
    import glider_core as gl

    domain, run = DOMAINS[model.partition("/")[0]], prepared.stored_content_run(model)
    assert domain.corpus is not None
    assert run.n_rows == len(domain.corpus())
    assert run.fingerprint == gl.load_model(model).identity
    assert run.settings == prepared.content_settings(domain)
    found = next(each for each in run.sets[:5] if each.content == telling)
    assert found.p_value < 1e-4
    assert found.mean_effect > 1.0


def test_sentences_are_counted_and_a_set_leads_to_them(visitor) -> None:
    visitor.go("global_view", over="sentiment")
    assert not visitor.jobs()
    run = prepared.stored_content_run("sentiment/lstm")
    assert visitor.app.subheader[0].value == f"160 sentences, {len(run.sets)} different sets"
    assert run.sets[0].content == ("is", "convincing")  # of a stop word
    content = DOMAINS["sentiment"].content
    assert content is not None
    first = ranked(run, content)[0]
    assert first.content == ("not", "disappointed")
    told = f"**{' … '.join(first.content)}**, in {first.count} of the {first.present} sentences that have it."
    assert visitor.reads(f"Most often: {told}")
    assert visitor.reads("sets with a stop word or a mark stand behind all others, such as *is … convincing*")
    assert {button.label for button in visitor.app.get("download_button")} >= {"Report", "Picture as SVG"}
    assert visitor.pictures()[0].count('data-pick="neither … nor"') == 2  # wide and narrow
    visitor.open("global_view", over="sentiment", set="neither … nor")
    (rows,) = (table.value for table in visitor.app.dataframe if "explain" in table.value)
    assert len(rows) == 10
    assert all("neither" in text and "nor" in text for text in rows["input"])
    assert rows["explain"].iloc[0].startswith("sentiment?model=sentiment%2Flstm&text=The+")


def test_a_list_of_ones_own_is_run_and_its_link_opens_it(visitor, new_visitor) -> None:
    visitor.open("global_view", over="sentiment")
    texts = "The songs are never dull.\nIt is never a dull film.\n\nA dull film."
    visitor.app.text_area(key="global.own.sentiment").set_value(texts)
    visitor.draw()
    assert visitor.reads("This is the result of the former input")
    visitor.press("Run").settle()
    assert visitor.app.subheader[0].value.startswith("3 sentences")
    assert visitor.reads("**never … dull**, in 2 of the 2 sentences that have it")
    query = dict(visitor.app.query_params)
    assert query["over"] == "sentiment"
    assert query["listed"].splitlines() == [line for line in texts.splitlines() if line]
    other = new_visitor().open("global_view", **query)
    assert other.app.subheader[0].value.startswith("3 sentences")
    assert other.app.text_area(key="global.own.sentiment").value == query["listed"]
    assert dict(other.app.query_params) == query
    other.app.text_area(key="global.own.sentiment").set_value("")
    other.draw()
    assert "listed" not in other.app.query_params  # what ships needs no words
