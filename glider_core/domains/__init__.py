"""The domains: what Glider can explain, each a package of its own; `DOMAINS` has them by name."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Mapping
from functools import cached_property

from glider_core.domains.base import Domain
from glider_core.errors import InvalidInput
from glider_core.plugins import domain_packages


class _Domains(Mapping[str, Domain]):
    """Every domain by its name, found when first asked for."""

    @cached_property
    def _found(self) -> dict[str, Domain]:
        return {name: importlib.import_module(package).DOMAIN for name, package in domain_packages().items()}

    def __getitem__(self, name: str) -> Domain:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


DOMAINS: Mapping[str, Domain] = _Domains()


def domain_of(model_id: str) -> Domain:
    """The domain of a model's id.

    Raises:
        InvalidInput: there is none.
    """
    name = model_id.partition("/")[0]
    if name not in DOMAINS:
        raise InvalidInput(f"There is no domain {name[:40]!r}; choose one of {', '.join(DOMAINS)}.")
    return DOMAINS[name]


__all__ = ["DOMAINS", "Domain", "domain_of"]
