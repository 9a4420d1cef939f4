"""The paper's logs at their size: a file in Criteo's format, streamed from disk through encoding, crosses and training.

The values are drawn, for the logs themselves cannot be had; the format, the number of fields and how many values each
has are Criteo's.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import json
import multiprocessing
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
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


def run(rows: int = ROWS, processes: int = 1, cluster: bool = False, device: str = "auto", hashed: bool = False,
        folder: Path | None = None) -> dict[str, Any]:  # fmt: skip
    """encoding, 10 crosses and one pass of DeepFM over 2,000,000 rows in Criteo's format, seconds and memory"""
    with tempfile.TemporaryDirectory(dir=folder) as own:
        path, started = Path(own) / "train.txt", time.perf_counter()
        write_log(path, rows, processes)
        written = time.perf_counter() - started
        # In a process of its own, so that its memory is its own.
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            options = (str(path), str(Path(own) / "encoded"), rows, processes, cluster, device, hashed)
            # A pool's processes may have none of their own, as a cluster has.
            found = pool.apply(_grown_up, options)
    found["writing the log, seconds"] = round(written, 1)
    print(json.dumps(found, indent=1))
    return found


def write_log(path: Path, rows: int, processes: int = 1) -> None:
    """A log in Criteo's format: label, 13 integers, 26 categories of eight hexadecimal digits, tabs, no header."""
    blocks = [(start, min(_BLOCK, rows - start)) for start in range(0, rows, _BLOCK)]
    with ExitStack() as stack:
        file = stack.enter_context(path.open("wb"))
        each = map
        if processes > 1:
            each = stack.enter_context(multiprocessing.get_context("spawn").Pool(processes)).imap
        for text in each(_lines, blocks):
            file.write(text)


def _lines(block: tuple[int, int]) -> bytes:
    start, n = block
    rng = np.random.default_rng([start, 0])
    digits = np.array([b"%04x" % number for number in range(1 << 16)])
    ids = [np.minimum(size * rng.random(n) ** 4, size - 1).astype(np.uint64) for size in _SIZES]
    logits = -1.5 + ((ids[4] + ids[5]) % 2).astype(float) + 0.5 * ((ids[0] + ids[7]) % 3).astype(float)
    columns = [np.where(rng.random(n) < 1 / (1 + np.exp(-logits)), b"1", b"0").tolist()]
    for _ in range(13):
        values = np.floor(np.exp(rng.normal(1.5, 1.5, n))).astype(np.int64)
        words = [*(b"%d" % value for value in range(int(values.max()) + 1)), b""]
        values[rng.random(n) < 0.2] = -1  # the last word, which is none
        columns.append([words[value] for value in values.tolist()])
    for number, own in enumerate(ids, 1):
        mixed = (own * np.uint64(2_654_435_761) + np.uint64(number)) & np.uint64(0xFFFFFFFF)
        words = digits[np.stack(np.divmod(mixed, np.uint64(1 << 16)), axis=1)].view("S8")[:, 0]
        columns.append(np.where(rng.random(n) < 0.1, b"", words).tolist())
    return b"\n".join(map(b"\t".join, zip(*columns, strict=True))) + b"\n"


def _grown_up(*options: Any) -> dict[str, Any]:
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]
    return _measure(*options)


