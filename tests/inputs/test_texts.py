"""Texts as people have them: what is read of each, or the sentence that refuses it."""

import re
import unicodedata
from contextlib import suppress
from functools import cache
from typing import Any

import numpy as np
import pytest
import regex
from hypothesis import example, given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.sentiment.reading import read_sentence, visible
from glider_core.domains.sentiment.tokens import pieces, words

ACUTE = "\u0301"
FAMILY = "👩\u200d👩\u200d👧\u200d👦"
SCOTLAND = "🏴\U000e0067\U000e0062\U000e0073\U000e0063\U000e0074\U000e007f"

READ = [
    # Ordinary English, as before.
    pytest.param("It isn't well-made.", ["It", "isn't", "well-made", "."], id="english"),
    pytest.param("“So-so”, 8.5/10…", ["“", "So-so", "”", ",", "8.5/10", "…"], id="english-typographic"),
    pytest.param("very very very good", ["very", "very", "very", "good"], id="repeated"),
    pytest.param("Wait.... what?!", ["Wait", "....", "what", "?", "!"], id="ellipsis"),
    pytest.param("a\tb\r\nc\u2028d\u3000e\u00a0f", ["a", "b", "c", "d", "e", "f"], id="all-kinds-of-blanks"),
    pytest.param("  fine \n\n", ["fine"], id="blanks-around"),
    pytest.param("$9.99 for AT&T + R&B", ["$", "9.99", "for", "AT&T", "+", "R&B"], id="money-and-ampersands"),
    # One form of accents.
    pytest.param(f"cafe{ACUTE} de{ACUTE}cor", ["café", "décor"], id="nfd-from-macos"),
    pytest.param("u\u0308ber naı\u0308ve", ["über", "naı̈ve"], id="nfd-umlaut-and-no-composed-form"),
    pytest.param("\u212bngstr\u00f6m", ["Ångström"], id="angstrom-sign"),
    pytest.param("a" + ACUTE * 200 + " b", ["á" + ACUTE * 199, "b"], id="200-combining-marks"),
    pytest.param(ACUTE * 3 + "a", [ACUTE * 3, "a"], id="marks-without-a-letter"),
    pytest.param("Z̷̢͝a̸l̶g̵o̴ film", ["Z̷̢͝a̸l̶g̵o̴", "film"], id="zalgo"),
    pytest.param("Việt Nam", ["Việt", "Nam"], id="vietnamese"),
    # Scripts whose vowels and points are marks.
    pytest.param("नमस्ते दुनिया।", ["नमस्ते", "दुनिया", "।"], id="hindi-matras"),
    pytest.param("हिन्दी फ़िल्म", ["हिन्दी", unicodedata.normalize("NFC", "फ़िल्म")], id="hindi-nukta"),
    pytest.param("বাংলা ছবি", ["বাংলা", "ছবি"], id="bengali"),
    pytest.param("தமிழ் படம்", ["தமிழ்", "படம்"], id="tamil"),
    pytest.param("ශ්‍රී ලංකා", ["ශ්‍රී", "ලංකා"], id="sinhala-joiner"),
    pytest.param("הַסֶּרֶט טוֹב", [unicodedata.normalize("NFC", word) for word in ("הַסֶּרֶט", "טוֹב")], id="hebrew-points"),
    pytest.param("צה״ל ג׳ירפה", ["צה״ל", "ג׳ירפה"], id="hebrew-gershayim"),
    pytest.param("فيلمٌ جَيِّدٌ", [unicodedata.normalize("NFC", word) for word in ("فيلمٌ", "جَيِّدٌ")], id="arabic-harakat"),
    pytest.param("می\u200cخواهم فیلم", ["می\u200cخواهم", "فیلم"], id="persian-non-joiner"),
    pytest.param("Привет, мир", ["Привет", ",", "мир"], id="russian"),
    pytest.param("영화가 정말 좋다", ["영화가", "정말", "좋다"], id="korean"),
    pytest.param(unicodedata.normalize("NFD", "영화가"), ["영화가"], id="korean-nfd"),
    # Scripts without spaces.
    pytest.param("这部电影非常好看，我很喜欢。", list("这部电影非常好看，我很喜欢。"), id="chinese"),
    pytest.param("這部電影好看", list("這部電影好看"), id="chinese-traditional"),
    pytest.param("𠮷野家", ["𠮷", "野", "家"], id="chinese-beyond-16-bits"),
    pytest.param("アニメーションが好き", ["アニメーション", "が", "好", "き"], id="japanese-katakana-in-one"),
    pytest.param("らーめん 人々", ["らー", "め", "ん", "人々"], id="japanese-long-and-repeated"),
    pytest.param("か\u3099っこいい", ["が", "っ", "こ", "い", "い"], id="japanese-nfd-voiced"),
    pytest.param("ｶﾞﾝﾀﾞﾑ", ["ｶﾞﾝﾀﾞﾑ"], id="japanese-halfwidth"),
    pytest.param("สวัสดี ที่นี่", ["ส", "วั", "ส", "ดี", "ที่", "นี่"], id="thai-marks-with-their-letter"),
    pytest.param("ดีมากๆ เรื่อง", ["ดี", "มา", "กๆ", "เรื่", "อ", "ง"], id="thai-vowels-beside"),
    pytest.param("ភាសា", ["ភា", "សា"], id="khmer"),
    pytest.param("ကောင်း", ["ကော", "င်း"], id="burmese"),
    pytest.param("Netflix的3D映画", ["Netflix", "的", "3D", "映", "画"], id="latin-inside-chinese"),
    # Emoji and other pictures are one feature each.
    pytest.param(f"{FAMILY}!", [FAMILY, "!"], id="emoji-family"),
    pytest.param("👍🏽👍🏿", ["👍🏽", "👍🏿"], id="emoji-skin-tone"),
    pytest.param("👩🏾‍🚀 ok", ["👩🏾‍🚀", "ok"], id="emoji-skin-tone-and-joiner"),
    pytest.param("🇩🇪🇫🇷", ["🇩🇪", "🇫🇷"], id="emoji-flags"),
    pytest.param(f"{SCOTLAND}?", [SCOTLAND, "?"], id="emoji-flag-of-tags"),
    pytest.param("1️⃣ ❤️ ☺", ["1️⃣", "❤️", "☺"], id="emoji-keycap-and-variants"),
    pytest.param("😀😀", ["😀", "😀"], id="only-emoji"),
    pytest.param("?!", ["?", "!"], id="only-marks"),
    # Letters of other widths and shapes.
    pytest.param("ﬁlm ｇｏｏｄ", ["ﬁlm", "ｇｏｏｄ"], id="ligature-and-fullwidth"),
    pytest.param("well\u2011made don\u02bct", ["well\u2011made", "don\u02bct"], id="hard-hyphen-and-other-apostrophe"),
    pytest.param("col·lega", ["col·lega"], id="catalan"),
    pytest.param("a\u1680b", ["a", "b"], id="ogham-blank"),
]  # fmt: skip

