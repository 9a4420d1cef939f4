"""Run the benchmarks named on the command line, or all, and keep what they measured in benchmarks/results.json."""

from __future__ import annotations

import importlib
import json
import os
import platform
import sys
from pathlib import Path

import torch

from glider_core.provenance import versions

RESULTS = Path(__file__).parent / "results.json"
# Imported once they are asked for: what one needs, such as the app's database, need not be there for another.
BENCHMARKS = {
    "explainer": "explainer",
    "stages": "stages",
    "threads": "threads",
    "global": "globally",
    "crosses": "crossing",
    "streaming": "streaming",
    "thrift": "thrift",
    "scans": "scans",
    "resnet": "resnet",
    "gpu": "gpu",
    "gpu_training": "gpu_training",
    "load": "load",
    "kill": "kill",
    "casebook": "casebook",
    "quality": "quality",
    "reaction": "reaction",
    "tree_shap": "tree_shap",
}
_ON_A_GPU = {"gpu", "gpu_training"}


def main(names: list[str]) -> None:
    """Run them one after another; each replaces its own part of the results."""
    if unknown := set(names) - set(BENCHMARKS):
        raise SystemExit(f"No benchmark {', '.join(sorted(unknown))}; choose among {', '.join(BENCHMARKS)}.")
    for name in names or [name for name in BENCHMARKS if name not in _ON_A_GPU or torch.cuda.is_available()]:
        run = importlib.import_module(f"benchmarks.{BENCHMARKS[name]}").run
        print(f"\n{name}: {run.__doc__}\n")
        keep(name, run())


def keep(name: str, measured: list[dict] | dict) -> None:
    """Put what a benchmark measured into the results, in place of what it measured before."""
    results = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    results[name] = {"machine": machine(), "versions": versions(), "measured": measured}
    RESULTS.write_text(json.dumps(results, indent=1) + "\n")


def machine() -> dict[str, str | int]:
    """What the numbers depend on."""
    model = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        model = next((line.split(":")[1].strip() for line in cpuinfo.open() if line.startswith("model name")), model)
    return {"processor": model, "cores": os.cpu_count() or 0, "threads of torch": torch.get_num_threads()}


if __name__ == "__main__":
    main(sys.argv[1:])
