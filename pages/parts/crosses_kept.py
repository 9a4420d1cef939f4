"""Trainings beside crosses and their models: those of this visit, and the latest of a former one, kept on the disk.

What was measured is read at once; the models are made again, from the same rows and their weights, when someone wants
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from pydantic import TypeAdapter, ValidationError

import glider_core as gl
from glider_core.domains.recommender import crossed
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.recommenders.comparison import Trial, Variant
from glider_core.workers.tasks import comparison_of
from pages.parts import own_table, visitor
from pages.parts.crosses_run import CENSUS, OWN_TABLE, LookOf, TrainedBeside, TrainingRequest, census_folder

KIND = "crosses.models"  # of what is kept
_TRAINED = "crosses.trained"  # of the session: the latest trainings; None for none


@dataclass(frozen=True, slots=True)
class _Made:
    """A model that was trained."""

    title: str
    identity: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Written:
    """Trainings as JSON, beside the weights of each variant."""

    source: str
    identity: str | None  # of the model whose sets are crossed
    table: str | None  # identity of the model on the visitor's table, where that was learned from
    sets: tuple[tuple[str, ...], ...]
    target: str
    rows: int
    seeds: int
    threshold: int | None
    variants: tuple[Variant, ...]
    trials: tuple[Trial, ...]
    looks: tuple[LookOf, ...]
    models: dict[Variant, _Made]


def keep(trained: TrainedBeside) -> None:
    """Offer these models on the Global view in place of former ones, and keep them on the disk."""
    st.session_state[_TRAINED] = trained
    request = trained.request
    models: dict[Variant, RecommenderModel] = {
        variant: trained.models[f"{request.target}/{variant}"] for variant in request.variants
    }
    written = _Written(
        source=request.source,
        identity=request.identity,
        table=None if request.own is None else request.own.model.identity,
        sets=request.sets,
        target=request.target,
        rows=request.rows,
        seeds=request.seeds,
        threshold=request.threshold,
        variants=request.variants,
        trials=tuple(trained.trials),
        looks=tuple(trained.looks),
        models={variant: _Made(model.title, model.identity) for variant, model in models.items()},
    )
    visitor.keep(
        KIND,
        name=f"{request.target} beside crosses",
        meta=TypeAdapter(_Written).dump_python(written, mode="json"),
        files={variant: crossed.weights(model) for variant, model in models.items()},
    )


def latest() -> TrainedBeside | None:
    """The latest trainings, of this visit or of a former one; None where there are none, or after a word why not."""
    if _TRAINED not in st.session_state:
        st.session_state[_TRAINED] = _restored()
    return st.session_state[_TRAINED]


def titles() -> dict[str, str]:
    """Titles of the models of the latest trainings, by target and variant; no model is made for it."""
    if (trained := st.session_state.get(_TRAINED)) is not None:
        return {name: model.title for name, model in trained.models.items()}
    if _TRAINED in st.session_state:
        return {}
    try:
        kept = visitor.kept(KIND)
        written = None if kept is None else TypeAdapter(_Written).validate_python(dict(kept.meta))
    except (gl.GliderError, ValidationError):
        return {}  # said where they are wanted
    if written is None:
        return {}
    return {f"{written.target}/{variant}": told.title for variant, told in written.models.items()}


def model(name: str) -> RecommenderModel | None:
    """A model of the latest trainings, by target and variant; None: there is none."""
    trained = latest()
    return None if trained is None else trained.models.get(name)


def _restored() -> TrainedBeside | None:
    try:
        kept = visitor.kept(KIND)
        if kept is None:
            return None
        written = TypeAdapter(_Written).validate_python(dict(kept.meta))
        with st.spinner("Restoring your trainings beside crosses"):
            return _made(written, {variant: visitor.content(kept, variant) for variant in written.variants})
    except (gl.GliderError, ValidationError, KeyError) as error:
        why = str(error) if isinstance(error, gl.GliderError) else "another version of Glider wrote them."
        visitor.lost(KIND, f"The trainings beside crosses of a former visit cannot be restored: {why}")
        return None


def _made(written: _Written, weights: Mapping[Variant, bytes]) -> TrainedBeside:
    """The trainings with their models, from the same rows.

    Raises:
        GliderError: the rows are not there any more, or are read in another way.
    """
    own = own_table.current() if written.source == OWN_TABLE else None
    if written.source == OWN_TABLE and (own is None or own.model.identity != written.table):
        raise gl.InvalidInput("the table that they were trained on is not there any more.")
    if written.source == CENSUS and census_folder() is None:
        raise gl.InvalidInput("the folder of training data is not named in GLIDER_DATA any more.")
    request = TrainingRequest(
        source=written.source, own=own, identity=written.identity, sets=written.sets, target=written.target,
        rows=written.rows, seeds=written.seeds, threshold=written.threshold, variants=written.variants,
    )  # fmt: skip
    comparison = comparison_of(request.asked)
    identities: dict[Variant, str | None] = {variant: told.identity for variant, told in written.models.items()}
    models = crossed.restored(comparison, written.target, weights, identities)
    return TrainedBeside(
        request=request, comparison=comparison, trials=written.trials, looks=written.looks,
        models={f"{written.target}/{variant}": model for variant, model in models.items()},
    )  # fmt: skip
