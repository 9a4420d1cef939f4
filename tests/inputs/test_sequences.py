"""Sequences as people paste them: the letters that are read, or the sentence that refuses them."""

import re
import unicodedata
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

import glider_core as gl
from glider_core.characters import code_point
from glider_core.cli import app
from glider_core.domains.dna.payload import SequencePayload
from glider_core.domains.dna.records import ENDS, LINE_NUMBERS, LOWER_CASE, QUALITIES, RNA, records
from glider_core.domains.dna.sequence import LETTERS, letter_count, parse, read_record
from glider_core.drawings import draw
from glider_core.payload import read_payload

SEQUENCE = "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC"
OTHER = "GGTCCAGATTACAGCCATGTGATCTTGCAGGAACTC"
GOOD = "I" * 36  # qualities
MASKED = SEQUENCE[:10] + SEQUENCE[10:20].lower() + SEQUENCE[20:]
RNA_SEQUENCE = SEQUENCE.replace("T", "U")
NBSP = "\u00a0"

READ = [
    pytest.param(SEQUENCE, "", [], id="plain"),
    pytest.param(SEQUENCE.lower(), "", [], id="lower-case"),
    pytest.param(f"  {SEQUENCE}\n\n", "", [], id="blanks-around"),
    pytest.param("\n".join([SEQUENCE[:12], SEQUENCE[12:24], SEQUENCE[24:]]), "", [], id="lines"),
    pytest.param("\r\n".join([SEQUENCE[:18], SEQUENCE[18:]]), "", [], id="crlf"),
    pytest.param("\r".join([SEQUENCE[:18], SEQUENCE[18:]]), "", [], id="old-mac-lines"),
    pytest.param("\t".join(SEQUENCE), "", [], id="tabs"),
    pytest.param(f"; a comment\n{SEQUENCE}", "", [], id="comment-only"),
    pytest.param(f">probe 1\n{SEQUENCE}", "probe 1", [], id="fasta"),
    pytest.param(f">\n{SEQUENCE}", "", [], id="fasta-no-name"),
    pytest.param(f"\n\n  >probe\n{SEQUENCE}\n", "probe", [], id="fasta-after-blank-lines"),
    pytest.param(f">probe\r\n{SEQUENCE[:18]}\r\n{SEQUENCE[18:]}\r\n", "probe", [], id="fasta-crlf"),
    pytest.param(f">probe\n; from a database\n{SEQUENCE}\n", "probe", [], id="fasta-comment"),
    pytest.param(f"; file of mine\n>probe\n;c\n{SEQUENCE[:9]}\n;c\n{SEQUENCE[9:]}", "probe", [], id="fasta-comments"),
    pytest.param(f">a\tb\u200b  c\x1b\n{SEQUENCE}", "a b c", [], id="fasta-name-of-unseen-letters"),
    pytest.param(f">größe α\n{SEQUENCE}", "größe α", [], id="fasta-name-of-other-letters"),
    pytest.param(MASKED, "", [LOWER_CASE], id="soft-masked"),
    pytest.param(f">probe\n{MASKED}", "probe", [LOWER_CASE], id="soft-masked-fasta"),
    pytest.param(RNA_SEQUENCE, "", [RNA], id="rna"),
    pytest.param(RNA_SEQUENCE.lower(), "", [RNA], id="rna-lower-case"),
    pytest.param(f"1 {SEQUENCE[:18]}\n19 {SEQUENCE[18:]}", "", [LINE_NUMBERS], id="genbank-numbers"),
    pytest.param(f"     {SEQUENCE[:18]}     18\n     {SEQUENCE[18:]}    36", "", [LINE_NUMBERS], id="embl-numbers"),
    pytest.param(f"5'-{SEQUENCE}-3'", "", [ENDS], id="five-to-three-prime"),
    pytest.param(f"5′ {SEQUENCE} 3′", "", [ENDS], id="true-primes"),
    pytest.param(NBSP.join([SEQUENCE[:18], SEQUENCE[18:]]), "",
                 ["Left out as blanks: U+00A0 NO-BREAK SPACE."], id="no-break-space"),
    pytest.param(f"{SEQUENCE[:18]}\u2009{SEQUENCE[18:]}", "",
                 ["Left out as blanks: U+2009 THIN SPACE."], id="thin-space"),
    pytest.param(f"@read 7\n{SEQUENCE}\n+\n{GOOD}", "read 7", [QUALITIES], id="fastq"),
    pytest.param(f"@read 7\r\n{SEQUENCE}\r\n+read 7\r\n{GOOD}\r\n", "read 7", [QUALITIES], id="fastq-crlf"),
    pytest.param(f"@r\n{SEQUENCE}\n+\n@>;+{GOOD[4:]}\n", "r", [QUALITIES], id="fastq-signs-as-qualities"),
    pytest.param(f"@r\n{SEQUENCE[:18]}\n{SEQUENCE[18:]}\n+\n{GOOD[:18]}\n{GOOD[18:]}\n", "r", [QUALITIES],
                 id="fastq-over-lines"),
]  # fmt: skip

