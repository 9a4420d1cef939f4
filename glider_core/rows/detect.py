"""GLIDER: the interactions that a model uses over and over, found by MADEX in many rows (Algorithm 1, Section 4.1)."""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import inf
from pathlib import Path
from typing import Any, Protocol, cast

import pandas as pd
from pydantic import TypeAdapter

from glider_core import saved
from glider_core.domains.base import Model
from glider_core.engine.instance import Instance
from glider_core.engine.interaction_sets import Features, drop_subsets
from glider_core.engine.explain import explain_many
from glider_core.errors import GliderError, InvalidInput, InvalidSettings
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.rows.significance import NULL_ORDER, check_order, n_sets, p_value, significance_threshold
from glider_core.settings import Settings

CHUNK = 64  # rows explained together, kept together, and done again together after a kill
KEPT_ROWS = 1000  # row numbers remembered per set

OnProgress = Callable[[str, float], None]
Executor = Any  # a dask.distributed.Client, or a scheduler's address


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalInteraction:
    """A set of fields that MADEX found in one row or more."""

    features: tuple[int, ...]  # sorted positions in GlobalInteractions.names
    names: tuple[str, ...]  # parallel to features
    count: int  # rows in which it was kept
    share: float  # of all rows
    mean_strength: float  # of the detector, over the rows in which it was kept
    mean_effect: float  # logits, signed: the mean joint effect over these rows
    p_value: float  # of this count or more for one given set, if as many sets per row were drawn at random
    p_adjusted: float  # the same for any set at all (Bonferroni over the whole space)
    rows: tuple[int, ...]  # the first of the rows in which it was kept

    @property
    def order(self) -> int:
        """How many fields it joins."""
        return len(self.features)


@dataclass(frozen=True, slots=True, kw_only=True)
class GlobalInteractions:
    """What MADEX found in n rows, most frequent first."""

    names: tuple[str, ...]  # the fields
    model_id: str
    fingerprint: str | None  # of the model
    explained: str  # name of the explained output
    n_rows: int
    interactions: tuple[GlobalInteraction, ...]
    per_row: float  # sets kept per row, on average
    orders: tuple[int, ...]  # how many sets of order 2, 3, ... were kept over all rows
    settings: Settings
    seconds: float = field(compare=False)  # worked; a resumed run's own part
    versions: dict[str, str] = field(hash=False)
    null_order: int = NULL_ORDER  # the p-values' space: sets of at most so many fields
    # What the rows are, for people. Not part of what makes two runs equal: it is a name, not a finding.
    label: str = field(default="", compare=False)

    def top(self, k: int, *, drop_subsets: bool = False) -> tuple[tuple[str, ...], ...]:
        """The names of the k most frequent sets.

        Args:
            k: at most so many.
            drop_subsets: leave out a set that a more frequent one contains; the next ones move up.
        """
        return tuple(one.names for one in self.prune(k, subsets=drop_subsets))

    def prune(self, k: int, *, subsets: bool = True) -> tuple[GlobalInteraction, ...]:
        """As `top`, with everything known of each set."""
        if k < 0:
            raise InvalidInput(f"Got {k} sets to take from the top; give 0 or more.")
        if not subsets:
            return self.interactions[:k]
        kept = drop_subsets((one.features for one in self.interactions), limit=k)
        return tuple(self.interactions[position] for position in kept)

    def threshold(self, alpha: float = 0.05) -> int:
        """The count above which a set is significant at level alpha, all sets considered."""
        return significance_threshold(
            len(self.names), self.n_rows, self.per_row, max_order=self.null_order, alpha=alpha
        )

    def with_null(self, max_order: int) -> GlobalInteractions:
        """The same run with its p-values against random sets of at most `max_order` fields.

        Raises:
            InvalidInput: max_order is not within 2..`MAX_NULL_ORDER`.
        """
        check_order(max_order)
        space = n_sets(len(self.names), max_order)
        found = []
        for one in self.interactions:
            p = p_value(one.count, len(self.names), self.n_rows, self.per_row, max_order)
            found.append(replace(one, p_value=p, p_adjusted=min(1.0, p * space)))
        return replace(self, interactions=tuple(found), null_order=max_order)

    def to_json(self) -> str:
        """All of it as JSON text; `from_json` gives an equal one back."""
        return saved.dump("global run", _RUN.dump_python(self, mode="json"))

    @staticmethod
    def from_json(text: str | bytes) -> GlobalInteractions:
        """A run saved by `to_json`, of this version or of 0.3.

        Raises:
            InvalidInput: the text is no JSON, not of a run, or its parts contradict each other.
        """
        run = saved.validate("global run", _RUN, saved.parse("global run", text)[1])
        check_order(run.null_order)
        _check_parts(run)
        return run

    def table(self) -> pd.DataFrame:
        """A row per set."""
        return pd.DataFrame(
            {
                "rank": range(1, len(self.interactions) + 1),
                "fields": [" × ".join(one.names) for one in self.interactions],
                "order": [one.order for one in self.interactions],
                "count": [one.count for one in self.interactions],
                "share": [one.share for one in self.interactions],
                "mean_strength": [one.mean_strength for one in self.interactions],
                "mean_effect": [one.mean_effect for one in self.interactions],
                "p_value": [one.p_value for one in self.interactions],
                "p_adjusted": [one.p_adjusted for one in self.interactions],
            }
        )


