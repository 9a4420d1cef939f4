"""What a page asks is one record: in its widgets, in the address, and still there when the visitor comes back."""

import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from pages.parts.state import PageState, bounded, with_masks

FEW = {"masks": "600"}


def state(**changes) -> PageState:
    usual = gl.Settings(detector="GradientNID")
    return PageState("sentiment", "sentiment/lstm", "A film.", usual, usual, str, **changes)


def test_a_typed_sentence_outlives_a_visit_to_another_page(visitor) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.text_area(key="sentiment-raw").set_value("A sentence that is never lost.")
    visitor.draw()
    visitor.open("dna", **FEW)
    assert "A sentence" not in str(visitor.app.query_params)
    visitor.open("sentiment")
    assert visitor.app.text_area(key="sentiment-raw").value == "A sentence that is never lost."
    # The address is that of the result on the page, not of the sentence that has not been run.
    assert visitor.app.query_params["text"] == "This charming little film never fails to delight."
    assert "charming" in visitor.pictures()[0]


def test_settings_and_choices_outlive_a_visit_to_another_page(visitor) -> None:
    visitor.open("sentiment", **FEW)
    visitor.app.slider(key="sentiment-masks").set_value(900)
    visitor.app.number_input(key="sentiment-seed").set_value(5)
    visitor.app.button_group(key="sentiment-detector").set_value("NID")
    visitor.app.radio(key="sentiment-off_state").set_value("delete")
    visitor.draw()
    visitor.open("dna", **FEW)
    visitor.open("sentiment")
    settings = visitor.state("glider.sentiment").settings
    assert (settings.n_masks, settings.seed, settings.detector) == (900, 5, "NID")
    assert visitor.app.slider(key="sentiment-masks").value == 900
    assert visitor.app.radio(key="sentiment-off_state").value == "delete"


def test_going_back_to_a_former_address_shows_its_case(visitor) -> None:
    visitor.open("sentiment", **FEW)
    former = dict(visitor.app.query_params)
    visitor.app.text_area(key="sentiment-raw").set_value("The songs are never dull.")
    visitor.press("Run").settle()
    visitor.state("glider.sentiment").replaced = []  # some time has passed
    visitor.app.query_params.clear()
    visitor.app.query_params.update(former)  # what a browser's Back does
    visitor.settle()
    assert visitor.app.text_area(key="sentiment-raw").value == former["text"]
    assert "charming" in visitor.pictures()[0]
    assert dict(visitor.app.query_params) == former


def test_an_address_that_was_replaced_just_now_is_not_taken_for_going_back(visitor) -> None:
    visitor.open("sentiment", **FEW)
    former = dict(visitor.app.query_params)
    visitor.app.text_area(key="sentiment-raw").set_value("The songs are never dull.")
    visitor.press("Run").settle()
    visitor.state("glider.sentiment").replaced = [(former, float("inf"))]
    visitor.app.query_params.clear()
    visitor.app.query_params.update(former)
    visitor.settle()
    assert visitor.app.text_area(key="sentiment-raw").value == "The songs are never dull."


def test_going_back_to_the_bare_address_does_not_put_the_link_there_again(visitor) -> None:
    visitor.open("sentiment")
    visitor.app.query_params.clear()
    visitor.settle()
    assert visitor.app.query_params == {}


@pytest.mark.parametrize("page", ["sentiment", "dna", "recommender", "graph", "function"])
def test_a_link_opens_the_same_case_for_another_visitor(new_visitor, page: str) -> None:
    first, second = new_visitor(), new_visitor()
    first.open(page, seed="3", repeats="2", **FEW)
    query = dict(first.app.query_params)
    assert (query["seed"], query["repeats"], query["masks"]) == ("3", "2", "600")
    second.open(page, **query)
    assert second.app.query_params == query
    shown = [visitor.state(f"glider.{page}").outcome().shown.explanation for visitor in (first, second)]
    assert shown[0] == shown[1]
    assert shown[0].fingerprint is not None


