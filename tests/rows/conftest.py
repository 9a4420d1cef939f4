"""A model of rows whose interactions are known, and a run over thirty of them."""

from __future__ import annotations

import pytest

import glider_core as gl
from glider_core.rows.run import detect_global
from tests.rows.regimes import QUICK, TwoRegimes, table


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("chunk", "run"):
        monkeypatch.setattr(f"glider_core.rows.{module}.CHUNK", 8)


@pytest.fixture(scope="module")
def run() -> gl.GlobalInteractions:
    return detect_global(TwoRegimes(), table(30), QUICK.model_copy(update={"n_train": 1000, "epochs": None}))