_RUN = TypeAdapter(GlobalInteractions)


def _check_parts(run: GlobalInteractions) -> None:
    """Refuse a run that someone edited or that was cut together: its parts must fit each other."""
    if run.n_rows < 1 or not 0 <= run.per_row < inf:
        raise InvalidInput(
            f"This saved global run tells of {run.n_rows} rows and {run.per_row} sets per row, which cannot be. "
            "Save it again."
        )
    for one in run.interactions:
        named = all(0 <= i < len(run.names) for i in one.features) and one.names == tuple(
            run.names[i] for i in one.features
        )
        if not (named and 0 < one.count <= run.n_rows and abs(one.share - one.count / run.n_rows) < 1e-6):
            raise InvalidInput(
                f"This saved global run contradicts itself at the set {' × '.join(one.names):.80}: its fields are not "
                "those of the run, or its count does not fit the number of rows. Save the run again."
            )


class ModelOfRows(Protocol):
    """A model all of whose instances have the same features. May also have `instances(rows)`, faster for many."""

    id: str

    def instance(self, raw: Any, /) -> Instance:
        """One row as an instance."""
        ...


def detect_global(
    model: Model | ModelOfRows,
    rows: pd.DataFrame | Iterable[Any],
    settings: Settings | None = None,
    *,
    resume: str | Path | None = None,
    executor: Executor | None = None,
    label: str = "",
    on_progress: OnProgress | None = None,
    on_partial: Callable[[GlobalInteractions], None] | None = None,
) -> GlobalInteractions:
    """Explain every row and count the interactions that come back (Algorithm 1 of Tsang et al. 2020).

    Rows stream through in chunks of `CHUNK`: memory grows with the number of different sets, not with that of rows.
    The same rows, settings and model give the same result, in one go or resumed, on one machine or on many.

    Args:
        model: whose `instance` makes instances of the same features of every row.
        rows: a table, or any iterable of what `model.instance` takes; it may be longer than memory.
        settings: of MADEX; by default the paper's for this purpose, with NID.
        resume: a file that finished chunks are appended to. If it exists, the run goes on from there.
        executor: a `dask.distributed.Client` or a scheduler's address, to work on a cluster.
        label: what the rows are, for people; it is kept in the result.
        on_progress: called with "rows" and the share done (0 where the number of rows is unknown); may raise to stop.
        on_partial: called after each chunk with what has been found so far.

    Raises:
        InvalidInput: no rows; rows with different features; a resume file of another run.
        BlackBoxFailed: as for `explain`.
    """
    started = time.perf_counter()
    settings = settings or Settings(detector="NID")
    total = len(rows) if hasattr(rows, "__len__") else None  # type: ignore[arg-type]
    report = on_progress or (lambda stage, share: None)
    tally = _Tally(model, settings, label)
    with _Journal.open(resume, model, settings) as journal:
        chunks = _chunks(rows)
        known, chunks = journal.known(chunks)
        for finding in known:
            tally.add(finding)
        if total and tally.n_rows > total:
            raise InvalidInput("The resume file holds more rows than are given now; give the rows it was begun with.")

        def done(share: float = 0.0) -> None:
            report("rows", min(1.0, (tally.n_rows + share * CHUNK) / total) if total else 0.0)

        done()
        worked = _here(model, chunks, settings, done) if executor is None else _there(executor, model, chunks, settings)
        for digest, finding in worked:
            journal.append(digest, finding)
            tally.add(finding)
            done()
            if on_partial is not None:
                on_partial(tally.result(time.perf_counter() - started))
    if not tally.n_rows:
        raise InvalidInput("There are no rows; give at least one.")
    return tally.result(time.perf_counter() - started)


