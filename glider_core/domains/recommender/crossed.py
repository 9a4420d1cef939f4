"""Recommenders trained with and without feature crosses, as models whose rows can be explained."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from glider_core.domains.recommender.model import EXAMPLES, RecommenderModel
from glider_core.recommenders.comparison import Comparison, Trial, Variant
from glider_core.recommenders.fitting import Look
from glider_core.recommenders.trials import run_beside


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
    dataset = comparison.dataset
    titles: dict[Variant, str] = {
        "base": f"{target}, fields only",
        "crossed": f"{target} with {len(comparison.crosses.sets_)} crosses",
        "enlarged": f"{target}, wider vectors instead",
    }
    models: dict[Variant, RecommenderModel] = {
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
    return trials, models
