import numpy as np

from glider_core.drawings.mutagenesis import logo, mutations
from glider_core.drawings.palette import NEGATIVE, NUCLEOTIDES, POSITIVE
from tests.drawings.values import svgs

LETTERS = "CA"
# C at place 1 is best; at place 2, T would be better than A.
TABLE = np.array([[1.0, 3.0], [3.0, 2.5], [2.0, 3.0], [2.0, 4.0]])


def test_every_other_letter_is_a_cell_by_the_sign_of_its_change() -> None:
    wide = svgs(mutations(LETTERS, TABLE, stressed=[1]))[0]
    cells = {title.text: next(iter(cell.iter("rect"))) for cell in wide.iter("g") for title in cell.findall("title")}
    assert len(cells) == 4 * len(LETTERS)
    assert cells["C to A at position 1: −2.00 log intensity"].get("fill") == NEGATIVE
    assert cells["A to T at position 2: +1.00 log intensity"].get("fill") == POSITIVE
    assert "C at position 1: as it is" in cells
    assert sum(path.get("stroke") == "currentColor" for path in wide.iter("path")) == 1
    assert "the heaviest loss is −2.00 log intensity, by A at position 1" in (wide.get("aria-label") or "")


def test_a_logo_stacks_letters_by_their_share_of_the_bits_of_a_place() -> None:
    shares = np.array([[0.25, 0.0], [0.25, 1.0], [0.25, 0.0], [0.25, 0.0]])
    wide = svgs(logo(LETTERS, shares, 0, 1))[0]
    stretched = [text for text in wide.iter("text") if "scale" in (text.get("transform") or "")]
    assert [(text.text, text.get("fill")) for text in stretched] == [("C", NUCLEOTIDES["C"])]  # of 2 bits, at place 2
    told = [title.text for title in wide.iter("title")]
    assert told[0] == "Position 1: A 25%, C 25%, G 25%, T 25%; 0.00 bits"
    assert (told[1] or "").endswith("; 2.00 bits")
