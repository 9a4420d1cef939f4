"""What can be measured anew: tables and figures of the paper, and claims of ours; `EXPERIMENTS` has them by name.

A module of this package that defines `EXPERIMENT` is one, under its own name; nothing else has to be told of it.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache, cached_property

from glider_core.experiments.base import Beside, Context, Experiment, Option


class _Experiments(Mapping[str, Experiment]):
    """Every experiment by its name; one that is asked for by name is loaded alone."""

    def __getitem__(self, name: str) -> Experiment:
        module = name.replace("-", "_")
        if module not in self._modules:
            raise KeyError(name)
        experiment = getattr(importlib.import_module(f"{__name__}.{module}"), "EXPERIMENT", None)
        if experiment is None or experiment.name != name:
            raise KeyError(name)
        return experiment

    @cached_property
    def _modules(self) -> tuple[str, ...]:
        return tuple(module.name for module in pkgutil.iter_modules(__path__))

    def __iter__(self) -> Iterator[str]:
        names = (module.replace("_", "-") for module in self._modules)
        return (name for name in names if name in self)

    def __len__(self) -> int:
        return len(list(iter(self)))


EXPERIMENTS: Mapping[str, Experiment] = _Experiments()


def owner_of(stem: str) -> str | None:
    """The experiment to which a result's file belongs, by the file's stem; None for one that nobody knows.

    "dna_motif_quick" is of dna-motif where there is such a module, not of dna. No experiment is loaded for it.
    """
    owners = [module for module in _modules_of(tuple(__path__)) if stem == module or stem.startswith(f"{module}_")]
    return max(owners, key=len).replace("_", "-") if owners else None


@cache
def _modules_of(paths: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(module.name for module in pkgutil.iter_modules(paths))


__all__ = ["EXPERIMENTS", "Beside", "Context", "Experiment", "Option", "owner_of"]
