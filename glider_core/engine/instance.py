"""An instance: whatever is explained, seen as d named features that can be switched off (Tsang et al. 2020)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from glider_core.cases import Case
from glider_core.engine.function_identity import identity_of
from glider_core.errors import InvalidInput
from glider_core.payload import Payload
from glider_core.provenance import fingerprint
from glider_core.results import Scale
from glider_core.settings import Settings

Masks = NDArray[np.bool_]
RESOLUTION = 0.05  # logits: a model whose answers vary by less, about one per cent of a probability, hardly reacts
Logits = NDArray[np.floating[Any]]


class Instance:
    """Base of everything that can be explained: names for d features, and a black box that answers masks.

    A subclass calls `super().__init__` and defines `predict`.

    Args:
        names: the d features' names, in display order; they need not be unique.
        explained: the name of the explained output.
        payload: what the domain's picture needs.
        case: what was asked, with the identity of the model; settings are filled in by the run. None: a function that
            nothing is known of, whose results are never kept for others.
    """

    batch: int = 500  # masks it likes to be asked about at once
    stochastic: bool = False  # whether a feature that is off is drawn at random, so that answers carry noise
    # In the answers' unit: if they vary by less over all masks, the model hardly reacts, and nothing is a finding.
    resolution: float = 0.0
    # What answers are explained in; None: as they are, and it is recognised and said whether they are probabilities.
    scale: Scale | None = None

    def __init__(
        self,
        names: Sequence[str],
        *,
        explained: str = "output",
        payload: Payload | None = None,
        case: Case | None = None,
    ) -> None:
        self.names = tuple(names)
        self.explained = explained
        self.payload = payload
        self._case = case or Case(domain="function", model="function")
        self._identity: str | None = None
        self._other: Callable[[], Instance] | None = None

    def predict(self, masks: Masks, /) -> Logits:
        """Logits of the explained class, (n,), for masks (n, d) bool, True where the feature is kept.

        The same mask must get the same answer, in whatever batch it comes.
        """
        raise NotImplementedError(f"{type(self).__name__} must define predict(masks).")

    def redrawn(self, draw: int, /) -> Instance:
        """The same instance with other draws of what is random when off; itself where nothing is."""
        return self

    def other_off_state(self) -> Instance | None:
        """The same features with something else in the place of those that are off; None: there is nothing else."""
        return None if self._other is None else self._other()

    def beside(self, other: Callable[[], Self]) -> Self:
        """Itself, with a way to make the instance of another off state."""
        self._other = other
        return self

    @property
    def origin(self) -> Case:
        """What it was made of: model, raw input, options; without settings."""
        return self._case

    def case(self, settings: Settings) -> Case:
        """What a run with these settings is asked, its identity covering all that is computed from or shown."""
        return replace(self._case, settings=settings, identity=self.identity)

    @property
    def identity(self) -> str | None:
        """Identity of the model together with everything that is shown of this instance; None without the model's.

        Names, classes and payload are part of it by construction, so that a model's own identity cannot forget them.
        """
        if self._identity is None and self._case.identity is not None:
            shown = b"" if self.payload is None else self.payload.to_json()
            model = self._case.identity + ("" if self.scale == "given" else f" scale {self.scale}")
            self._identity = fingerprint(model, self.explained, shown, *self.names)
        return self._identity


class FunctionInstance(Instance):
    """Any black box at all: a Python function from masks to logits, with a name for each feature.

    Args:
        names: d feature names.
        predict: f((n, d) bool, True = kept) -> (n,) logits of the explained class.
        explained: the name of the explained output.
        fingerprint: identity of the function, for keeping results; without one they are not kept. The function's own
            code and what it closes over count besides, so that two functions of one fingerprint do not share a result;
            where that cannot be told, results are not kept either.
        payload: what the picture needs.
        case: what was asked; set by who made the instance from something.
        scale: "log-odds" where `predict` answers with probabilities and the log-odds are to be explained; "given" where
            the answers are meant as they are. None: as they are, and the explanation says so if they look like
            probabilities or hard votes.

    Raises:
        InvalidInput: no names, names that are not strings, another scale, or `predict` cannot be called.
    """

    def __init__(
        self,
        names: Sequence[str],
        predict: Callable[[Masks], Any],
        *,
        explained: str = "output",
        fingerprint: str | None = None,
        payload: Payload | None = None,
        case: Case | None = None,
        scale: Scale | None = None,
    ) -> None:
        if isinstance(names, str) or not len(names) or not all(isinstance(name, str) for name in names):
            raise InvalidInput(
                f"Got {names!r:.80} as feature names; give a list of at least one string, one per feature."
            )
        if not callable(predict):
            raise InvalidInput(f"`predict` is a {type(predict).__name__}; give a function from masks to logits.")
        if case is None and fingerprint is not None:
            case = Case(domain="function", model="function", identity=identity_of(fingerprint, predict))
        super().__init__(names, explained=explained, payload=payload, case=case)
        if scale not in (None, "given", "log-odds"):
            raise InvalidInput(f"Got the scale {scale!r:.40}; choose 'given' or 'log-odds', or leave it out.")
        self._predict, self.scale = predict, scale

    def predict(self, masks: Masks, /) -> Logits:
        """The function's own answer, unchecked; the engine checks it (see `engine.asking`)."""
        return self._predict(masks)


def as_instance(source: Any) -> Instance:
    """The instance itself, or anything else with `names` and `predict` as one.

    Raises:
        InvalidInput: it has no names, or nothing that answers.
    """
    if isinstance(source, Instance):
        return source
    if not (hasattr(source, "names") and callable(getattr(source, "predict", None))):
        raise InvalidInput(
            f"Got a {type(source).__name__} to explain; give an instance, which has `names` and `predict`, such as a "
            "FunctionInstance or what a model's `instance` returns."
        )
    return _Adapted(source)


class _Adapted(FunctionInstance):
    """An object of a class of its own, with whatever else of an instance it has."""

    def __init__(self, source: Any) -> None:
        super().__init__(
            source.names,
            source.predict,
            explained=str(getattr(source, "explained", "output")),
            fingerprint=getattr(source, "fingerprint", None),
            scale=getattr(source, "scale", None),
        )
        self._source = source
        self.batch = getattr(source, "batch", self.batch)
        self.stochastic = getattr(source, "stochastic", self.stochastic)
        self.resolution = getattr(source, "resolution", self.resolution)

    def redrawn(self, draw: int, /) -> Instance:
        """What the object itself gives as another draw."""
        return as_instance(self._source.redrawn(draw)) if hasattr(self._source, "redrawn") else self
