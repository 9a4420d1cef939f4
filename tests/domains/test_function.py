import runpy
from pathlib import Path

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.function.configured import VARIABLE, configured, load_instances

ROOT = Path(__file__).parents[2]


def test_only_what_is_configured_is_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine_for_test.py").write_text(
        "import glider_core as gl\n"
        "def instance():\n    return gl.FunctionInstance(['a', 'b'], lambda m: m[:, 0] * 1.0)\n"
        "def several():\n    return [instance(), instance()]\n"
        "def wrong():\n    return 3\n"
        "def empty():\n    return []\n"
        "def broken():\n    raise ValueError('no data')\n"
    )
    monkeypatch.setenv(
        VARIABLE, ", ".join(f"mine_for_test:{n}" for n in ("instance", "several", "wrong", "empty", "broken"))
    )
    assert len(configured()) == 5
    assert load_instances("mine_for_test:instance")[0].names == ("a", "b")
    assert len(load_instances("mine_for_test:several")) == 2
    for name, message in (
        ("mine_for_test:wrong", "returned int"),
        ("mine_for_test:empty", "empty list"),
        ("mine_for_test:broken", "ValueError: no data"),
        ("os:getcwd", "not configured"),
    ):
        with pytest.raises(gl.InvalidInput, match=message):
            load_instances(name)


def test_the_adapter_in_the_docs_runs() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "own_model.py"))
    instance = made["instance"]()
    explanation = gl.explain(instance, gl.Settings(n_train=400, n_validation=50, n_test=50))
    masks = np.ones((1, 6), dtype=bool)
    assert explanation.prediction == pytest.approx(float(instance.predict(masks)[0]), abs=1e-5)
    assert explanation.explained == "responds"
