"""What AutoInt found and the recommenders with and without it: what Tables 3, 4, 6 and 7 share."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments.base import Context, Option
from glider_core.experiments.source_model import Study, study
from glider_core.experiments.sources import OPTIONS
from glider_core.recommenders.comparison import VARIANTS, Comparison
from glider_core.recommenders.network import RECOMMENDERS

# Of a comparison; Tables 4, 6 and 7 take them as well.
COMPARED: dict[str, Option] = {
    **OPTIONS,
    "k": Option(help="Sets to cross; by default the paper's 40 or 10, or ours.", least=1),
    "threshold": Option(
        help="Training rows that an id of a cross must exceed; by default the paper's 100 of a million, or ours.",
        least=0,
    ),
    "epochs": Option(help="Passes over the rows, at most; by default ours.", least=1),
    "targets": Option(
        help="Recommenders to train.", kind=str, several=True, choices=tuple(RECOMMENDERS), default=tuple(RECOMMENDERS)
    ),
}
FINISHED = Option(help="A result of table3 that is told of, instead of measuring anew.", kind=Path)
TRAINED: dict[str, Option] = {
    **COMPARED,
    "variants": Option(help="Variants of each to train.", kind=str, several=True, choices=VARIANTS, default=VARIANTS),
    "seeds": Option(help="Trainings of each.", default=5, least=1),
}


def compared(context: Context) -> tuple[Study, Comparison]:
    """What AutoInt found, and the recommenders with and without it; nothing is trained but AutoInt.

    Raises:
        InvalidInput: as for `run`.
    """
    measured = study(context)
    sets = measured.top(context["k"] or measured.source.crosses)
    return measured, measured.source.compare(
        measured.dataset, sets, threshold=context["threshold"], epochs=context["epochs"]
    )


def finished(path: Path) -> dict[str, Any]:
    """A result of `table3`, whose trials Tables 4, 6 and 7 tell of, too.

    Raises:
        InvalidInput: it cannot be read, or is of another experiment.
    """
    try:
        result = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InvalidInput(f"{path.name} cannot be read as a result ({type(error).__name__}).") from None
    if not isinstance(result, dict) or not {"table", "rows", "crosses", "trials", "gains"} <= set(result):
        raise InvalidInput(f"{path.name} is no result of table3; give one, or leave it out to measure.")
    return result


def title_of(source: str, context: Context) -> str:
    """The table's title, and what of the comparison is not as usual."""
    threshold, epochs = context["threshold"], context["epochs"]
    return (
        source
        + ("" if threshold is None else f", T = {threshold}")
        + ("" if epochs is None else f", up to {epochs} passes")
    )


def stem_of(table: str, threshold: int | None, epochs: int | None) -> str:
    """Of files of a comparison: the table, and what is not as usual."""
    return table + ("" if threshold is None else f"_t{threshold}") + ("" if epochs is None else f"_e{epochs}")


def file_stem(name: str, options: Mapping[str, Any]) -> str:
    """Of a result: the table, and what of the comparison is not as usual."""
    return f"{name}_{stem_of(options['table'], options['threshold'], options['epochs'])}"
