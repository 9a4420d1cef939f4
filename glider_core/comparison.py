"""Two explanations side by side: which sets both have, where they differ most, and how far they agree."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Literal

from glider_core.results import Explanation, Interaction, drawings_for_notebooks

Status = Literal["conflict", "left", "right", "both"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shared:
    """A set of features in two explanations."""

    names: tuple[str, ...]
    status: Status  # found in one only, in both, or in both with opposite signs
    left: int | None  # position among the left one's interactions
    right: int | None
    left_effect: float  # logits; 0.0 where it was not found
    right_effect: float

    @property
    def difference(self) -> float:
        """The right effect less the left one."""
        return self.right_effect - self.left_effect


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """What two explanations share."""

    sets: tuple[Shared, ...]  # conflicts first, then by the size of the difference
    # Of all that the sets of either come to, in size, the part that both have with one sign; 0..1, None without sets.
    agreement: float | None
    features: float | None  # correlation of the main effects of shared features; None: fewer than 3, or all alike
    same_input: bool  # whether both have the same features

    @property
    def conflicts(self) -> int:
        """How many sets both have with opposite signs."""
        return sum(each.status == "conflict" for each in self.sets)

    @property
    def words(self) -> str:
        """The agreement with its meaning, in a sentence."""
        if self.agreement is None:
            return "Neither reads anything together, so there is nothing to disagree on."
        both = sum(each.status == "both" for each in self.sets)
        told = (
            f"Agreement {self.agreement:.0%}: of all that the sets of either come to, this part is in both with the "
            f"same sign. {both} of {len(self.sets)} sets are shared"
        )
        if self.conflicts:
            told += f"; {self.conflicts} {'is' if self.conflicts == 1 else 'are'} read in opposite ways"
        return f"{told}."

    def _repr_html_(self) -> str | None:
        """What a notebook shows: the sets of both on one scale; None, its text alone, where that cannot be drawn."""
        try:
            return drawings_for_notebooks().of_comparison(self)
        except ImportError:
            return None


def compare(left: Explanation, right: Explanation) -> Comparison:
    """Compare two explanations; opposite signs never count as agreement.

    Features are the same where both have the same list of names; else those of one name, counted from the left, are.
    What could not be read has no sets.
    """
    same = left.names == right.names
    keys = (_positions, _positions) if same else (_counted, _counted)
    first, second = (key(each) for key, each in zip(keys, (left, right), strict=True))
    ones, others = _sets(left, first), _sets(right, second)
    found = []
    for key in dict.fromkeys([*ones, *others]):
        one, other = ones.get(key), others.get(key)
        interaction = (one or other or (0, None))[1]
        assert interaction is not None
        a, b = (0.0 if each is None else each[1].effect for each in (one, other))
        status: Status = "left" if other is None else "right" if one is None else "both"
        if a * b < 0:
            status = "conflict"
        found.append(
            Shared(
                names=interaction.names,
                status=status,
                left=None if one is None else one[0],
                right=None if other is None else other[0],
                left_effect=a,
                right_effect=b,
            )
        )
    found.sort(key=lambda each: (each.status != "conflict", -abs(each.difference)))
    return Comparison(
        sets=tuple(found),
        agreement=_agreement(found),
        features=_correlation(left, first, right, second),
        same_input=same,
    )


def _agreement(sets: list[Shared]) -> float | None:
    """Weighted overlap (Ruzicka) of the effects: equal sets with equal effects 1, none shared or all opposite 0."""
    if not sets:
        return None
    pairs = [(each.left_effect, each.right_effect) for each in sets]
    shared = sum(min(abs(a), abs(b)) for a, b in pairs if a * b > 0)
    # Opposite signs lie apart by the sum of their sizes.
    total = sum(max(abs(a), abs(b)) if a * b >= 0 else abs(a) + abs(b) for a, b in pairs)
    return shared / total if total > 0 else None


def _positions(explanation: Explanation) -> list[Hashable]:
    return list(range(len(explanation.names)))


def _counted(explanation: Explanation) -> list[Hashable]:
    """Names with their number among equal ones, as a word may stand twice."""
    seen: dict[str, int] = {}
    counted: list[Hashable] = []
    for name in explanation.names:
        seen[name] = seen.get(name, 0) + 1
        counted.append((name, seen[name]))
    return counted


def _sets(explanation: Explanation, keys: list[Hashable]) -> dict[frozenset[Hashable], tuple[int, Interaction]]:
    if explanation.verdict == "unreadable":
        return {}
    return {
        frozenset(keys[i] for i in interaction.features): (number, interaction)
        for number, interaction in enumerate(explanation.interactions)
    }


def _correlation(left: Explanation, ones: list[Hashable], right: Explanation, others: list[Hashable]) -> float | None:
    theirs = dict(zip(others, right.main_effects, strict=True))
    pairs = [(mine, theirs[key]) for key, mine in zip(ones, left.main_effects, strict=True) if key in theirs]
    if len(pairs) < 3:
        return None
    mean: Callable[[int], float] = lambda side: sum(pair[side] for pair in pairs) / len(pairs)  # noqa: E731
    a, b = mean(0), mean(1)
    spread = math.sqrt(sum((x - a) ** 2 for x, _ in pairs) * sum((y - b) ** 2 for _, y in pairs))
    return sum((x - a) * (y - b) for x, y in pairs) / spread if spread > 0 else None
