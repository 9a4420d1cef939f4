"""torchvision is imported with and without its compiled operators; each case in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
IMPORT = """
from glider_core.compat import import_torchvision
assert import_torchvision().answer == 42
assert import_torchvision() is import_torchvision()
import torch
print(hasattr(torch.ops.torchvision, "nms"))
"""
# As torchvision 0.28 does where its compiled library did not load.
WITHOUT = """
import torch, torchvision.early
torch.library.register_fake("torchvision::nms")(lambda dets, scores, iou_threshold: dets)
answer = 42
"""


@pytest.mark.parametrize(("source", "declared"), [("answer = 42", False), (WITHOUT, True)], ids=["with", "without"])
def test_operators_are_declared_only_where_they_are_missing(tmp_path: Path, source: str, declared: bool) -> None:
    # A second declaration would end the process where the compiled library declares them, as in torchvision 0.29.
    package = tmp_path / "torchvision"
    package.mkdir()
    (package / "__init__.py").write_text(source)
    (package / "early.py").write_text("")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == str(declared)


def test_another_failure_of_torchvision_comes_out(tmp_path: Path) -> None:
    (tmp_path / "torchvision.py").write_text("raise RuntimeError('no such device')")
    done = subprocess.run(
        [sys.executable, "-c", IMPORT], env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "no such device" in done.stderr
