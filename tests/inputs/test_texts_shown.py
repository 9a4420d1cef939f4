"""What a model makes of the words of a text, how it is said and drawn, and the command line's texts."""

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from typer.testing import CliRunner

import glider_core as gl
from glider_core.cli import app
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.domains.sentiment.reading import in_another_script
from glider_core.domains.sentiment.tokens import is_punctuation, is_right_to_left
from glider_core.drawings import draw
from glider_core.drawings.sentences import NO_INTERACTION, headline
from glider_core.payload import read_payload
from tests.drawings.values import explanation

ACUTE = "\u0301"


@cache
def _model(model_id: str) -> Any:
    return gl.load_model(model_id)


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        pytest.param("A dull film", [True, True, True], id="english"),
        pytest.param("A zzxqy film", [True, False, True], id="one-made-up"),
        pytest.param("这 film", [False, True], id="chinese-and-english"),
        pytest.param("ﬁlm ｇｏｏｄ", [True, True], id="ligature-and-fullwidth-are-known"),
        pytest.param("don\u02bct well\u2011made", [True, True], id="apostrophes-and-hyphens-are-known"),
        pytest.param(f"cliche{ACUTE}", [True], id="nfd-is-known-as-nfc"),
        pytest.param("ne\u00adver fa\u200bils", [True, False, False], id="split-words-are-not"),
    ],
)
def test_words_that_the_model_never_saw_are_marked(lstm: gl.Model, raw: str, known: list[bool]) -> None:
    payload: Any = lstm.instance(raw).payload
    assert [token.known for token in payload.tokens] == known
    assert payload.unknown() == tuple(place for place, is_known in enumerate(known) if not is_known)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        pytest.param("A dull film.", [], id="nothing-to-say"),
        pytest.param("A long zzxqy film", ["The model has never seen “zzxqy”: what it says"], id="one"),
        pytest.param("zzxqy vvkw", ["knows English only. It has never seen 2 of the 2 words here, “zzxqy” and “vvkw”"],
                     id="all"),
        pytest.param("这部电影", ["split into its characters, not into words", "4 of the 4 words"], id="chinese"),
        pytest.param("ดีมาก", ["split into its characters", "English only"], id="thai"),
        pytest.param("zq1 zq2 zq3 zq4 zq5 zq6", ["“zq1”, “zq2”, “zq3”, “zq4” and 2 others"], id="many"),
        pytest.param("zzxqy zzxqy zzxqy", ["3 of the 3 words here: “zzxqy”"], id="repeated"),
        pytest.param("good \u2603", ["1 of the 2 words here, “\u2603”"], id="symbol"),
        pytest.param("good " * 301, ["first 300 words and marks, up to “good”; the other 1 are not read"], id="long"),
    ],
)  # fmt: skip
def test_what_a_reader_must_know_is_said_in_the_payload(lstm: gl.Model, raw: str, said: list[str]) -> None:
    payload: Any = lstm.instance(raw).payload
    assert len(payload.remarks()) == len(said)
    assert all(part in remark for part, remark in zip(said, payload.remarks(), strict=True))


def test_composed_and_decomposed_text_get_one_answer(lstm: gl.Model) -> None:
    texts = [unicodedata.normalize(form, "The café's décor is cliché.") for form in ("NFC", "NFD")]
    composed, decomposed = (lstm.instance(text) for text in texts)
    assert composed.names == decomposed.names
    masks = np.random.default_rng(0).random((9, len(composed.names))) < 0.5
    assert composed.predict(masks) == pytest.approx(decomposed.predict(masks), abs=0)
    assert decomposed.case(gl.Settings()).raw == texts[1]  # what was asked stays as it was given


@pytest.mark.parametrize("model_id", ["sentiment/lstm", "sentiment/distilbert-small"])
def test_the_words_said_to_be_read_are_those_that_change_the_answer(model_id: str) -> None:
    raw = "unfathomably " * 310  # several pieces each
    instance = _model(model_id).instance(raw)
    read = len(instance.names)
    assert instance.payload.unread == 310 - read
    longer = _model(model_id).instance(raw + "wonderful " * 50)  # behind the last word that is read
    assert longer.payload.unread == 360 - read
    every = np.ones((1, read), bool)
    assert longer.predict(every) == pytest.approx(instance.predict(every), abs=0)


@pytest.mark.parametrize("texts", ["never fails", b"never fails", None])
def test_one_text_is_not_taken_for_a_list_of_letters(lstm: Any, texts: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="list of texts"):
        lstm.predict_texts(texts)


@pytest.mark.parametrize(
    ("text", "another", "leftwards"),
    [
        ("A film", False, False),
        ("这部 film", False, False),
        ("טוב מאוד", True, True),
        ("нет", True, False),
        ("!", False, False),
    ],
)
def test_scripts_are_told_apart(text: str, another: bool, leftwards: bool) -> None:
    assert in_another_script(text) is another
    assert is_right_to_left(text) is leftwards


