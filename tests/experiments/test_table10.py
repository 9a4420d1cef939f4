"""Table 10: decompositions that add up, values near an instance, signals, and a small run."""

import itertools
import json
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from glider_core.cli import app
from glider_core.engine.planted import table9
from glider_core.experiments import EXPERIMENTS, black_boxes, on_numbers
from glider_core.experiments.black_boxes import Lstm, Mlp
from glider_core.experiments.contextual_decomposition import of_lstm, of_relu_network, pair_scores
from glider_core.experiments.near_values import moves
from glider_core.experiments.signals import signal_and_noise
from glider_core.results import Candidate

X = np.array([0.7, -0.4, 0.9, 0.2, -0.8])
SETS = torch.tensor(list(itertools.product((False, True), repeat=5)))


def decompositions() -> dict[str, Any]:
    torch.manual_seed(0)
    mlp, lstm = Mlp(5), Lstm()
    return {
        "MLP": (mlp, partial(of_relu_network, mlp.layers)),
        "LSTM": (lstm, partial(of_lstm, lstm.lstm, lstm.last)),
    }


@pytest.mark.parametrize("kind", ["MLP", "LSTM"])
def test_parts_add_up_to_the_output_of_the_network(kind: str) -> None:
    network, parts = decompositions()[kind]
    with torch.inference_mode():
        inside, rest = parts(torch.as_tensor(X), SETS)
    output = float(network(torch.as_tensor(X[None], dtype=torch.float32)).detach())
    assert (inside + rest).tolist() == pytest.approx([output] * len(SETS), abs=1e-6)
    assert inside[0] == 0, "no input makes no part"
    last = network.last.bias if kind == "LSTM" else torch.zeros(1)
    assert float(inside[-1]) == pytest.approx(output - float(last.detach()), abs=1e-6), (
        "all inputs make all but the last bias"
    )
    assert len({round(float(part), 9) for part in inside}) == len(SETS), "each set makes a part of its own"


def slow_lstm(model: Any, inside: set[int]) -> float:
    """The part of the inputs in question, product by product: who has a hand in it, and who has not."""
    weights = [parameter.detach().double().numpy() for parameter in model.lstm.parameters()]
    of_x, of_state, bias, size = weights[0][:, 0], weights[1], weights[2] + weights[3], model.lstm.hidden_size
    state = {"in": np.zeros(size), "out": np.zeros(size)}
    cell = {"in": np.zeros(size), "out": np.zeros(size)}

    def linear(function: Any, parts: dict[str, Any]) -> dict[str, Any]:
        orders = [order for order in itertools.permutations(parts) if "bias" not in parts or order[0] == "bias"]
        shares = dict.fromkeys(parts, np.zeros(size))
        for order in orders:
            before = np.zeros(size)
            for place, name in enumerate(order):
                gained = function(before + parts[name]) - (function(before) if place else 0.0)
                shares[name] = shares[name] + gained / len(orders)
                before = before + parts[name]
        return shares

    def sigmoid(z: Any) -> Any:
        return 1 / (1 + np.exp(-z))

    for step, value in enumerate(X):
        own = "in" if step in inside else "out"
        gates = []
        for k, function in enumerate((sigmoid, sigmoid, np.tanh, sigmoid)):
            rows = slice(k * size, (k + 1) * size)
            parts = {name: of_state[rows] @ state[name] for name in state}
            parts[own] = parts[own] + of_x[rows] * value
            gates.append(linear(function, {"bias": bias[rows], **parts}))
        enters, forgets, proposed, opens = gates
        new = {"in": np.zeros(size), "out": np.zeros(size)}
        for gate, other in ((forgets, cell), (enters, proposed)):
            for (a, one), (b, two) in itertools.product(gate.items(), other.items()):
                who = own if a == b == "bias" else "out" if "out" in (a, b) else "in"
                new[who] = new[who] + one * two
        cell = new
        shares = linear(np.tanh, cell)
        state = {name: sum(opens.values()) * shares[name] for name in shares}
    return float(model.last.weight.detach().double().numpy()[0] @ state["in"])


@pytest.mark.parametrize("inside", [{0}, {1, 3}, {0, 2, 4}])
def test_the_part_in_an_lstm_is_that_of_a_slow_sum_of_products(inside: set[int]) -> None:
    model, parts = decompositions()["LSTM"]
    with torch.inference_mode():
        (part,) = parts(torch.as_tensor(X), torch.tensor([[step in inside for step in range(5)]]))[0]
    assert float(part) == pytest.approx(slow_lstm(model, inside), rel=1e-6)


def test_a_relu_network_of_one_input_a_unit_has_no_interactions_and_a_shared_unit_has_one() -> None:
    layers: Any = torch.nn.Sequential(torch.nn.Linear(5, 5), torch.nn.ReLU(), torch.nn.Linear(5, 1, bias=True))
    with torch.no_grad():
        layers[0].weight.copy_(torch.diag(torch.tensor([1.0, -2.0, 0.5, 1.5, -1.0])))
        layers[0].bias.copy_(torch.tensor([0.1, -0.2, 0.3, 0.1, 0.2]))
        layers[2].bias.zero_()
    alone = pair_scores(partial(of_relu_network, layers), X)
    assert max(alone.values()) == pytest.approx(0, abs=1e-12)
    with torch.no_grad():
        layers[0].weight[4] = torch.tensor([1.0, 0.0, 0.0, 0.0, 1.0])  # 0.7 - 0.8: each alone is on the other side
    joined = pair_scores(partial(of_relu_network, layers), X)
    assert {pair for pair, score in joined.items() if score > 1e-9} == {(0, 4)}


