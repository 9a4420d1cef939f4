"""The lines of docs/adapters.md work as they stand there, in Python and in the shell."""

import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import skops.io
import torch
from PIL import Image
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from torch import nn
from torch_geometric.data import Data
from torch_geometric.nn import GCNConv
from typer.testing import CliRunner

import glider_core as gl
from glider_core.adapters.variables import DATA, MODEL
from glider_core.cli import app, serve
from glider_core.compat import import_torchvision, import_transformers
from tests.adapters import onnx_files
from tests.adapters.test_endpoint import service  # noqa: F401
from tests.adapters.test_pictures import Corner, four_colours

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/adapters.md").read_text(encoding="utf-8")
LINES = re.findall(r"\| `(gl\..*?)` \|", PAGE)
(SHELL,) = re.findall(r"```\n(glider app.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """All files that the lines name."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    table = pd.DataFrame(np.random.default_rng(0).normal(size=(60, 3)).round(3), columns=["dose", "smoke", "age"])
    table.to_csv("table.csv", index=False)
    skops.io.dump(LogisticRegression().fit(table, np.where(table.dose > 0, "yes", "no")), "model.skops")
    never, fail = onnx_files.WORDS.index("never"), onnx_files.WORDS.index("fail")
    for name, content in (("model.onnx", onnx_files.product()), ("words.onnx", onnx_files.word_pair(never, fail)),
                          ("tokenizer.json", onnx_files.tokenizer()), ("net.onnx", onnx_files.corners())):  # fmt: skip
        Path(name).write_bytes(content)
    rough = np.random.default_rng(0).integers(0, 60, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(np.kron(four_colours() // 2 + rough, np.ones((4, 4, 1), dtype=np.uint8))).save("cat.jpg")
    Path("my_module.py").write_text("def model(rows):\n    return (rows['dose'] * rows['smoke']).to_numpy()\n")
    return tmp_path


class Nodes(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.layer = GCNConv(3, 2)

    def forward(self, x: torch.Tensor, edge_index: torch.Tensor) -> torch.Tensor:
        return self.layer(x, edge_index)


@pytest.mark.slow
@pytest.mark.parametrize("line", LINES)
def test_a_line_of_python_makes_an_instance_that_is_explained(line: str, folder: Path, service: Any) -> None:  # noqa: F811
    table = pd.read_csv(folder / "table.csv")
    texts = ["never dull", "dull", "never good", "good"]
    tools = import_torchvision().transforms
    names = {
        "gl": gl, "table": table, "model": LogisticRegression().fit(table, table.dose > 0),
        "pipeline": make_pipeline(CountVectorizer(), LogisticRegression()).fit(texts, [1, 0, 0, 1]),
        "network": Nodes().eval() if "graph" in line else Corner(),
        "transform": tools.Compose([tools.Resize((32, 32)), tools.ToTensor()]),
        "function": lambda sequences: [float("GAU" in one) for one in sequences],
        "data": Data(x=torch.rand(8, 3), edge_index=torch.tensor([[0, 1, 2, 5, 6], [5, 5, 5, 2, 5]])),
        "url": service.url,
    }  # fmt: skip
    if "endpoint" in line:  # the service of the tests has other names
        line = line.replace('"text"', '"inputs"').replace('"score"', '"predictions.0.value"')
    explanation = gl.explain(eval(line, names), gl.Settings.with_masks(110))
    assert explanation.names
    assert np.isfinite(explanation.prediction)


@pytest.mark.slow
@pytest.mark.parametrize("line", SHELL.strip().splitlines())
def test_a_line_of_the_shell_does_what_it_says(line: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (MODEL, DATA):
        monkeypatch.setenv(name, "")
    started: list[list[str]] = []
    monkeypatch.setattr(serve, "replace_process", started.append)
    if "my-folder" in line:
        transformers = import_transformers()
        network: Any = gl.load_model("sentiment/distilbert-small")._network  # type: ignore[attr-defined]
        vocabulary = (ROOT / "assets/sentiment/distilbert-small/vocab.txt").read_text().splitlines()
        network.save_pretrained("my-folder")
        words = {word: number for number, word in enumerate(vocabulary)}
        transformers.BertTokenizerFast(vocab=words, do_lower_case=True).save_pretrained("my-folder")
    done = CliRunner().invoke(app, shlex.split(line)[1:])
    assert done.exit_code == 0, done.output
    assert started if "app" in line else re.search(r": [+−]\d", done.output), done.output


def test_the_page_shows_the_same_lines_of_the_shell() -> None:
    page = (ROOT / "pages/your_model.py").read_text(encoding="utf-8")
    assert LINES
    assert [line for line in SHELL.strip().splitlines() if line not in page] == []
