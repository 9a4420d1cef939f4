"""Detectors: each ranks sets of features by how strongly a trained explainer joins them.

`DETECTORS` has them by name: the `DETECTOR` of every module of this package that has one.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cached_property

from glider_core.engine.detectors.base import Detector


class _Detectors(Mapping[str, Detector]):
    """Every detector by its name, found when first asked for."""

    @cached_property
    def _found(self) -> dict[str, Detector]:
        modules = [importlib.import_module(f"{__name__}.{module.name}") for module in pkgutil.iter_modules(__path__)]
        detectors: list[Detector] = [module.DETECTOR for module in modules if hasattr(module, "DETECTOR")]
        return {detector.name: detector for detector in detectors}

    def __getitem__(self, name: str) -> Detector:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


DETECTORS: Mapping[str, Detector] = _Detectors()
