import contextlib
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

import glider_core as gl
from glider_core.domains.dna import EXAMPLES
from glider_core.domains.dna.data import load_probes, split_probes
from glider_core.domains.dna.model import load
from glider_core.domains.dna.sequence import (
    LETTERS,
    letter_count,
    name_motif,
    one_hot,
    parse,
    random_sequence,
    reverse_complement,
)
from glider_core.shipped import ASSETS

SEQUENCE = EXAMPLES["E-box in the centre"]


@pytest.mark.parametrize(
    "text",
    [
        SEQUENCE,
        SEQUENCE.lower(),
        f"  {SEQUENCE[:10]} {SEQUENCE[10:20]}\n{SEQUENCE[20:]}\n",
        f">probe 1 from somewhere\n{SEQUENCE}",
        f"1 {SEQUENCE[:18]}\n19 {SEQUENCE[18:]}",
        SEQUENCE.replace("T", "U"),
    ],
)
def test_what_people_paste_is_understood(text: str) -> None:
    assert parse(text) == SEQUENCE


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no sequence yet"),
        (">only a header", "no sequence yet"),
        ("ACGT", "4 letters; this model reads exactly 36"),
        (SEQUENCE + "A", "37 letters"),
        (SEQUENCE[:-2] + "NZ", "N at position 35, Z at position 36"),
        ("😀" * 36, "other than A, C, G and T"),
        ("<script>alert(1)</script>", "other than"),
        (f">a\n{SEQUENCE}\n>b\n{SEQUENCE}", "2 FASTA records"),
        ("A" * 10_001, "10,001 characters"),
    ],
)
def test_other_input_is_refused_with_the_reason(text: str, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        parse(text)


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    with contextlib.suppress(gl.InvalidInput):
        assert set(parse(text)) <= set(LETTERS)


def test_off_letters_become_other_letters_fixed_per_mask(cnn: gl.Model) -> None:
    instance = cnn.instance(SEQUENCE)
    masks = np.random.default_rng(0).random((6000, 36)) < 0.5
    codes = instance.perturb(masks)  # type: ignore[attr-defined]
    original = np.array([LETTERS.index(letter) for letter in SEQUENCE])
    assert (codes[masks] == np.broadcast_to(original, codes.shape)[masks]).all()
    assert (codes != original)[~masks].all()
    shifts = ((codes - original) % 4)[~masks]
    assert np.bincount(shifts, minlength=4)[1:] / len(shifts) == pytest.approx(np.full(3, 1 / 3), abs=0.01)
    # In any batch, the same mask becomes the same sequence; with another seed, another.
    order = np.random.default_rng(1).permutation(6000)[:50]
    assert (instance.perturb(masks[order]) == codes[order]).all()  # type: ignore[attr-defined]
    other = cnn.instance(SEQUENCE, seed=1)
    assert (other.perturb(masks) != codes).any()  # type: ignore[attr-defined]
    assert (
        other.identity == instance.identity
    )  # the same model, sequence and letters: the seed is an option of the case
    assert other.case(gl.Settings()).fingerprint != instance.case(gl.Settings()).fingerprint


def test_answers_are_those_of_the_written_out_sequences(cnn: gl.Model) -> None:
    instance = cnn.instance(SEQUENCE)
    masks = np.random.default_rng(0).random((20, 36)) < 0.7
    texts = ["".join(LETTERS[code] for code in row) for row in instance.perturb(masks)]  # type: ignore[attr-defined]
    slow = np.concatenate([cnn.predict_sequences([text]) for text in texts])  # type: ignore[attr-defined]
    assert instance.predict(masks) == pytest.approx(slow, abs=1e-5)


def test_one_hot_puts_letters_on_rows() -> None:
    assert one_hot(np.array([[0, 3, 1]]))[0].T.tolist() == [[1, 0, 0, 0], [0, 0, 0, 1], [0, 1, 0, 0]]


def test_motifs_are_named_on_either_strand() -> None:
    start = SEQUENCE.index("CACGTG")
    assert name_motif(SEQUENCE, range(start, start + 6)) == "E-box CACGTG (Myc, Max, Mad)"
    assert name_motif(SEQUENCE, [start, start + 1, start + 4, start + 5])
    assert name_motif(SEQUENCE, [start, start + 1, start + 2]) is None
    assert name_motif(SEQUENCE, range(start - 1, start + 6)) is None
    assert reverse_complement("CATGTGAAAC") == "GTTTCACATG"


def test_letters_are_counted_without_header_and_spaces() -> None:
    assert letter_count(">mine\nacg tz\n") == 5
    assert letter_count("") == 0


def test_random_sequences_have_the_motif_in_the_centre() -> None:
    for seed in range(5):
        assert random_sequence(seed)[15:21] == "CACGTG"
        assert len(parse(random_sequence(seed))) == 36


def test_the_model_prefers_the_motif(cnn: gl.Model) -> None:
    score = cnn.predict_sequences  # type: ignore[attr-defined]
    with_motif = score([random_sequence(seed) for seed in range(30)])
    without = score([random_sequence(seed, motif="") for seed in range(30)])
    assert with_motif.mean() > without.mean() + 1.0


def test_nid_finds_the_motif(cnn: gl.Model) -> None:
    explanation = gl.explain(cnn.instance(SEQUENCE), gl.Settings(l1=5e-3))
    start = SEQUENCE.index("CACGTG")
    assert tuple(range(start, start + 6)) in {i.features for i in explanation.interactions}


@pytest.mark.parametrize("damage", ["missing", "truncated", "garbage", "foreign"])
def test_damaged_weights_are_refused(tmp_path: Path, damage: str) -> None:
    raw = (ASSETS / "dna" / "cnn" / "weights.safetensors").read_bytes()
    if damage == "truncated":
        (tmp_path / "weights.safetensors").write_bytes(raw[: len(raw) // 2])
    elif damage == "garbage":
        (tmp_path / "weights.safetensors").write_bytes(b"\x80\x04K*." * 1000)
    elif damage == "foreign":
        from safetensors.torch import save_file

        save_file({"x": torch.zeros(3)}, tmp_path / "weights.safetensors")
    with pytest.raises(gl.ModelUnavailable, match=r"weights\.safetensors"):
        load(path=tmp_path)


def test_the_cards_scores_are_measured(cnn: gl.Model, data: Path) -> None:
    test = split_probes(load_probes(data), seed=0)["test"]
    predicted = cnn.predict_sequences(test.sequences)  # type: ignore[attr-defined]
    r2 = 1 - ((predicted - test.intensity) ** 2).sum() / ((test.intensity - test.intensity.mean()) ** 2).sum()
    card = (ASSETS / "dna" / "cnn" / "README.md").read_text()
    assert f"| test | R2 {r2:.3f}" in card


def test_a_probe_and_its_reverse_complement_stay_together(data: Path) -> None:
    parts = split_probes(load_probes(data), seed=0)
    assert sum(len(part.sequences) for part in parts.values()) == 7534
    sides = {name: {min(s, reverse_complement(s)) for s in part.sequences} for name, part in parts.items()}
    assert not sides["train"] & sides["test"]
    assert not sides["train"] & sides["validation"]