def test_marks_of_other_scripts_are_marks() -> None:
    assert all(map(is_punctuation, "。！，、「।؟…"))
    assert not any(map(is_punctuation, "☺😀电"))


# --- what is drawn of it, here and from a file


@pytest.fixture(scope="module")
def strange(lstm: gl.Model) -> gl.Explanation:
    return gl.explain(lstm.instance("A zzxqy 电 film\u200f" + " is never dull" * 100), gl.Settings.with_masks(300))


def test_a_stored_explanation_draws_what_the_model_does_not_know(strange: gl.Explanation) -> None:
    stored = gl.Explanation.from_json(strange.to_json())
    html = draw(stored)
    assert html == draw(strange)
    assert (
        html.count("the model has never seen this word") == 2 * 3 + 1
    )  # a title in each of three widths, and the legend
    assert html.count("stroke-dasharray") == 2 * 3
    assert "The model has never seen: zzxqy 电" in html  # for those who do not see the picture
    assert "U+200F RIGHT-TO-LEFT MARK" in html
    assert html.count("… and 4 more words and marks, which the model does not read") == 3


def test_ordinary_sentences_say_nothing_of_it(lstm: gl.Model) -> None:
    payload: Any = lstm.instance("It never fails.").payload
    assert set(json.loads(payload.to_json())) == {"text", "tokens"}  # so that their identity is that of former versions
    html = draw(gl.explain(lstm.instance("It never fails."), gl.Settings.with_masks(300)))
    assert "never seen" not in html
    assert "border-left" not in html


def test_a_file_of_before_opens_without_the_new_fields() -> None:
    token = '{"text": "a", "start": 0, "end": 1, "known": false, "stop": true, "punctuation": false}'
    payload = read_payload("sentiment", f'{{"text": "a", "tokens": [{token}]}}')
    assert isinstance(payload, SentencePayload)
    assert (payload.unread, payload.unseen, payload.unknown()) == (0, (), (0,))


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        ("a dull film", NO_INTERACTION),
        ("a zzxqy film", "among the words that the model knows; it has never seen 1 of the 3"),
        ("zzxqy vvkw", "never seen any of the 2 words: that no interaction was found says nothing"),
    ],
)
def test_no_interaction_among_words_never_seen_is_no_finding(raw: str, said: str) -> None:
    instance = _model("sentiment/lstm").instance(raw)
    assert said in headline(explanation(instance.names, payload=instance.payload), "logits")


def test_a_text_from_right_to_left_is_drawn_so(strange: gl.Explanation) -> None:
    instance = _model("sentiment/lstm").instance("סרט מצוין, not bad")
    d = len(instance.names)
    html = draw(
        replace(strange, names=instance.names, payload=instance.payload, interactions=(), main_effects=(1.0,) * d)
    )
    wide = html.split("<svg")[1]
    x = {word: float(left) for left, word in re.findall(r'<text x="([\d.]+)"[^>]*textLength[^>]*>([^<]+)</text>', wide)}
    assert list(x) == list(instance.names)  # in the order in which they are read aloud
    assert sorted(x, key=x.__getitem__) == ["not", "bad", ",", "מצוין", "סרט"]


# --- the command line


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        pytest.param("It never fails, café.".encode(), 0, "itive", id="utf-8"),
        pytest.param("It never fails.".encode("utf-8-sig"), 0, "itive", id="utf-8-with-mark"),
        pytest.param("It never fails.".encode("utf-16"), 0, "itive", id="utf-16-with-mark"),
        pytest.param("It never fails.\r\n".encode("utf-32"), 0, "itive", id="utf-32-with-mark"),
        pytest.param("Café".encode("latin-1"), 2, "not UTF-8 (byte 4 is 0xe9); convert it", id="latin-1"),
        pytest.param(b"\xff\xfeI", 2, "not UTF-16", id="half-of-utf-16"),
        pytest.param(b"", 2, "There is no text yet", id="nothing"),
        pytest.param(b"\xed\xa0\xbd", 2, "not UTF-8 (byte 1 is 0xed)", id="surrogate-as-bytes"),
        pytest.param(b"\x00\x00", 2, "nothing that can be seen", id="zeros"),
        pytest.param(b"good " * 4_000 + b"end", 2, "20,003 characters", id="far-too-long"),
    ],
)
def test_standard_input_is_read_or_refused_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch, content: bytes, code: int, said: str
) -> None:
    monkeypatch.setattr(gl, "load_model", lambda model: _model(model))
    done = CliRunner().invoke(app, ["explain", "sentiment/lstm", "-", "--masks", "300"], input=content)
    assert done.exit_code == code, done.output
    assert said in done.output
    assert "Traceback" not in done.output


def test_an_argument_that_is_not_utf_8_is_refused_in_a_sentence() -> None:
    command = [sys.executable.encode(), b"-m", b"glider_core", b"explain", b"sentiment/lstm", b"never \xff"]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(b"The input is not UTF-8 (byte 7 is 0xff)")
    assert b"Traceback" not in done.stderr
