"""Recommenders trained with and without feature crosses, as models whose rows can be explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from glider_core.domains.recommender.model import EXAMPLES, RecommenderModel
from glider_core.recommenders.comparison import Comparison, Trial, Variant
from glider_core.recommenders.fitting import Look
from glider_core.recommenders.network import Recommender
from glider_core.recommenders.trials import run_beside
from glider_core.trained import check_identity, weights_of, with_weights


def compare_with_crosses(
    comparison: Comparison,
    target: str,
    *,
    variants: Sequence[Variant] = ("base", "crossed"),
    seeds: Iterable[int] = (0,),
    on_look: Callable[[Variant, int, Look], None] | None = None,
    on_progress: Callable[[str, float], None] | None = None,
) -> tuple[list[Trial], dict[Variant, RecommenderModel]]:
    """Train the variants of one recommender side by side, as `run_beside` does.

    Returns:
        The trials, and the models of the first seed with test rows as examples.
    """
    trials, networks = run_beside(
        comparison, target, variants=variants, seeds=seeds, on_look=on_look, on_progress=on_progress
    )
    return trials, models_of(comparison, target, networks)


def models_of(
    comparison: Comparison, target: str, networks: Mapping[Variant, Recommender]
) -> dict[Variant, RecommenderModel]:
    """Trained networks as models, with test rows as examples."""
    dataset = comparison.dataset
    titles: dict[Variant, str] = {
        "base": f"{target}, fields only",
        "crossed": f"{target} with {len(comparison.crosses.sets_)} crosses",
        "enlarged": f"{target}, wider vectors instead",
    }
    return {
        variant: RecommenderModel(
            f"crosses/{target}/{variant}",
            titles[variant],
            dataset.fields,
            network,
            dataset.target,
            dataset.tables["test"].head(EXAMPLES),
            comparison.crosses if variant == "crossed" else None,
        )
        for variant, network in networks.items()
    }


def weights(model: RecommenderModel) -> bytes:
    """What `restored` needs of a model of `models_of` besides what it was compared by, as safetensors."""
    return weights_of(model.network)


def restored(
    comparison: Comparison, target: str, written: Mapping[Variant, bytes], identities: Mapping[Variant, str | None]
) -> dict[Variant, RecommenderModel]:
    """The models that `compare_with_crosses` gave for this comparison, without training.

    Args:
        comparison: made from the same rows and sets.
        target: the recommender.
        written: what `weights` gave, by variant.
        identities: of the models that were trained.

    Raises:
        ModelUnavailable: they are not those that were trained: the rows are read in another way by now.
    """
    networks: dict[Variant, Recommender] = {
        variant: with_weights(comparison.network(target, variant), given) for variant, given in written.items()
    }
    models = models_of(comparison, target, networks)
    for variant, model in models.items():
        check_identity(model.identity, identities.get(variant))
    return models
