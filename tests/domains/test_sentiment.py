from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.sentiment import EXAMPLES
from glider_core.domains.sentiment.data import sst_sentences
from glider_core.domains.sentiment.instance import CHUNK
from glider_core.domains.sentiment.masked import MaskedSentence
from glider_core.domains.sentiment.model import load
from glider_core.domains.sentiment.network import SentimentLSTM
from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word, pieces, words
from glider_core.engine.masks import sample_masks
from glider_core.shipped import ASSETS

SENTENCE = "It isn't a well-made film, but Anna's songs never fail!"


def test_words_are_those_a_reader_sees() -> None:
    assert [w.text for w in words("“Don't”, she said… well-made 8.5/10 😀👍🏽 isn’t it?")] == (
        ["“", "Don't", "”", ",", "she", "said", "…", "well-made", "8.5/10", "😀", "👍🏽", "isn’t", "it", "?"]
    )


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("Doesn't", ["does", "n't"]),
        ("isn’t", ["is", "n't"]),
        ("It's", ["it", "'s"]),
        ("shouldn't've", ["should", "n't", "'ve"]),
        ("n't", ["n't"]),
        ("LOUD", ["loud"]),
        ("edge-of-your-seat", ["edge", "of", "your", "seat"]),
        ("....", ["..."]),
    ],
)
def test_pieces_are_those_of_the_treebank(word: str, expected: list[str]) -> None:
    assert pieces(word) == expected


def test_a_joined_word_of_the_vocabulary_stays_whole() -> None:
    assert pieces("well-made", {"well-made"}) == ["well-made"]


@given(st.text(max_size=80))
def test_words_cover_every_visible_character_in_place(text: str) -> None:
    found = words(text)
    assert all(text[word.start : word.end] == word.text for word in found)
    covered = {i for word in found for i in range(word.start, word.end)}
    assert all(text[i].isspace() for i in range(len(text)) if i not in covered)
    assert all(pieces(word.text) for word in found)


def test_stop_words_and_marks() -> None:
    assert all(is_stop_word(word) for word in ("The", "it's", "WITH"))
    assert not any(is_stop_word(word) for word in ("never", "isn't", "not"))
    assert is_punctuation("?!")
    assert not is_punctuation("😀")
    assert not is_punctuation("8.5")