@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"masks": "1200", "seed": "3", "repeats": "4", "l1": "0.005", "detector": "GradientNID"},
        {"kernel_width": "null", "grow_questions": "false"},
        {"option.off_state": '"delete"'},
    ],
)
def test_every_setting_goes_through_the_address_and_back(changes: dict[str, str]) -> None:
    told = state()
    told.take({"text": "Ünïcödé & <b>?"} | changes)
    query = told.case.to_query()
    assert query is not None
    again = state()
    again.take(query)
    assert again.case == told.case
    assert again.unread == ""
    assert all(query[name] == value for name, value in changes.items())


def test_the_form_shows_the_address_and_the_address_what_the_form_says(visitor) -> None:
    visitor.open("sentiment", masks="1200", repeats="2", kernel_width="null", seed="9", hidden="[32]")
    app = visitor.app
    assert app.slider(key="sentiment-masks").value == 1200
    assert app.slider(key="sentiment-repeats").value == 2
    assert app.number_input(key="sentiment-seed").value == 9
    assert app.toggle(key="sentiment-weighted").value is False
    app.toggle(key="sentiment-weighted").set_value(True)
    app.slider(key="sentiment-masks").set_value(700)
    visitor.draw()
    visitor.press("Run").settle()
    assert "kernel_width" not in visitor.app.query_params
    assert visitor.app.query_params["masks"] == "700"
    assert visitor.app.query_params["hidden"] == "[32]"  # what the form does not show stays as the link said


def test_nonsense_in_the_address_is_left_out_and_said(visitor) -> None:
    visitor.open(
        "sentiment", masks="many", seed="-5", detector="magic", repeats="9e9", l1="x", text="fine film", hidden="[32]"
    )
    assert visitor.reads("Parts of the link make no sense here: masks, seed, detector, repeats, l1")
    assert visitor.app.text_area(key="sentiment-raw").value == "fine film"
    assert visitor.state("glider.sentiment").settings == gl.Settings(hidden=(32,))


@pytest.mark.parametrize(
    "query",
    [
        {"model": "dna/cnn", "text": "ACGT"},
        {"model": "sentiment/none"},
        {"model": "sentiment"},
        {"raw": "[1, 2]"},
        {"raw": "{"},
        {"option.off_state": "["},
        {"masks": "1200", "n_train": "500"},
    ],
)
def test_an_address_of_something_else_leaves_a_usable_page(query: dict[str, str]) -> None:
    told = state()
    told.take(query)
    assert told.model == "sentiment/lstm"
    assert isinstance(told.raw, str)
    assert told.unread or "raw" in query


def test_an_address_cannot_ask_for_more_than_the_form_can() -> None:
    told = state()
    told.take({"n_train": "900000", "repeats": "50"})
    assert (told.settings.n_masks, told.settings.repeats) == (20_000, 10)
    assert bounded(gl.Settings.with_masks(20_000)) == gl.Settings.with_masks(20_000)


def test_an_option_that_no_model_has_is_a_sentence(visitor) -> None:
    visitor.open("sentiment", **{"option.magic": "1"}, **FEW)
    assert visitor.reads("This model has no option magic")


def test_an_address_is_no_way_to_a_file_of_this_machine(visitor) -> None:
    visitor.go("image", text="assets/mark.png", masks="1000")
    assert visitor.reads("There is no sample 'assets/mark.png'")
    assert not visitor.pictures()


def test_so_many_masks_are_split_as_the_paper_does_and_own_splits_stay() -> None:
    own = gl.Settings(n_train=1000, n_validation=50, n_test=70)
    assert with_masks(own, 1120) is own
    assert with_masks(own, 1200) == gl.Settings.with_masks(1200)


def test_every_domain_of_ours_has_a_page_that_starts(visitor) -> None:
    for name in DOMAINS:
        visitor.go(name, **FEW)


def test_a_link_from_another_result_says_so(visitor) -> None:
    visitor.open("sentiment", **FEW)
    fingerprint = visitor.state("glider.sentiment").outcome().shown.explanation.fingerprint
    query = dict(visitor.app.query_params)
    visitor.open("home").open("sentiment", **query, result=fingerprint)
    assert not visitor.reads("copied from another result")
    visitor.open("home").open("sentiment", **query, result="0" * 32)
    assert visitor.reads("copied from another result")
    visitor.press("Run").settle()
    assert not visitor.reads("copied from another result")
