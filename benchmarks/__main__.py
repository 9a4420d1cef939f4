"""Run the benchmarks named on the command line, or all, and keep what they measured in benchmarks/results.json."""

from __future__ import annotations

import json
import os
import platform
import sys
from pathlib import Path

import torch

from benchmarks import (
    casebook,
    crossing,
    explainer,
    globally,
    gpu,
    kill,
    load,
    quality,
    reaction,
    resnet,
    scans,
    stages,
    streaming,
    threads,
    thrift,
    tree_shap,
)
from glider_core.provenance import versions

RESULTS = Path(__file__).parent / "results.json"
BENCHMARKS = {
    "explainer": explainer.run,
    "stages": stages.run,
    "threads": threads.run,
    "global": globally.run,
    "crosses": crossing.run,
    "streaming": streaming.run,
    "thrift": thrift.run,
    "scans": scans.run,
    "resnet": resnet.run,
    "gpu": gpu.run,
    "load": load.run,
    "kill": kill.run,
    "casebook": casebook.run,
    "quality": quality.run,
    "reaction": reaction.run,
    "tree_shap": tree_shap.run,
}


def main(names: list[str]) -> None:
    """Run them one after another; each replaces its own part of the results."""
    if unknown := set(names) - set(BENCHMARKS):
        raise SystemExit(f"No benchmark {', '.join(sorted(unknown))}; choose among {', '.join(BENCHMARKS)}.")
    for name in names or [name for name in BENCHMARKS if name != "gpu" or torch.cuda.is_available()]:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}\n")
        keep(name, BENCHMARKS[name]())


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