@pytest.mark.parametrize(
    ("text", "message"),
    [("", "no text yet"), ("  \n", "no text yet"), ("word " * 10_000, "characters")],
)
def test_unusable_text_is_refused(lstm: gl.Model, text: str, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        lstm.instance(text)
    with pytest.raises(gl.InvalidInput, match="off state"):
        lstm.instance("fine", off_state="blur")


def test_of_a_long_text_the_first_words_are_read_and_said(lstm: gl.Model) -> None:
    instance = lstm.instance("good " * 299 + "bad " * 101)
    payload: Any = instance.payload
    assert instance.names == ("good",) * 299 + ("bad",)
    assert (payload.unread, len(payload.tokens)) == (100, 300)
    (remark,) = payload.remarks()
    assert remark.startswith("The model reads the first 300 words and marks, up to “bad”; the other 100 are not read")
    with pytest.raises(gl.InvalidInput, match="400 words"):
        lstm.predict_texts(["a " * 400])  # type: ignore[attr-defined]  # nothing but a number is given back


@pytest.mark.parametrize("text", ["😀", "<script>alert(1)</script>", "zzxqy vvkw", "!", "a " * 299 + "b", "\x00 x"])
def test_odd_text_is_explained_all_the_same(lstm: gl.Model, quick: gl.Settings, text: str) -> None:
    settings = quick.model_copy(update={"n_train": 60, "n_validation": 20, "n_test": 20})
    explanation = gl.explain(lstm.instance(text), settings)
    assert np.isfinite(explanation.prediction)


def test_unknown_words_are_marked(lstm: gl.Model) -> None:
    tokens = lstm.instance("a zzxqy film").payload.tokens  # type: ignore[union-attr, attr-defined]
    assert [token.known for token in tokens] == [True, False, True]


def test_zero_off_state_equals_zeroed_vectors(lstm: gl.Model) -> None:
    instance = lstm.instance(SENTENCE)
    masks = np.random.default_rng(0).random((12, len(instance.names))) < 0.6
    network = lstm._network  # type: ignore[attr-defined]
    numbers = lstm._numbers  # type: ignore[attr-defined]
    with torch.inference_mode():
        for mask, answer in zip(masks, instance.predict(masks), strict=True):
            vectors = []
            for word, kept in zip(words(SENTENCE), mask, strict=True):
                for piece in pieces(word.text, numbers):
                    vectors.append(network.vectors.weight[numbers.get(piece, 0)] * float(kept))
            assert float(network.from_vectors(torch.stack(vectors)[None])[0]) == pytest.approx(answer, abs=1e-4)


def test_delete_equals_the_text_without_the_word(lstm: gl.Model) -> None:
    text = "The jokes in this long film are never bad"
    instance = lstm.instance(text, off_state="delete")
    masks = np.random.default_rng(1).random((10, len(instance.names))) < 0.6
    masks[:, 0] = True
    shorter = [" ".join(np.array(text.split())[mask]) for mask in masks]
    assert instance.predict(masks) == pytest.approx(lstm.predict_texts(shorter), abs=1e-4)  # type: ignore[attr-defined]
    assert np.isfinite(instance.predict(np.zeros((2, len(instance.names)), bool))).all()


@pytest.mark.parametrize("off_state", ["zero", "delete"])
def test_answers_do_not_depend_on_the_batch(lstm: gl.Model, off_state: str) -> None:
    instance = lstm.instance(SENTENCE, off_state=off_state)
    masks = np.random.default_rng(2).random((60, len(instance.names))) < 0.5
    one_by_one = np.concatenate([instance.predict(mask[None]) for mask in masks])
    assert instance.predict(masks) == pytest.approx(one_by_one, abs=1e-4)


@pytest.mark.parametrize("off_state", ["zero", "delete"])
def test_many_masks_are_answered_in_their_order(lstm: gl.Model, off_state: str) -> None:
    instance = lstm.instance("Nothing in it is dull", off_state=off_state)
    few = np.random.default_rng(3).random((7, len(instance.names))) < 0.5
    many = few[np.arange(2 * CHUNK + 1) % 7]
    assert instance.predict(many) == pytest.approx(instance.predict(few)[np.arange(len(many)) % 7], abs=1e-4)


def test_texts_are_answered_in_their_order(lstm: gl.Model) -> None:
    texts = ["A dull, lifeless mess.", "Wonderful!", "It isn't bad", "Warm, witty and wise.", "Dreadful!"]
    answers = lstm.predict_texts(texts)  # type: ignore[attr-defined]
    singly = [lstm.instance(text).predict(np.ones((1, len(words(text))), bool))[0] for text in texts]
    assert answers == pytest.approx(singly, abs=1e-4)
    assert (answers[[1, 3]] > 0).all()
    assert (answers[[0, 4]] < 0).all()


def test_every_example_can_be_explained(lstm: gl.Model) -> None:
    for text in EXAMPLES.values():
        tokens = lstm.instance(text).payload.tokens  # type: ignore[union-attr, attr-defined]
        assert all(token.known for token in tokens)
        assert all(text[token.start : token.end] == token.text for token in tokens)


def test_never_fails_is_found(never_fails: gl.Explanation) -> None:
    assert never_fails.interactions[0].names == ("never", "fails")
    assert never_fails.interactions[0].effect > 1


def test_damaged_files_are_refused(tmp_path: Path) -> None:
    folder = ASSETS / "sentiment" / "lstm"
    with pytest.raises(gl.ModelUnavailable, match="list of words"):
        load(path=tmp_path)
    (tmp_path / "vocabulary.json").write_bytes((folder / "vocabulary.json").read_bytes())
    with pytest.raises(gl.ModelUnavailable, match="missing"):
        load(path=tmp_path)
    (tmp_path / "weights.safetensors").write_bytes((folder / "weights.safetensors").read_bytes()[:-1000])
    with pytest.raises(gl.ModelUnavailable, match="damaged"):
        load(path=tmp_path)
    for damaged in ("{not json", "5", "[1, 2]"):
        (tmp_path / "vocabulary.json").write_text(damaged)
        with pytest.raises(gl.ModelUnavailable, match="list of words"):
            load(path=tmp_path)
    (tmp_path / "weights.safetensors").write_bytes((folder / "weights.safetensors").read_bytes())
    (tmp_path / "vocabulary.json").write_text('["<unk>", "film"]')
    with pytest.raises(gl.ModelUnavailable, match="not this model's"):
        load(path=tmp_path)


def test_the_cards_accuracy_is_measured(lstm: gl.Model, data: Path) -> None:
    sentences = sst_sentences(data, "test")
    network, numbers = lstm._network, lstm._numbers  # type: ignore[attr-defined]
    with torch.inference_mode():
        right = sum(
            int((float(network(torch.tensor([[numbers.get(p, 0) for p in text]]))[0]) > 0) == bool(label))
            for text, label in sentences
        )
    accuracy = right / len(sentences)
    assert accuracy >= 0.84
    card = (ASSETS / "sentiment" / "lstm" / "README.md").read_text()
    # Weights are stored in half precision: one sentence on the fence may fall to the other side.
    written = float(card.split("| test accuracy | ")[1][:6])
    assert accuracy == pytest.approx(written, abs=2 / len(sentences))


@pytest.mark.parametrize("length", [1, 2, 7, 33])
@torch.inference_mode()
def test_masked_sentences_are_answered_like_sentences_with_zeroed_vectors(length) -> None:
    torch.manual_seed(length)
    network = SentimentLSTM(5).eval()
    vectors = torch.randn(length, 200)
    masks = torch.from_numpy(sample_masks(length, 1300, np.random.default_rng(0)))
    expected = network.from_vectors(vectors * masks[..., None])
    assert MaskedSentence(network, vectors).logits(masks).numpy() == pytest.approx(expected.numpy(), abs=2e-5)
