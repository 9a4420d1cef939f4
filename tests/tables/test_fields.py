"""Fields and targets: guessed, learned, encoded."""

import numpy as np
import pandas as pd
import pytest

import glider_core as gl
from glider_core.tables.fields import encode, learn_fields
from glider_core.tables.target import binary_target, guess_target, positive_values
from glider_core.tables.values import guess_kinds
from tests.tables.purchases import purchases


def test_kinds_and_target_are_guessed() -> None:
    table = purchases()
    assert guess_kinds(table) == {
        "city": "categorical",
        "tier": "categorical",
        "age": "dense",
        "spent": "dense",
        "who": None,
        "always": None,
        "bought": "categorical",
    }
    assert guess_target(table) == "bought"
    assert guess_target(table.rename(columns={"city": "Click"})) == "Click"
    assert positive_values(table["bought"])[0] == "yes"
    assert positive_values(table["age"]) == [f"above {table['age'].median():g}"]
    assert positive_values(table["who"]) == []


def test_targets_that_cannot_be_learned_are_refused() -> None:
    table = purchases()
    with pytest.raises(gl.InvalidInput, match="at least ten of each"):
        binary_target(table["always"], "same")
    with pytest.raises(gl.InvalidInput, match="cannot be learned"):
        binary_target(table["who"], "user 1")
    with pytest.raises(gl.InvalidInput, match="missing in 3 rows"):
        binary_target(table["bought"].where(table.index > 2), "yes")


def test_missing_unseen_and_huge_values_are_encoded() -> None:
    table = purchases()
    fields = learn_fields(table, {"city": "categorical", "age": "dense", "spent": "dense"})
    assert fields[2].logarithm
    assert not fields[1].logarithm
    odd = pd.DataFrame({"city": [None, "Nowhere", "Rome"], "age": [None, 1e300, "x"], "spent": [np.inf, -5, 0]})
    rows = encode(odd, fields)
    assert rows.ids[:, 0].tolist()[:2] == [0, 0]
    assert rows.ids[2, 0] > 0
    assert np.isfinite(rows.dense).all()
    assert rows.dense[0, 0] == 0  # missing: the mean
    with pytest.raises(gl.InvalidInput, match="no column 'city'"):
        encode(odd.drop(columns=["city"]), fields)