def test_an_lstm_that_only_adds_up_has_hardly_any_interactions_and_one_whose_gate_reads_inputs_has() -> None:
    model: Any = Lstm()
    with torch.no_grad():
        for weight in model.lstm.parameters():
            weight.zero_()
        size = model.lstm.hidden_size
        bias = model.lstm.bias_ih_l0
        bias[: 2 * size] = bias[3 * size :] = 30.0  # input, forget and output gates wide open
        model.lstm.weight_ih_l0[2 * size : 3 * size] = 1e-3  # so small that tanh is linear
        model.last.weight.fill_(1.0)
    adds = partial(of_lstm, model.lstm, model.last)
    with torch.inference_mode():
        part = float(adds(torch.as_tensor(X), torch.tensor([[True, False, False, False, False]]))[0])
    assert part == pytest.approx(1e-3 * X[0] * size, rel=1e-3)
    assert max(pair_scores(adds, X).values()) < 1e-5 * abs(part)
    with torch.no_grad():
        model.lstm.weight_hh_l0[size : 2 * size] = 100.0  # the forget gate reads what came before
        bias[size : 2 * size] = 0.0
    assert max(pair_scores(adds, X).values()) > 1e-2 * abs(part)


def test_moves_are_a_normal_cut_at_one_deviation() -> None:
    drawn = moves(10, 20_000, np.random.default_rng(0))
    assert not drawn[0].any()
    assert np.abs(drawn).max() <= 1
    assert drawn[1:].std() == pytest.approx(0.5396, abs=0.003)  # of the standard normal within one deviation
    assert np.mean(np.abs(drawn[1:]) < 0.5) == pytest.approx(0.5609, abs=0.005)


@pytest.mark.parametrize("name", ["F1", "F4"])
def test_signals_are_the_joint_effects_of_the_function_itself(name: str) -> None:
    function, planted = table9()[name]
    rng = np.random.default_rng(0)
    x, others = rng.uniform(-1, 1, 10), rng.uniform(-1, 1, (4, 10))
    signal, noise = signal_and_noise(function, x, others, planted)
    joint = 10 * np.prod((x - others)[:, list(planted)], axis=1)
    assert signal == pytest.approx(np.sqrt(np.mean(joint**2)))
    assert noise < 1e-6 * signal


def test_a_small_run_on_trees_tells_its_methods_beside_the_papers_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(black_boxes, "_DEPTHS", (4,))
    monkeypatch.setattr(black_boxes, "_MOST_TREES", 60)
    out = tmp_path / "out.json"
    given = ["table10", "--trials", "1", "--instances", "1", "--train", "1500", "--functions", "F1",
             "--models", "XGBoost", "--methods", "Tree-SHAP,Grow far"]  # fmt: skip
    done = CliRunner().invoke(app, ["reproduce", *given, "--out", str(out)])
    assert done.exit_code == 0, done.output
    result = json.loads(out.read_text())
    (row,) = result["rows"]
    assert set(row["R-precision"]) == {"Tree-SHAP", "Grow far"}
    assert row["R-precision"]["Grow far"]["mean"] == 1
    assert row["signals"]["far"]["planted"] > 2 * row["signals"]["far"]["largest other"]
    experiment = EXPERIMENTS["table10"]
    assert experiment.report is not None
    assert experiment.beside is not None
    assert "| F1, XGBoost |" in experiment.report({"table10": result})
    told = {entry.what: entry for entry in experiment.beside({"table10": result})}
    assert set(told) == {
        "F1, XGBoost, Tree-SHAP: R-precision", "F1, XGBoost, the best of Grow and Exact: R-precision"
    }  # fmt: skip
    ours = told["F1, XGBoost, the best of Grow and Exact: R-precision"]
    assert ours.ours == "Grow far 1.00 ± 0.00, 1 × 1 instances"
    assert ours.met


def test_four_explainers_of_other_values_are_joined_and_stand_beside_the_papers_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seeds: list[int] = []

    def rankings_of(predict: object, instances: np.ndarray, settings: object, *, sigma: float, seed: int) -> object:
        seeds.append(seed)
        strongest = (0, 1) if len(seeds) != 2 else (2, 3)  # one of the four is led astray
        other = (2, 3) if strongest == (0, 1) else (0, 1)
        ranking = [Candidate(features=strongest, strength=1.0), Candidate(features=other, strength=0.2)]
        return [[ranking for _ in instances]]

    monkeypatch.setattr(on_numbers, "near_rankings", rankings_of)
    values = np.zeros((2, 4))
    asked = on_numbers.Asked(None, "MLP", values, values, "decay", 7)
    ((ranked, _),) = on_numbers.rankings(asked, ["4 × GradientNID"]).values()
    assert len(set(seeds)) == len(seeds) == 4
    assert [ranking[0] for ranking in ranked] == [(0, 1), (0, 1)]

    found = {"mean": 0.97, "deviation": 0.0, "by trial": [0.97], "first of its size": 0.97}
    row = {"function": "F1", "black box": "XGBoost", "R2": 0.99, "R-precision": {"4 × GradientNID": found}}
    beside = EXPERIMENTS["table10"].beside
    assert beside is not None
    (told,) = beside({"table10_joined": {"trials": 9, "instances": 20, "rows": [row]}})
    assert (told.paper, told.ours, told.met) == ("0.96", "0.97 ± 0.00, 9 × 20 instances", True)
