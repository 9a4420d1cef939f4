"""The parts of an experiment on crosses: networks, baselines and sets that detection found, of one split each.

Each part is a file of its own, so that many machines can make them side by side, whichever packages each has.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glider_core.errors import InvalidInput
from glider_core.output import write_whole
from glider_core.provenance import fingerprint, versions
from glider_core.recommenders.baselines import run_baselines
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.improvement import BASE, KEPT, Measured
from glider_core.recommenders.improving import improve, worth_explaining
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.repeating import train_again
from glider_core.tables.cross_tables import loss_of
from glider_core.used_sets import used_sets

NETWORKS, FOUND, AGAIN = "networks", "found sets", "trained again"  # parts; the others have a baseline's name
_APART = 1000  # seeds of trainings lie so far apart that no split has two alike

Part = dict[str, Any]  # JSON values


@dataclass(frozen=True, slots=True)
class Parts:
    """Parts of one table, made once and kept in a folder where there is one."""

    folder: Path | None
    table: str
    target: str = "DeepFM"  # the recommender; baselines are the same beside all
    also: int = 0  # training rows in which more candidates are looked for

    def get(self, name: str, seed: int, dataset: Dataset, given: Mapping[str, Any]) -> Part | None:
        """A part that was kept; None: there is none.

        Raises:
            InvalidInput: it was made of other rows or with other options, or cannot be read.
        """
        path = self._path(name, seed)
        if path is None or not path.is_file():
            return None
        try:
            part = json.loads(path.read_text(encoding="utf-8"))
            same = part["of"] == _identity(dataset) and part["given"] == dict(given)
        except (ValueError, KeyError, TypeError):
            raise InvalidInput(f"{path.name} is no part of this experiment; remove it.") from None
        if not same:
            raise InvalidInput(f"{path.name} was made of other rows or with other options; name another folder.")
        return part

    def make(
        self, name: str, seed: int, dataset: Dataset, given: Mapping[str, Any], measure: Callable[[], Part]
    ) -> Part:
        """A part that was kept, or a new one."""
        part = self.get(name, seed, dataset, given)
        if part is None:
            started = time.perf_counter()
            part = measure()
            part |= {"seconds": round(time.perf_counter() - started, 1), "versions": versions()}
            part = json.loads(json.dumps({"of": _identity(dataset), "given": dict(given), **part}))
            path = self._path(name, seed)
            if path is not None:
                write_whole(path, json.dumps(part) + "\n")
        return part

    def _path(self, name: str, seed: int) -> Path | None:
        if self.folder is None:
            return None
        own = name in (NETWORKS, FOUND, AGAIN)
        of_target = (f"_{slug(self.target)}" if own and self.target != "DeepFM" else "") + (
            "_used" if own and self.also else ""
        )
        name = name.replace(", ", "-").replace(" ", "-")
        return self.folder / f"crosses_{self.table}{of_target}" / f"{seed}-{name}.json"


def slug(target: str) -> str:
    """A recommender's name in that of a file."""
    return re.sub(r"[^a-z0-9]+", "", target.lower())


def _identity(dataset: Dataset) -> str:
    """Of the rows as they were dealt: the same on every machine."""
    answers = (answers.astype(np.uint8).tobytes() for _, answers in dataset.parts.values())
    return fingerprint(*answers, str([(field.name, field.kind) for field in dataset.fields]))


def networks(dataset: Dataset, given: Mapping[str, Any], seed: int, device: str) -> Part:
    """The recommender without crosses and with those of a scan, and which is kept."""
    options = {"folds": 0, **given}  # where none are named, validation rows decide
    if rows := options.pop("also", 0):
        options["also"] = lambda own: used_sets(own, rows, seed)
    result = improve(dataset, seed=seed, device=device, baselines=[], **options)
    return {
        "models": {model.name: numbers_of(model) for model in result.models},
        "chosen": result.chosen,
        "verdict": result.verdict,
        "candidates": len(result.candidates),
        "tried": [asdict(candidate) for candidate in result.candidates if not candidate.dropped],
        "recipe": asdict(result.recipe),
        "trials": [_trial(trial.recipe, trial.validation.logloss) for trial in result.trials],
        "held out": {name: [round(value, 6) for value in own] for name, own in result.held_out.items()},
        "losses": result.losses[result.chosen].round(6).tolist(),
    }


