"""Features joined into one: a phrase, several superpixels, a motif; what they do inside is then no question any more.

Groups are the option "groups" of a case, next to those of the model. They name their members, so that groups of one
input are never taken for those of another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.domains.base import Model
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput

GROUPS = "groups"  # the option
LONGEST = 200  # letters of a group's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Features that are switched off as one."""

    name: str
    features: tuple[int, ...]  # sorted positions in the instance's names
    members: tuple[str, ...]  # their names

    @classmethod
    def of(cls, names: Sequence[str], features: Sequence[int], name: str = "") -> Group:
        """Features of these names as one; called by its members where no name is given."""
        places = tuple(sorted(set(features)))
        members = tuple(names[i] for i in places)
        return cls(name=name.strip()[:LONGEST] or " ".join(members)[:LONGEST], features=places, members=members)

    def to_option(self) -> dict[str, Any]:
        """As it stands among a case's options; JSON."""
        return {"name": self.name, "features": list(self.features), "members": list(self.members)}


def instance_of(model: Model, raw: Any, options: Mapping[str, Any]) -> Instance:
    """The raw input as an instance of the model, its features joined where the options say so.

    Raises:
        InvalidInput: the model refuses the input or the options, or the groups are not of this input.
    """
    told = dict(options)
    groups = told.pop(GROUPS, None)
    instance = model.instance(raw, **told)
    return instance if not groups else GroupedInstance(instance, read_groups(groups))


def read_groups(told: Any) -> tuple[Group, ...]:
    """Groups from what `Group.to_option` gave.

    Raises:
        InvalidInput: it is something else.
    """
    try:
        return tuple(
            Group(
                name=str(each["name"])[:LONGEST],
                features=tuple(int(i) for i in each["features"]),
                members=tuple(str(member) for member in each["members"]),
            )
            for each in told
        )
    except (TypeError, KeyError, ValueError):
        raise InvalidInput(f"Got {told!r:.80} as groups; give a list of name, features and members.") from None


class GroupedInstance(Instance):
    """An instance some of whose features are switched together.

    Args:
        instance: whose features are joined.
        groups: that share no feature; features in none stay as they are, each in its place. A group stands where its
            first member does.

    Raises:
        InvalidInput: groups overlap, have fewer than two members, are of another input, or leave one feature only.
    """

    def __init__(self, instance: Instance, groups: Sequence[Group]) -> None:
        self.ungrouped, self.groups = instance, tuple(groups)
        d, taken = len(instance.names), [i for group in groups for i in group.features]
        for group in groups:
            if len(group.features) < 2 or list(group.features) != sorted(set(group.features)):
                raise InvalidInput(f"The group {group.name[:40]!r} needs two features or more, each once and in order.")
            named = tuple(instance.names[i] for i in group.features if 0 <= i < d)
            if named != group.members:
                raise InvalidInput(
                    f"The group {group.name[:40]!r} is of another input: its features are not those of this one. "
                    "Join features of this input instead."
                )
        if len(taken) != len(set(taken)):
            raise InvalidInput("A feature is in two groups; take it out of one of them.")
        heads = {group.features[0]: group for group in groups}
        inside = set(taken) - set(heads)
        places = [i for i in range(d) if i not in inside]
        if len(places) < 2:
            raise InvalidInput("These groups leave one feature only; at least two are needed. Join fewer.")
        self.members = tuple(heads[i].features if i in heads else (i,) for i in places)
        names = [heads[i].name if i in heads else instance.names[i] for i in places]
        self._column: NDArray[np.intp] = np.empty(d, dtype=np.intp)
        for column, features in enumerate(self.members):
            self._column[list(features)] = column
        payload = None if instance.payload is None else instance.payload.grouped(self.members, names)
        case = instance.origin
        options = {**case.options, GROUPS: [group.to_option() for group in groups]}
        super().__init__(names, explained=instance.explained, payload=payload, case=replace(case, options=options))
        self.batch, self.stochastic = instance.batch, instance.stochastic
        self.resolution, self.scale = instance.resolution, instance.scale

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.floating[Any]]:
        """The instance's answers, the features of a group on or off together."""
        return self.ungrouped.predict(masks[:, self._column])

    def redrawn(self, draw: int, /) -> Instance:
        """The same groups with other draws of what is random when off."""
        if not self.stochastic:
            return self
        return GroupedInstance(self.ungrouped.redrawn(draw), self.groups)

    def other_off_state(self) -> Instance | None:
        """The same groups with another off state."""
        other = self.ungrouped.other_off_state()
        return None if other is None else GroupedInstance(other, self.groups)