REFUSED = [
    pytest.param("", "There is no sequence yet", id="empty"),
    pytest.param(" \n\t", "There is no sequence yet", id="blanks"),
    pytest.param(">only a header", "There is no sequence yet", id="header-only"),
    pytest.param("; only a comment", "There is no sequence yet", id="comment-only"),
    pytest.param("36", "has no letters", id="numbers-only"),
    pytest.param("ACGT", "has 4 letters; this model reads exactly 36. Add the letters around it", id="short"),
    pytest.param(SEQUENCE + "A", "has 37 letters; this model reads exactly 36. Shorten it", id="long"),
    pytest.param("A" * 10_001, "10,001 characters", id="very-long"),
    pytest.param("A" * 5_000_001, "5,000,001 characters; at most 5,000,000 are read", id="far-too-long"),
    # What cannot be seen, or looks like what it is not.
    pytest.param(f"{SEQUENCE[:5]}\u200b{SEQUENCE[5:]}", "U+200B ZERO WIDTH SPACE at position 6", id="zero-width-space"),
    pytest.param(f"{SEQUENCE}\u200d", "U+200D ZERO WIDTH JOINER at position 37", id="zero-width-joiner"),
    pytest.param(f"\ufeff{SEQUENCE}", "begins with U+FEFF ZERO WIDTH NO-BREAK SPACE (byte order mark)", id="mark"),
    pytest.param(f"\ufeff>probe\n{SEQUENCE}", "begins with U+FEFF", id="mark-before-a-header"),
    pytest.param(f"{SEQUENCE[:9]}\ufeff{SEQUENCE[9:]}", "U+FEFF ZERO WIDTH NO-BREAK SPACE (byte order mark) at "
                 "position 10", id="mark-within"),
    pytest.param(f"А{SEQUENCE[1:]}", "U+0410 CYRILLIC CAPITAL LETTER A (looks like A) at position 1", id="cyrillic-a"),
    pytest.param(f"{SEQUENCE[:-1]}с", "U+0441 CYRILLIC SMALL LETTER ES (looks like c) at position 36",
                 id="cyrillic-small-es"),
    pytest.param(f"{SEQUENCE[:-1]}Τ", "U+03A4 GREEK CAPITAL LETTER TAU (looks like T) at position 36", id="greek-tau"),
    pytest.param(f"{SEQUENCE[:-1]}Ａ", "U+FF21 FULLWIDTH LATIN CAPITAL LETTER A (looks like A)", id="fullwidth"),
    pytest.param(f"{SEQUENCE[:-1]}\u00ad", "U+00AD SOFT HYPHEN at position 36", id="soft-hyphen"),
    pytest.param(f"{SEQUENCE[:-1]}\u200f", "U+200F RIGHT-TO-LEFT MARK", id="direction-mark"),
    pytest.param(f"{SEQUENCE[:-1]}\x00", "U+0000 a control character at position 36", id="zero"),
    pytest.param(f"{SEQUENCE[:-1]}\x1b", "U+001B a control character", id="escape"),
    pytest.param(f"{SEQUENCE[:-1]}\ud800", "damaged: character 36 is U+D800 a lone surrogate", id="surrogate"),
    pytest.param(f">\udc80\n{SEQUENCE}", "damaged: character 2 is U+DC80", id="surrogate-in-a-name"),
    pytest.param(f"{SEQUENCE[:-1]}A\u0301", "U+0301 COMBINING ACUTE ACCENT at position 37", id="accent"),
    pytest.param(f"{SEQUENCE[:-1]}ß", "U+00DF LATIN SMALL LETTER SHARP S at position 36", id="two-capitals"),
    pytest.param("😀" * 36, "U+1F600 GRINNING FACE at position 1", id="emoji"),
    pytest.param(f"{SEQUENCE[:-1]}\u2212", "U+2212 MINUS SIGN at position 36", id="minus"),
    # Letters that mean something, and not one letter.
    pytest.param(f"{SEQUENCE[:-1]}N", "N at position 36. N stands for any letter", id="iupac-n"),
    pytest.param(f"{SEQUENCE[:-2]}rY", "R at position 35, Y at position 36. R stands for A or G", id="iupac-r-and-y"),
    pytest.param(f"{SEQUENCE[:-1]}B", "B stands for C, G or T", id="iupac-b"),
    pytest.param(f"{SEQUENCE[:-4]}NNNN", "N at position 34, N at position 35 and 1 more", id="many-n"),
    pytest.param(f"{SEQUENCE[:10]}--{SEQUENCE[12:]}", "- at position 11, - at position 12. Gaps are no letters",
                 id="gaps"),
    pytest.param(f"{SEQUENCE[:-1]}.", "Gaps are no letters", id="gap-as-a-point"),
    pytest.param(f"{SEQUENCE}*", "* at position 37. Replace them", id="stop"),
    pytest.param(f"{SEQUENCE[:9]}7{SEQUENCE[10:]}", "7 at position 10", id="digit-among-letters"),
    pytest.param("MKVLAAGIVGLLLAQWERTYIPASDFGHKLCVNMEE", "M at position 1", id="protein"),
    pytest.param("<script>alert(1)</script>", "< at position 1", id="markup"),
    pytest.param(f"LOCUS       X 36 bp DNA\nORIGIN\n1 {SEQUENCE}\n//", "file of GenBank or EMBL", id="genbank"),
    pytest.param(f"ID   X; SV 1\nSQ   Sequence\n {SEQUENCE} 36\n//", "file of GenBank or EMBL", id="embl"),
    # FASTQ that is not whole.
    pytest.param(f"@r\n{SEQUENCE}", "Record 1 of this FASTQ text, @r, has 36 letters and 0", id="fastq-no-plus"),
    pytest.param(f"@r\n{SEQUENCE}\n+\n{GOOD[:-1]}", "36 letters and 35 qualities", id="fastq-short"),
    pytest.param(f"@r\n{SEQUENCE}\n+\n{GOOD}I", "36 letters and 37 qualities", id="fastq-long"),
    pytest.param(f"@r\n{SEQUENCE}\n+\n{GOOD}\nACGT", "Record 2 of this FASTQ text, ACGT", id="fastq-broken-off"),
    # Several.
    pytest.param(f">a\n{SEQUENCE}\n>b\n{OTHER}", "The text has 2 FASTA records: 1 a, 2 b. Say which", id="two-records"),
    pytest.param(f"{SEQUENCE}\n>b\n{OTHER}", "2 FASTA records: 1 without a name, 2 b", id="letters-before-a-header"),
    pytest.param(f"@a\n{SEQUENCE}\n+\n{GOOD}\n@b\n{OTHER}\n+\n{GOOD}", "2 FASTQ records: 1 a, 2 b", id="two-of-fastq"),
    pytest.param("".join(f">r{i}\n{SEQUENCE}\n" for i in range(9)), "1 r0, 2 r1, 3 r2, 4 r3, 5 r4 and 4 more",
                 id="nine-records"),
    # No text.
    pytest.param(SEQUENCE.encode(), "of type bytes; decode it first", id="bytes"),
    pytest.param(None, "of type NoneType", id="none"),
    pytest.param(36, "of type int", id="int"),
    pytest.param(list(SEQUENCE), "of type list", id="list"),
    pytest.param(np.zeros((36, 4)), "of type ndarray", id="one-hot"),
]  # fmt: skip

