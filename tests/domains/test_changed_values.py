"""Every letter in every place, and every value of one field with every value of another."""

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.dna import EXAMPLES
from glider_core.domains.dna.mutagenesis import letter_shares, mutagenesis
from glider_core.domains.recommender.value_pairs import value_pairs


def test_mutagenesis_is_what_the_model_answers_to_each_changed_sequence(cnn) -> None:
    letters = EXAMPLES["E-box in the centre"]
    table = mutagenesis(cnn, letters)
    assert table.shape == (4, 36)
    own = cnn.predict_sequences([letters])[0]
    assert [table["ACGT".index(letter), place] for place, letter in enumerate(letters)] == pytest.approx([own] * 36)
    changed = letters[:16] + "T" + letters[17:]  # the A of CACGTG
    assert table[3, 16] == pytest.approx(cnn.predict_sequences([changed])[0])
    assert own - table[3, 16] > 1.0
    shares = letter_shares(table)
    assert shares.sum(axis=0) == pytest.approx(np.ones(36))
    assert "".join("ACGT"[row] for row in shares[:, 15:21].argmax(axis=0)) == "CACGTG"


@pytest.fixture(scope="module")
def census() -> gl.Model:
    return gl.load_model("recommender/census")


def test_a_cell_of_a_pair_is_what_switching_its_two_fields_tells(census) -> None:
    pairs = value_pairs(census, 36, "age", "hours_per_week")
    row, column = pairs.here
    assert (pairs.values[0][row], pairs.values[1][column]) == ("79", "7")
    for i, j in ((row, column), (0, -1)):
        changed = census.values(36) | {"age": float(pairs.values[0][i]), "hours_per_week": float(pairs.values[1][j])}
        instance = census.instance(changed)
        age, hours = instance.names.index("age"), instance.names.index("hours_per_week")
        masks = np.ones((4, len(instance.names)), dtype=bool)
        masks[1:3, age] = [False, True]
        masks[1:3, hours] = [True, False]
        masks[3, [age, hours]] = False
        both, without_age, without_hours, neither = instance.predict(masks)
        assert pairs.effects[i, j] == pytest.approx(both - without_age - without_hours + neither, abs=1e-5)
    assert pairs.effects[row, column] > 1.0  # one who works seven hours at 79 is no part-time worker


def test_values_are_the_frequent_ones_and_the_rows_own(census) -> None:
    pairs = value_pairs(census, 0, "occupation", "native_country", most=3)
    own = census.instance(0).payload.values
    assert [len(values) for values in pairs.values] == [3, 3]
    names = census.instance(0).names
    assert own[names.index("occupation")] in pairs.values[0]
    assert "United-States" in pairs.values[1]


def test_two_different_fields_are_asked_for(census) -> None:
    for first, second in (("age", "age"), ("age", "shoe size")):
        with pytest.raises(gl.InvalidInput, match="give two of age"):
            value_pairs(census, 0, first, second)
