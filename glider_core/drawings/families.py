"""Nested sets folded into one: what is found inside another set, or around it, is no finding of its own."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from glider_core.results import Interaction


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """A set with those inside it and around it; numbers are positions in `Explanation.interactions`."""

    head: int  # the member that adds most
    inside: tuple[int, ...]  # the others, in the order of the explanation
    gain: float  # share of what varies that all of them add

    @property
    def members(self) -> tuple[int, ...]:
        """The head, then the others."""
        return (self.head, *self.inside)


def families(interactions: Sequence[Interaction], *, left_out: Collection[int] = ()) -> list[Family]:
    """Interactions folded by nesting, what adds most first; the gains of all families sum to those of the interactions.

    A set belongs to the family of the first head, in order of gain, that it lies in or that lies in it.

    Args:
        interactions: of an explanation.
        left_out: positions that head a family only where no other set takes them in.
    """
    sets = [frozenset(interaction.features) for interaction in interactions]
    by_gain = sorted(range(len(sets)), key=lambda n: (n in left_out, -interactions[n].gain, n))
    inside: dict[int, list[int]] = {}
    for number in by_gain:
        head = next((h for h in inside if sets[h] < sets[number] or sets[number] < sets[h]), None)
        if head is None:
            inside[number] = []
        else:
            inside[head].append(number)
    folded = [
        Family(
            head=head,
            inside=tuple(sorted(others)),
            gain=sum(max(interactions[n].gain, 0.0) for n in (head, *others)),
        )
        for head, others in inside.items()
    ]
    return sorted(folded, key=lambda family: (family.head in left_out, -family.gain, family.head))
