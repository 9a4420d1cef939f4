from dataclasses import replace

from glider_core.cases import Case
from glider_core.drawings.sentences import NO_INTERACTION, effect_with_deviation, headline, label, tooltip, unit_of
from tests.drawings.values import explanation, interaction

NAMES = ["never", "fails", "the", "film", *(f"w{i}" for i in range(10))]


def test_no_interaction_gets_a_sentence() -> None:
    assert headline(explanation(["a", "b"]), "logits") == NO_INTERACTION


def test_the_headline_tells_the_strongest_interaction_that_is_drawn() -> None:
    shown = explanation(NAMES, [interaction(2, 3, names=NAMES), interaction(0, 1, names=NAMES, effect=-1.234)])
    assert "**the** and **film** together: jointly they give **0.50 logits more**" in headline(shown, "logits")
    assert "**never** and **fails** together: jointly they give **1.23 logits less**" in headline(shown, "logits", [0])
    assert "**the** and **film**" in headline(shown, "logits", [0, 1])


def test_an_effect_that_shows_as_zero_is_called_next_to_nothing() -> None:
    assert "next to nothing" in headline(explanation(NAMES, [interaction(0, 1, effect=0.004)]), "logits")


def test_a_large_set_is_cut_to_seven_names() -> None:
    told = headline(explanation(NAMES, [interaction(*range(12), names=NAMES)]), "logits")
    assert "**w2** and 5 more together" in told


def test_labels_are_cut_and_tooltips_are_not() -> None:
    long = interaction(0, 1, names=["a" * 40, "b"])
    assert label(0, long) == f"I1 {'a' * 33}…"
    assert tooltip(1, long, "logits") == f"I2 {'a' * 40} · b: together +0.500 logits"


def test_the_unit_is_the_domains() -> None:
    shown = explanation(NAMES)
    assert unit_of(replace(shown, case=Case(domain="dna", model="dna/cnn"))) == "log intensity"
    assert unit_of(replace(shown, case=Case(domain="unheard", model="unheard/of"))) == "units of the answer"


def test_a_random_off_state_shows_how_far_the_effect_varies() -> None:
    noisy = interaction(0, 1, names=NAMES, effect=-1.414, effect_deviation=1.0063)
    assert effect_with_deviation(noisy) == "−1.41 ± 1.01"
    assert effect_with_deviation(interaction(0, 1)) == "+0.50"
    assert "**1.41 ± 1.01 log intensity less**" in headline(explanation(NAMES, [noisy]), "log intensity")
    assert tooltip(0, noisy, "logits") == "I1 never · fails: together −1.414 ± 1.006 logits"