LEFT_OUT = [
    pytest.param("\ufeffnever fails", ["never", "fails"], ["U+FEFF"], id="byte-order-mark"),
    pytest.param("never\u200bfails", ["never", "fails"], ["U+200B ZERO WIDTH SPACE"], id="zero-width-space-parts"),
    pytest.param("ne\u00adver fails", ["never", "fails"], ["U+00AD SOFT HYPHEN"], id="soft-hyphen"),
    pytest.param("ne\u2060ver\u200d", ["never"], ["U+2060 WORD JOINER", "U+200D"], id="joiners-in-english"),
    pytest.param("\u200fnever\u200e \u202efails\u202c", ["never", "fails"], ["U+200F", "U+202E"], id="direction-marks"),
    pytest.param("\u2067never\u2069", ["never"], ["U+2067"], id="isolates"),
    pytest.param("not\x00bad", ["not", "bad"], ["U+0000 a control character"], id="control-character-parts"),
    pytest.param("not\ufe0f bad", ["not", "bad"], ["U+FE0F"], id="variant-of-nothing"),
    pytest.param("\u3164fine", ["fine"], ["U+3164 HANGUL FILLER"], id="filler"),
    pytest.param("fi\U000e0061ne", ["fine"], ["U+E0061"], id="tag-smuggling"),
    pytest.param("good\uffff", ["good"], ["U+FFFF"], id="noncharacter"),
]

REFUSED = [
    pytest.param("", "There is no text yet", id="empty"),
    pytest.param(" \t\r\n\u00a0\u3000", "There is no text yet", id="blanks-only"),
    pytest.param("\u200b\u200f", "nothing that can be seen, only U+200B ZERO WIDTH SPACE, U+200F", id="unseen-only"),
    pytest.param("\ufeff", r"only U\+FEFF ZERO WIDTH NO-BREAK SPACE \(byte order mark\)", id="mark-only"),
    pytest.param("\x00\x01", "only U+0000 a control character", id="control-only"),
    pytest.param("fine \ud83d film", "character 6 is U+D83D a lone surrogate", id="lone-surrogate"),
    pytest.param("\udcff", "character 1 is U+DCFF", id="undecoded-byte"),
    pytest.param("word " * 4_001, "20,005 characters", id="far-too-long"),
    pytest.param(b"It never fails.", "of type bytes; decode it first", id="bytes"),
    pytest.param(None, "of type NoneType; give a str", id="none"),
    pytest.param(7, "of type int", id="int"),
    pytest.param(float("nan"), "of type float", id="nan"),
    pytest.param(["It", "never", "fails"], "of type list", id="list-of-words"),
    pytest.param({"text": "fine"}, "of type dict", id="dict"),
    pytest.param(np.array(["fine"]), "of type ndarray", id="array"),
]