LISTED = [
    pytest.param(f">a\n{SEQUENCE}\n>b\n{OTHER}\n", ["a", "b"], id="fasta"),
    pytest.param(f";x\n>a\n;y\n{SEQUENCE}\n\n>b c d\n{OTHER}\n", ["a", "b c d"], id="comments"),
    pytest.param(f">a\r\n{SEQUENCE}\r\n>b\r\n{OTHER}\r\n", ["a", "b"], id="crlf"),
    pytest.param(f">a\n{SEQUENCE}\n>a\n{OTHER}", ["a", "a"], id="one-name-twice"),
    pytest.param(f">\n{SEQUENCE}\n>\n{OTHER}", ["", ""], id="without-names"),
    pytest.param(f"{SEQUENCE}\n>b\n{OTHER}", ["", "b"], id="before-the-first-header"),
    pytest.param(f">a > b\n{SEQUENCE}\n>b\n{OTHER}", ["a > b", "b"], id="sign-within-a-name"),
    pytest.param(f"@a\n{SEQUENCE}\n+\n{GOOD}\n\n@b\n{OTHER}\n+\n{GOOD}\n", ["a", "b"], id="fastq"),
    pytest.param(f"@a\n{SEQUENCE}\n+a\n@{GOOD[1:]}\n@b\n{OTHER}\n+b\n>{GOOD[1:]}\n", ["a", "b"], id="fastq-signs"),
]


