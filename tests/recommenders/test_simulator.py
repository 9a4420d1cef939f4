"""The simulator: planted effects are purely of their sets, and its logs are what they say."""

import numpy as np
import pytest

from glider_core.recommenders.simulated import simulated, simulated_log
from glider_core.recommenders.simulator import FIELDS, PLANTED, SPARSE, TARGET, planted_in, simulate, truth


def test_planted_effects_are_purely_of_their_sets() -> None:
    known = truth()
    for fields, table in zip(PLANTED, known.planted, strict=True):
        for axis, name in enumerate(fields):
            assert np.abs(np.average(table, axis=axis, weights=known.shares[name])).max() < 1e-9


def test_logs_of_one_seed_are_the_same_and_of_another_not() -> None:
    one, two, other = simulate(500, 1), simulate(500, 1), simulate(500, 2)
    assert one.table.equals(two.table)
    assert not one.table.equals(other.table)
    assert list(one.table.columns) == [*FIELDS, TARGET]
    assert abs(one.table[TARGET].mean() - (1 / (1 + np.exp(-one.logits))).mean()) < 0.06


def test_the_truth_of_a_row_is_what_changes_its_logit() -> None:
    log = simulate(200, 3)
    matter = [planted_in(row) for row in log.table.to_dict("records")]
    shares = [np.mean([fields in sets for sets in matter]) for fields in PLANTED]
    assert all(0.3 < share < 0.95 for share in shares)
    # Rows that differ in fields of no planted set have the same truth.
    row = log.table.iloc[0].to_dict()
    assert planted_in({**row, "site_id": log.table["site_id"].iloc[1]}) == matter[0]


def test_planted_effects_of_the_sparse_log_are_purely_of_their_sets() -> None:
    known = truth(SPARSE)
    for fields, effects in zip(SPARSE.planted, known.planted, strict=True):
        weight = np.ones(())
        for axis, name in enumerate(fields):
            assert np.abs(np.average(effects, axis=axis, weights=known.shares[name])).max() < 1e-9
            weight = np.multiply.outer(weight, known.shares[name])
        assert np.sqrt((effects**2 * weight).sum()) == pytest.approx(SPARSE.spread, rel=0.15)
    log = simulate(300, 1, SPARSE)
    assert list(log.table.columns) == [*SPARSE.sizes, "click"]
    assert planted_in(log.table.iloc[0].to_dict(), SPARSE)


def test_the_truth_of_a_simulated_dataset_can_be_had_again() -> None:
    dataset = simulated(300, n_validation=100, n_test=200, seed=4)
    for part, (_, answers) in dataset.parts.items():
        assert simulated_log(part, len(answers), seed=4).table[TARGET].to_numpy().tolist() == answers.tolist()
