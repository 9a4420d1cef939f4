from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

import glider_core as gl
from glider_core.adapters.pieces import TransformersReader
from glider_core.adapters.spans import divided
from glider_core.compat import import_transformers

ASSETS = Path(__file__).parents[2] / "assets" / "sentiment" / "distilbert-small"
SENTENCE = "This charming little film never fails to delight."


@pytest.fixture(scope="module")
def pipeline() -> Any:
    """Our small DistilBERT as anybody would have it: transformers' own pipeline."""
    transformers = import_transformers()
    network = gl.load_model("sentiment/distilbert-small")._network  # type: ignore[attr-defined]
    network.config.id2label = {0: "negative", 1: "positive"}
    words = {word: number for number, word in enumerate((ASSETS / "vocab.txt").read_text().splitlines())}
    tokenizer = transformers.BertTokenizerFast(vocab=words, do_lower_case=True)
    return transformers.TextClassificationPipeline(model=network, tokenizer=tokenizer)


@pytest.mark.parametrize("off_state", ["mask", "delete", "zero"])
def test_a_pipeline_of_transformers_answers_as_our_own_instance_of_it(pipeline: Any, off_state: Any) -> None:
    masks = np.random.default_rng(0).random((40, 9)) < 0.6
    masks[0] = True
    ours = gl.load_model("sentiment/distilbert-small").instance(SENTENCE, off_state=off_state)
    theirs = gl.text(pipeline, off_state=off_state).instance(SENTENCE)
    assert theirs.names == ours.names
    assert theirs.explained == "positive"
    np.testing.assert_allclose(theirs.predict(masks), ours.predict(masks), atol=1e-4)


def test_the_pair_is_found_in_a_pipeline_of_transformers(pipeline: Any) -> None:
    explanation = gl.explain(gl.text(pipeline).instance(SENTENCE))
    assert any({"never", "fails"} <= set(interaction.names) for interaction in explanation.interactions[:2])
    assert explanation.fingerprint is not None
    assert gl.Explanation.from_json(explanation.to_json()) == explanation
    negative = gl.text(pipeline, target="negative").instance(SENTENCE)
    kept = np.ones((1, 9), dtype=bool)
    assert negative.predict(kept)[0] == pytest.approx(-explanation.prediction, abs=1e-5)


def test_unknown_pieces_stand_where_parts_are_off(pipeline: Any) -> None:
    instance = gl.text(pipeline, off_state="unk").instance(SENTENCE)
    mask = np.ones((1, 9), dtype=bool)
    mask[0, instance.names.index("never")] = False
    ids = pipeline.tokenizer(SENTENCE, return_tensors="pt")["input_ids"]
    place = pipeline.tokenizer.convert_ids_to_tokens(ids[0]).index("never")
    ids[0, place] = pipeline.tokenizer.unk_token_id
    logits = pipeline.model(input_ids=ids).logits[0].tolist()
    assert instance.predict(mask)[0] == pytest.approx(logits[1] - logits[0], abs=1e-4)


