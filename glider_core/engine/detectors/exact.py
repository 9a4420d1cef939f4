"""Exact: every mask asked once, every product of every set looked at; the truth that other detectors stand beside."""

from __future__ import annotations

from glider_core.engine.detectors.grow import Grow
from glider_core.engine.exhaustive import MAX_FEATURES
from glider_core.errors import InvalidInput
from glider_core.settings import Settings


class Exact(Grow):
    """All 2^d masks; nothing is sampled, and of a deterministic black box nothing needs a test."""

    name = "Exact"
    title = "Exact"
    note = "Sets of any size, from all on/off combinations of up to twelve features: nothing is left to chance."
    only_exhaustive = True
    grows = False

    def exhaustive(self, d: int, settings: Settings) -> bool:
        """Always.

        Raises:
            InvalidInput: 2^d is more than the settings let it ask.
        """
        if d > MAX_FEATURES or 2**d > settings.n_masks:
            raise InvalidInput(
                f"The instance has {d} features, and so {2**d if d < 64 else f'2^{d}'} masks; Exact asks all of them, "
                f"of at most {MAX_FEATURES} features, and the settings allow {settings.n_masks} questions. "
                "Choose Grow, which samples, or allow more."
            )
        return True


DETECTOR = Exact()
