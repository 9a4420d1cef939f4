"""What a domain is: everything that pages, command line and tests need to know of one kind of input."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal, Protocol

from glider_core.numerals import signed

if TYPE_CHECKING:  # records of domains are read before anything is explained; they load nothing
    from glider_core.engine.instance import Instance
    from glider_core.results import Explanation

Tier = Literal["shipped", "paper", "own"]
Progress = Callable[[int, int], None]  # bytes so far, bytes in all (0: unknown)


class Model(Protocol):
    """A trained black box that turns raw input into instances."""

    id: str
    title: str
    identity: str | None  # of all that it computes from and shows: weights, names, classes, target; None: unknown

    def instance(self, raw: Any, /, **options: Any) -> Instance:
        """The raw input (text, sequence, ...) as an instance; raises InvalidInput when it cannot be one."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry:
    """How a domain announces a model.

    Its module has `load(model_id, *, path, on_progress) -> Model`. A model that is not shipped also has
    `missing(model_id) -> str` there: why it cannot be loaded without network, or nothing.
    """

    title: str
    tier: Tier
    detail: str
    module: str
    recipe: str | None = None  # module with train(data, out, *, seed), for a model that we trained
    off_states: tuple[str, ...] | None = None  # those of the domain that it has; None: all


def plain_answer(answer: float) -> str:
    """A logit as a number with its sign."""
    return f"{signed(answer)} logits"


def plain_heading(explanation: Explanation) -> str:
    """The name of the explained output, and the answer."""
    return f"{explanation.explained}: {plain_answer(explanation.prediction)}"


def no_truth(explanation: Explanation) -> str | None:
    """For a domain whose inputs come without a true answer."""
    return None


def no_examples(model_id: str) -> Mapping[str, Any]:
    """For a domain without examples."""
    return {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """How sets of features are told across inputs that have other features: by what these are, in their order."""

    # (the instance's names, positions of a set) to what is counted, such as ("never", "fails").
    key: Callable[[Sequence[str], Sequence[int]], tuple[str, ...]]
    holds: Callable[[Sequence[str], tuple[str, ...]], bool]  # whether an input of these names has it at all
    joined: str  # between its parts, where people read it
    inputs: str  # what many inputs are called, such as "sentences"
    # Whether a set says little, since one of its parts does: it is ranked behind the others. And what such a part is.
    quiet: Callable[[tuple[str, ...]], bool] = lambda key: False
    quiet_part: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One kind of input, its models, and how people speak of them; a package's `DOMAIN`."""

    name: str  # as in model ids, "<name>/..."
    title: str  # of its page
    icon: str  # a Material symbol
    question: str  # what its page answers, in a sentence; Markdown
    feature: str  # what one feature is called, such as "word"
    preparing: str = "Reading the input"  # what is done before anything is asked, where that takes a while
    unit: str  # of an effect, such as "logits"
    models: Mapping[str, ModelEntry]  # by id
    # The model's answer as people say it: a number alone, and at the head of an explanation.
    answer: Callable[[float], str] = plain_answer
    heading: Callable[[Explanation], str] = plain_heading
    probability: Callable[[float], float] | None = None  # of a model's answer; None: it is none of one
    # What is true, in a few words, where that is known and the model says something else.
    truth: Callable[[Explanation], str | None] = no_truth
    examples: Callable[[str], Mapping[str, Any]] = no_examples  # of a model id: raw input by title, telling ones first
    off_states: Mapping[str, str] = field(default_factory=dict)  # what replaces a feature, in words; the default first
    off_label: str = "A feature that is off is"
    # Ways to join features that people ask for, by title: positions of the features of each group.
    presets: Callable[[Any], Mapping[str, Sequence[Sequence[int]]]] | None = None  # of a payload
    settings: Mapping[str, Any] = field(default_factory=dict)  # of a first run, where the engine's are not the best
    read: Callable[[str], Any] = str  # raw input from what a person types on a command line
    # The raw inputs in one that may hold several, each with a title; None: there is never more than one.
    several: Callable[[Any], Sequence[tuple[str, Any]]] | None = None
    content: Content | None = None  # how sets are counted over many inputs; None: rows have the same features
    corpus: Callable[[], Sequence[str]] | None = None  # inputs that ship, to count over
    more: Callable[[str], ModelEntry | None] | None = None  # models that it knows and does not list, by name

    def off_states_of(self, model_id: str) -> dict[str, str]:
        """The off states that this model has."""
        entry = self.models.get(model_id)
        known = None if entry is None else entry.off_states
        return {name: words for name, words in self.off_states.items() if known is None or name in known}
