# pyright: reportArgumentType=false
"""Sets counted by their words or letters, over inputs that have other features each."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains import DOMAINS
from glider_core.domains.sentiment.corpus import sentences
from glider_core.rows.by_content import detect_by_content
from glider_core.rows.content_run import ContentRun

SENTIMENT, DNA = DOMAINS["sentiment"].content, DOMAINS["dna"].content
assert SENTIMENT is not None
assert DNA is not None
QUICK = gl.Settings.with_masks(600, contexts=3)


class NeverBad:
    """A reader of texts, to whom "never" before "bad" is praise, and "bad" alone a complaint."""

    id, title, identity = "test/never-bad", "A reader", "1"

    def instance(self, raw: str, /, **options: Any) -> gl.Instance:
        if not raw.strip():
            raise gl.InvalidInput("There is no text.")
        names = raw.split()

        def answer(masks: np.ndarray) -> np.ndarray:
            bad = names.index("bad") if "bad" in names else None
            never = names.index("never") if "never" in names else None
            alone = masks @ np.linspace(0.1, 0.2, len(names))
            if bad is None:
                return alone
            together = 0.0 if never is None or never > bad else 3.0 * (masks[:, bad] & masks[:, never])
            return alone - masks[:, bad] + together

        return gl.FunctionInstance(names, answer)


TEXTS = ["it is never bad", "never is it so bad", "it was bad but never dull", "it is bad", "Never mind it is fine"]


@pytest.fixture(scope="module")
def counted() -> ContentRun:
    return detect_by_content(NeverBad(), TEXTS, SENTIMENT, QUICK)


def test_words_in_order_are_counted_wherever_they_stand(counted: ContentRun) -> None:
    (found,) = counted.sets
    assert found.content == ("never", "bad")
    # "bad … never" has the words in the other order, which is not the same set.
    assert (found.rows, found.count, found.present, found.consistency) == ((0, 1), 2, 2, 1.0)
    assert found.effects == pytest.approx((3.0, 3.0), abs=1e-3)
    assert found.mean_effect == pytest.approx(3.0, abs=1e-3)
    assert 0 < found.p_value < 0.1
    assert counted.per_row == 2 / 5


def test_a_set_that_is_there_and_not_found_makes_it_less_consistent() -> None:
    class Half(NeverBad):
        def instance(self, raw: str, /, **options: Any) -> gl.Instance:
            return super().instance(raw.replace("bad", "poor") if raw.startswith("it") else raw)

    assert SENTIMENT is not None
    run = detect_by_content(
        Half(), ["it is never poor", "never so poor is bad", "so never is it bad"], SENTIMENT, QUICK
    )
    assert [(found.content, found.count, found.present) for found in run.sets] == [(("never", "bad"), 2, 2)]
    assert SENTIMENT.holds(["It", "is", "Never", "so", "bad"], ("never", "bad"))
    assert not SENTIMENT.holds(["bad", "never"], ("never", "bad"))


def test_letters_keep_their_gaps_and_strands_are_one() -> None:
    assert DNA is not None
    names = [f"{letter}{place}" for place, letter in enumerate("TTCACGTGAA", 1)]
    assert DNA.key(names, (2, 3, 4, 5, 6, 7)) == ("CACGTG",)
    assert DNA.key(names, (2, 3, 5)) == ("C.TG",)  # CA.G on the other strand
    assert DNA.key(names, (0, 1)) == ("AA",)  # TT, read on the other strand
    assert DNA.holds(names, ("CA.G",))
    assert DNA.holds(names, ("C.TG",))  # on the other strand
    assert not DNA.holds(names, ("GGG",))


def test_a_run_is_the_same_when_it_is_read_again_and_refused_when_it_was_edited(counted: ContentRun) -> None:
    assert ContentRun.from_json(counted.to_json()) == counted
    values = json.loads(counted.to_json())
    values["sets"][0]["present"] = 1
    with pytest.raises(gl.InvalidInput, match="contradicts itself"):
        ContentRun.from_json(json.dumps(values))
    with pytest.raises(gl.InvalidInput, match="not a saved run over texts"):
        ContentRun.from_json("{}")


def test_what_cannot_be_read_is_named_by_its_place() -> None:
    assert SENTIMENT is not None
    with pytest.raises(gl.InvalidInput, match=r"Input 2 of the list: There is no text"):
        detect_by_content(NeverBad(), ["it is bad", " "], SENTIMENT, QUICK)
    with pytest.raises(gl.InvalidInput, match="no inputs"):
        detect_by_content(NeverBad(), [], SENTIMENT, QUICK)


def test_our_sentences_are_the_same_each_time_and_hold_each_pattern() -> None:
    assert sentences(32) == sentences(160)[:32]
    assert sum("never fails to be" in sentence for sentence in sentences(160)) == 20
