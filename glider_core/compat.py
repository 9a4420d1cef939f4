"""Cures for quirks of third-party libraries, each explained; delete them when the quirk is gone."""

from __future__ import annotations

import contextlib
import sys
import threading
from types import ModuleType


def import_torchvision() -> ModuleType:
    """torchvision, also where its compiled operators do not match the installed PyTorch.

    With some CPU builds of PyTorch, `import torchvision` fails: it registers fake kernels for `torchvision::nms` and
    `torchvision::qnms`, whose schemas come from a compiled library that did not load. Glider needs neither operator
    (they serve object detection), so their schemas alone are declared and the import is done again. They must not be
    declared before it failed: where the library does load, a second declaration ends the process.
    """
    with _importing:
        try:
            import torchvision
        except RuntimeError as error:
            if "torchvision::" not in str(error):
                raise
            _declare_operators()
            for name in [name for name in sys.modules if name.partition(".")[0] == "torchvision"]:
                del sys.modules[name]  # half imported
            import torchvision
    return torchvision


def _declare_operators() -> None:
    import torch

    for schema in (
        "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
        "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    ):
        name = schema.partition("(")[0]
        if not hasattr(torch.ops.torchvision, name):
            with contextlib.suppress(RuntimeError):  # declared already
                library = torch.library.Library("torchvision", "FRAGMENT")
                library.define(schema)
                _libraries.append(library)


def import_transformers() -> ModuleType:
    """transformers, which imports torchvision where that is installed."""
    import_torchvision()
    import transformers

    return transformers


_importing = threading.Lock()
_libraries: list = []  # a library's declarations vanish with it