@dataclass(frozen=True, slots=True)
class _Finding:
    """What a chunk of rows showed."""

    names: tuple[str, ...]
    explained: str
    rows: tuple[tuple[tuple[Features, float, float], ...], ...]  # per row its kept sets: features, strength, effect


def find(
    model: Any, raws: pd.DataFrame | Sequence[Any], settings: Settings, on_progress: OnProgress | None
) -> _Finding:
    """MADEX over one chunk."""
    if hasattr(model, "instances"):
        instances = list(model.instances(raws))
    else:
        listed = raws.to_dict("records") if isinstance(raws, pd.DataFrame) else raws
        instances = [model.instance(raw) for raw in listed]
    explanations: list[Explanation] = explain_many(instances, settings, on_progress=on_progress)
    names = explanations[0].names
    for number, explanation in enumerate(explanations):
        if explanation.names != names:
            raise InvalidInput(
                f"Row {number + 1} of a chunk has other features than the first; interactions can be counted over rows "
                "only where all rows have the same fields."
            )
    return _Finding(
        names,
        explanations[0].explained,
        tuple(tuple((i.features, i.strength, i.effect) for i in e.interactions) for e in explanations),
    )


def _chunks(rows: pd.DataFrame | Iterable[Any]) -> Iterator[pd.DataFrame | list[Any]]:
    if isinstance(rows, pd.DataFrame):
        for start in range(0, len(rows), CHUNK):
            yield rows.iloc[start : start + CHUNK]
        return
    iterator = iter(rows)
    while chunk := list(itertools.islice(iterator, CHUNK)):
        yield chunk


def _digest(raws: pd.DataFrame | list[Any]) -> str:
    """An identity of a chunk's rows."""
    if isinstance(raws, pd.DataFrame):
        text = raws.to_csv(index=False)
    else:
        text = "\n".join(
            json.dumps(dict(raw) if isinstance(raw, Mapping) else raw, sort_keys=True, default=str) for raw in raws
        )
    return hashlib.sha256(text.encode()).hexdigest()[:32]


_Chunks = Iterator[pd.DataFrame | list[Any]]


def _here(
    model: Any, chunks: _Chunks, settings: Settings, done: Callable[[float], None]
) -> Iterator[tuple[str, _Finding]]:
    for raws in chunks:
        # Any call may stop the run; how far a chunk is, its stages do not say evenly.
        yield _digest(raws), find(model, raws, settings, lambda stage, share: done(0.0))


