"""ONNX models of pictures and texts, as people export them: read, explained, and the planted pair found."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import glider_core as gl
from glider_core.adapters.sandbox.pictures import usual_pixels
from glider_core.compat import import_transformers
from tests.adapters import onnx_files
from tests.adapters.test_pictures import four_colours

NEVER, FAIL = onnx_files.WORDS.index("never"), onnx_files.WORDS.index("fail")
SENTENCE = "It never fails to delight."
ROUND = {"max_dist": 50.0}


class Flag(nn.Module):
    """Two classes of pictures (n, 3, 32, 32); the second where the top left is red and the bottom right blue."""

    def __init__(self, *, last: bool = False) -> None:
        super().__init__()
        self.last, self.pool = last, nn.AvgPool2d(16)
        self.first, self.second = nn.Linear(12, 2), nn.Linear(2, 2)
        with torch.no_grad():
            for parameter in self.parameters():
                parameter.zero_()
            # Of (3, 2, 2) flattened: red at the top left is 0, blue at the bottom right is 11.
            self.first.weight[0, [0, 11]], self.first.bias[0] = 1.0, -1.0
            self.second.weight[1, 0] = 5.0

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.permute(0, 3, 1, 2) if self.last else x
        return self.second(self.first(self.pool(x).flatten(1)).relu())


def exported(network: nn.Module, shape: tuple[int, ...], *, any_number: bool = True) -> bytes:
    """By the exporter that asks for nothing more than torch; of one picture only, as it does unless told otherwise."""
    content: Any = io.BytesIO()
    axes = {"pixels": {0: "n"}, "logits": {0: "n"}} if any_number else None
    torch.onnx.export(network.eval(), (torch.zeros(shape),), content, input_names=["pixels"], output_names=["logits"],
                      dynamic_axes=axes, dynamo=False)  # fmt: skip
    return content.getvalue()


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
@pytest.mark.parametrize("last", [False, True])
def test_an_exported_network_of_pictures_is_explained_in_either_layout(last: bool) -> None:
    network = Flag(last=last)
    content = exported(network, (1, 32, 32, 3) if last else (1, 3, 32, 32), any_number=not last)
    opened = gl.open_model(content, "flag.onnx")
    assert opened.described.reads == "picture"
    assert opened.described.answers == 2
    assert usual_pixels(opened.described) == gl.Pixels(layout="NHWC" if last else "NCHW", size=(32, 32))
    adapted = gl.image(opened, gl.Pixels(scaling="unit"), classes=["other", "flag"], off_state="black", target="flag")
    instance: Any = adapted.instance(four_colours(), quickshift=ROUND)
    explanation = gl.explain(instance)
    assert set(explanation.interactions[0].features) == {
        int(instance.payload.labels[5, 5]), int(instance.payload.labels[35, 35])
    }  # fmt: skip
    assert explanation.interactions[0].effect == pytest.approx(
        5 * (220 / 255 + 230 / 255 - 1), abs=0.1
    )  # resizing blends edges
    assert explanation.fingerprint is not None


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_pixels_become_what_is_said_of_them() -> None:
    class Means(nn.Module):
        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return x.mean((2, 3))

    opened = gl.open_model(exported(Means(), (1, 3, 8, 8)))
    picture = np.zeros((40, 40, 3), dtype=np.uint8) + np.array([255, 51, 0], dtype=np.uint8)
    picture[:20, :10] = 9  # so that there is more than one superpixel
    share = picture.reshape(-1, 3).mean(0) / 255

    def answers(**pixels: Any) -> Any:
        from glider_core.adapters.sandbox.pictures import PictureFile

        return PictureFile(opened, gl.Pixels(**pixels))([picture])[0]

    for pixels, wanted in (
        ({"scaling": "unit"}, share),
        ({"scaling": "bytes"}, share * 255),
        ({"scaling": "signed"}, share * 2 - 1),
        ({}, (share - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]),
        ({"scaling": "own", "mean": (0.1, 0.2, 0.3), "deviation": (1, 2, 4)}, (share - [0.1, 0.2, 0.3]) / [1, 2, 4]),
    ):
        np.testing.assert_allclose(answers(**pixels), wanted, atol=0.02 * np.abs(wanted).max())
    for pixels, part in (
        ({"scaling": "percent"}, "choose imagenet, unit"),
        ({"layout": "NHWC"}, "8 channels in this layout"),
        ({"scaling": "own", "deviation": (1.0, 0.0, 1.0)}, "deviations above 0"),
    ):
        with pytest.raises(gl.InvalidInput, match=part):
            answers(**pixels)
    with pytest.raises(gl.InvalidInput, match=r"are told by `gl.Pixels`"):
        gl.image(opened, lambda picture: picture)


@pytest.fixture(scope="module")
def word_model() -> Any:
    return gl.open_model(onnx_files.word_pair(NEVER, FAIL), "words.onnx", tokenizer=onnx_files.tokenizer())


@pytest.mark.parametrize("off_state", ["mask", "unk", "delete"])
def test_a_model_of_word_pieces_is_explained_by_words(word_model: Any, off_state: Any) -> None:
    assert word_model.described.reads == "tokens"
    adapted = gl.text(word_model, classes=["dull", "praise"], off_state=off_state)
    explanation = gl.explain(adapted.instance(SENTENCE))
    assert explanation.names == ("It", "never", "fails", "to", "delight", ".")
    (found,) = explanation.interactions
    assert found.names == ("never", "fails")
    assert found.effect == pytest.approx(4.0)
    assert explanation.explained == "praise"
    assert explanation.fingerprint is not None


def test_the_tokenizer_may_come_later_and_is_part_of_what_is_known(word_model: Any, tmp_path: Path) -> None:
    (tmp_path / "tokenizer.json").write_bytes(onnx_files.tokenizer())
    alone = gl.open_model(onnx_files.word_pair(NEVER, FAIL), "words.onnx")
    with pytest.raises(gl.InvalidInput, match=r"give its tokenizer.json, too"):
        gl.text(alone)
    assert gl.text(alone, tmp_path / "tokenizer.json").identity == gl.text(word_model).identity
    assert alone.own_identity != word_model.own_identity
    for tokenizer, part in ((b"{}", "The tokenizer cannot be read"), (b"[" * 10_000, "The tokenizer cannot be read"),
                            (b" " * 40_000_001, "40,000,001 bytes")):  # fmt: skip
        with pytest.raises(gl.InvalidInput, match=part):
            alone.with_tokenizer(tokenizer)
    with pytest.raises(gl.InvalidInput, match="does not read word pieces"):
        gl.text(gl.open_model(onnx_files.product()), onnx_files.tokenizer())


@pytest.mark.parametrize(
    "harm",
    [
        {"normalizer": {"type": "Precompiled", "precompiled_charsmap": "AAAAAA=="}},  # panics in Rust
        {"pre_tokenizer": {"type": "Split", "pattern": {"Regex": "(a|a|aa)+(a|a|aa)+c"}, "behavior": "Isolated",
                           "invert": False}, "normalizer": None},  # looks back without end
    ],
)  # fmt: skip
def test_a_tokenizer_that_means_harm_is_refused_and_the_process_lives(harm: Any) -> None:
    told = json.dumps(json.loads(onnx_files.tokenizer()) | harm).encode()
    model = gl.open_model(onnx_files.word_pair(NEVER, FAIL), tokenizer=told)
    with pytest.raises(gl.InvalidInput, match=r"cannot be run \(PanicException"):
        gl.text(model).instance("a" * 400)
    assert model.ask_pieces(np.array([[NEVER, FAIL]])).tolist() == [[0.0, 4.0]]


def test_a_model_of_one_length_is_padded_and_longer_texts_are_read_as_far_as_it_does() -> None:
    fixed = gl.open_model(onnx_files.word_pair(NEVER, FAIL, length=9), tokenizer=onnx_files.tokenizer())
    instance: Any = gl.text(fixed, target="1").instance(f"{SENTENCE} It never fails.")
    assert len(instance.names) == 6, "9 pieces, two of them special"
    assert instance.predict(np.ones((1, 6), dtype=bool))[0] == pytest.approx(4.0)
    cut = gl.open_model(onnx_files.word_pair(NEVER, FAIL), tokenizer=onnx_files.tokenizer(longest=7))
    assert gl.text(cut).instance(f"{SENTENCE} It never fails.").names == ("It", "never", "fails", "to")


@pytest.mark.slow
def test_a_converted_vectorizer_reads_texts() -> None:
    from skl2onnx import to_onnx
    from skl2onnx.common.data_types import StringTensorType
    from sklearn.feature_extraction.text import CountVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import PolynomialFeatures

    rng = np.random.default_rng(1)
    words = ["not", "bad", "film", "plot", "long", "slow"]
    texts = [" ".join(rng.permutation(words)[: rng.integers(2, 6)]) for _ in range(400)]
    good = [("not" in one) == ("bad" in one) for one in texts]
    model = make_pipeline(CountVectorizer(), PolynomialFeatures(2, interaction_only=True), LogisticRegression(C=10))
    model.fit(texts, np.where(good, "good", "poor"))
    types: Any = [("text", StringTensorType([None, 1]))]
    converted: Any = to_onnx(model, initial_types=types)
    opened = gl.open_model(converted.SerializeToString())
    assert opened.described.reads == "text"
    explanation = gl.explain(gl.text(opened, target="good").instance("film not bad plot"))
    assert explanation.interactions[0].names == ("not", "bad")
    p = model.predict_proba(["film not bad plot"])[0, 0]
    assert explanation.prediction == pytest.approx(np.log(p / (1 - p)), abs=0.01)


@pytest.mark.slow
def test_our_small_transformer_answers_in_onnx_as_in_pytorch(tmp_path: Path) -> None:
    """As torch exports today, with its own tokenizer.json."""
    transformers = import_transformers()
    network: Any = gl.load_model("sentiment/distilbert-small")._network  # type: ignore[attr-defined]
    assets = Path(__file__).parents[2] / "assets" / "sentiment" / "distilbert-small"
    words = {word: number for number, word in enumerate((assets / "vocab.txt").read_text().splitlines())}
    tokenizer = transformers.BertTokenizerFast(vocab=words, do_lower_case=True)

    class Logits(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
            return self.network(input_ids=input_ids, attention_mask=attention_mask).logits

    example = tokenizer([SENTENCE, SENTENCE], return_tensors="pt")
    sizes = {0: torch.export.Dim.DYNAMIC, 1: torch.export.Dim.DYNAMIC}
    program: Any = torch.onnx.export(
        Logits().eval(), (example["input_ids"], example["attention_mask"]), dynamo=True,
        input_names=["input_ids", "attention_mask"], output_names=["logits"], dynamic_shapes=(sizes, sizes),
    )  # fmt: skip
    opened = gl.open_model(
        program.model_proto.SerializeToString(), tokenizer=tokenizer.backend_tokenizer.to_str().encode()
    )
    instance = gl.text(opened, classes=["negative", "positive"]).instance(SENTENCE)
    ours = gl.text(network, tokenizer).instance(SENTENCE)
    masks = np.random.default_rng(0).random((40, len(ours.names))) < 0.6
    np.testing.assert_allclose(instance.predict(masks), ours.predict(masks), atol=1e-3)
    found = gl.explain(instance).interactions
    assert any({"never", "fails"} <= set(interaction.names) for interaction in found[:2])
