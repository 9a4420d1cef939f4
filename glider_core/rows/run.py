"""GLIDER: the interactions that a model uses over and over, found by MADEX in many rows (Algorithm 1, Section 4.1)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd

from glider_core.cases import Case
from glider_core.clusters import Executor
from glider_core.domains.base import Model
from glider_core.errors import InvalidInput, InvalidSettings
from glider_core.journal import Journal
from glider_core.provenance import versions
from glider_core.rows.chunk import CHUNK, ChunkSets, ModelOfRows, Rows, chunks_of, digest_of, explain_chunk
from glider_core.rows.cluster import explain_on_cluster
from glider_core.rows.processes import explain_in_processes
from glider_core.rows.result import GlobalInteractions
from glider_core.rows.tally import Tally
from glider_core.settings import Settings

OnProgress = Callable[[str, float], None]

# Of many rows each counts little: 500 masks, eight sets and five contexts a row. Few masks first and more where these
# explain too little found less in more time, since every look searches anew; and rows asked alike are counted alike.
ROWS = Settings.with_masks(500, grow_questions=False, max_interactions=8, contexts=5)
# The authors' way: 6000 masks that weigh alike, and of each row the first hundred sets that NID ranks, about 87.
PAPER = Settings(detector="NID", counting="paper", kernel_width=None, max_interactions=0, contexts=5)


def detect_global(
    model: Model | ModelOfRows,
    rows: pd.DataFrame | Iterable[Any],
    settings: Settings | None = None,
    *,
    resume: str | Path | None = None,
    executor: Executor | None = None,
    processes: int = 1,
    label: str = "",
    on_progress: OnProgress | None = None,
    on_partial: Callable[[GlobalInteractions], None] | None = None,
) -> GlobalInteractions:
    """Explain every row and count the interactions that come back (Algorithm 1 of Tsang et al. 2020).

    Rows stream through in chunks of `CHUNK`: memory grows with the number of different sets, not with that of rows.
    The same rows, settings and model give the same result, in one go or resumed, on one machine or on many.

    Counted are the interactions of each row's explanation. The authors' code counts the top 100 of NID's ranking in
    each row, without LIME's weights: `settings=PAPER` does so.

    Args:
        model: whose `instance` makes instances of the same features of every row.
        rows: a table, or any iterable of what `model.instance` takes; it may be longer than memory.
        settings: of MADEX in each row; by default `ROWS`.
        resume: a file that finished chunks are appended to. If it exists, the run goes on from there.
        executor: a `dask.distributed.Client` or a scheduler's address, to work on a cluster.
        processes: on this machine, this one among them; as many as it has cores are fastest for a few hundred rows and
            more. The model has to be one that can be pickled.
        label: what the rows are, for people; it is kept in the result.
        on_progress: called with "rows" and the share done (0 where the number of rows is unknown); may raise to stop.
        on_partial: called after each chunk with what has been counted so far.

    Raises:
        InvalidSettings: processes below 1, or beside an executor.
        NotPortable: a model that cannot be pickled, for more than one process.
        InvalidInput: no rows; rows with different features; a resume file of another run, or one that cannot be used.
        BlackBoxFailed: as for `explain`.
    """
    started = time.perf_counter()
    settings = settings or ROWS
    total = len(rows) if hasattr(rows, "__len__") else None  # type: ignore[arg-type]
    report = on_progress or (lambda stage, share: None)
    if processes < 1 or (processes > 1 and executor is not None):
        raise InvalidSettings(f"processes: got {processes}; give 1 or more, and with an executor leave it out.")
    case = run_case(model, settings)
    tally = Tally(case, label)
    if resume is not None and case.identity is None:
        raise InvalidInput(
            "The model has no identity, so what is in a resume file cannot be told from another model's; give it an "
            "attribute `identity`, or leave `resume` out."
        )
    with Journal.open(resume, run_header(case)) as journal:
        # Only a file needs to know rows again; without one, they may be anything.
        chunks = (("" if resume is None else digest_of(chunk), chunk) for chunk in chunks_of(rows))
        for chunk_sets in _finished(journal, chunks):
            tally.add(chunk_sets)
        if total is not None and tally.n_rows > total:
            raise InvalidInput("The resume file holds more rows than are given now; give the rows it was begun with.")

        def done() -> None:
            report("rows", min(1.0, tally.n_rows / total) if total else 0.0)

        done()
        if processes > 1:
            explained = explain_in_processes(processes, model, chunks, settings, done)
        elif executor is None:
            explained = _explain_here(model, chunks, settings, done)
        else:
            explained = explain_on_cluster(executor, model, chunks, settings)
        for digest, chunk_sets in explained:
            journal.append(_entry(digest, chunk_sets))
            tally.add(chunk_sets)
            done()
            if on_partial is not None:
                on_partial(tally.result(time.perf_counter() - started))
    if not tally.n_rows:
        raise InvalidInput("There are no rows; give at least one.")
    return tally.result(time.perf_counter() - started)


def run_case(model: Model | ModelOfRows, settings: Settings) -> Case:
    """What every row of a run is asked, the row aside."""
    return Case(
        domain=model.id.partition("/")[0], model=model.id, settings=settings, identity=getattr(model, "identity", None)
    )


def _explain_here(
    model: Any, chunks: Iterator[tuple[str, Rows]], settings: Settings, done: Callable[[], None]
) -> Iterator[tuple[str, ChunkSets]]:
    for digest, rows in chunks:
        # Any call may stop the run; how far a chunk is, its stages do not say evenly.
        yield digest, explain_chunk(model, rows, settings, lambda stage, share: done())


def run_header(case: Case) -> dict[str, Any]:
    """What the first line of a resume file says: the fingerprint of the run's case, and in words what is in it."""
    return {
        "glider": "global run, chunk by chunk",
        "model": [case.model, case.identity],
        "settings": case.settings.model_dump(mode="json"),
        "chunk": CHUNK,
        "versions": versions(),
        "case": case.fingerprint,
    }


def _entry(digest: str, chunk: ChunkSets) -> dict[str, Any]:
    return {"digest": digest, "names": chunk.names, "explained": chunk.explained, "rows": chunk.rows}


def _finished(journal: Journal, chunks: Iterator[tuple[str, Rows]]) -> Iterator[ChunkSets]:
    """What the journal holds of the first chunks, which are taken off `chunks`."""
    for position, entry in enumerate(journal.entries):
        try:
            rows = tuple(tuple((tuple(f), float(s), float(e)) for f, s, e in row) for row in entry["rows"])
            chunk_sets = ChunkSets(tuple(entry["names"]), str(entry["explained"]), rows)
            digest, d = entry["digest"], len(chunk_sets.names)
            if not all(0 <= i < d for row in rows for features, _, _ in row for i in features):
                raise ValueError("a set of fields that are not there")
        except (KeyError, TypeError, ValueError, IndexError) as error:
            raise journal.refusal(position, f"this is no chunk of rows ({type(error).__name__})") from None
        if next(chunks, ("", ()))[0] != digest:
            raise InvalidInput(
                f"The rows are not those that the file was begun with (they differ within {CHUNK} rows from row "
                f"{position * CHUNK}); give the same rows, or another file."
            )
        yield chunk_sets
