"""A plan: what all instances with d features share in a run, so that each is explained alike in any company."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from glider_core.engine.linear import Basis
from glider_core.engine.masks import Split, distinct, lime_weights, sample_masks, split_masks
from glider_core.settings import Settings

_MIN_PART = 20  # masks to validate on, and to test on; settings allow no fewer


@dataclass(frozen=True, slots=True)
class Plan:
    """Masks, their weights, and who trains on which; all of it from the settings' seed."""

    masks: NDArray[np.bool_]  # (n, d)
    distinct: NDArray[np.bool_]  # (m, d)
    which: NDArray[np.intp]  # (n,) each mask's row in `distinct`
    weights: NDArray[np.float64]  # (n,)
    splits: tuple[Split, ...]  # one per repeat
    seeds: tuple[int, ...]  # of each repeat's explainer
    bases: tuple[Basis, ...]  # of each repeat's linear models

    @classmethod
    def draw(cls, d: int, settings: Settings) -> Plan:
        """The plan for d features."""
        mask_seed, split_seed, *repeat_seeds = np.random.SeedSequence(settings.seed).spawn(2 + settings.repeats)
        masks = sample_masks(d, settings.n_masks, np.random.default_rng(mask_seed))
        sizes = settings.n_train, settings.n_validation, settings.n_test
        deal = np.random.default_rng(split_seed)
        # The first repeat takes the masks as drawn; the others are dealt anew, so they differ in data as well.
        splits = tuple(split_masks(*sizes, deal if repeat else None) for repeat in range(settings.repeats))
        seeds = tuple(int(seed.generate_state(1)[0]) for seed in repeat_seeds)
        return cls._of(masks, lime_weights(masks, settings.kernel_width), splits, seeds)

    def beginning(self, n: int, settings: Settings) -> Plan:
        """The plan of the first n masks.

        What a mask is for does not change when more are asked: of the masks in any stretch, so large a part trains,
        validates and tests as of all. The last beginning, all the masks, divides them in just the settings' numbers.
        """
        masks, weights = self.masks[:n], self.weights[:n]
        part = _roles(settings)[:n]
        split = Split(*(np.flatnonzero(part == role) for role in range(3)))
        splits = [split]
        for seed in self.seeds[1:]:
            rows = np.concatenate([split.train, split.validation])
            rows[1:] = np.random.default_rng(seed).permutation(rows[1:])
            train, validation = np.split(rows, [len(split.train)])
            splits.append(Split(np.sort(train), np.sort(validation), split.test))
        return self._of(masks, weights, tuple(splits), self.seeds)

    @staticmethod
    def looks(first: int, step: int, settings: Settings) -> list[int]:
        """The sizes of the beginnings to look at: the first, others a step apart, at last all masks.

        Beginnings too short to have enough masks of each part are left out.
        """
        counts = [np.cumsum(_roles(settings) == role) for role in (1, 2)]
        shortest = max(int(np.searchsorted(count, _MIN_PART)) + 1 for count in counts)
        return [n for n in range(first, settings.n_masks, step) if n >= shortest] + [settings.n_masks]

    @classmethod
    def _of(
        cls,
        masks: NDArray[np.bool_],
        weights: NDArray[np.float64],
        splits: tuple[Split, ...],
        seeds: tuple[int, ...],
    ) -> Plan:
        return cls(
            masks, *distinct(masks), weights, splits, seeds, tuple(Basis.of(masks, weights, split) for split in splits)
        )


def _roles(settings: Settings) -> NDArray[np.int64]:
    """(n,) 0 where a mask trains, 1 where it validates, 2 where it tests: spread evenly, in the settings' numbers."""
    n = settings.n_masks
    roles = np.zeros(n, dtype=np.int64)
    held_out = settings.n_validation + settings.n_test
    # The places of all that is held out, evenly spaced and never row 0, the instance itself, which always trains.
    places = 1 + (np.arange(held_out) * (n - 1)) // held_out
    # Of these, evenly again, who tests.
    order = np.arange(held_out)
    roles[places] = 1 + ((order + 1) * settings.n_test // held_out > order * settings.n_test // held_out)
    return roles
