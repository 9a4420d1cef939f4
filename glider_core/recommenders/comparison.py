"""What is compared: recommenders that read the fields alone, crosses of them as well, or wider vectors instead.

Tables 3, 4, 6 and 7 of Tsang et al. 2020: `base` reads the fields, `crossed` reads the crosses of them as well, and
`enlarged` reads the fields with vectors so wide that it has at least as many parameters as `crossed`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import torch

from glider_core.errors import InvalidSettings
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.fitting import Fit, Parts, Training
from glider_core.recommenders.network import RECOMMENDERS, Recommender
from glider_core.recommenders.recipes import Recipe
from glider_core.tables.crosses import FeatureCrosses

Variant = Literal["base", "crossed", "enlarged"]
VARIANTS: tuple[Variant, ...] = ("base", "crossed", "enlarged")


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One network, trained and measured."""

    target: str  # a name in RECOMMENDERS
    variant: Variant
    seed: int
    crosses: int  # how many it reads
    embedding: int  # width of a vector
    parameters: int
    auc: float  # on the test rows
    logloss: float  # the same
    validation_auc: float
    validation_logloss: float
    epochs: int  # started
    seconds: float = field(compare=False)


class Comparison:
    """The rows and the crosses of a comparison, from which each variant of each target is built.

    Args:
        dataset: the rows.
        sets: of field names, to be crossed; learned from the training rows.
        recipe: of every training.
        buckets: of a dense field in a cross.
        threshold: an id is kept when more training rows have it; None: 100 per million.

    Raises:
        InvalidInput: as for `FeatureCrosses.fit`.
    """

    def __init__(
        self,
        dataset: Dataset,
        sets: Sequence[Sequence[str]],
        recipe: Recipe | None = None,
        *,
        buckets: int = 100,
        threshold: int | None = None,
    ) -> None:
        self.dataset, self.recipe = dataset, recipe or Recipe()
        # Each field is read in crosses as it is by itself.
        dense = [field.name for field in dataset.fields if field.kind == "dense"]
        self.crosses = FeatureCrosses(sets, buckets=buckets, threshold=threshold, dense=dense).fit(
            dataset.tables["train"]
        )
        self._crossed: Parts = dataset.crossed(self.crosses)

    def parts(self, variant: Variant) -> Parts:
        """The rows that a variant reads."""
        return self._crossed if variant == "crossed" else self.dataset.parts

    def embedding(self, target: str, variant: Variant) -> int:
        """Width of a variant's vectors: the smallest with which `enlarged` has as many parameters as `crossed`."""
        if variant != "enlarged":
            return self.recipe.embedding
        wanted = self.parameters(target, "crossed")
        return next(
            width
            for width in itertools.count(self.recipe.embedding)
            if _size(self._build(target, "base", width)) >= wanted
        )

    def parameters(self, target: str, variant: Variant) -> int:
        """How many numbers a variant learns."""
        return _size(self._build(target, variant, self.embedding(target, variant)))

    def training(
        self, target: str, variant: Variant, *, seed: int = 0, on_progress: Callable[[float], None] | None = None
    ) -> Training[Recommender]:
        """A training that can be watched look by look.

        Raises:
            InvalidSettings: there is no such target.
        """
        return Training(
            self._build(target, variant, self.embedding(target, variant)),
            self.parts(variant),
            seed=seed,
            on_progress=on_progress,
            **self.recipe.options(),
        )

    def network(self, target: str, variant: Variant) -> Recommender:
        """A variant that has learned nothing yet.

        Raises:
            InvalidSettings: there is no such target.
        """
        return self._build(target, variant, self.embedding(target, variant))()

    def trial(self, target: str, variant: Variant, seed: int, fit: Fit[Any], seconds: float) -> Trial:
        """What there is to say of a finished training."""
        return Trial(
            target=target,
            variant=variant,
            seed=seed,
            crosses=len(self.crosses.sets_) if variant == "crossed" else 0,
            embedding=fit.network.width,
            parameters=fit.network.n_parameters,
            auc=fit.test.auc,
            logloss=fit.test.logloss,
            validation_auc=fit.validation.auc,
            validation_logloss=fit.validation.logloss,
            epochs=fit.epochs_started,
            seconds=round(seconds, 2),
        )

    def _build(self, target: str, variant: Variant, embedding: int) -> Callable[[], Recommender]:
        check_names([target], [variant])
        sizes = self.crosses.sizes if variant == "crossed" else ()
        return lambda: RECOMMENDERS[target](self.dataset.fields, sizes, embedding=embedding, **self.recipe.sizes())


def check_names(targets: Iterable[str], variants: Iterable[str]) -> None:
    """Raise InvalidSettings for a target or a variant that there is not."""
    for names, known, what in ((targets, RECOMMENDERS, "recommender"), (variants, VARIANTS, "variant")):
        for name in names:
            if name not in known:
                raise InvalidSettings(f"There is no {what} {name!r:.40}; choose among {', '.join(known)}.")


def _size(build: Callable[[], Recommender]) -> int:
    with torch.device("meta"):  # shapes without numbers
        return build().n_parameters