def test_texts_of_one_length_are_read_together(pipeline: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[tuple[int, int]] = []
    whole = TransformersReader._read

    def noted(self: Any, ids: Any, kept: Any) -> Any:
        read.append(ids.shape)
        return whole(self, ids, kept)

    instance = gl.text(pipeline, off_state="delete").instance(SENTENCE)
    monkeypatch.setattr(TransformersReader, "_read", noted)
    instance.predict(np.random.default_rng(0).random((60, 9)) < 0.5)
    assert sum(rows for rows, _ in read) == 60
    assert len({length for _, length in read}) == len(read) <= 10, "one batch for each length"


@pytest.mark.parametrize(
    ("features", "text", "pair"),
    [
        ("phrases", "The plot is thin, but the cast is grand, and it moves.", ("The plot", "the cast")),
        ("auto", " ".join(f"Sentence {n} of these says nothing new at all." for n in range(12)),
         ("Sentence 3 of", "Sentence 8 of")),
    ],
)  # fmt: skip
def test_a_planted_pair_of_larger_parts_is_found(features: Any, text: str, pair: tuple[str, str]) -> None:
    model = gl.text(lambda texts: [2.0 * all(part in one for part in pair) for one in texts], features=features)
    (found,) = gl.explain(model.instance(text)).interactions
    assert [name.startswith(part) for name, part in zip(found.names, pair, strict=True)] == [True, True]
    assert found.effect == pytest.approx(2.0)


def test_a_long_text_is_read_as_far_as_the_model_does(pipeline: Any) -> None:
    instance: Any = gl.text(pipeline, features="words").instance("never fails " * 200)
    assert len(instance.names) == 300
    assert instance.payload.remarks()[0].startswith("The model reads the first 300 words")
    several: Any = gl.text(pipeline).instance(" ".join(f"Sentence {n} is here. It never fails!" for n in range(40)))
    assert several.names[0] == "Sentence 0 is here."
    assert len(several.names) < 80, "the model has no places for all of them"
    assert "longer than the model reads" in several.payload.remarks()[1]


def test_a_pipeline_of_scikit_learn_with_a_planted_pair() -> None:
    rng = np.random.default_rng(1)
    words = ["not", "bad", "film", "plot", "long", "slow"]
    texts = [" ".join(rng.permutation(words)[: rng.integers(2, 6)]) for _ in range(400)]
    good = [("not" in one) == ("bad" in one) for one in texts]
    model = make_pipeline(CountVectorizer(), PolynomialFeatures(2, interaction_only=True), LogisticRegression(C=10))
    model.fit(texts, np.where(good, "good", "poor"))
    instance = gl.text(model, target="good").instance("film not bad plot")
    explanation = gl.explain(instance)
    assert explanation.interactions[0].names == ("not", "bad")
    assert explanation.interactions[0].effect > 0
    p = model.predict_proba(["film not bad plot"])[0, 0]
    assert explanation.prediction == pytest.approx(np.log(p / (1 - p)))
    assert explanation.fingerprint is not None


def test_a_forest_that_is_sure_of_parts_of_a_text_is_explained_in_probability() -> None:
    """Unsure of the whole text, sure of a part of it: log-odds of exactly 0 would drown every other effect."""

    def forest(texts: list[str]) -> Any:
        p = [0.4 + 0.4 * ("never" in one and "fails" in one) - 0.4 * ("film" not in one) for one in texts]
        return np.column_stack([1 - np.array(p), p])

    explanation = gl.explain(gl.text(forest, classes=["poor", "good"]).instance("This film never fails."))
    assert 0 < explanation.prediction == pytest.approx(0.8)
    assert explanation.interactions[0].names == ("never", "fails")
    assert explanation.interactions[0].effect == pytest.approx(0.4)


def test_a_function_is_asked_each_text_once_and_parts_may_be_replaced() -> None:
    asked: list[str] = []

    def answer(texts: list[str]) -> list[float]:
        asked.extend(texts)
        return [float("never" in one and "fails" in one) for one in texts]

    explanation = gl.explain(gl.text(answer, replacement="[MASK]").instance("It never fails."))
    assert explanation.interactions[0].names == ("never", "fails")
    assert "It [MASK] fails." in asked
    assert explanation.fingerprint is None, "nothing is known of a function that closes over something"
    asked.clear()
    gl.text(answer).instance("It never fails.").predict(np.array([[True, False, True, True]] * 5))
    assert asked.count("It fails.") == 1


@pytest.mark.parametrize(
    ("division", "parts"),
    [
        ("words", ["The", "film", "is", "long", ",", "but", "good", ".", "See", "it", "!"]),
        ("phrases", ["The film", "is long,", "but good.", "See", "it!"]),
        ("sentences", ["The film is long, but good.", "See it!"]),
        (lambda text: [(0, 8), (9, 16)], ["The film", "is long"]),
    ],
)
def test_parts_of_a_text(division: Any, parts: list[str]) -> None:
    sentence, _ = divided("The film is long, but good.  See it!", division)
    assert [part.text for part in sentence.words] == parts


def test_parts_that_overlap_and_what_is_no_text_are_refused(pipeline: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="overlaps"):
        divided("The film", lambda text: [(0, 5), (3, 8)])
    with pytest.raises(gl.InvalidInput, match="no text"):
        gl.text(pipeline).instance("  ")
    with pytest.raises(gl.InvalidInput, match="give its tokenizer"):
        gl.text(pipeline.model)
    with pytest.raises(gl.InvalidInput, match="this model has mask, unk, delete, zero"):
        gl.text(pipeline, off_state="blur")
