"""What a GPU is worth to trainings of recommenders, and whether it learns the same: one recipe on both, batch by batch.

python -m benchmarks.gpu_training   # on a machine with a CUDA GPU
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from pathlib import Path
from typing import Any

import torch

from glider_core.recommenders.fitting import fit
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.simulated import simulated

ROWS = 400_000  # of the simulated click log
BATCHES = {512: 3, 4096: 1, 32_768: 1}  # rows of a step, and seeds
TARGETS = ("DeepFM", "AutoInt")


def run(rows: int = ROWS, devices: tuple[str, ...] = ("cpu", "cuda")) -> list[dict[str, Any]]:
    """one pass of DeepFM and AutoInt over a simulated log, on the processor and on a GPU: rows a second and quality"""
    if "cuda" in devices and not torch.cuda.is_available():
        raise SystemExit("This machine offers no CUDA GPU.")
    dataset = simulated(rows, n_validation=rows // 10, n_test=rows // 10)
    measured = []
    for target in TARGETS:
        for batch, seeds in BATCHES.items():
            for device in devices:
                recipe = Recipe(epochs=1, batch=batch)

                def train(seed: int, parts: Any = dataset.parts, recipe: Recipe = recipe, device: str = device) -> Any:
                    kind: Any = RECOMMENDERS[target]  # noqa: B023  used at once
                    return fit(
                        lambda: kind(dataset.fields, **recipe.sizes()), parts, seed=seed, device=device,
                        **recipe.options(),
                    )  # fmt: skip

                small, answers = dataset.parts["train"]
                few = (type(small)(small.ids[: 2 * batch], small.dense[: 2 * batch]), answers[: 2 * batch])
                train(0, {**dataset.parts, "train": few})  # what is done once is not measured
                seconds, tests = [], []
                for seed in range(seeds):
                    started = time.perf_counter()
                    tests.append(train(seed).test)
                    seconds.append(time.perf_counter() - started)
                row = {
                    "network": target,
                    "batch": batch,
                    "device": device if device == "cpu" else torch.cuda.get_device_name(),
                    "threads": torch.get_num_threads(),
                    "seconds of a pass": round(statistics.fmean(seconds), 2),
                    "rows a second": round(rows / statistics.fmean(seconds)),
                    "test AUC, by seed": [round(test.auc, 5) for test in tests],
                    "test logloss, by seed": [round(test.logloss, 5) for test in tests],
                }
                print(row, flush=True)
                measured.append(row)
    return measured


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int, nargs="?", default=ROWS)
    parser.add_argument("--devices", default="cpu,cuda")
    parser.add_argument("--out", type=Path, help="a JSON file for what was measured")
    given = parser.parse_args()
    found = run(given.rows, tuple(given.devices.split(",")))
    if given.out:
        given.out.write_text(json.dumps(found, indent=1) + "\n")
