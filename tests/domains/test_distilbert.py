import hashlib
import json
import os
from pathlib import Path
from typing import Any, cast

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import glider_core as gl
from glider_core.compat import import_transformers
from glider_core.domains.sentiment.data import sst_sentences
from glider_core.domains.sentiment.distilbert import HUB_ID, REVISION, DistilBertModel
from glider_core.shipped import ASSETS

DATA = os.environ.get("GLIDER_DATA")
TEXT = "The songs aren't dull, whatsoever!"


@pytest.fixture(scope="module")
def model() -> DistilBertModel:
    return cast(DistilBertModel, gl.load_model("sentiment/distilbert-small"))


def test_features_are_words_not_pieces(model: DistilBertModel) -> None:
    instance = model.instance(TEXT)
    assert instance.names == ("The", "songs", "aren't", "dull", ",", "whatsoever", "!")
    assert len(instance._vectors) > len(instance.names) + 2  # some words are several pieces


def _by_hand(model: DistilBertModel, mask: list[bool], off_state: str) -> float:
    """Through the whole network of transformers, the slow and plain way."""
    tokenizer, network = model._tokenizer, cast(Any, model._network)
    ids, kept = [tokenizer.token_to_id("[CLS]")], [True]
    for word, on in zip(model.instance(TEXT).names, mask, strict=True):
        pieces = tokenizer.encode(word, add_special_tokens=False).ids
        if off_state == "delete" and not on:
            continue
        if off_state == "mask" and not on:
            pieces = [tokenizer.token_to_id("[MASK]")] * len(pieces)
        ids += pieces
        kept += [on or off_state != "zero"] * len(pieces)
    ids, kept = [*ids, tokenizer.token_to_id("[SEP]")], [*kept, True]
    embedded = network.get_input_embeddings()(torch.tensor([ids]))
    embedded = embedded * torch.tensor(kept)[None, :, None]
    with torch.inference_mode():
        logits = network(inputs_embeds=embedded, attention_mask=torch.ones(1, len(ids))).logits[0]
    return float(logits[1] - logits[0])


