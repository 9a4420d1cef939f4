"""Peers: all play by one rule, what is told follows from the numbers, and no library of theirs is needed."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from numpy.typing import NDArray

from glider_core.engine.asking import Questions
from glider_core.engine.instance import FunctionInstance
from glider_core.errors import InvalidInput
from glider_core.experiments import EXPERIMENTS, peers
from glider_core.experiments.peers import grounds
from glider_core.experiments.peers.archipelago import archipelago
from glider_core.experiments.peers.game import Found, Game, Method, TooManyCalls, play
from glider_core.experiments.peers.grounds import pair_auc, sets_found
from glider_core.experiments.peers.report import report

EXPERIMENT = EXPERIMENTS["peers"]
WITHOUT_LIBRARIES = ("Grow", "Exact", "ArchDetect with ArchAttribute", "LIME", "all pairs", "Friedman's H",
                     "exact Shapley interactions")  # fmt: skip


def game(answer: Callable[[NDArray[np.bool_]], Any], d: int, calls: int) -> Game:
    return Game(Questions(FunctionInstance([f"x{i}" for i in range(d)], answer)), calls)


def ranking(method: str, answer: Callable[[NDArray[np.bool_]], Any], d: int, calls: int) -> list[Any]:
    return list(play(peers.METHODS[method], game(answer, d, calls)).found.ranking)


def test_a_run_without_any_library_is_told_with_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grounds, "FAMILIES", ("products",))
    monkeypatch.setattr(grounds, "OUTSIDE", ())
    lines: list[str] = []
    context = EXPERIMENT.context(
        grounds=("planted",), methods=(*WITHOUT_LIBRARIES, "SPEX"), seeds=1, sizes=(10,), calls=(200, 1100),
        tell=lines.append,
    )  # fmt: skip
    monkeypatch.setattr(peers, "missing", lambda method: "needs shapiq" if method.library else "")
    result = EXPERIMENT.run(context)
    assert result["left out"] == {"SPEX": "needs shapiq"}
    row = result["cases"][0]["by calls"]["1100"]
    assert {name for name, entry in row.items() if entry.get("sets") == 1.0} == {"Grow", "Exact"}
    assert row["exact Shapley interactions"]["pairs"] == row["Grow"]["pairs"] == 1.0
    assert row["exact Shapley interactions"]["calls"] == row["Exact"]["calls"] == 1024
    assert row["ArchDetect with ArchAttribute"]["calls"] <= 1100
    assert "more than the calls" in result["cases"][0]["by calls"]["200"]["Exact"]["not"]
    assert "LIME" not in row  # it names no sets
    text = EXPERIMENT.report({"peers": result}) if EXPERIMENT.report else ""
    assert "| **Grow** | 1.000 | 1.000 |" in text
    assert "SPEX was left out: it needs shapiq." in text
    assert EXPERIMENT.pictures is not None
    drawn = EXPERIMENT.pictures({"peers": result})
    assert len(drawn) == 3
    assert all(ElementTree.fromstring(svg).tag.endswith("svg") for svg in drawn.values())
    assert any("Grow" in line for line in lines)


def test_nobody_asks_more_than_the_others() -> None:
    greedy = Method(name="greedy", find=lambda game: Found(ranking=[((0, 1), float(game(all_of(5)).sum()))]))
    with pytest.raises(TooManyCalls):
        play(greedy, game(lambda masks: masks.sum(1), 5, 31))
    assert play(greedy, game(lambda masks: masks.sum(1), 5, 32)).calls == 32


def all_of(d: int) -> NDArray[np.bool_]:
    return np.array(list(product([False, True], repeat=d)))


def test_what_is_written_here_follows_its_definition() -> None:
    def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return masks @ np.arange(6.0) + 3.0 * masks[:, [0, 1]].all(1) - 2.0 * masks[:, [2, 3, 4]].all(1)

    shapley = dict(ranking("exact Shapley interactions", answer, 6, 64))
    # A product's pairs share it evenly: the Shapley interaction of two of three is one half of the product's size.
    assert shapley[0, 1] == pytest.approx(3.0)
    assert {pair: shapley[pair] for pair in ((2, 3), (2, 4), (3, 4))} == pytest.approx(
        dict.fromkeys(((2, 3), (2, 4), (3, 4)), 1.0)
    )
    assert shapley.get((0, 2), 0.0) == pytest.approx(0.0, abs=1e-12)
    h = dict(ranking("Friedman's H", lambda masks: masks @ np.arange(1.0, 7.0) + 4.0 * masks[:, [0, 1]].all(1), 6, 220))
    assert max(h, key=h.__getitem__) == (0, 1)
    # By hand: partial dependence of the pair is a + 2 b + 4 ab up to a constant, and of its four values' squares
    # 4 (4 / 4)^2 are joint.
    values = np.array([a + 2 * b + 4 * a * b for a, b in product((0, 1), repeat=2)])
    assert h[0, 1] == pytest.approx(4.0 / ((values - values.mean()) ** 2).sum())
    assert all(value < 1e-9 for pair, value in h.items() if pair != (0, 1))


def test_archattribute_adds_effects_of_sets_that_share_nothing() -> None:
    def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return 1.0 + masks @ np.array([1.0, -2.0, 0.5, 0.0, 3.0]) + 2.0 * masks[:, [0, 3]].all(1)

    found = play(peers.METHODS["ArchDetect with ArchAttribute"], game(answer, 5, 60)).found
    assert found.ranking[0][0] == (0, 3)
    assert found.pairs is not None
    assert found.pairs[0] == ((0, 3), pytest.approx(4.0))
    assert found.surrogate is not None
    masks = all_of(5)
    whole = masks[masks[:, 0] == masks[:, 3]]  # a set is on as a whole or not at all
    assert found.surrogate(whole) == pytest.approx(answer(whole))


def test_archipelagos_functions_are_theirs() -> None:
    rng = np.random.default_rng(0)
    masks = rng.random((50, 8)) < 0.6
    masks[:4] = [[1] * 8, [0] * 8, [0, 0, 0, 0, 1, 1, 1, 1], [1, 1, 0, 1, 1, 1, 1, 1]]
    x = np.where(masks, 1.0, -1.0)
    tests = {
        "F2": lambda row: 1 if (row[:4] == 1).all() else -1,
        "F3": lambda row: 1 if (row[:4] == -1).all() else -1,
        "F4": lambda row: 1 if tuple(row[:3]) == (1, 1, -1) else -1,
    }
    for name, special in tests.items():
        slow = [row.sum() + special(row) + (1 if (row[2:6] == 1).all() else -1) for row in x]
        assert archipelago(name, 8)[0].predict(masks) == pytest.approx(slow)
    squares = [row.sum() + sum(row[i] * row[j] for i in (0, 1) for j in (0, 1))
               + sum(row[i] * row[j] for i in (2, 3) for j in (4, 5)) for row in x]  # fmt: skip
    assert archipelago("F1", 8)[0].predict(masks) == pytest.approx(squares)
    assert set(archipelago("F1", 8)[1]) == {(0, 1), (2, 4), (2, 5), (3, 4), (3, 5)}
    assert archipelago("F4", 8)[1] == [(0, 1, 2), (2, 3, 4, 5)]


def test_scores_count_ties_by_half() -> None:
    truth = [(0, 1, 2)]
    assert pair_auc([], truth, 4) == 0.5  # nothing named: all pairs are alike
    assert pair_auc([((0, 1, 2), 1.0)], truth, 4) == 1.0
    assert pair_auc([((0, 1), 2.0), ((2, 3), 1.0)], truth, 4) == pytest.approx((3 + 2 * 1) / 9, abs=1e-4)
    assert sets_found([((0, 1), 2.0), ((0, 1, 2), 1.0)], truth) == 0.0
    assert sets_found([((0, 1, 2), 2.0), ((0, 1), 1.0)], truth) == 1.0


def result_of(**sets: float) -> dict[str, Any]:
    row = {name.replace("_", " "): {"sets": value, "pairs": value, "seconds": 1.0} for name, value in sets.items()}
    return {
        "cases": [{"ground": "planted", "group": "d = 20", "name": "one", "d": 20, "by calls": {"300": row}}],
        "methods": {name: "ours" if name in ("Grow", "NID", "Exact") else "shapiq" for name in row},
        "left out": {}, "libraries": {}, "versions": {"glider": "1"},
    }  # fmt: skip


def test_a_peer_that_is_ahead_is_said_to_be() -> None:
    nobody = report({"peers": result_of(Grow=0.9, NID=0.5, ProxySPEX=0.9)})
    assert "nowhere in what was measured" in nobody
    some = report({"peers": result_of(Grow=0.8, NID=0.95, ProxySPEX=0.9, FAST=1.0)})
    assert "ProxySPEX, in 2 of 2 comparisons: Ahead of Grow alone on d = 20 at 300 calls (sets found 0.900" in some
    assert "FAST, in 2 of 2 comparisons: Ahead of every detector of Glider on d = 20 at 300 calls" in some


def test_what_the_app_runs_instead_is_told_and_does_not_change_the_verdict() -> None:
    assert EXPERIMENT.beside is not None
    row = EXPERIMENT.beside({"peers": result_of(Grow=0.8, Exact=0.97, ProxySPEX=0.9)})[0]
    assert row.ours == "Grow 0.800"
    assert row.met is False
    assert row.differs == "The app asks all masks of so few features, by Exact: 0.970."


def test_a_black_box_that_is_not_there_stops_nobody() -> None:
    options = {"grounds": ("models",), "inputs": 1, "model_calls": (200,), "methods": ("Grow",)}
    result = EXPERIMENT.run(EXPERIMENT.context(models=("graph/nothing",), **options))
    assert "graph/nothing" in result["cases"][0]["not"]
    assert "graph/nothing 0 was left out: " in report({"peers": result})


def test_methods_measured_apart_join_the_others() -> None:
    both = report({"peers": result_of(Grow=0.8, NID=0.9), "peers_spex": result_of(SPEX=0.95)})
    assert "| SPEX | 0.950 |" in both
    assert "SPEX was measured apart" in both
    assert "SPEX, in 2 of 2 comparisons: Ahead of every detector of Glider" in both
    assert EXPERIMENT.stem("peers", EXPERIMENT.context(methods=("SPEX",)).options) == "peers_spex"
    assert EXPERIMENT.stem("peers", EXPERIMENT.context(methods=("Grow", "SPEX")).options) == "peers"


def test_methods_that_cannot_run_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "missing", lambda method: "needs shapiq")
    with pytest.raises(InvalidInput, match="SPEX needs shapiq"):
        EXPERIMENT.run(EXPERIMENT.context(methods=("SPEX",)))
    with pytest.raises(InvalidInput, match="choose among"):
        EXPERIMENT.context(methods=("SHAPLEY",))
