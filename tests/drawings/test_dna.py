from glider_core.domains.dna.payload import SequencePayload
from glider_core.domains.dna.sequence import random_sequence
from glider_core.drawings import draw
from tests.drawings.values import explanation, interaction, svgs

LETTERS = random_sequence(1)
NAMES = [f"{letter}{i}" for i, letter in enumerate(LETTERS, 1)]
PAYLOAD = SequencePayload(sequence=LETTERS, motifs=())


def test_a_sequence_names_its_motif() -> None:
    html = draw(explanation(NAMES, [interaction(*range(15, 21), names=NAMES)], PAYLOAD))
    assert "E-box CACGTG" in html
    for drawing in svgs(html):
        letters = [(text.get("font-size"), text.text) for text in drawing.iter("text") if text.text in set("ACGT")]
        assert "".join(letter or "" for size, letter in letters if size == "20") == LETTERS
        assert "".join(letter or "" for size, letter in letters if size != "20") == "CACGTG"  # its row below


def test_letters_that_make_no_motif_get_no_name() -> None:
    assert "E-box" not in draw(explanation(NAMES, [interaction(0, 1, 2, 3, names=NAMES)], PAYLOAD))


def test_an_interaction_over_two_lines_has_a_row_under_each() -> None:
    wide, middle, narrow = svgs(draw(explanation(NAMES, [interaction(2, 30, names=NAMES)], PAYLOAD)))
    rows = [sum((title.text or "").startswith("I1 ") for title in svg.iter("title")) for svg in (wide, middle, narrow)]
    assert rows == [1, 1, 2]