@pytest.mark.parametrize("off_state", ["zero", "mask", "delete"])
def test_masked_answers_are_those_of_the_network(model: DistilBertModel, off_state: Any) -> None:
    instance = model.instance(TEXT, off_state=off_state)
    masks = np.random.default_rng(0).random((8, len(instance.names))) < 0.6
    masks[0], masks[1] = True, False
    expected = [_by_hand(model, mask.tolist(), off_state) for mask in masks]
    assert instance.predict(masks) == pytest.approx(expected, abs=1e-4)
    assert instance.predict(masks[:1])[0] == pytest.approx(model.predict_texts([TEXT])[0], abs=1e-4)


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("", {}, "There is no text yet"),
        ("word " * 10_000, {}, "characters|words"),
        ("a-" * 400, {}, "first word alone has 799 word pieces; this model reads up to 318"),
        ("fine", {"off_state": "blur"}, "off state"),
    ],
)
def test_texts_that_cannot_be_read_are_refused(model: DistilBertModel, text: str, options: Any, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        model.instance(text, **options)


def test_of_a_long_text_the_words_that_fit_are_read_and_said(model: DistilBertModel) -> None:
    instance = model.instance("It fails. " + "unfathomably " * 200)
    payload: Any = instance.payload
    each = len(model._tokenizer.encode("unfathomably", add_special_tokens=False).ids)
    assert each > 1
    assert len(instance.names) == 3 + (320 - 2 - 3) // each  # [CLS], [SEP] and the three before
    assert payload.unread == 203 - len(instance.names)
    assert np.isfinite(instance.predict(np.ones((1, len(instance.names)), dtype=bool))).all()
    with pytest.raises(gl.InvalidInput, match="word pieces; this model reads up to 320"):
        model.predict_texts(["unfathomably " * 200])


def test_odd_texts_are_read(model: DistilBertModel) -> None:
    for text in ("🎬🎬 never fails", "<b>never</b> fails", "Ünïcödé", "a"):
        instance = model.instance(text)
        assert np.isfinite(instance.predict(np.ones((1, len(instance.names)), dtype=bool))).all()


def test_a_negation_is_found(model: DistilBertModel) -> None:
    explanation = gl.explain(model.instance("The second act is not good."), gl.Settings(detector="GradientNID"))
    assert explanation.prediction < 0
    assert explanation.interactions[0].names == ("not", "good")
    assert explanation.interactions[0].effect < -1


@pytest.mark.skipif(not DATA, reason="GLIDER_DATA is not set")
def test_the_shipped_model_does_as_its_card_says(model: DistilBertModel) -> None:
    part = sst_sentences(Path(DATA or ""), "test")[::6]
    answers = model.predict_texts([" ".join(words).replace(" n't", "n't") for words, _ in part])
    accuracy = np.mean((answers > 0) == np.array([label for _, label in part], dtype=bool))
    assert accuracy > 0.80  # 304 of 1821 sentences; the card's figure is of all


def _full_size(folder: Path) -> Path:
    """DistilBERT base as its authors publish it, with random weights."""
    transformers = import_transformers()
    torch.manual_seed(0)
    config = transformers.DistilBertConfig(
        num_labels=2, id2label={0: "NEGATIVE", 1: "POSITIVE"}, label2id={"NEGATIVE": 0, "POSITIVE": 1}
    )
    transformers.DistilBertForSequenceClassification(config).save_pretrained(folder)
    words = ["[PAD]", *(f"[unused{i}]" for i in range(99)), "[UNK]", "[CLS]", "[SEP]", "[MASK]", "never", "fails"]
    words += [f"word{i}" for i in range(config.vocab_size - len(words))]
    (folder / "vocab.txt").write_text("\n".join(words) + "\n", encoding="utf-8")
    return folder


def test_the_papers_model_loads_from_a_folder_and_bad_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = _full_size(tmp_path / "base")
    model = cast(DistilBertModel, gl.load_model("sentiment/distilbert", path=folder))
    instance = model.instance("never fails")
    assert instance._vectors.shape == (4, 768)
    assert np.isfinite(instance.predict(np.array([[True, False]]))).all()

    # The hub's cache names a file by its SHA-256: loaded offline when it fits, refused when it does not.
    cache = tmp_path / "cache" / "hub" / f"models--{HUB_ID.replace('/', '--')}"
    snapshot = cache / "snapshots" / f"{REVISION}fa89d2f80546fda750413ed43d93601a13"
    snapshot.mkdir(parents=True)
    (cache / "blobs").mkdir()
    raw = (folder / "model.safetensors").read_bytes()
    blob = cache / "blobs" / hashlib.sha256(raw).hexdigest()
    blob.write_bytes(raw)
    (snapshot / "model.safetensors").symlink_to(blob)
    for name in ("config.json", "vocab.txt"):
        (snapshot / name).write_bytes((folder / name).read_bytes())
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path / "cache"))
    assert {info.id: info.available for info in gl.list_models()}["sentiment/distilbert"]
    from glider_core.domains.sentiment.distilbert import load

    assert load("sentiment/distilbert").id == "sentiment/distilbert"
    blob.write_bytes(raw[:-1] + b"x")
    with pytest.raises(gl.ModelUnavailable, match="damaged, truncated or another file"):
        load("sentiment/distilbert")

    (folder / "model.safetensors").write_bytes(raw[: len(raw) // 2])
    with pytest.raises(gl.ModelUnavailable, match="damaged or no safetensors"):
        load("sentiment/distilbert", path=folder)
    (folder / "vocab.txt").write_text("[PAD]\n[UNK]\n")
    with pytest.raises(gl.ModelUnavailable, match="not this model's vocabulary"):
        load("sentiment/distilbert", path=folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "bert"}))
    with pytest.raises(gl.ModelUnavailable, match="no configuration of a DistilBERT"):
        load("sentiment/distilbert", path=folder)


def test_offline_the_message_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    from glider_core.domains.sentiment.distilbert import load

    with pytest.raises(gl.ModelUnavailable, match=r"huggingface\.co.*path=folder.*distilbert-small"):
        load("sentiment/distilbert")
    info = next(info for info in gl.list_models() if info.id == "sentiment/distilbert")
    assert not info.available
    assert "268 MB" in info.detail


def test_weights_of_another_shape_are_refused(tmp_path: Path) -> None:
    shipped = ASSETS / "sentiment" / "distilbert-small"
    for name in ("config.json", "vocab.txt"):
        (tmp_path / name).write_bytes((shipped / name).read_bytes())
    tensors = load_file(shipped / "weights.safetensors")
    tensors["classifier.bias"] = torch.zeros(3)
    save_file(tensors, tmp_path / "model.safetensors")
    with pytest.raises(gl.ModelUnavailable, match=r"not this model's: classifier\.bias"):
        gl.load_model("sentiment/distilbert-small", path=tmp_path)