class _Tally:
    """Counts per set; sums are kept as they come, chunk after chunk, so that they are the same in every run."""

    def __init__(self, model: Any, settings: Settings, label: str) -> None:
        self._model, self._settings, self._label = model, settings, label
        self._names: tuple[str, ...] | None = None
        self._explained = ""
        self.n_rows = 0
        self._sets: dict[Features, _Sums] = {}

    def add(self, finding: _Finding) -> None:
        if self._names is None:
            self._names, self._explained = finding.names, finding.explained
        if finding.names != self._names:
            raise InvalidInput("Rows have different features; interactions cannot be counted over them.")
        for row in finding.rows:
            for features, strength, effect in row:
                sums = self._sets.setdefault(features, _Sums())
                sums.count += 1
                sums.strength += strength
                sums.effect += effect
                if len(sums.rows) < KEPT_ROWS:
                    sums.rows.append(self.n_rows)
            self.n_rows += 1

    def result(self, seconds: float) -> GlobalInteractions:
        names = self._names or ()
        ranked = sorted(self._sets.items(), key=lambda item: (-item[1].count, len(item[0]), item[0]))
        found = sum(sums.count for _, sums in ranked)
        orders: dict[int, int] = defaultdict(int)
        for features, sums in ranked:
            orders[len(features)] += sums.count
        per_row = found / max(self.n_rows, 1)
        interactions = []
        for features, sums in ranked:
            p = p_value(sums.count, len(names), self.n_rows, per_row)
            interactions.append(
                GlobalInteraction(
                    features=features,
                    names=tuple(names[i] for i in features),
                    count=sums.count,
                    share=sums.count / self.n_rows,
                    mean_strength=sums.strength / sums.count,
                    mean_effect=sums.effect / sums.count,
                    p_value=p,
                    p_adjusted=min(1.0, p * n_sets(len(names))),
                    rows=tuple(sums.rows),
                )
            )
        return GlobalInteractions(
            names=names,
            model_id=self._model.id,
            fingerprint=getattr(self._model, "identity", None),
            explained=self._explained,
            n_rows=self.n_rows,
            interactions=tuple(interactions),
            per_row=per_row,
            orders=tuple(orders.get(order, 0) for order in range(2, max(orders, default=1) + 1)),
            settings=self._settings,
            seconds=seconds,
            versions=versions(),
            label=self._label,
        )


@dataclass(slots=True)
class _Sums:
    count: int = 0
    strength: float = 0.0
    effect: float = 0.0
    rows: list[int] = field(default_factory=list)


# Two runs


@dataclass(frozen=True, slots=True)
class RankChange:
    """One set in two runs."""

    names: tuple[str, ...]
    ranks: tuple[int | None, int | None]  # from 1, among the sets of fields that both runs have; None: not found
    counts: tuple[int, int]  # rows
    shares: tuple[float, float]  # of the rows


def compare(first: GlobalInteractions, second: GlobalInteractions, *, k: int | None = 40) -> list[RankChange]:
    """The sets among the k most frequent of either run, by field names, the most frequent in either first.

    Where the runs have other fields, only sets of shared fields are compared, and ranks are counted among them.

    Args:
        first: a run.
        second: another one, of another model or of other rows.
        k: how many of each; None for all.

    Raises:
        InvalidInput: the runs share less than two fields, so that no set can be in both.
    """
    shared = set(first.names) & set(second.names)
    if len(shared) < 2:
        raise InvalidInput(
            f"The two runs share {len(shared)} fields; a set has at least two, so there is nothing to compare. "
            "Take runs over the same table."
        )
    tops = [[one for one in run.interactions if shared.issuperset(one.names)] for run in (first, second)]
    runs = [{frozenset(one.names): (rank, one) for rank, one in enumerate(top, 1)} for top in tops]
    names = dict.fromkeys(
        frozenset(one.names) for pair in itertools.zip_longest(*(top[:k] for top in tops)) for one in pair if one
    )
    changes = []
    for fields in names:
        found = [run.get(fields) for run in runs]
        one = next(entry[1] for entry in found if entry is not None)
        changes.append(
            RankChange(
                one.names,
                cast(Any, tuple(entry[0] if entry else None for entry in found)),
                cast(Any, tuple(entry[1].count if entry else 0 for entry in found)),
                cast(Any, tuple(entry[1].share if entry else 0.0 for entry in found)),
            )
        )
    return changes


# Resuming