@pytest.mark.parametrize(("text", "name", "told"), READ)
def test_what_people_paste_is_read(cnn: Any, text: str, name: str, told: list[str]) -> None:
    instance = cnn.instance(text)
    payload: Any = instance.payload
    assert (payload.sequence, payload.name, list(payload.remarks())) == (SEQUENCE, name, told)
    plain = cnn.instance(SEQUENCE)
    every = np.ones((1, 36), bool)
    assert instance.predict(every) == pytest.approx(plain.predict(every), abs=0)
    # What a saved case holds is read as the same again, name and assumptions included.
    assert cnn.instance(instance.case(gl.Settings()).raw).payload == payload
    if not name and not told:
        assert instance.case(gl.Settings()).fingerprint == plain.case(gl.Settings()).fingerprint


@pytest.mark.parametrize(("text", "sentence"), REFUSED)
def test_what_cannot_be_read_is_refused_with_the_reason(cnn: Any, text: Any, sentence: str) -> None:
    with pytest.raises(gl.InvalidInput, match=re.escape(sentence)) as refused:
        cnn.instance(text)
    assert str(refused.value).isprintable()  # nothing in it that nobody sees


@pytest.mark.parametrize(("text", "names"), LISTED)
def test_several_records_are_listed_and_each_can_be_explained(cnn: Any, text: str, names: list[str]) -> None:
    listed = records(text)
    assert [record.name for record in listed] == names
    assert [record.letters for record in listed] == [SEQUENCE, OTHER]
    for number, record in enumerate(listed, 1):
        instance = cnn.instance(text, record=number)
        assert instance.payload.sequence == record.letters
        assert instance.payload.name == record.name
        assert records(record.text) == (record,)  # its own part of the text stands for it alone
        assert instance.redrawn(3).payload == instance.payload


@pytest.mark.parametrize("number", [0, 3, -1, 1.0, True, "1", None])
def test_a_record_that_is_not_there_is_refused(cnn: Any, number: Any) -> None:
    with pytest.raises(gl.InvalidInput, match=r"There is no record .* has 2, numbered from 1|2 FASTA records"):
        cnn.instance(f">a\n{SEQUENCE}\n>b\n{OTHER}", record=number)


def test_a_bad_record_among_good_ones_is_named() -> None:
    text = f">a\n{SEQUENCE}\n>b\nACGT\n>c\n{OTHER[:-1]}\u200b"
    assert read_record(text, 1).letters == SEQUENCE
    with pytest.raises(gl.InvalidInput, match="Record 2, b has 4 letters"):
        read_record(text, 2)
    with pytest.raises(gl.InvalidInput, match=r"Record 3, c has letters .* U\+200B ZERO WIDTH SPACE at position 36"):
        read_record(text, 3)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        (SEQUENCE, 36),
        (f">x\n{SEQUENCE[:7]}", 7),
        ("", 0),
        ("\ufeffA", 0),
        ("@r\nACGT", 0),
        (f">a\nAC\n>b\n{SEQUENCE}", 38),
    ],
)
def test_letters_are_counted_whatever_they_are(text: str, count: int) -> None:
    assert letter_count(text) == count


def test_two_lists_of_letters_are_no_text(cnn: Any) -> None:
    with pytest.raises(gl.InvalidInput, match="list of sequences"):
        cnn.predict_sequences(SEQUENCE)


def test_an_ordinary_sequence_has_the_payload_of_former_versions(cnn: Any) -> None:
    payload = cnn.instance(SEQUENCE).payload
    assert set(payload.to_json().decode().split('"')) & {"name", "assumptions"} <= {"name"}  # of motifs
    old = read_payload("dna", '{"sequence": "ACGT", "motifs": []}')
    assert isinstance(old, SequencePayload)
    assert (old.name, old.remarks()) == ("", ())


