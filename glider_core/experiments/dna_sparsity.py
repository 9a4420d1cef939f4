"""DNA: how sparse must the explainer be? The L1 term that `NID_L1` was chosen from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.drawings.plots import Line, line_chart
from glider_core.experiments.base import Context, Experiment, Option, Result
from glider_core.experiments.dna import found_in
from glider_core.experiments.markdown import share, table, written_by
from glider_core.settings import Settings

L1 = (1e-4, 1e-3, 3e-3, 5e-3, 1e-2)
SHARES = ("exactly the six positions", "four or more of them and nothing else", "interactions per probe")


def run(context: Context) -> dict[str, Any]:
    """What is found of CACGTG at several L1 terms, on probes of the validation part."""
    data, probes = context.data_folder(), context["probes"]
    runs = {
        value: found_in(data, Settings(detector="NID", l1=value), "validation", probes) for value in context["terms"]
    }
    first = next(iter(runs.values()))
    return {
        "probes": first["probes"],
        "by l1": {str(value): {name: result[name] for name in SHARES} for value, result in runs.items()},
        "versions": first["versions"],
    }


def _report(results: Mapping[str, Result]) -> str:
    result = results["dna_sparsity"]
    rows = [
        (l1, share(by[SHARES[0]]), share(by[SHARES[1]]), f"{by[SHARES[2]]:.1f}")
        for l1, by in result["by l1"].items()
    ]  # fmt: skip
    return (
        "The off state is a *random* other letter, so that answers are noisy, and an explainer that may use every "
        f"weight fits the noise. On {result['probes']} validation probes; the DNA page starts at 5e-3.\n\n"
        f"{table(('L1', *SHARES), rows)}\n\n{written_by(results)}"
    )


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    by = results["dna_sparsity"]["by l1"]
    lines = [
        Line(name=name, x=list(map(float, by)), y=[values[what] for values in by.values()])
        for name, what in (("the six exactly", SHARES[0]), ("four or more", SHARES[1]))
    ]
    title = "Probes in which the motif is found, by the L1 term of the explainer"
    return {
        title: line_chart(lines, title=title, x="L1 term", y="share of probes", log_x=True, percent=True, zero=True)
    }


EXPERIMENT = Experiment(
    name="dna-sparsity",
    title="DNA: what is found, by the explainer's sparsity",
    claim="An explainer of noisy answers has to be sparse to find a motif of six positions.",
    run=run,
    options={
        "probes": Option(help="Validation probes to explain.", default=48, least=1),
        "terms": Option(help="L1 terms.", kind=float, several=True, default=L1, least=0),
    },
    quick={"probes": 4},
    smoke={"probes": 1, "terms": (5e-3,)},
    report=_report,
    pictures=_pictures,
)
