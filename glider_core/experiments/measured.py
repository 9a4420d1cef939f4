"""What was measured: the results of experiments as they lie in assets/results, and the page of docs that tells them."""

from __future__ import annotations

import json
from typing import Any

from glider_core.experiments import EXPERIMENTS
from glider_core.experiments.markdown import table, wrapped
from glider_core.shipped import ASSETS

RESULTS = ASSETS / "results"

_HEAD = """# What Glider finds

Every number on this page was measured by a command of this repository. The page itself is written by `make results`
from the files in `assets/results/`; a test compares the two. The terms of data and models are in
[licences.md](licences.md), speed is in [benchmarks/README.md](../benchmarks/README.md).
"""


def measured(experiment: str) -> dict[str, dict[str, Any]]:
    """The results of an experiment that lie in assets/results, by their files' stems."""
    stem = experiment.replace("-", "_")
    paths = sorted({*RESULTS.glob(f"{stem}.json"), *RESULTS.glob(f"{stem}_*.json")})
    others = [name.replace("-", "_") for name in EXPERIMENTS if name.startswith(f"{experiment}-")]
    paths = [path for path in paths if not any(f"{path.stem}_".startswith(f"{other}_") for other in others)]
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in paths}


def results_page() -> str:
    """docs/results.md: a section for each experiment that was measured and tells of it; Markdown."""
    sections = [_HEAD]
    for name, experiment in EXPERIMENTS.items():
        results = measured(name)
        if results and experiment.report is not None:
            sections.append(
                f"## {experiment.title}\n\n`glider reproduce {name}`\n\n{wrapped(experiment.report(results))}\n"
            )
    return "\n".join([*sections, f"## The models that ship\n\n{_models()}\n"])


def _models() -> str:
    """What each shipped model's card says of rows that it never saw."""
    rows = []
    for card in sorted(ASSETS.glob("*/*/README.md")):
        lines = [line.strip("| \n").split(" | ", 1) for line in card.read_text(encoding="utf-8").splitlines()]
        facts = {cells[0]: cells[1] for cells in lines if len(cells) == 2}
        measure = next(name for name in ("test", "test accuracy", "accuracy", "validation") if name in facts)
        model = card.parent.relative_to(ASSETS).as_posix()
        rows.append((f"[{model}](../assets/{model}/README.md)", measure, facts[measure]))
    return table(("model, with its card", "on", "measured"), rows)
