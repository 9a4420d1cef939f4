"""A chunk: rows that are explained together, kept together, and done again together after a kill."""

from __future__ import annotations

import io
import itertools
import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from glider_core.engine.asking import Questions
from glider_core.engine.blas import one_blas_thread
from glider_core.engine.effects import effects
from glider_core.engine.explain import explain_many
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint
from glider_core.results import Explanation
from glider_core.settings import Settings

CHUNK = 64  # rows
PAPER_TOP = 100  # sets of a row's ranking that the authors' code counts

Rows = pd.DataFrame | list[Any]
RowSets = tuple[tuple[Features, float, float], ...]  # features, strength, effect


class ModelOfRows(Protocol):
    """A model all of whose instances have the same features. May also have `instances(rows)`, faster for many."""

    id: str
    identity: str | None  # of all that it computes from; None: unknown

    def instance(self, raw: Any, /) -> Instance:
        """One row as an instance."""
        ...


@dataclass(frozen=True, slots=True)
class ChunkSets:
    """The sets that count in each row of a chunk."""

    names: tuple[str, ...]  # the fields
    explained: str
    rows: tuple[RowSets, ...]


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
    counted = _of_ranking if settings.counting == "paper" else _of_interactions
    sets = tuple(counted(*pair, settings) for pair in zip(explanations, instances, strict=True))
    return ChunkSets(names, explanations[0].explained, sets)


def _of_interactions(explanation: Explanation, instance: Instance, settings: Settings) -> RowSets:
    return tuple((found.features, found.strength, found.effect) for found in explanation.interactions)


def _of_ranking(explanation: Explanation, instance: Instance, settings: Settings) -> RowSets:
    """The paper's sets of a row; each effect by itself, for of so many sets any part may be another's.

    The set of all features does not count, yet it has its place in the ranking, as in the authors' code: what is weaker
    than it was left out as a part of it, so that a row may have fewer sets. Of two features it is all there is, and so
    it counts.
    """
    questions, d = Questions(instance), len(instance.names)
    top = explanation.ranking[:PAPER_TOP]
    counted = [candidate for candidate in top if len(candidate.features) < d or d == 2]
    with one_blas_thread():
        return tuple(
            (
                candidate.features,
                candidate.strength,
                effects(questions, [candidate.features], contexts=settings.contexts, seed=settings.seed)[0].mean,
            )
            for candidate in counted
        )


def digest_of(rows: Rows) -> str:
    """An identity of a chunk's rows: of every value as it is, not as it prints.

    Raises:
        InvalidInput: a row holds something that has no content of its own, such as a function.
    """
    values: list[Any] = rows if isinstance(rows, list) else []
    if isinstance(rows, pd.DataFrame):
        for position, name in enumerate(rows.columns):  # two columns may share a name
            column: Any = rows.iloc[:, position]
            values.append([name, str(column.dtype), column.tolist()])
    return fingerprint(_content(values))


def _content(value: Any) -> bytes:
    """A value's type and content; arrays in full, mappings whatever their order."""
    if isinstance(value, np.ndarray):
        content = _content(value.tolist()) if value.dtype.hasobject else np.ascontiguousarray(value).tobytes()
        parts = [str(value.dtype).encode(), str(value.shape).encode(), content]
    elif isinstance(value, Mapping):
        parts = [b"mapping", *sorted(_content(name) + _content(inner) for name, inner in value.items())]
    elif isinstance(value, set | frozenset):
        parts = [b"set", *sorted(map(_content, value))]
    elif isinstance(value, list | tuple):
        parts = [b"sequence", *map(_content, value)]
    elif value is None or isinstance(value, str | bytes | bool | int | float | np.generic):
        plain = value.item() if isinstance(value, np.generic) else value
        parts = [type(plain).__name__.encode(), repr(plain).encode("utf-8", "surrogatepass")]
    else:
        parts = [type(value).__qualname__.encode(), _pickled(value)]
    return b"".join(len(part).to_bytes(8, "big") + part for part in parts)


def _pickled(value: Any) -> bytes:
    buffer = io.BytesIO()
    pickler = pickle.Pickler(buffer)
    pickler.fast = True  # without references, by which equal values could differ
    try:
        pickler.dump(value)
    except Exception as error:  # pickle raises what the value's own code raises
        raise InvalidInput(
            f"A row holds a {type(value).__qualname__:.80}, by which it cannot be known again ({error!s:.100}); give "
            "plain values, or leave `resume` out."
        ) from None
    return buffer.getvalue()
