"""Merging: several terms that stand for one set, found again in whatever terms happen to make up its table.

What a small network, or a sum that saturates, does to three or four features is no product and no parity: it takes most
of the terms that there are among them, and none of these is a thing to tell. A set with a table of its own is what the
terms mean where it is shorter to say (the minimum description length of Rissanen 1978, with BIC's price of a number).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import log

from glider_core.engine.interaction_sets import Features
from glider_core.engine.terms import Term, log_choices

PART_ENOUGH = 0.9  # share of a set's gain at which a part of it is the simpler thing to say
_SEVERAL = 4  # terms of a set with a table of its own: a triple beside two pairs is told as these
_CHAIN = 3  # terms "one of", each inside the next, that are one set

Groups = dict[Features, list[int]]


def merge(terms: Sequence[Term], d: int, n: int, explains: Callable[[Sequence[int]], float]) -> Groups:
    """The sets that the terms are about, each with the places of its terms.

    All kinds of one set count as that set. Terms that overlap, and no others overlap them, become the set of all their
    features if that is among them, and they are so many that naming it with every number of its table takes less than
    naming them one by one.
    "One of a, b", "one of a, b, c" and "one of a, b, c, d" are the largest of four values, and so become one set in any
    case; two such terms do not, since a pair is the simpler thing to say. No set is made of which one part explains
    about as much.

    Args:
        terms: of a model.
        d: features.
        n: masks.
        explains: how much the terms at these places explain by themselves.
    """
    groups = by_features(terms)
    number = 0.5 * log(n)
    for together in _components(list(groups)):
        union = tuple(sorted(set().union(*together)))
        places = [place for features in together for place in groups[features]]
        one_by_one = sum(log_choices(d, len(terms[place].features)) + number for place in places)
        table = log_choices(d, len(union)) + number * (2 ** len(union) - len(union) - 1)
        if union in together and len(places) >= _SEVERAL and table < one_by_one:
            _unite(groups, together, union, explains)
        else:
            for chain in _chains(terms, groups, together):
                _unite(groups, chain, chain[-1], explains)
    return groups


def by_features(terms: Sequence[Term]) -> Groups:
    """Each set of features with the places of its terms, whatever their kinds."""
    groups: Groups = {}
    for place, term in enumerate(terms):
        groups.setdefault(term.features, []).append(place)
    return groups


def _unite(
    groups: Groups, together: Sequence[Features], union: Features, explains: Callable[[Sequence[int]], float]
) -> None:
    """Put the sets' terms under the union, unless one of its parts explains about as much."""
    places = sorted(place for features in together for place in groups[features])
    enough = PART_ENOUGH * explains(places)
    if any(explains(groups[features]) >= enough for features in together if features != union):
        return
    for features in together:
        del groups[features]
    groups[union] = places


def _components(sets: Sequence[Features]) -> list[list[Features]]:
    """Sets that overlap, directly or by way of others, two and more together.

    A set that only joins others, which share no feature, says how these act on each other: it links nothing.
    """
    joins = {features for features in sets if made_up(features, [part for part in sets if set(part) < set(features)])}
    components: list[list[Features]] = []
    for features in (features for features in sets if features not in joins):
        near = [component for component in components if any(set(features) & set(other) for other in component)]
        components = [component for component in components if component not in near]
        components.append([*(other for component in near for other in component), features])
    for component in components:
        inside = set().union(*component)
        component += [features for features in sets if features in joins and set(features) <= inside]
    return [component for component in components if len(component) > 1]


def _chains(terms: Sequence[Term], groups: Groups, together: Sequence[Features]) -> list[list[Features]]:
    """Of these sets those that are only "one of", each inside the next."""
    chains: list[list[Features]] = []
    suffices = [features for features in together if all(terms[place].kind == "any" for place in groups[features])]
    pairs = [f for f in together if len(f) == 2 and f not in suffices]  # for a pair all kinds are the same
    for features in sorted([*suffices, *pairs], key=len):
        chain = next((chain for chain in chains if set(chain[-1]) < set(features)), None)
        if chain is None:
            chains.append([features])
        else:
            chain.append(features)
    return [chain for chain in chains if len(chain) >= _CHAIN]


def made_up(features: Features, parts: Sequence[Features]) -> bool:
    """Whether parts without a feature in common make up these features."""

    def rest(left: frozenset[int]) -> bool:
        return not left or any(rest(left - set(part)) for part in parts if min(left) in part and set(part) <= left)

    return rest(frozenset(features))