class _Journal:
    """Finished chunks, one JSON line each, behind a line that says which run they belong to."""

    def __init__(self, path: Path | None, header: dict[str, Any]) -> None:
        self._path, self._header = path, header
        self._lines: list[dict[str, Any]] = []
        self._file: Any = None

    @classmethod
    @contextmanager
    def open(cls, path: str | Path | None, model: Any, settings: Settings) -> Iterator[_Journal]:
        header = {
            "glider": "global run, chunk by chunk",
            "model": [model.id, getattr(model, "identity", None)],
            "settings": settings.model_dump(mode="json"),
            "chunk": CHUNK,
            "versions": versions(),
        }
        journal = cls(None if path is None else Path(path), header)
        journal._begin()
        try:
            yield journal
        finally:
            if journal._file is not None:
                journal._file.close()

    def _begin(self) -> None:
        if self._path is None:
            return
        kept = b""
        if self._path.exists():
            lines = self._path.read_bytes().splitlines(keepends=True)
            try:
                if lines and lines[-1].endswith(b"\n"):
                    parsed = [json.loads(line) for line in lines]
                else:  # killed while it wrote: the last line is not whole
                    lines = lines[:-1]
                    parsed = [json.loads(line) for line in lines]
            except ValueError:
                raise InvalidInput(f"{self._path.name} is not a file of finished chunks; give another name.") from None
            if parsed and parsed[0] != self._header:
                differs = [
                    key
                    for key in self._header
                    if not isinstance(parsed[0], dict) or parsed[0].get(key) != self._header[key]
                ]
                raise InvalidInput(
                    f"{self._path.name} was begun with other {' and '.join(differs)}; give another file, or what "
                    "it was begun with."
                )
            self._lines, kept = parsed[1:], b"".join(lines)
            if len(kept) < self._path.stat().st_size:
                with self._path.open("r+b") as file:
                    file.truncate(len(kept))
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._file = self._path.open("ab")
        if not kept:
            self._write(self._header)

    def known(self, chunks: _Chunks) -> tuple[list[_Finding], _Chunks]:
        """The findings of the chunks done already, and the chunks still to do."""
        findings = []
        for number, line in enumerate(self._lines):
            raws = next(chunks, None)
            if raws is None or _digest(raws) != line["digest"]:
                raise InvalidInput(
                    f"The rows are not those that the file was begun with (they differ within {CHUNK} rows from row "
                    f"{number * CHUNK}); give the same rows, or another file."
                )
            rows = tuple(tuple((tuple(f), s, e) for f, s, e in row) for row in line["rows"])
            findings.append(_Finding(tuple(line["names"]), line["explained"], rows))
        self._lines = []
        return findings, chunks

    def append(self, digest: str, finding: _Finding) -> None:
        if self._file is not None:
            self._write(
                {"digest": digest, "names": finding.names, "explained": finding.explained, "rows": finding.rows}
            )

    def _write(self, line: dict[str, Any]) -> None:
        self._file.write(json.dumps(line).encode() + b"\n")
        self._file.flush()
        os.fsync(self._file.fileno())


# On a cluster

_TIMEOUT = 10.0  # seconds for a scheduler to answer
_AHEAD = 4  # chunks per worker that are under way at a time, so that a stream of rows stays a stream


def _there(executor: Executor, model: Any, chunks: _Chunks, settings: Settings) -> Iterator[tuple[str, _Finding]]:
    """Chunks as tasks on dask.distributed, results in the chunks' order.

    The model goes to each worker once, also to one that joins later, by a worker plugin. A chunk whose worker dies is
    done again elsewhere; a chunk's result is taken once.
    """
    try:
        from distributed import Client
    except ImportError:
        raise InvalidSettings(
            "executor: dask.distributed is not installed; `pip install distributed`, or leave the executor out."
        ) from None

    from glider_core.rows.dask_worker import ModelPlugin, work

    own = isinstance(executor, str)
    try:
        client = Client(executor, timeout=_TIMEOUT) if own else executor
    except OSError as error:
        raise InvalidInput(f"No scheduler answers at {executor!r:.80} ({type(error).__name__}).") from None
    plugin = ModelPlugin(model)
    client.register_plugin(plugin)
    under_way: deque[tuple[str, Any]] = deque()
    try:
        more = True
        while under_way or more:
            workers = max(1, len(client.scheduler_info(n_workers=-1)["workers"]))
            while more and len(under_way) < _AHEAD * workers:
                raws = next(chunks, None)
                if raws is None:
                    more = False
                    break
                task = client.submit(work, plugin.name, raws, settings, retries=3, pure=False)
                under_way.append((_digest(raws), task))
            if under_way:
                digest, task = under_way.popleft()
                yield digest, _result(task)
    finally:
        for _, task in under_way:
            task.cancel()
        if own:
            client.close()
        else:
            client.unregister_worker_plugin(plugin.name)


def _result(task: Any) -> _Finding:
    try:
        return task.result()
    except GliderError:
        raise
    except Exception as error:
        raise GliderError(
            f"The cluster gave a chunk of rows up ({type(error).__name__}: {str(error)[:200]}). What was finished "
            "is in the resume file, if there is one."
        ) from error
