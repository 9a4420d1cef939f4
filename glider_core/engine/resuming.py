"""Explaining many goes on where it was: each explanation is in a journal as soon as it is there."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.journal import KIND, Journal
from glider_core.provenance import fingerprint
from glider_core.results import Explanation
from glider_core.settings import Settings

Explain = Callable[[Sequence[int], Callable[[int, Explanation], None]], None]


def explain_resumed(
    instances: Sequence[Instance],
    settings: Settings,
    path: str | Path,
    explain: Explain,
    on_result: Callable[[int, Explanation], None] | None,
) -> list[Explanation]:
    """Explanations of all instances, those that the file has not explained anew.

    Args:
        instances: each with an identity, so that it is known again.
        settings: for all of them.
        path: of the journal.
        explain: explains those at these positions, and calls back with position and explanation.
        on_result: called with all of them, those of the file first.

    Raises:
        InvalidInput: an instance has no identity; or the file cannot be used (see `Journal.open`).
    """
    fingerprints = [instance.case(settings).fingerprint for instance in instances]
    if None in fingerprints:
        raise InvalidInput(
            f"Instance {fingerprints.index(None)} has no identity, so that it cannot be known again; leave `resume` "
            "out, or give its function a fingerprint."
        )
    header = {KIND: "explanations", "instances": fingerprint(*map(str, fingerprints)), "n": len(instances)}
    results: dict[int, Explanation] = {}

    def take(position: int, explanation: Explanation) -> None:
        results[position] = explanation
        if on_result is not None:
            on_result(position, explanation)

    with Journal.open(path, header) as journal:
        for number, entry in enumerate(journal.entries):
            position = entry.get("position")
            try:
                explanation = Explanation.from_json(json.dumps(entry["explanation"]))
            except (InvalidInput, KeyError) as error:
                raise journal.refusal(number, f"it holds no explanation ({error!s:.120})") from None
            if type(position) is not int or not 0 <= position < len(instances) or position in results:
                raise journal.refusal(number, "it explains none of these instances")
            if explanation.fingerprint != fingerprints[position]:
                raise journal.refusal(number, "it explains another instance")
            take(position, explanation)

        def keep(position: int, explanation: Explanation) -> None:
            journal.append({"position": position, "explanation": json.loads(explanation.to_json())})
            take(position, explanation)

        explain([position for position in range(len(instances)) if position not in results], keep)
    return [results[position] for position in range(len(instances))]
