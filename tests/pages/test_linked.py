"""A page's choices and their form in the address."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pages.parts import state as state_module
from pages.parts.linked import LinkedState, choice_of, linked, switch, text, texts, whole_number


@dataclass
class Choices(LinkedState):
    PAGE = "choices"

    model: str = linked("model", "lstm", text, always=True)
    rows: int = linked("rows", 128, whole_number(1, 1000))
    order: int = linked("order", 2, choice_of((2, 3)))
    fields: tuple[str, ...] = linked("field", (), texts)
    wide: bool = linked("wide", False, switch)
    k: int | None = linked("k", None, whole_number(1, 5))
    result: object = None  # does not stand in the address


def test_choices_survive_the_address() -> None:
    state = Choices(model="a b&c", rows=7, order=3, fields=("x", "y"), wide=True, k=4)
    again = Choices()
    again.take(state.to_query())
    assert again == state


def test_the_address_says_what_differs_from_the_usual() -> None:
    assert Choices(result=1).to_query() == {"model": ["lstm"]}
    assert Choices(rows=7, wide=True).to_query() == {"model": ["lstm"], "rows": ["7"], "wide": ["1"]}


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("rows", "0", 1),
        ("rows", "9999", 1000),
        ("rows", "-3", 128),
        ("rows", "1e3", 128),
        ("rows", "9" * 5000, 128),
        ("rows", "\u0663", 3),  # a digit all the same
        ("order", "9", 2),
        ("k", "x", None),
        ("k", "99", 5),
        ("wide", "yes", False),
    ],
)
def test_what_makes_no_sense_in_an_address_is_passed_over(name: str, value: str, read: object) -> None:
    state = Choices(rows=5, order=3, wide=True, k=2)
    state.take({name: [value]})
    assert getattr(state, name) == read


def test_an_address_replaces_all_choices() -> None:
    state = Choices(rows=7, fields=("x",))
    state.take({"model": ["cnn"]})
    assert state == Choices(model="cnn")


def test_a_choice_that_a_browser_empties_for_a_moment_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    session: dict = {}
    monkeypatch.setattr(state_module.st, "session_state", session)
    choices = Choices(order=3, k=4)
    for name, kept in (("order", 3), ("k", None)):  # of which only the second may be none
        tied = choices.tie(name)
        session[tied["key"]] = None
        tied["on_change"]()
        assert getattr(choices, name) == kept
