import json

import numpy as np
import pytest

import glider_core as gl


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"n_train": 0}, "n_train"),
        ({"kernel_width": -1.0}, "kernel_width"),
        ({"detector": "magic"}, "detector"),
        ({"seed": -1}, "seed"),
        ({"hidden": ()}, "hidden"),
        ({"hidden": (0,)}, "hidden"),
        ({"repeats": 0}, "repeats"),
        ({"device": "toaster"}, "device"),
        ({"n_train": "many"}, "n_train"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_settings_out_of_range_are_named(values: dict, name: str) -> None:
    with pytest.raises(gl.InvalidSettings, match=name):
        gl.Settings(**values)


@pytest.mark.parametrize("number", [np.int64(7), np.uint8(7), np.arange(8)[7]])
def test_numbers_of_numpy_are_numbers(number) -> None:
    assert gl.Settings(seed=number) == gl.Settings(seed=7)


def test_a_text_is_no_number() -> None:
    for value in ("7", [7], np.array([7]), 7.0, True):
        with pytest.raises(gl.InvalidSettings, match="seed"):
            gl.Settings(seed=value)


def test_an_address_holds_what_differs_from_the_defaults() -> None:
    assert gl.Settings().to_query() == {}
    settings = gl.Settings.with_masks(1200, detector="GradientNID", kernel_width=None, hidden=(16, 8))
    assert settings.to_query() == {
        "masks": "1200",
        "detector": "GradientNID",
        "kernel_width": "null",
        "hidden": "[16, 8]",
    }
    uneven = gl.Settings(n_train=600, n_validation=200, n_test=30)
    assert uneven.to_query() == {"n_train": "600", "n_validation": "200", "n_test": "30"}
    for each in (settings, uneven, gl.Settings()):
        assert gl.Settings.from_query(each.to_query()) == each


@pytest.mark.parametrize(
    "query",
    [
        {"masks": "many"},
        {"masks": "1"},
        {"masks": "1e3"},
        {"seed": "-1"},
        {"seed": ""},
        {"masks": "1200", "n_train": "5"},
        {"detector": "magic"},
        {"hidden": "[" * 100_000},
    ],
)
def test_an_address_out_of_range_is_refused(query: dict) -> None:
    with pytest.raises(gl.InvalidSettings):
        gl.Settings.from_query(query)


def test_masks_are_split_as_in_the_paper() -> None:
    assert gl.Settings.with_masks(6000) == gl.Settings()
    few = gl.Settings.with_masks(100)
    assert (few.n_train, few.n_validation, few.n_test) == (60, 20, 20)


def test_json_goes_both_ways() -> None:
    settings = gl.Settings(hidden=(8, 8), seed=3)
    assert gl.Settings(**json.loads(settings.model_dump_json())) == settings
