"""Fixtures that several tests share."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hypothesis
import numpy as np
import pytest
from streamlit.runtime.pages_manager import PagesManager

import glider_core as gl

# Beside other work a nice run would get next to nothing of a core. Read when the pages' queue is first imported.
os.environ.setdefault("GLIDER_NICENESS", "0")
# Repeats behind every result would take as long as all else; tests of them set `explaining.RUNS`.
os.environ.setdefault("GLIDER_STABILITY", "1")
# How long an example takes says nothing on a machine that does other work.
hypothesis.settings.register_profile("any machine", deadline=None)
hypothesis.settings.load_profile("any machine")
# Pages are tested in one process; tests of workers start their own.
os.environ.setdefault("GLIDER_WORKERS", "0")


def plain_pages_folder() -> Callable[[], None]:
    """Let AppTest run the app: as after the first call of `st.navigation` on a server, `pages/` is a plain folder.

    AppTest sets the mark back before each run, for apps of Streamlit's old kind. Returns what undoes it.
    """
    original = PagesManager.__init__

    def init(self: PagesManager, *args: Any, **kwargs: Any) -> None:
        original(self, *args, **kwargs)
        PagesManager.uses_pages_directory = False

    def undo() -> None:
        PagesManager.__init__ = original

    PagesManager.__init__ = init
    return undo


@pytest.fixture(scope="session", autouse=True)
def app_pages() -> Iterator[None]:
    """Every test may run the app under AppTest."""
    undo = plain_pages_folder()
    yield
    undo()


@pytest.fixture(scope="session")
def data() -> Path:
    folder = os.environ.get("GLIDER_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("GLIDER_DATA names no folder of training data")
    return Path(folder)


@pytest.fixture(scope="session")
def lstm() -> gl.Model:
    return gl.load_model("sentiment/lstm")


@pytest.fixture(scope="session")
def cnn() -> gl.Model:
    return gl.load_model("dna/cnn")


@pytest.fixture(scope="session")
def quick() -> gl.Settings:
    """Settings for tests in which the quality of the explanation does not matter."""
    return gl.Settings(n_train=400, n_validation=60, n_test=60, max_epochs=4, hidden=(32, 16))


@pytest.fixture(scope="session")
def never_fails(lstm: gl.Model) -> gl.Explanation:
    instance = lstm.instance("This charming little film never fails to delight.")
    return gl.explain(instance, gl.Settings(detector="GradientNID"))


def additive(masks: np.ndarray) -> np.ndarray:
    """A black box without interactions."""
    return masks @ np.arange(1.0, masks.shape[1] + 1)
