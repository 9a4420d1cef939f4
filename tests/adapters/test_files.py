import io
import os
import pickle
import zipfile
from typing import Any

import numpy as np
import pytest
import skops.io
import torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, PolynomialFeatures, StandardScaler

import glider_core as gl
from glider_core.adapters.sandbox import checks, file_model
from glider_core.adapters.sandbox.checks import check_skops, checked_onnx, kind_of
from tests.adapters import onnx_files
from tests.adapters.planted import table, telling
from tests.adapters.test_tabular import X, Y, encoded

TABLE = np.random.default_rng(0).normal(size=(60, 3))


def refused(content: bytes, part: str, name: str = "model.onnx") -> None:
    with pytest.raises(gl.GliderError, match=part):
        gl.open_model(content, name)


def test_an_onnx_model_of_rows_is_explained_in_a_process_of_its_own() -> None:
    model = gl.open_model(onnx_files.product(), "product.onnx")
    assert model.described.reads == "table"
    assert model.described.inputs == (("x", "tensor(float)", (None, 3)),)
    adapted = gl.tabular(model, TABLE)
    row = np.array([[2.0, 1.5, 0.3]])
    explanation = gl.explain(adapted.instance(row[0]))
    assert explanation.interactions[0].names == ("x0", "x1")
    assert explanation.prediction == pytest.approx(12.3, abs=1e-4)
    assert explanation.fingerprint is not None
    other: Any = pickle.loads(pickle.dumps(adapted))
    assert other.identity == adapted.identity
    assert other.instance(row[0]).predict(np.ones((1, 3), dtype=bool))[0] == pytest.approx(12.3, abs=1e-4)
    assert model._process is not None
    assert model._process.pid != os.getpid()


def test_a_converted_pipeline_reads_columns_of_several_types() -> None:
    from skl2onnx import to_onnx

    frame = X.astype({"age": "float32", "dose": "float32", "weight": "float32", "code": object})
    frame["smoker"] = frame["smoker"].astype("float32")
    model = encoded(make_pipeline(StandardScaler(), PolynomialFeatures(2), LogisticRegression(C=0.02))).fit(frame, Y)
    converted: Any = to_onnx(model, frame.head(1))
    content = converted.SerializeToString()  # with its usual list of maps
    opened = gl.open_model(content)
    assert opened.described.classes == ("no", "yes")
    adapted = gl.tabular(opened, frame)
    explanation = gl.explain(adapted.instance(telling(X)))
    assert set(explanation.interactions[0].names) == {"dose", "smoker"}
    assert explanation.explained == "yes"
    p = model.predict_proba(frame.iloc[[telling(X)]])[0, 1]
    assert explanation.prediction == pytest.approx(np.log(p / (1 - p)), abs=0.02)


def test_a_skops_model_is_explained() -> None:
    frame, answer = table(300)
    numbers = frame[["age", "dose", "height"]].assign(smoker=frame.smoker * 1.0)
    numbers["both"] = numbers.smoker * (numbers.dose > 0)
    model = LogisticRegression(max_iter=500).fit(numbers, answer)
    opened = gl.open_model(skops.io.dumps(model), "model.skops")
    assert opened.described.classes == ("no", "yes")
    assert [name for name, *_ in opened.described.inputs] == list(numbers.columns)
    instance = gl.tabular(opened, numbers, groups={}).instance(3)
    p = model.predict_proba(numbers.iloc[[3]])[0, 1]
    assert instance.predict(np.ones((1, 5), dtype=bool))[0] == pytest.approx(np.log(p / (1 - p)))


def test_hostile_files_are_refused_with_the_reason() -> None:
    for content, part in (
        (onnx_files.external("/etc/passwd"), "keeps numbers in another file"),
        (onnx_files.huge_initialiser(), "more than the file has bytes for"),
        (onnx_files.product()[:200], "no ONNX model, or it is damaged"),
        (b"just a text", "no ONNX model, or it is damaged"),
    ):
        with pytest.raises(gl.InvalidInput, match=part):
            checked_onnx(content)
    refused(b"", "is empty")
    # The same in the process that reads it; the next one is read.
    refused(onnx_files.custom_operator(), r"operator com.somebody.Shell, which is none of ONNX's own")
    assert gl.open_model(onnx_files.product()).described.reads == "table"


def test_a_model_that_takes_all_memory_is_stopped() -> None:
    with pytest.raises(gl.GliderError, match=r"memory|cannot be run"):
        gl.open_model(onnx_files.huge_constant()).ask(TABLE)


def test_a_loop_without_end_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_model, "ASK_SECONDS", 1.0)
    monkeypatch.setattr(file_model, "LOAD_SECONDS", 60.0)
    model = gl.open_model(onnx_files.endless_loop(), "loop.onnx")
    assert model._process is not None
    process = model._process
    with pytest.raises(gl.BlackBoxFailed, match="did not answer within 1 seconds and was stopped"):
        model.ask(TABLE)
    assert process.poll() is not None, "its process has ended"


class Harmful:
    def __reduce__(self) -> Any:
        return os.system, ("touch /tmp/glider-was-here",)


def test_pickles_are_refused_with_the_way_out() -> None:
    stored = io.BytesIO()
    torch.save({"w": torch.zeros(2)}, stored)
    for name, content in (("model.pkl", pickle.dumps(Harmful())), ("model.pt", stored.getvalue()),
                          ("model.joblib", b"anything"), ("renamed.onnx", pickle.dumps(Harmful()))):  # fmt: skip
        with pytest.raises(gl.InvalidInput, match=r"pickle.*skops.io.dump.*torch.onnx.export.*gl.tabular"):
            gl.open_model(content, name)
    assert not os.path.exists("/tmp/glider-was-here")


def test_skops_files_of_other_types_and_bombs_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(gl.InvalidInput, match="list of trusted types does not have"):
        check_skops(skops.io.dumps(FunctionTransformer(os.system)))
    monkeypatch.setattr(checks, "MAX_UNPACKED", 10_000_000)
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("schema.json", "{}")
        archive.writestr("big.npy", b"\0" * 10_000_001)
    assert len(bomb.getvalue()) < 100_000
    with pytest.raises(gl.InvalidInput, match="unpacks into 2 parts"):
        check_skops(bomb.getvalue())
    whole = skops.io.dumps(LogisticRegression().fit(TABLE, TABLE[:, 0] > 0))
    with pytest.raises(gl.InvalidInput, match="damaged"):
        check_skops(whole[: len(whole) // 2])
    damaged = io.BytesIO()
    with zipfile.ZipFile(damaged, "w") as archive:
        archive.writestr("schema.json", "[" * 100_000)
    with pytest.raises(gl.InvalidInput, match="damaged"):
        check_skops(damaged.getvalue())
    with pytest.raises(gl.InvalidInput, match="an archive without a model"):
        kind_of("some.zip", zipped())


def zipped() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        archive.writestr("readme.txt", "hello")
    return content.getvalue()


@pytest.mark.slow
def test_a_process_that_dies_is_started_anew() -> None:
    model = gl.open_model(onnx_files.product())
    assert model._process is not None
    model._process.kill()
    model._process.wait()
    assert model.ask(TABLE[:2].astype(np.float32)).shape == (2, 2)


@pytest.mark.slow
def test_few_processes_live_at_once() -> None:
    models = [gl.open_model(onnx_files.product()) for _ in range(file_model.MAX_PROCESSES + 1)]
    assert sum(model._process is not None for model in models) == file_model.MAX_PROCESSES
    assert models[0].ask(TABLE[:2]).shape == (2, 2), "an ended one starts again"
