"""Trainings beside crosses on their way out: all that was measured, as JSON text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict

from glider_core.provenance import versions
from glider_core.recommenders.comparison import Comparison, Trial
from glider_core.recommenders.gains import gains


def trials_json(comparison: Comparison, trials: Sequence[Trial], *, source: str) -> str:
    """The crosses, what they gain, every training, and how they were made, as JSON text.

    Args:
        comparison: what was learned from.
        trials: the trainings that have ended.
        source: what the rows are, for people.
    """
    return json.dumps(
        {
            "source": source,
            "crosses": [asdict(cross) for cross in comparison.crosses.report_],
            "gains": [{**asdict(gain), "exceeds": gain.exceeds} for gain in gains(trials)],
            "trials": [asdict(trial) for trial in trials],
            "rows": {part: len(answers) for part, (_, answers) in comparison.dataset.parts.items()},
            "recipe": asdict(comparison.recipe),
            "versions": versions(),
        },
        indent=1,
    )