def _trial(recipe: Recipe, logloss: float) -> Part:
    usual = asdict(Recipe())
    return {
        **{name: value for name, value in asdict(recipe).items() if value != usual[name]},
        "validation logloss": round(logloss, 5),
    }


def baseline(dataset: Dataset, name: str, seed: int) -> Part:
    """One baseline; no models where it does not suit the table."""
    found = run_baselines(dataset, [name], seed=seed)
    if not found:
        return {"models": {}, "losses": []}
    from glider_core.recommenders.fitting import scores

    model, answers = found[0], {part: values for part, (_, values) in dataset.parts.items()}
    measured = Measured(
        name=name,
        validation=model.validation,
        test=scores(model.predict("test"), answers["test"]),
        parameters=model.parameters,
        seconds=model.seconds,
    )
    losses = loss_of(model.logits, answers["validation"])
    return {"models": {name: numbers_of(measured)}, "losses": losses.round(6).tolist()}


def found_sets(
    dataset: Dataset, sets: list[tuple[str, ...]], given: Mapping[str, Any], recipe: Part, seed: int, device: str
) -> Part:
    """The same recommender with crosses of these sets in place of a scan of all pairs."""
    own = Recipe(**recipe)
    result = improve(
        dataset, seed=seed, device=device, baselines=[], sets=sets, recipe=own, target=given["target"],
        encodings=given["encodings"], folds=0,
    )  # fmt: skip
    return {
        "models": {f"{model.name}, {FOUND}": numbers_of(model) for model in result.models if model.name != BASE},
        "chosen": result.chosen,
        "verdict": result.verdict,
        "candidates": [asdict(candidate) for candidate in result.candidates],
    }


def trained_again(dataset: Dataset, own: Part, given: Mapping[str, Any], seed: int, device: str, times: int) -> Part:
    """The model without crosses, the one that is kept and the wider one of a split, from other weights and batches."""
    measured = train_again(
        dataset, own["chosen"], target=given["target"], recipe=Recipe(**own["recipe"]), wider=bool(given["wider"]),
        seeds=[seed + _APART * number for number in range(1, times + 1)], seed=seed, device=device,
    )  # fmt: skip
    return {
        "trainings": {
            name: [{"auc": round(one.auc, 5), "logloss": round(one.logloss, 5)} for one in every]
            for name, every in measured.items()
        }
    }


def join(
    networks: Part, found: Part | None, baselines: Mapping[str, Part], seed: int, again: Part | None = None
) -> Part:
    """One split: all models that were measured, which one is kept, and which is worth explaining."""
    models = {**networks["models"], KEPT: networks["models"][networks["chosen"]]}
    if found is not None:
        models |= found["models"]
    losses = {}
    for name, part in baselines.items():
        models |= part["models"]
        if part["models"]:
            losses[name] = np.array(part["losses"])
    return {
        "seed": seed,
        "models": models,
        "chosen": networks["chosen"],
        "explain": worth_explaining(networks["chosen"], np.array(networks["losses"]), losses, seed=seed),
        "verdict": networks["verdict"],
        "candidates": networks["candidates"],
        "tried": networks["tried"],
        "trials": networks["trials"],
        "found": None if found is None else {name: found[name] for name in ("chosen", "verdict", "candidates")},
        "trained again": None if again is None else again["trainings"],
        "seconds": round(sum(part["seconds"] for part in (networks, found, again, *baselines.values()) if part), 1),
    }


def numbers_of(model: Measured) -> Part:
    """What is kept of a measured model."""
    return {
        "auc": round(model.test.auc, 5),
        "logloss": round(model.test.logloss, 5),
        "validation auc": round(model.validation.auc, 5),
        "validation logloss": round(model.validation.logloss, 5),
        "accuracy": None if model.test.accuracy is None else round(model.test.accuracy, 5),
        "gain": round(model.gain, 6),
        "noise": round(model.noise, 6),
        "parameters": model.parameters,
        "seconds": round(model.seconds, 2),
    }