def test_the_picture_says_which_record_and_what_was_assumed(cnn: Any) -> None:
    explanation = gl.explain(cnn.instance(f"><b>mine</b>\n{MASKED}"), gl.Settings.with_masks(300))
    html = draw(gl.Explanation.from_json(explanation.to_json()))
    assert html == draw(explanation)
    assert "Record: &lt;b&gt;mine&lt;/b&gt;" in html
    assert LOWER_CASE in html
    assert "border-left" not in draw(gl.explain(cnn.instance(SEQUENCE), gl.Settings.with_masks(300)))


# --- the command line


def run(content: str | bytes, *more: str) -> Any:
    return CliRunner().invoke(app, ["explain", "dna/cnn", "-", "--masks", "300", *more], input=content)


def test_all_records_are_explained_in_turn(tmp_path: Path) -> None:
    out, picture = tmp_path / "run.json", tmp_path / "run.html"
    done = run(f">a\n{SEQUENCE}\n>b\n{OTHER}\n", "--out", str(out), "--draw", str(picture))
    assert done.exit_code == 0, done.output
    assert [line for line in done.output.splitlines() if line.startswith("Record")] == ["Record 1, a", "Record 2, b"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["run-1.html", "run-1.json", "run-2.html", "run-2.json"]
    saved = [gl.Explanation.from_json((tmp_path / f"run-{number}.json").read_bytes()) for number in (1, 2)]
    assert ["".join(name[0] for name in explanation.names) for explanation in saved] == [SEQUENCE, OTHER]


def test_one_bad_record_does_not_keep_the_others_from_being_explained() -> None:
    done = run(f">a\nACGT\n>b\n{OTHER}\n")
    assert done.exit_code == 2
    assert "Record 1, a: The sequence has 4 letters" in done.output
    assert "Record 2, b\nLog intensity" in done.output


def test_one_record_is_as_ever() -> None:
    done = run(f">a\r\n{SEQUENCE}\r\n".encode("utf-8-sig"), "--json")
    assert done.exit_code == 0
    assert gl.Explanation.from_json(done.output).names[0] == "C1"


# --- whatever else


NAMES = st.text(st.characters(categories=["L", "N", "Zs"], exclude_characters="\u3000"), max_size=12)
BODIES = st.text("ACGTacgtUuNn", min_size=1, max_size=90)


@given(
    st.lists(st.tuples(NAMES, BODIES), min_size=1, max_size=5),
    st.integers(1, 100),
    st.sampled_from(["\n", "\r\n", "\r"]),
    st.booleans(),
)
def test_fasta_is_read_as_it_was_written(parts: list[tuple[str, str]], width: int, end: str, comments: bool) -> None:
    lines = []
    for name, body in parts:
        lines.append(f">{name}")
        lines += ["; said"] * comments
        lines += [body[start : start + width] for start in range(0, len(body), width)]
    listed = records(end.join(lines))
    assert [record.name for record in listed] == [" ".join(name.split()) for name, _ in parts]
    assert [record.letters for record in listed] == [body.upper().replace("U", "T") for _, body in parts]


@given(
    st.lists(st.tuples(NAMES, BODIES), min_size=1, max_size=5),
    st.randoms(use_true_random=False),
    st.sampled_from(["\n", "\r\n"]),
)
def test_fastq_is_read_as_it_was_written(parts: list[tuple[str, str]], chance: Any, end: str) -> None:
    lines = []
    for name, body in parts:
        quality = "".join(chr(chance.randint(33, 126)) for _ in body)
        lines += [f"@{name}", body, "+", quality]
    listed = records(end.join(lines))
    assert [record.name for record in listed] == [" ".join(name.split()) for name, _ in parts]
    assert [record.letters for record in listed] == [body.upper().replace("U", "T") for _, body in parts]


@given(st.characters(min_codepoint=128).filter(lambda letter: not letter.isspace()), st.integers(0, 36))
def test_a_foreign_letter_is_named_so_that_it_can_be_found(letter: str, place: int) -> None:
    with pytest.raises(gl.InvalidInput, match=re.escape(code_point(letter))):
        parse(SEQUENCE[:place] + letter + SEQUENCE[place:])


@given(st.text(st.characters(), max_size=120))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with suppress(gl.InvalidInput):
        letters = parse(text)
        assert len(letters) == 36
        assert set(letters) <= set(LETTERS)


def test_names_of_characters_are_unicodes() -> None:
    assert code_point("\u200b") == f"U+200B {unicodedata.name(chr(0x200B))}"
    assert code_point("\U0001f600") == "U+1F600 GRINNING FACE"
    assert code_point("\ue000") == "U+E000 a character of private use"
    assert code_point("\uffff") == "U+FFFF no character"
