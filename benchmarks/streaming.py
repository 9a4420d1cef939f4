"""The paper's logs at their size: a file in Criteo's format, streamed from disk through encoding, crosses and training.

The values are drawn, for the logs themselves cannot be had; the format, the number of fields and how many values each
has are Criteo's.
"""

from __future__ import annotations

import itertools
import multiprocessing
import tempfile
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np

ROWS, FULL = 2_000_000, 45_840_617  # measured by default; of the whole log
CROSSES = 10
_BLOCK = 100_000
# Distinct values of the 26 categories of the Kaggle log.
_SIZES = (
    1460, 583, 10_131_227, 2_202_608, 305, 24, 12_517, 633, 3, 93_145, 5683, 8_351_593, 3194, 27, 14_992, 5_461_306, 10,
    5652, 2173, 4, 7_046_547, 18, 15, 286_181, 105, 142_572,
)  # fmt: skip


def run(rows: int = ROWS) -> dict[str, Any]:
    """encoding, 10 crosses and one pass of DeepFM over 2,000,000 rows in Criteo's format, seconds and memory"""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "train.txt"
        write_log(path, rows)
        # In a process of its own, so that its memory is its own.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            found = pool.apply(_measure, (str(path), str(Path(folder) / "encoded"), rows))
    print(found)
    return found


def write_log(path: Path, rows: int) -> None:
    """A log in Criteo's format: label, 13 integers, 26 categories of eight hexadecimal digits, tabs, no header."""
    import pyarrow as pa
    import pyarrow.compute as compute
    import pyarrow.csv as csv

    rng, digits = np.random.default_rng(0), pa.array([f"{n:04x}" for n in range(1 << 16)])
    functions: Any = compute  # whose stubs do not know them all
    options = csv.WriteOptions(include_header=False, delimiter="\t", quoting_style="none")
    with path.open("wb") as file:
        for start in range(0, rows, _BLOCK):
            n = min(_BLOCK, rows - start)
            columns: dict[str, Any] = {}
            ids = [np.minimum(size * rng.random(n) ** 4, size - 1).astype(np.uint64) for size in _SIZES]
            for number in range(1, 14):
                values = np.floor(np.exp(rng.normal(1.5, 1.5, n)))
                columns[f"I{number}"] = pa.array(values.astype(np.int64), mask=rng.random(n) < 0.2)
            for number, own in enumerate(ids, 1):
                mixed = (own * np.uint64(2_654_435_761) + np.uint64(number)) & np.uint64(0xFFFFFFFF)
                high, low = (digits.take(pa.array(part.astype(np.int64))) for part in np.divmod(mixed, 1 << 16))
                text = functions.binary_join_element_wise(high, low, "")
                columns[f"C{number}"] = functions.if_else(pa.array(rng.random(n) < 0.1), None, text)
            logits = -1.5 + ((ids[4] + ids[5]) % 2).astype(float) + 0.5 * ((ids[0] + ids[7]) % 3).astype(float)
            label = pa.array((rng.random(n) < 1 / (1 + np.exp(-logits))).astype(np.int64))
            csv.write_csv(pa.table({"label": label, **columns}), file, options)


def _measure(path: str, folder: str, rows: int) -> dict[str, Any]:
    import torch

    from glider_core.domains.recommender.data import log_parts
    from glider_core.recommenders.fitting import Training, device_for
    from glider_core.recommenders.network import DeepFM
    from glider_core.recommenders.recipes import Recipe
    from glider_core.recommenders.streamed import stream_log

    kinds: Any = {f"I{n}": "dense" for n in range(1, 14)} | {f"C{n}": "categorical" for n in range(1, 27)}
    sets = list(itertools.islice(itertools.combinations([f"C{n}" for n in (1, 5, 6, 8, 17)], 2), CROSSES))
    times: dict[str, float] = {}
    with Watched() as memory:
        started = last = time.perf_counter()

        def on_progress(stage: str, done: int) -> None:
            nonlocal last
            now = time.perf_counter()
            times[stage] = times.get(stage, 0.0) + now - last
            last = now

        log = stream_log(lambda: log_parts(Path(path), "criteo"), "label", kinds, folder, sets=sets,
                         on_progress=on_progress)  # fmt: skip
        encoded = time.perf_counter() - started
        while_encoding = memory.peak
        memory.peak = 0
        device = device_for("auto", rows)
        recipe = Recipe(epochs=1, batch=10_000 if device != "cpu" else 2000, looks=1)
        started = time.perf_counter()
        training = Training(
            lambda: DeepFM(log.fields, log.sizes, **recipe.sizes()), log.parts, device=device, **recipe.options()
        )
        looks = list(training.run())
        trained = time.perf_counter() - started
    hours = (encoded + trained) / rows * FULL / 3600
    return {
        "rows": rows,
        "file, GB": round(Path(path).stat().st_size / 1e9, 2),
        "encoded, GB": round(sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e9, 2),
        **{f"{stage}, seconds": round(seconds, 1) for stage, seconds in times.items()},
        "encoding, rows a second": round(rows / encoded),
        "training, rows a second": round(len(log.parts["train"][1]) / trained),
        "device": device,
        "threads": torch.get_num_threads(),
        "parameters": training.network.n_parameters,
        "validation AUC": round(looks[-1].validation.auc, 4),
        "peak memory of the encoding, MB": while_encoding,
        "peak memory of the training, MB": memory.peak,
        f"hours for {FULL:,} rows, one pass": round(hours, 2),
    }


class Watched:
    """The most memory that this process holds while it is open, MB, without what the system could drop of files."""

    def __init__(self) -> None:
        self.peak, self._over = 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.05):
            status = Path("/proc/self/status").read_text()
            self.peak = max(self.peak, round(int(status.split("RssAnon:")[1].split()[0]) / 1024))


if __name__ == "__main__":
    import sys

    run(int(sys.argv[1]) if len(sys.argv) > 1 else ROWS)
