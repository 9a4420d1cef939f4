"""Pages on which texts in other scripts and several sequences are explained."""

import pytest

from glider_core.domains.dna.sequence import random_sequence
from pages.parts import all_records, run

FEW = {"masks": "600"}
SEQUENCE = "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC"
OTHER = "GGTCCAGATTACAGCCATGTGATCTTGCAGGAACTC"
SEVERAL = f">first\n; a comment\n{SEQUENCE}\n>second\n{OTHER}\n>short\nACGT\n"


def test_words_that_the_model_never_saw_are_marked(visitor) -> None:
    visitor.open("sentiment", text="这部电影 zzxqy good", **FEW)
    assert visitor.reads("6 words and marks")
    (picture,) = visitor.pictures()
    assert "the model has never seen this word" in picture
    assert "It has never seen 5 of the 6 words here" in picture
    assert "split into its characters" in picture


def test_the_page_says_before_a_run_that_the_models_know_english(visitor) -> None:
    visitor.open("sentiment", **FEW)
    assert not visitor.reads("know English only")
    visitor.app.text_area(key="sentiment-raw").set_value("Этот фильм очень хорош")
    visitor.draw()
    assert visitor.reads("4 words and marks · **the models know English only**")


def test_the_page_says_how_much_of_a_long_text_is_read(visitor) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.text_area(key="sentiment-raw").set_value("dull " * 320)
    visitor.draw()
    assert visitor.reads("320 words and marks, of which the first 300 are read")


@pytest.mark.parametrize("text", ["", " \n ", "\u200b", "\u200f\ufeff", "x" * 20_001])
def test_a_text_without_words_is_refused_with_its_reason(visitor, text: str) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.text_area(key="sentiment-raw").set_value(text)
    visitor.press("Run").settle()
    assert visitor.reads("There is no text yet") or visitor.reads("nothing that can be seen") or visitor.reads("20,001")
    assert len(visitor.pictures()) == 1


def test_the_visitor_says_which_of_several_records(visitor) -> None:
    visitor.open("dna", **FEW)
    visitor.app.text_area(key="dna-raw").set_value(SEVERAL)
    visitor.draw()
    box = visitor.app.selectbox(key="dna-record")
    assert box.options == ["1 · first · 36 letters", "2 · second · 36 letters", "3 · short · 4 letters"]
    assert box.value == 1
    visitor.press("Run").settle()
    assert "Record: first" in visitor.pictures()[0]
    visitor.app.selectbox(key="dna-record").set_value(2)
    visitor.draw()
    assert visitor.reads("36 of 36 letters, record 2 of 3")
    visitor.press("Run").settle()
    assert f"Sequence {OTHER}" in visitor.pictures()[0]
    assert "Record: second" in visitor.pictures()[0]
    assert visitor.app.query_params["option.record"] == "2"
    visitor.app.selectbox(key="dna-record").set_value(3)
    visitor.press("Run").settle()
    assert visitor.reads("Record 3, short has 4 letters")


def test_a_link_names_the_record(visitor) -> None:
    visitor.open("dna", text=SEVERAL, **{"option.record": "2"}, **FEW)
    assert visitor.app.selectbox(key="dna-record").value == 2
    assert "Record: second" in visitor.pictures()[0]


@pytest.mark.parametrize("number", ["0", "9", '"a"', "1.5"])
def test_a_link_to_a_record_that_is_not_there_shows_the_first(visitor, number: str) -> None:
    visitor.open("dna", text=SEVERAL, **{"option.record": number}, **FEW)
    assert visitor.app.selectbox(key="dna-record").value == 1
    assert "Record: first" in visitor.pictures()[0]


def test_with_one_sequence_nothing_is_asked(visitor) -> None:
    visitor.open("dna", text=SEVERAL, **FEW)
    visitor.app.text_area(key="dna-raw").set_value(SEQUENCE)
    visitor.press("Run").settle()
    assert "dna-record" not in [choice.key for choice in visitor.app.selectbox]
    assert "option.record" not in visitor.app.query_params
    assert "Record:" not in visitor.pictures()[0]


def test_a_letter_that_cannot_be_seen_is_named_on_the_page(visitor) -> None:
    visitor.open("dna", **FEW)
    visitor.app.text_area(key="dna-raw").set_value(f"{SEQUENCE[:-1]}\u0410")
    visitor.press("Run").settle()
    assert visitor.reads("U+0410 CYRILLIC CAPITAL LETTER A (looks like A) at position 36")


def test_all_records_are_explained_one_after_another_and_each_is_shown_when_chosen(visitor) -> None:
    sequences = [random_sequence(seed) for seed in (1, 2)]
    fasta = f">first\n{sequences[0]}\n>too short\nACGT\n>third\n{sequences[1]}\n"
    visitor.open("dna", masks="600", text=fasta)
    assert any(button.label == "Explain all 3 records" for button in visitor.app.button)
    visitor.press("Explain all 3 records").settle()
    lines = visitor.app.dataframe[0].value
    assert list(lines["record"]) == ["1 · first", "2 · too short", "3 · third"]
    assert list(lines["what was found"].str.split(":").str[0])[1] == "cannot be explained"
    assert lines["log intensity"].notna().tolist() == [True, False, True]
    assert visitor.reads("3 of 3 records done")
    assert visitor.reads("Record 2, too short has 4 letters")
    state, everything = visitor.state("glider.dna"), visitor.state("dna.all_records")
    assert sequences[0] in everything.done[1].case.raw
    assert not visitor.app.error
    assert not any(button.label.startswith("Explain all") for button in visitor.app.button)
    all_records.show(state, 3)
    visitor.settle()
    assert state.outcome().shown.explanation == everything.done[3]  # known already
    assert visitor.app.selectbox(key="dna-record").value == 3


def test_records_that_wait_can_be_stopped_and_gone_on_with(visitor) -> None:
    fasta = "".join(f">r{seed}\n{random_sequence(seed)}\n" for seed in range(3))
    visitor.open("dna", masks="600", text=fasta)
    visitor.press("Explain all 3 records").draw()
    while visitor.state("dna.all_records").next == 1:
        for job in visitor.jobs():
            job.wait(60)
        visitor.draw()
    with_one = dict(visitor.state("dna.all_records").done)
    visitor.state(run.RUNS, {}).pop(
        visitor.state("dna.all_records").outcome.name
    ).job.cancel()  # as the button Cancel does
    visitor.draw()
    assert visitor.reads("stopped")
    visitor.press("Explain all 3 records").settle()
    done = visitor.state("dna.all_records").done
    assert len(done) == 3
    assert all(done[number] is found for number, found in with_one.items())  # not once more
