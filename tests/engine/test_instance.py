"""What is an instance, and what of an object of another class is taken over."""

import numpy as np
import pytest

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