def _measure(
    path: str, folder: str, rows: int, processes: int, cluster: bool, device: str, hashed: bool
) -> dict[str, Any]:
    import torch

    from glider_core.recommenders.fitting import Training, device_for
    from glider_core.recommenders.network import DeepFM
    from glider_core.recommenders.pieces import log_pieces
    from glider_core.recommenders.recipes import log_recipe
    from glider_core.recommenders.streamed import stream_log

    kinds: Any = {f"I{n}": "dense" for n in range(1, 14)} | {f"C{n}": "categorical" for n in range(1, 27)}
    sets = list(itertools.islice(itertools.combinations([f"C{n}" for n in (1, 5, 6, 8, 17)], 2), CROSSES))
    times: dict[str, float] = {}
    with Watched() as memory, _workers(processes, cluster) as spread:
        started = last = time.perf_counter()

        def on_progress(stage: str, done: int) -> None:
            nonlocal last
            now = time.perf_counter()
            times[stage] = times.get(stage, 0.0) + now - last
            last = now

        pieces = log_pieces(path, "criteo")
        log = stream_log(pieces, "label", kinds, folder, sets=sets, on_progress=on_progress, **spread)
        encoded = time.perf_counter() - started
    of_encoding = {
        "rows": rows,
        "pieces": len(pieces),
        "processes that encode": processes,
        "on a cluster of Dask": cluster,
        "file, GB": round(Path(path).stat().st_size / 1e9, 2),
        "encoded, GB": round(sum(file.stat().st_size for file in Path(folder).iterdir()) / 1e9, 2),
        **{f"{stage}, seconds": round(seconds, 1) for stage, seconds in times.items()},
        "encoding, seconds": round(encoded, 1),
        "encoding, rows a second": round(rows / encoded),
        "ids of crosses": list(log.sizes),
        "peak memory of the encoding, all processes, MB": memory.peak,
        "peak memory of the encoding, largest process, MB": memory.largest,
        **({"checksum of the encoded log": _checksum(Path(folder))} if hashed else {}),
    }
    print(json.dumps(of_encoding, indent=1), flush=True)  # what is known already, should the training be ended
    with Watched() as of_training:
        device = device_for(device, rows)
        recipe = log_recipe(rows)
        started = time.perf_counter()
        training = Training(
            lambda: DeepFM(log.fields, log.sizes, **recipe.sizes()), log.parts, device=device, **recipe.options()
        )
        looks = list(training.run())
        trained = time.perf_counter() - started
    hours = (encoded + trained) / rows * FULL / 3600
    return {
        **of_encoding,
        "training, seconds": round(trained, 1),
        "training, rows a second": round(len(log.parts["train"][1]) / trained),
        "device": device,
        "threads": torch.get_num_threads(),
        "rows of a step": recipe.batch,
        "parameters": training.network.n_parameters,
        "validation AUC": round(looks[-1].validation.auc, 4),
        "peak memory of the training, MB": of_training.peak,
        f"hours for {FULL:,} rows, one pass": round(hours, 2),
    }


@contextmanager
def _workers(processes: int, cluster: bool) -> Iterator[dict[str, Any]]:
    if not cluster:
        yield {"processes": processes}
        return
    from distributed import Client, LocalCluster

    options: Any = {"n_workers": processes, "threads_per_worker": 1, "dashboard_address": None}
    with LocalCluster(**options) as own, Client(own) as client:
        yield {"executor": client}


def _checksum(folder: Path) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in sorted(folder.iterdir()):
        with path.open("rb") as file:
            shutil.copyfileobj(file, _Into(digest), 1 << 24)  # type: ignore[arg-type]
    return digest.hexdigest()


class _Into:
    """A digest as a file that is written to."""

    def __init__(self, digest: Any) -> None:
        self.write = digest.update


class Watched:
    """The most memory that this process and its descendants hold while it is open, MB, without what the system could
    drop of files."""

    def __init__(self) -> None:
        self.peak, self.largest, self._over = 0, 0, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(0.2):
            each = [_held(pid) for pid in _family()]
            self.peak, self.largest = max(self.peak, sum(each)), max(self.largest, *each)


def _family() -> set[int]:
    """This process and all that it or they have started."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            with suppress(OSError, IndexError, ValueError):  # it ended meanwhile
                parents[int(entry.name)] = int((entry / "stat").read_text().rpartition(")")[2].split()[1])
    family = {os.getpid()}
    while True:
        more = {pid for pid, parent in parents.items() if parent in family} - family
        if not more:
            return family
        family |= more


def _held(pid: int) -> int:
    with suppress(OSError, IndexError):
        return round(int(Path(f"/proc/{pid}/status").read_text().split("RssAnon:")[1].split()[0]) / 1024)
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=ROWS)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--cluster", action="store_true", help="workers of a local Dask cluster, so many processes")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--hashed", action="store_true", help="a checksum of what was encoded, to compare runs by")
    parser.add_argument("--folder", type=Path, help="for the log and what is encoded; by default the temporary one")
    parser.add_argument("--out", type=Path, help="a JSON file for what was measured")
    given = parser.parse_args()
    measured = run(given.rows, given.processes, given.cluster, given.device, given.hashed, given.folder)
    if given.out:
        given.out.write_text(json.dumps(measured, indent=1) + "\n")
