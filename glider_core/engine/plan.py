"""A plan: the masks that all instances with d features are asked about, so that each is explained alike in any company.

The masks of a run are one sequence; a look is its beginning. Whoever asks more, asks the same masks and some besides.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.design import Design
from glider_core.engine.exhaustive import all_masks
from glider_core.engine.linear import Basis
from glider_core.engine.masks import Split, chances, distinct, lime_weights, sample_masks, split_masks
from glider_core.settings import Settings

LOOKS = (300, 500, 1000, 2000, 4000, 6000, 12_000, 25_000, 50_000, 100_000)  # masks after which a growing run looks
_PER_FEATURE = 3  # masks for each feature before the first look: below, a linear model takes most of them
_MIN_PART = 20  # masks to validate on, and to test on; settings allow no fewer


class Look:
    """The first n masks of a plan, and what is computed from them alone, once for all instances."""

    def __init__(self, plan: Plan, n: int) -> None:
        self.plan = plan
        self.masks, self.weights = plan.masks[:n], plan.weights[:n]
        self.distinct, self.which = distinct(self.masks)  # (m, d); (n,) each mask's row in it

    @cached_property
    def design(self) -> Design:
        """For least squares on all of the masks."""
        return Design(self.masks, self.weights, exhaustive=self.plan.exhaustive)

    @cached_property
    def lime(self) -> NDArray[np.float64]:
        """(m,) how much each distinct mask counts for LIME, in masks drawn."""
        if not self.plan.exhaustive:
            return np.bincount(self.which, weights=self.weights).astype(np.float64)
        chance = self.weights / self.weights.sum()
        return self.plan.settings.n_masks * chance * lime_weights(self.distinct, self.plan.settings.kernel_width)

    @cached_property
    def split(self) -> Split:
        """Who trains, who validates and who tests, where something is held out."""
        settings, n = self.plan.settings, len(self.masks)
        if n == settings.n_masks and not self.plan.exhaustive:
            return split_masks(settings.n_train, settings.n_validation, settings.n_test)
        # Of the masks in any stretch as large a part trains, validates and tests as of all.
        part = _roles(max(n, settings.n_masks), settings)[:n]
        return Split(*(np.flatnonzero(part == role) for role in range(3)))

    @cached_property
    def basis(self) -> Basis:
        """What linear models that hold masks out share."""
        return Basis.of(self.masks, self.weights, self.split)


@dataclass(frozen=True)
class Plan:
    """Masks and their weights; all of it from the settings' seed and the number of the repeat."""

    settings: Settings
    masks: NDArray[np.bool_]  # (n, d)
    weights: NDArray[np.float64]  # (n,)
    exhaustive: bool  # whether these are all masks there are
    seed: int  # of an explainer
    context_seed: int  # of the contexts in which effects are measured
    _looks: dict[int, Look] = field(default_factory=dict, repr=False)

    @classmethod
    def draw(cls, d: int, settings: Settings, *, repeat: int = 0, exhaustive: bool = False) -> Plan:
        """The plan for d features.

        Args:
            d: features.
            settings: of the run.
            repeat: 0, or a repeat's number, whose masks are drawn anew.
            exhaustive: all 2^d masks, each weighted by the chance of drawing it.
        """
        sequence = np.random.SeedSequence([settings.seed, repeat] if repeat else settings.seed)
        mask_seed, context_seed, explainer_seed = sequence.spawn(3)
        if exhaustive:
            masks = all_masks(d)
            # Without LIME's kernel: of two features it gives "none on" a weight of 0.0003, and the only mask that tells
            # a product from a sum would go unheard.
            weights = chances(masks)
        else:
            masks = sample_masks(d, settings.n_masks, np.random.default_rng(mask_seed))
            weights = lime_weights(masks, settings.kernel_width)
        return cls(
            settings,
            masks,
            weights,
            exhaustive,
            int(explainer_seed.generate_state(1)[0]),
            int(context_seed.generate_state(1)[0]),
        )

    def look(self, n: int) -> Look:
        """The first n masks."""
        if n not in self._looks:
            self._looks[n] = Look(self, n)
        return self._looks[n]

    def looks(self, *, growing: bool) -> list[int]:
        """The numbers of masks to look after: a few, then more, at last all of them; all at once if not growing."""
        n, d = self.masks.shape
        if not growing or self.exhaustive:
            return [n]
        return [size for size in LOOKS if _PER_FEATURE * d <= size < n and self._can_hold_out(size)] + [n]

    def _can_hold_out(self, n: int) -> bool:
        part = _roles(max(n, self.settings.n_masks), self.settings)[:n]
        return min((part == 1).sum(), (part == 2).sum()) >= _MIN_PART


def _roles(n: int, settings: Settings) -> NDArray[np.int64]:
    """(n,) 0 where a mask trains, 1 where it validates, 2 where it tests: spread evenly, in the settings' numbers."""
    roles = np.zeros(n, dtype=np.int64)
    held_out = settings.n_validation + settings.n_test
    # The places of all that is held out, evenly spaced and never row 0, the instance itself, which always trains.
    places = 1 + (np.arange(held_out) * (n - 1)) // held_out
    # Of these, evenly again, who tests.
    order = np.arange(held_out)
    roles[places] = 1 + ((order + 1) * settings.n_test // held_out > order * settings.n_test // held_out)
    return roles
