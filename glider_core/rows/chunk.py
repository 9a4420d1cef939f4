"""A chunk: rows that are explained together, kept together, and done again together after a kill."""

from __future__ import annotations

import hashlib
import itertools
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from glider_core.engine.explain import explain_many
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.errors import InvalidInput
from glider_core.settings import Settings

CHUNK = 64  # rows

Rows = pd.DataFrame | list[Any]


class ModelOfRows(Protocol):
    """A model all of whose instances have the same features. May also have `instances(rows)`, faster for many."""

    id: str
    identity: str | None  # of all that it computes from; None: unknown

    def instance(self, raw: Any, /) -> Instance:
        """One row as an instance."""
        ...


@dataclass(frozen=True, slots=True)
class ChunkSets:
    """The sets that MADEX kept in each row of a chunk."""

    names: tuple[str, ...]  # the fields
    explained: str
    rows: tuple[tuple[tuple[Features, float, float], ...], ...]  # per row its sets: features, strength, effect


def chunks_of(rows: pd.DataFrame | Iterable[Any]) -> Iterator[Rows]:
    """The rows, `CHUNK` at a time; an iterable may be longer than memory."""
    if isinstance(rows, pd.DataFrame):
        for start in range(0, len(rows), CHUNK):
            yield rows.iloc[start : start + CHUNK]
        return
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk


def explain_chunk(
    model: Any, rows: pd.DataFrame | Sequence[Any], settings: Settings, on_progress: Callable[[str, float], None] | None
) -> ChunkSets:
    """MADEX over the rows of one chunk.

    Raises:
        InvalidInput: the rows have different features.
        BlackBoxFailed: as for `explain`.
    """
    if hasattr(model, "instances"):
        instances = list(model.instances(rows))
    else:
        raws = rows.to_dict("records") if isinstance(rows, pd.DataFrame) else rows
        instances = [model.instance(raw) for raw in raws]
    explanations = explain_many(instances, settings, on_progress=on_progress)
    names = explanations[0].names
    for number, explanation in enumerate(explanations):
        if explanation.names != names:
            raise InvalidInput(
                f"Row {number + 1} of a chunk has other features than the first; interactions can be counted over rows "
                "only where all rows have the same fields."
            )
    return ChunkSets(
        names,
        explanations[0].explained,
        tuple(
            tuple((interaction.features, interaction.strength, interaction.effect) for interaction in e.interactions)
            for e in explanations
        ),
    )


def digest_of(rows: Rows) -> str:
    """An identity of a chunk's rows: of every value as it is, not as it prints."""
    digest = hashlib.sha256()
    if isinstance(rows, pd.DataFrame):
        for name in rows.columns:
            column: Any = rows[name]
            digest.update(f"{name!r} {column.dtype}".encode())
            for value in column.tolist():
                digest.update(_content(value))
    else:
        for raw in rows:
            digest.update(_content(raw))
    return digest.hexdigest()[:32]


def _content(value: Any) -> bytes:
    """A value's type and content; arrays in full, mappings whatever their order."""
    if isinstance(value, np.ndarray):
        content = pickle.dumps(value.tolist()) if value.dtype.hasobject else np.ascontiguousarray(value).tobytes()
        parts = [str(value.dtype).encode(), str(value.shape).encode(), content]
    elif isinstance(value, Mapping):
        parts = [b"mapping", *sorted(_content(name) + _content(inner) for name, inner in value.items())]
    elif isinstance(value, list | tuple):
        parts = [b"sequence", *map(_content, value)]
    elif value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        plain = value.item() if isinstance(value, np.generic) else value
        parts = [type(plain).__name__.encode(), repr(plain).encode("utf-8", "surrogatepass")]
    else:
        parts = [type(value).__qualname__.encode(), pickle.dumps(value)]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)
