"""Feature crosses at size: a million rows and forty crosses, streamed from a Parquet file, seconds and memory."""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import time
from pathlib import Path

from glider_core.recommenders.simulator import SPARSE, simulate
from glider_core.tables.crosses import FeatureCrosses

ROWS, CROSSES, PAIRS = 1_000_000, 40, 28


def run() -> dict:
    """fit and transform of 40 crosses (28 pairs, 12 triples), from 100,000 and 1,000,000 rows in a Parquet file"""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for rows in (ROWS // 10, ROWS):
            path = Path(folder) / f"{rows}.parquet"
            simulate(rows, 1, SPARSE).table.to_parquet(path, row_group_size=100_000)
            # Each in a process of its own, so that its peak of memory is its own.
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                found.append(pool.apply(_measure, (str(path), rows)))
            print(found[-1])
    return {"crosses": CROSSES, "runs": found}


def sets() -> list[tuple[str, ...]]:
    """The first pairs and triples of all fields: those of many ids come first."""
    fields = list(SPARSE.sizes)
    pairs = itertools.islice(itertools.combinations(fields, 2), PAIRS)
    return [*pairs, *itertools.islice(itertools.combinations(fields, 3), CROSSES - PAIRS)]


def _measure(path: str, rows: int) -> dict:
    before = _peak()
    start = time.perf_counter()
    crosses = FeatureCrosses(sets()).fit(path)
    fitted = time.perf_counter()
    after_fit = _peak()
    crosses.transform_file(path, f"{path}.out")
    return {
        "rows": rows,
        "fit, seconds": round(fitted - start, 1),
        "transform, seconds": round(time.perf_counter() - fitted, 1),
        "combinations": sum(one.combinations for one in crosses.report_),
        "ids": sum(crosses.sizes),
        "peak memory before, MB": before,
        "peak memory of the fit, MB": after_fit,
        "peak memory, MB": _peak(),
    }


def _peak() -> int:
    """MB; of this process alone, where `ru_maxrss` would begin with that of the process that started it."""
    status = Path("/proc/self/status").read_text()
    return round(int(status.split("VmHWM:")[1].split()[0]) / 1024)
