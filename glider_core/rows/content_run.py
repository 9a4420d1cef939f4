"""A run over sentences or sequences: sets by what they are made of, and the inputs in which each was found."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import inf

from pydantic import TypeAdapter

from glider_core import saved
from glider_core.domains.base import Content
from glider_core.errors import InvalidInput
from glider_core.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentSet:
    """Words or letters in an order that were found to act together in one input or more."""

    content: tuple[str, ...]
    order: int  # features that it joins
    count: int  # inputs in which it was found
    present: int  # inputs that have it at all
    mean_effect: float  # logits, signed: the mean joint effect over those in which it was found
    p_value: float  # of this count or more, if each input drew as many sets of its order at random from all that it has
    rows: tuple[int, ...]  # the inputs in which it was found
    effects: tuple[float, ...]  # logits, in each of them

    @property
    def consistency(self) -> float:
        """The share of inputs in which it was found, of those that have it."""
        return self.count / self.present


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentRun:
    """What MADEX found in many inputs, by content: what was found in most inputs first."""

    model_id: str
    fingerprint: str | None  # of the model
    explained: str
    n_rows: int
    sets: tuple[ContentSet, ...]
    per_row: float  # sets kept per input, on average
    settings: Settings
    seconds: float = field(compare=False)
    versions: dict[str, str] = field(hash=False)
    label: str = field(default="", compare=False)  # what the inputs are, for people

    def to_json(self) -> str:
        """All of it as JSON text; `from_json` gives an equal one back."""
        return saved.dump("content run", _RUN.dump_python(self, mode="json"))

    @staticmethod
    def from_json(text: str | bytes) -> ContentRun:
        """A run saved by `to_json`.

        Raises:
            InvalidInput: the text is no JSON, not of such a run, or its parts contradict each other.
        """
        run = saved.validate("content run", _RUN, saved.parse("content run", text)[1])
        for each in run.sets:
            fits = 0 < each.count == len(each.rows) == len(each.effects) and each.count <= each.present <= run.n_rows
            if not (fits and each.content and all(0 <= row < run.n_rows for row in each.rows)):
                raise InvalidInput("This saved run over texts contradicts itself; save it again.")
        if run.n_rows < 1 or not 0 <= run.per_row < inf:
            raise InvalidInput("This saved run over texts is of no texts; save it again.")
        return run


_RUN = TypeAdapter(ContentRun)


def ranked(run: ContentRun, content: Content) -> list[ContentSet]:
    """The sets of a run as people read them: those that say little behind the others.

    Among as frequent ones, the less likely by chance comes first.
    """
    return sorted(run.sets, key=lambda each: (content.quiet(each.content), -each.count, each.p_value, each.content))
