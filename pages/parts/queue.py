"""Who is next: round robin by visitor, with room kept for short runs; knows no threads and no clock.

A run that takes long never takes the last worker, so that one is always there for runs of a few seconds. Nor does a run
that only refines what its visitor sees already, and it comes behind all others.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

LIGHT = 5.0  # seconds; a run that takes longer is heavy
_SHARE_OF_THE_LATEST = 0.3  # in a mean duration

Entry = TypeVar("Entry", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Cost:
    """What a run is expected to take."""

    kind: Hashable = ""  # runs of one kind take seconds in proportion to their size
    size: float = 1.0
    guess: float = 2.0  # seconds, while no run of its kind has been measured
    wide: bool = False  # whether it takes so long that it is worth all cores, behind whatever else goes on
    refines: bool = False  # whether its visitor sees a result already, so that it can wait until nobody else does


class Durations:
    """Seconds that runs took, by kind: a mean in which the latest count most."""

    def __init__(self) -> None:
        self._per_size: dict[Hashable, float] = {}

    def seconds(self, cost: Cost) -> float:
        """What a run is expected to take."""
        return self._per_size[cost.kind] * cost.size if cost.kind in self._per_size else cost.guess

    def note(self, cost: Cost, seconds: float) -> None:
        """A run of this cost took so long."""
        latest = seconds / max(cost.size, 1e-9)
        former = self._per_size.get(cost.kind, latest)
        self._per_size[cost.kind] = former + _SHARE_OF_THE_LATEST * (latest - former)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a waiting run stands."""

    ahead: int  # runs that begin before it
    seconds: float  # until it begins, as far as one can tell


class Line(Generic[Entry]):
    """Runs that wait and runs that go on.

    Args:
        workers: how many runs can go on at a time.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._rounds: OrderedDict[Hashable, deque[Entry]] = OrderedDict()  # by visitor, whose turn it is first
        self._seconds: dict[Entry, float] = {}
        self._refining: set[Entry] = set()
        self._running: set[Entry] = set()

    @property
    def waiting(self) -> int:
        """How many wait."""
        return sum(map(len, self._rounds.values()))

    @property
    def running(self) -> int:
        """How many go on."""
        return len(self._running)

    def entries(self) -> list[Entry]:
        """Those that wait, visitor after visitor."""
        return [entry for entries in self._rounds.values() for entry in entries]

    def add(self, entry: Entry, visitor: Hashable, seconds: float, *, refines: bool = False) -> None:
        """Line a run up behind its visitor's others, and a new visitor behind the others.

        Args:
            entry: the run.
            visitor: whose it is.
            seconds: that it is expected to take.
            refines: whether it comes behind all that do not.
        """
        self._rounds.setdefault(visitor, deque()).append(entry)
        self._seconds[entry] = seconds
        if refines:
            self._refining.add(entry)

    def take(self, ready: Callable[[Entry], bool] = lambda entry: True) -> Entry | None:
        """The next run, which goes on from now; None where none may.

        Args:
            ready: whether a run can begin at all. Of a visitor's runs, one that can goes before one that cannot.
        """
        if self.running >= self.workers:
            return None
        entry = self._next(self._rounds, ready, self._n_heavy())
        if entry is not None:
            self._running.add(entry)
        return entry

    def remove(self, entry: Entry) -> None:
        """Forget a run, whether it waits, goes on, or is not here."""
        self._running.discard(entry)
        self._seconds.pop(entry, None)
        self._refining.discard(entry)
        for visitor, entries in list(self._rounds.items()):
            if entry in entries:
                entries.remove(entry)
                if not entries:
                    del self._rounds[visitor]

    def is_heavy(self, entry: Entry) -> bool:
        """Whether the run takes more than a few seconds, or may take as long as it likes."""
        return not self._light(entry)

    def overrun(self, entry: Entry, seconds: float) -> None:
        """Note that a run has gone on for so long already."""
        self._seconds[entry] = max(self._seconds[entry], seconds)

    def places(self, elapsed: Mapping[Entry, float]) -> dict[Entry, Place]:
        """Where each waiting run stands, by playing through what comes.

        Args:
            elapsed: seconds that each running one has gone on for.
        """
        rounds = OrderedDict((visitor, deque(entries)) for visitor, entries in self._rounds.items())
        ends = {entry: max(self._seconds[entry] - elapsed.get(entry, 0.0), 0.0) for entry in self._running}
        now, places = 0.0, {}
        while rounds:
            heavy = sum(not self._light(entry) for entry in ends)
            entry = None
            if len(ends) < self.workers:
                entry = self._next(rounds, lambda entry: True, heavy)
            if entry is None:
                first = min(ends, key=ends.__getitem__)
                now = ends.pop(first)
                continue
            places[entry] = Place(len(places), now)
            ends[entry] = now + self._seconds[entry]
        return places

    def _next(
        self, rounds: OrderedDict[Hashable, deque[Entry]], ready: Callable[[Entry], bool], heavy: int
    ) -> Entry | None:
        """Take the next run that may go on beside so many heavy ones; one that refines, where no other may."""

        def eligible(entry: Entry) -> bool:
            return ready(entry) and (self._has_room(heavy) or self._light(entry))

        first = _next(rounds, lambda entry: entry not in self._refining and eligible(entry))
        return first if first is not None else _next(rounds, eligible)

    def _n_heavy(self) -> int:
        return sum(not self._light(entry) for entry in self._running)

    def _has_room(self, n_heavy: int) -> bool:
        """Whether one more heavy run may go on beside so many; with a single worker there is no room to keep."""
        return n_heavy < max(self.workers - 1, 1)

    def _light(self, entry: Entry) -> bool:
        return self._seconds[entry] <= LIGHT and entry not in self._refining


def _next(rounds: OrderedDict[Hashable, deque[Entry]], eligible: Callable[[Entry], bool]) -> Entry | None:
    """Take the first eligible run of the first visitor who has one; that visitor's turn comes again last."""
    for visitor, entries in rounds.items():
        for entry in entries:
            if eligible(entry):
                entries.remove(entry)
                rounds.move_to_end(visitor)
                if not entries:
                    del rounds[visitor]
                return entry
    return None
