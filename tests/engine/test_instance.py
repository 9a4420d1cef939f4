"""What is an instance, and what of an object of another class is taken over."""

import copy
import functools
import os
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import torch

import glider_core as gl
from glider_core.engine.instance import as_instance
from tests.conftest import additive


class Own:
    """Not of Glider's classes, but with all that an instance has."""

    names = ("a", "b", "c")
    explained = "comfort"
    fingerprint = "own, version 1"
    batch = 3
    stochastic = True

    def __init__(self, draw: int = 0) -> None:
        self.draw = draw

    def predict(self, masks):
        return 1.0 * masks[:, 0] * masks[:, 1] + self.draw * ~masks[:, 2]

    def redrawn(self, draw: int):
        return Own(draw)


def test_an_object_of_another_class_keeps_what_it_says_of_itself() -> None:
    instance = as_instance(Own())
    assert (instance.names, instance.explained) == (("a", "b", "c"), "comfort")
    assert (instance.batch, instance.stochastic) == (3, True)
    assert instance.identity is not None
    off = np.zeros((1, 3), bool)
    assert [float(instance.redrawn(draw).predict(off)[0]) for draw in (0, 1, 2)] == [0, 1, 2]
    assert as_instance(instance) is instance


def test_names_and_predict_are_enough(quick: gl.Settings) -> None:
    class Least:
        names = ("a", "b", "c")

        def predict(self, masks):
            return 1.0 * masks[:, 0] * masks[:, 1]

    explanation = gl.explain(Least(), quick)  # type: ignore[arg-type]
    assert explanation.names == ("a", "b", "c")
    assert explanation.fingerprint is None
    instance = as_instance(Least())
    assert instance.redrawn(3) is instance
    assert not instance.stochastic


@pytest.mark.parametrize("source", [object(), None, 3, "a sentence"])
def test_what_is_no_instance_is_refused(source, quick: gl.Settings) -> None:
    with pytest.raises(gl.InvalidInput, match=r"names.*predict"):
        gl.explain(source, quick)


@pytest.mark.parametrize("names", [[], "abc", [1, 2]])
def test_names_must_be_strings(names) -> None:
    with pytest.raises(gl.InvalidInput, match="feature names"):
        gl.FunctionInstance(names, additive)


def test_a_function_must_be_one() -> None:
    with pytest.raises(gl.InvalidInput, match="function"):
        gl.FunctionInstance(["a"], 3)  # type: ignore[arg-type]


def test_two_functions_of_one_fingerprint_have_two_identities() -> None:
    first = gl.FunctionInstance(list("abc"), lambda m: 1.0 * m[:, 0] * m[:, 1], fingerprint="v1")
    second = gl.FunctionInstance(list("abc"), lambda m: 1.0 * m[:, 1] * m[:, 2], fingerprint="v1")
    again = gl.FunctionInstance(list("abc"), lambda m: 1.0 * m[:, 0] * m[:, 1], fingerprint="v1")
    other_names = gl.FunctionInstance(list("abd"), lambda m: 1.0 * m[:, 0] * m[:, 1], fingerprint="v1")
    assert first.identity == again.identity
    assert len({first.identity, second.identity, other_names.identity}) == 3
    assert gl.FunctionInstance(list("abc"), additive).identity is None


def holding(value):
    """A function that closes over a value; every call of this line makes one of the same code."""
    return lambda masks: masks.sum(1) * float(value is not None)


def identity(predict) -> str | None:
    return gl.FunctionInstance(["a", "b"], predict, fingerprint="mine").identity


class Scorer:
    def __init__(self, weights) -> None:
        self.weights = weights

    def score(self, masks):
        return masks @ self.weights


@pytest.mark.parametrize(
    ("value", "equal", "other"),
    [
        (1, 1, 2),
        (1, 1, 1.0),
        ("a", "a", b"a"),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([1.0, 3.0])),
        (np.array([1.0, 2.0]), np.array([1.0, 2.0]), np.array([[1.0, 2.0]])),
        (torch.tensor([1.0]), torch.tensor([1.0]), torch.tensor([1.0]).bfloat16()),
        ([1, [2]], [1, [2]], [1, [3]]),
        ({"a": {1, 2}}, {"a": {2, 1}}, {"a": {1, 3}}),
        (pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["x"]}), pd.DataFrame({"a": ["y"]})),
        (Scorer(np.ones(2)).score, Scorer(np.ones(2)).score, Scorer(np.zeros(2)).score),
        (functools.partial(pow, 2), functools.partial(pow, 2), functools.partial(pow, 3)),
        (holding(1), holding(1), holding(2)),
    ],
)
def test_what_a_function_closes_over_is_part_of_its_identity(value, equal, other) -> None:
    assert identity(holding(value)) == identity(holding(equal)) is not None
    assert identity(holding(value)) != identity(holding(other))


def test_a_network_is_told_by_its_weights() -> None:
    network, other = torch.nn.Linear(2, 1), torch.nn.Linear(2, 1)
    assert identity(holding(network)) == identity(holding(copy.deepcopy(network)))
    assert identity(holding(network)) != identity(holding(other))
    assert identity(network.forward) != identity(other.forward)


def test_defaults_and_a_variable_of_the_module_count_too(monkeypatch) -> None:
    def scaled(masks, by=2):
        return masks.sum(1) * by * WEIGHT

    first = identity(scaled)
    monkeypatch.setattr(scaled, "__defaults__", (3,))
    second = identity(scaled)
    monkeypatch.setitem(globals(), "WEIGHT", 5.0)
    assert len({first, second, identity(scaled)}) == 3


WEIGHT = 1.0


@pytest.mark.parametrize(
    "value", [threading.Lock(), (number for number in range(3)), np.zeros(600_000_000, dtype=bool)]
)
def test_a_function_that_closes_over_what_cannot_be_told_is_never_kept(value) -> None:
    instance = gl.FunctionInstance(["a", "b"], holding(value), fingerprint="mine")
    assert instance.identity is None
    assert instance.case(gl.Settings()).fingerprint is None


def test_what_holds_itself_has_an_identity() -> None:
    ring: list = [1]
    ring.append(ring)
    assert identity(holding(ring)) is not None


def test_the_identity_is_the_same_in_another_process() -> None:
    program = (
        "import numpy as np\nimport glider_core as gl\n"
        "def holding(value):\n    return lambda masks: masks @ value['w'] + len(value['s'])\n"
        "held = {'w': np.arange(2.0), 's': {'a', 'b', 'c', 'd'}}\n"
        "print(gl.FunctionInstance(['a', 'b'], holding(held), fingerprint='mine').identity)\n"
    )
    told = [
        subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True,
                       env=os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(Path(__file__).parents[2])}).stdout
        for seed in "12"
    ]  # fmt: skip
    assert told[0] == told[1] != "None\n"
