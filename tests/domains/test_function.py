import runpy
from pathlib import Path

import numpy as np
import pytest

import glider_core as gl
from glider_core.domains.function.configured import VARIABLE, configured, load_instances
from glider_core.domains.function.model import load

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
        ("mine_for_test:wrong", "returned something else than instances. Got a int"),
        ("mine_for_test:empty", "empty list"),
        ("mine_for_test:broken", "ValueError: no data"),
        ("os:getcwd", "not configured"),
    ):
        with pytest.raises(gl.InvalidInput, match=message):
            load_instances(name)


TEMPLATE = """
import glider_core as gl

def make({arguments}):
    def answer(masks):
        return {answer}
    return gl.FunctionInstance(["a", "b", "c"], answer, fingerprint="v1")

def instance():
    return {instances}
"""


def fingerprints(model_id: str) -> list[str | None]:
    model = load(model_id)
    return [model.instance(number).case(gl.Settings()).fingerprint for number in range(len(model))]


def test_models_copied_from_one_template_never_share_a_result(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sources = {
        "first_copy": ("", "masks[:, 0] * masks[:, 1] * 1.0", "make()"),
        "second_copy": ("", "masks[:, 1] * masks[:, 2] * 1.0", "make()"),
        "same_code": ("", "masks[:, 1] * masks[:, 2] * 1.0", "make()"),
        "a_list": ("size", "size * masks[:, 0] * masks[:, 1]", "[make(1.0), make(2.0)]"),
    }
    for name, (arguments, answer, instances) in sources.items():
        text = TEMPLATE.format(arguments=arguments, answer=answer, instances=instances)
        (tmp_path / f"{name}_for_test.py").write_text(text)
    monkeypatch.setenv(VARIABLE, ",".join(f"{name}_for_test:instance" for name in sources))
    keys = [key for name in sources for key in fingerprints(f"function/{name}_for_test:instance")]
    assert None not in keys
    assert len(set(keys)) == len(keys) == 5


def test_an_instance_without_a_fingerprint_is_never_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plain_for_test.py").write_text(
        "import glider_core as gl\n"
        "def instance():\n    return gl.FunctionInstance(['a', 'b'], lambda m: m[:, 0] * 1.0)\n"
    )
    monkeypatch.setenv(VARIABLE, "plain_for_test:instance")
    assert fingerprints("function/plain_for_test:instance") == [None]


def test_an_instance_of_a_domain_keeps_its_picture_batch_and_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dna_for_test.py").write_text(
        f"import glider_core as gl\ndef instance():\n    return gl.load_model('dna/cnn').instance({'ACGT' * 9!r})\n"
    )
    monkeypatch.setenv(VARIABLE, "dna_for_test:instance")
    instance = load("function/dna_for_test:instance").instance(0)
    assert (instance.stochastic, instance.payload.domain) == (True, "dna")  # type: ignore[union-attr]
    off = np.zeros((1, 36), dtype=bool)
    assert instance.redrawn(1).predict(off) != instance.predict(off)
    explanation = gl.explain(instance, gl.Settings.with_masks(600))
    assert (explanation.domain, explanation.model_id) == ("dna", "function/dna_for_test:instance")


@pytest.mark.parametrize("number", [-1, 1, "0", None, 0.0, True])
def test_an_instance_that_is_not_there_is_refused(number) -> None:
    with pytest.raises(gl.InvalidInput, match="There is no instance"):
        load("function/umbrella").instance(number)


def test_the_adapter_in_the_docs_runs() -> None:
    made = runpy.run_path(str(ROOT / "docs" / "own_model.py"))
    instance = made["instance"]()
    explanation = gl.explain(instance, gl.Settings(n_train=400, n_validation=50, n_test=50))
    masks = np.ones((1, 6), dtype=bool)
    assert explanation.prediction == pytest.approx(float(instance.predict(masks)[0]), abs=1e-5)
    assert explanation.explained == "responds"
