"""The base installation: none of the libraries of own models is there."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
SCRIPT = """
import sys
for name in ("lightgbm", "xgboost", "catboost", "statsmodels", "onnx", "onnxruntime", "skops", "timm",
             "torch_geometric", "requests", "transformers", "plotly", "IPython"):
    sys.modules[name] = None  # importing it fails

import numpy as np
import glider_core as gl
from glider_core.domains.recommender.boosted import train_boosted
from sklearn.linear_model import LogisticRegression

x = np.random.default_rng(0).normal(size=(100, 3))
explanation = gl.explain(gl.tabular(LogisticRegression().fit(x, x[:, 0] > 0), x).instance(0))
assert explanation.verdict == "additive"
assert explanation._repr_html_() is None, "a notebook shows the text"
gl.explain(gl.text(lambda texts: [float("a" in text) for text in texts]).instance("a b"))
gl.explain(gl.sequence(lambda s: [float(one[0] == "A") for one in s], off_state="N").instance("ACGT"))
for call, extra in (
    (lambda: gl.open_model(b"ONNX", "m.onnx"), "glider[onnx]"),
    (lambda: gl.graph(None, None), "glider[torch-geometric]"),
    (lambda: gl.endpoint("http://localhost", request={"a": "{input}"}), "glider[endpoint]"),
    (lambda: train_boosted(None, "", "", {}), "glider[trees]"),
):
    try:
        call()
    except gl.ModelUnavailable as error:
        assert extra in str(error), error
    else:
        raise AssertionError(extra)
"""


def test_what_is_not_installed_is_named_and_nothing_else_needs_it() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