@pytest.mark.parametrize(("raw", "expected"), READ)
def test_a_text_is_read_as_the_words_that_its_reader_sees(lstm: gl.Model, raw: str, expected: list[str]) -> None:
    instance = lstm.instance(raw)
    payload: Any = instance.payload
    assert list(instance.names) == expected
    assert payload.unseen == ()
    assert all(payload.text[token.start : token.end] == token.text for token in payload.tokens)
    assert np.isfinite(instance.predict(np.ones((1, len(expected)), bool))).all()


@pytest.mark.parametrize(("raw", "expected", "named"), LEFT_OUT)
def test_what_cannot_be_seen_is_left_out_and_said(
    lstm: gl.Model, raw: str, expected: list[str], named: list[str]
) -> None:
    payload: Any = lstm.instance(raw).payload
    assert [token.text for token in payload.tokens] == expected
    assert all(any(told.startswith(name) for told in payload.unseen) for name in named)
    assert "Left out, since nobody can see them: U+" in " ".join(payload.remarks())


@pytest.mark.parametrize("model_id", ["sentiment/lstm", "sentiment/distilbert-small"])
@pytest.mark.parametrize(("raw", "sentence"), REFUSED)
def test_what_is_no_text_is_refused_with_the_reason(model_id: str, raw: Any, sentence: str) -> None:
    pattern = sentence if "\\" in sentence else re.escape(sentence)
    with pytest.raises(gl.InvalidInput, match=pattern):
        _model(model_id).instance(raw)


@pytest.mark.parametrize("raw", [case.values[0] for case in READ], ids=[case.id for case in READ])
def test_distilbert_has_the_same_words(raw: str) -> None:
    instance = _model("sentiment/distilbert-small").instance(raw)
    assert instance.names == _model("sentiment/lstm").instance(raw).names
    assert np.isfinite(instance.predict(np.zeros((1, len(instance.names)), bool))).all()


@cache
def _model(model_id: str) -> Any:
    return gl.load_model(model_id)


# --- whatever else people paste


ODD = st.text(
    st.one_of(
        st.sampled_from(
            "aé \n.-'’…e\u0301\u0308\u200b\u200d\u200f\ufeff\ufe0f\u00ad\u2060"
            "👩🚀👍🏽🇩🇪1\u20e3#นี่เำक्षिה\u05b7ー々カか人한\u1112"
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=40,
)  # fmt: skip
FORMER_RULE = re.compile(r"\w+(?:['’\-./&]\w+)*|\.{2,}|[^\w\s]")  # of version 0.3, for texts of ASCII


@given(ODD)
def test_words_and_the_blanks_between_them_give_the_composed_text_back(text: str) -> None:
    seen, _ = visible(text)
    assert unicodedata.is_normalized("NFC", seen)
    gaps, end = [], 0
    for word in words(seen):
        assert seen[word.start : word.end] == word.text
        gaps.append(seen[end : word.start])
        end = word.end
    gaps.append(seen[end:])
    assert all(gap.isspace() for gap in gaps if gap)


@given(ODD)
@example("नमस्ते" + FAMILY)
def test_no_grapheme_is_split(text: str) -> None:
    ends, place = {0}, 0
    for cluster in regex.findall(r"\X", text):
        place += len(cluster)
        ends.add(place)
    for word in words(text):
        assert {word.start, word.end} <= ends or text[word.start - 1 : word.start + 1] == "\r\n"


@given(ODD)
def test_reading_twice_changes_nothing(text: str) -> None:
    seen, _ = visible(text)
    assert visible(seen) == (seen, ())


@given(st.text(st.characters(min_codepoint=9, max_codepoint=126), max_size=60))
def test_plain_english_is_read_as_it_always_was(text: str) -> None:
    assert [word.text for word in words(text)] == FORMER_RULE.findall(text)


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    with suppress(gl.InvalidInput):
        sentence = read_sentence(text)
        assert sentence.words
        assert all(pieces(word.text) for word in sentence.words)
