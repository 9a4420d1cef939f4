"""Pages on which texts in other scripts and several sequences are explained."""

import pytest

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
