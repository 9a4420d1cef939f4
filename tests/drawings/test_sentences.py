from dataclasses import replace
from typing import Any

from glider_core.cases import Case
from glider_core.drawings.sentences import NO_INTERACTION, effect_with_interval, headline, label, tooltip, unit_of
from tests.drawings.values import explanation, interaction

NAMES = ["never", "fails", "the", "film", *(f"w{i}" for i in range(10))]


def test_no_interaction_gets_a_sentence() -> None:
    assert headline(explanation(["a", "b"]), "logits") == NO_INTERACTION


def test_the_headline_tells_the_strongest_interaction_that_is_drawn() -> None:
    shown = explanation(NAMES, [interaction(2, 3, names=NAMES), interaction(0, 1, names=NAMES, effect=-1.234)])
    assert "**the** and **film** together: jointly they give **0.50 logits more**" in headline(shown, "logits")
    assert "**never** and **fails** together: jointly they give **1.23 logits less**" in headline(shown, "logits", [0])
    assert "**the** and **film**" in headline(shown, "logits", [0, 1])


def test_an_effect_of_either_sign_is_told_as_such() -> None:
    assert "in some contexts one way" in headline(explanation(NAMES, [interaction(0, 1, effect=0.004)]), "logits")


def test_each_verdict_has_its_sentence() -> None:
    pair = [interaction(0, 1, names=NAMES, gain=0.02)]

    def told(*scores: float, **values: Any) -> str:
        return headline(explanation(NAMES, pair, scores=scores, **values), "logits")

    assert told(0.6, 0.7).startswith("The model reads **never** and **fails** together")
    assert told(0.6, 0.63).startswith("Weakly, the model reads")
    assert "one by one the features explain 99.2% of how the answers vary; interactions add 0.4%" in told(0.992, 0.996)
    assert "explains 30% of how its answers vary" in told(0.2, 0.3)
    assert "hardly reacts" in told(0.6, 0.7, spread=0.01, resolution=0.05)


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


def test_an_effect_is_told_with_its_interval() -> None:
    noisy = interaction(0, 1, names=NAMES, effect=-1.414, interval=(-2.4203, -0.4077))
    assert effect_with_interval(noisy) == "−1.41 ± 1.01"
    assert effect_with_interval(interaction(0, 1)) == "+0.50"
    assert effect_with_interval(interaction(0, 1, interval=(0.5, 0.5))) == "+0.50"
    assert "**1.41 ± 1.01 log intensity less**" in headline(explanation(NAMES, [noisy]), "log intensity")
    assert tooltip(0, noisy, "logits") == "I1 never · fails: together −1.414 ± 1.006 logits"
