"""Experiments on texts and galleries: the treebank, attributions to phrases, pairs in reviews, two models compared."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.domains.sentiment.tokens import words
from glider_core.engine.asking import Questions
from glider_core.engine.effects import effects
from glider_core.engine.explain import explain
from glider_core.experiments.phrases import attributions, correlation, in_contexts
from glider_core.experiments.reviews import reviews_with
from glider_core.experiments.table2b import consistency
from glider_core.experiments.table8 import agreement
from glider_core.experiments.treebank import Phrase, Sentence, in_features, sentences

TREES = [
    "(3 (2 It) (3 (3 (2 (2 does) (2 n't)) (1 fail)) (2 .)))",
    "(3 (2 (2 A) (2 film)) (4 (2 -LRB-) (4 (3 (2 very) (4 funny)) (2 -RRB-))))",
    "(1 (1 (2 The) (1 (2 plot) (1 (2 is) (1 (2 not) (3 good))))) (2 !))",
]
REVIEWS = [
    "A very slow start.<br />But it is very , very funny . Funny and very short.",
    "Funny it is, very.",
    "The plot is not very good at all. Not bad, not very funny.",
    "The plot is not very good at all. Not bad, not very funny.",
    "It is not " + "so " * 40 + "good.",
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of data as small as can be."""
    for name, text in {
        "sst/test.txt": "\n".join(TREES),
        **{
            f"imdb/{part}.tsv": "label\trating\ttext\n" + "".join(f"1\t8\t{text}\n" for text in REVIEWS)
            for part in ("train", "test")
        },
    }.items():
        path = tmp_path / f"{name}.gz"
        path.parent.mkdir(exist_ok=True)
        with gzip.open(path, "wt", encoding="utf-8") as file:
            file.write(text)
    return tmp_path


def features_of(sentence: Sentence) -> list[tuple[str, int]]:
    """Words of each phrase, with its label."""
    found = words(sentence.text)
    tokens = SentencePayload.of(sentence.text, found, [True] * len(found)).tokens
    return [(" ".join(t.text for t in tokens[p.start : p.end]), p.label) for p in in_features(sentence, tokens)]


def test_a_tree_is_written_as_people_write_and_its_phrases_are_features(folder: Path) -> None:
    first, second, _ = sentences(folder, "test")
    assert first.text == "It doesn't fail."
    assert features_of(first) == [
        ("It", 2), ("doesn't", 2), ("fail", 1), ("doesn't fail", 3), (".", 2), ("doesn't fail .", 3),
        ("It doesn't fail .", 3),
    ]  # fmt: skip  # "does" and "n't" are no features
    assert (first.number, first.positive) == (1, True)
    assert second.text == "A film (very funny)"


def test_a_phrase_adds_in_contexts_what_an_explanation_says_of_it() -> None:
    rng = np.random.default_rng(0)
    instance = gl.FunctionInstance(
        names=[f"w{i}" for i in range(7)],
        predict=lambda m: m @ np.arange(7.0) + 3.0 * m[:, 2] * m[:, 3] - 2.0 * m[:, 2:5].all(axis=1),
    )
    phrases = [Phrase(2, 4, 0), Phrase(2, 5, 0), Phrase(5, 6, 0)]
    measured = in_contexts(Questions(instance), phrases, contexts=8, seed=5)
    for row, phrase in zip(measured[:2], phrases, strict=False):
        features = tuple(range(phrase.start, phrase.end))
        (told,) = effects(Questions(instance), [features], contexts=8, seed=5)
        assert row[1] == pytest.approx(told.mean)
        assert row[0] == pytest.approx(told.mean + sum(features))  # and what its words add one by one
    assert measured[2].tolist() == pytest.approx([5.0, 0.0])
    alone = attributions(Questions(instance), phrases)
    assert alone[:, 0] == pytest.approx([8.0, 10.0, 5.0])
    assert alone[:, 1] == pytest.approx([6.0, 10.0, 5.0])
    estimates, labels = rng.normal(size=40), rng.normal(size=40)
    outer = sorted(range(40), key=lambda i: estimates[i])
    outer = [*outer[:5], *outer[-5:]]
    assert correlation(estimates, labels, tail=0.1) == pytest.approx(np.corrcoef(estimates[outer], labels[outer])[0, 1])
    assert correlation(estimates, labels) == pytest.approx(np.corrcoef(estimates, labels)[0, 1])


def test_reviews_hold_both_words_in_their_order_in_one_sentence(folder: Path) -> None:
    pairs = [("very", "funny"), ("not", "good"), ("not", "bad"), ("plot", "bad")]
    found = reviews_with(folder, "test", pairs, at_most=5)
    assert {pair: sorted(review.sentence for review in own) for pair, own in found.items()} == {
        ("very", "funny"): ["But it is very , very funny .", "Not bad, not very funny."],
        ("not", "good"): ["The plot is not very good at all."],  # once, though it stands there twice
        ("not", "bad"): ["Not bad, not very funny."],
    }  # nor is one of more than 40 words
    assert len(reviews_with(folder, "test", pairs, at_most=1)["very", "funny"]) == 1


def explained(text: str, *sets: tuple[int, ...]) -> gl.Explanation:
    """An explanation of a function in which these words act together, and no others."""
    names = text.split()
    return explain(
        gl.FunctionInstance(
            names=names,
            predict=lambda m: (
                m @ np.ones(len(names)) + sum(4.0 * m[:, list(features)].all(axis=1) for features in sets)
            ),
        )
    )


def test_a_pair_is_consistent_where_both_words_are_in_a_set() -> None:
    found = consistency(
        [
            explained("It Never , fails", (1, 3)),
            explained("never fails to move", (0, 1, 3)),
            explained("never once or twice it fails", (0, 2)),  # together with another word
            explained("fails never", (0, 1)),  # in the other order
        ],
        ("never", "fails"),
    )
    assert found["reviews"] == 3
    assert (found["pair"], found["together"], found["positive"]) == (1, 2, 2)
    assert (found["near"], found["near together"]) == (2, 2)
    assert 1.0 > found["by chance"] > 0.5


def test_pairs_of_opposite_signs_are_no_agreement() -> None:
    def found(*pairs: tuple[int, int, float]) -> dict[str, Any]:
        return {"pairs": [{"features": [i, j], "effect": effect} for i, j, effect in pairs], "of": 10}

    one = [found((0, 1, 2.0), (1, 2, 1.0)), found((0, 3, -1.0), (1, 2, 1.0))]
    other = [found((0, 1, -2.0), (1, 2, 1.0)), found((0, 3, -1.0), (2, 3, 1.0))]
    told = agreement(one, other)
    assert (told["share"], told["opposite"]) == (0.5, 0.25)
    assert told["first"] == 1
    assert told["by chance"] == pytest.approx(0.1)
    assert agreement(one, one)["share"] == 1.0
