"""Do wider vectors, with as many parameters, gain what crosses gain? (Table 7; the trials are those of Table 3)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments import table3
from glider_core.experiments.base import Beside, Context, Experiment, Result
from glider_core.experiments.crossed import FINISHED, TRAINED, file_stem, finished
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.sources import FAMILY

MEASURES = ("auc", "logloss")


def run(context: Context) -> dict[str, Any]:
    """What crosses and what wider vectors gain over neither, from trials of Table 3.

    Raises:
        InvalidInput: as for `table3`; or the file of trials is none of its results, or lacks a variant.
    """
    result = table3.run(context) if context["trials"] is None else finished(context["trials"])
    by: dict[str, dict[str, Any]] = {}
    for gain in result["gains"]:
        by.setdefault(gain["target"], {})[gain["variant"]] = {
            name: gain[name] for name in gain if name not in ("target", "variant")
        }
    lacking = [target for target, variants in by.items() if len(variants) < 2]
    if lacking or not by:
        raise InvalidInput(f"There are no trials with crosses and with wider vectors of {', '.join(lacking) or 'any'}.")
    return {
        "table": result["table"],
        "rows": result["rows"],
        "targets": by,
        "parameters": result["parameters"],
        "seeds": max(own["seeds"] for variants in by.values() for own in variants.values()),
        "trials": "trained here" if context["trials"] is None else context["trials"].name,
        "seconds": round(sum(trial["seconds"] for trial in result["trials"]), 1),
        "versions": result["versions"],
    }


def _report(results: Mapping[str, Result]) -> str:
    parts = []
    for result in results.values():
        rows = [
            (target, *(cell for name in ("crossed", "enlarged") for cell in _cells(variants[name])))
            for target, variants in result["targets"].items()
        ]
        head = ("", "crosses: AUC", "logloss saved", "beyond 2 deviations", "wider: AUC", "logloss saved",
                "beyond 2 deviations")  # fmt: skip
        parts.append(
            f"**{result['table']}**: {result['rows']['train']:,} training rows, {result['seeds']} seeds.\n\n"
            + table(head, rows)
        )
    return "\n\n".join(
        [
            "Gains over the recommender with neither, ± the deviation of the difference of two trainings. In the paper "
            "wider vectors with as many parameters do not gain what crosses gain.",
            *parts,
            written_by(results),
        ]
    )


def _cells(own: Mapping[str, Any]) -> tuple[str, ...]:
    gains = (f"{own[f'{measure}_gain']:+.4f}" for measure in MEASURES)
    spreads = (own[f"{measure}_deviation"] for measure in MEASURES)
    told = [gain + ("" if spread is None else f" ± {spread:.4f}") for gain, spread in zip(gains, spreads, strict=True)]
    return (*told, "not known" if own["exceeds"] is None else "yes" if own["exceeds"] else "no")


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    rows = []
    for result in results.values():
        targets = result["targets"].values()
        more = sum(own["crossed"]["logloss_gain"] > own["enlarged"]["logloss_gain"] for own in targets)
        gained = sum(bool(own["enlarged"]["exceeds"]) for own in targets)
        rows.append(
            Beside(
                what=f"{result['table']}: wider vectors in place of crosses",
                paper="do not gain what crosses gain (Criteo, Avazu)",
                ours=f"crosses save more logloss with {more} of {len(targets)} recommenders; wider vectors gain beyond "
                f"two deviations with {gained}",
                differs=f"{result['rows']['train']:,} training rows; the paper: the full logs",
                met=more == len(targets),
            )
        )
    return rows


EXPERIMENT = Experiment(
    name="table7",
    title="Wider vectors in place of crosses: what they gain (Table 7)",
    claim="It is the crosses that help, not the parameters they bring: wider vectors gain less.",
    run=run,
    options={**TRAINED, "trials": FINISHED},
    quick=table3.EXPERIMENT.quick,
    smoke=table3.EXPERIMENT.smoke,
    family=FAMILY,
    stem=file_stem,
    report=_report,
    beside=_beside,
)
