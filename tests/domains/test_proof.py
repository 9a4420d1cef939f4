import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.function.proof import proven


def test_the_exact_answer_names_what_the_function_needs() -> None:
    instance = gl.load_model("function/umbrella").instance(0)
    explanation = gl.explain(instance)
    sets = {one.features: one for one in proven(instance, explanation)}
    # -3 rain walk, +2.5 rain umbrella walk, -2 umbrella wind; umbrella is on in half of the contexts.
    assert {features: one.coefficient for features, one in sets.items()} == {(0, 4): -3.0, (0, 1, 4): 2.5, (1, 2): -2.0}
    assert sets[0, 4].effect == pytest.approx(-3.0 + 2.5 / 2)
    for one in sets.values():
        assert one.found == pytest.approx(one.effect)
    assert sets[0, 1, 4].effect == pytest.approx(-3.0 + 2.5), "with the pair inside it"


def test_a_set_that_was_not_found_is_told() -> None:
    instance = gl.FunctionInstance(list("abc"), lambda m: 1.0 * (m[:, 0] & m[:, 1]))
    explanation = gl.explain(gl.FunctionInstance(list("abc"), lambda m: 1.0 * m[:, 0]))
    (one,) = proven(instance, explanation)
    assert (one.features, one.coefficient, one.found) == ((0, 1), 1.0, None)


def test_many_features_are_refused() -> None:
    instance = gl.FunctionInstance([str(n) for n in range(13)], lambda m: m @ np.ones(13))
    with pytest.raises(gl.InvalidInput, match="at most 12"):
        proven(instance, gl.explain(instance))
