"""Models that read rows of a table: how each library is asked, and what its answers are."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from glider_core.adapters.answers import Kind, Outputs, outputs_of
from glider_core.errors import InvalidInput

Ask = Callable[[Any], Any]  # rows, as the model takes them, to its raw answers


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictor:
    """A way to ask a model, and what comes back; `outputs` None: its first answers tell."""

    ask: Ask
    outputs: Outputs | None = None
    classes: tuple[str, ...] | None = None  # where the kind is not known, but their names are


def predictor_of(model: Any) -> Predictor:
    """How this model is asked about rows.

    Known are scikit-learn's estimators and all that is built like them, boosters of LightGBM, XGBoost and CatBoost,
    results of statsmodels, modules of PyTorch, and functions of rows. Of boosters the raw margin is taken, which is
    not rounded as a probability is.

    Raises:
        InvalidInput: nothing of it can be called.
    """
    library, kind = type(model).__module__.partition(".")[0], type(model).__name__
    if isinstance(getattr(model, "predictor", None), Predictor):  # a model in a process of its own, see `sandbox`
        return model.predictor
    if library == "lightgbm":
        return _lightgbm(model, kind)
    if library == "xgboost":
        return _xgboost(model, kind)
    if library == "catboost":
        return _catboost(model)
    if library == "statsmodels":
        return _statsmodels(model)
    if kind == "Pipeline" and hasattr(model, "steps") and len(model.steps) > 1:
        last = model.steps[-1][1]
        if type(last).__module__.partition(".")[0] in ("lightgbm", "xgboost", "catboost"):
            inner = predictor_of(last)
            return Predictor(ask=_Then(model[:-1].transform, inner.ask), outputs=inner.outputs)
    if callable(getattr(model, "state_dict", None)) and callable(getattr(model, "eval", None)):
        return Predictor(ask=_Module(model))
    return _estimator(model)


def _estimator(model: Any) -> Predictor:
    classes = _names(getattr(model, "classes_", None))
    if callable(getattr(model, "predict_proba", None)):
        return Predictor(ask=model.predict_proba, outputs=Outputs(kind="probabilities", classes=classes))
    if callable(getattr(model, "decision_function", None)):
        kind: Kind = "margins" if classes else "value"
        return Predictor(ask=model.decision_function, outputs=Outputs(kind=kind, classes=classes))
    if callable(getattr(model, "predict", None)):
        if classes:
            return Predictor(ask=_Votes(model.predict, classes), outputs=Outputs(kind="votes", classes=classes))
        return Predictor(ask=model.predict)
    if callable(model):
        return Predictor(ask=model)
    raise InvalidInput(
        f"Got a {type(model).__name__} as model; give one with predict_proba, decision_function or predict, or a "
        "function from rows to answers."
    )


def _lightgbm(model: Any, kind: str) -> Predictor:
    if kind != "Booster" and not hasattr(model, "booster_"):
        return _estimator(model)
    booster = model if kind == "Booster" else model.booster_
    objective = str(booster.dump_model(num_iteration=0).get("objective", "")).partition(" ")[0]
    ask = _With(model.predict, raw_score=True)
    if objective == "binary":
        names = _names(getattr(model, "classes_", None)) or ("0", "1")
        return Predictor(ask=ask, outputs=Outputs(kind="scores", classes=names))
    if objective in ("multiclass", "multiclassova", "softmax", "ova"):
        names = _names(getattr(model, "classes_", None)) or _numbered(booster.num_model_per_iteration())
        return Predictor(ask=ask, outputs=Outputs(kind="scores", classes=names))
    return Predictor(ask=model.predict, outputs=Outputs(kind="value"))


def _xgboost(model: Any, kind: str) -> Predictor:
    booster = model if kind == "Booster" else model.get_booster() if hasattr(model, "get_booster") else None
    if booster is None:
        return _estimator(model)
    learner = json.loads(booster.save_config())["learner"]
    objective = str(learner["objective"]["name"])
    ask = _Matrix(model) if kind == "Booster" else _With(model.predict, output_margin=True)
    if objective in ("binary:logistic", "binary:logitraw", "reg:logistic") and (
        kind == "Booster" or hasattr(model, "classes_")
    ):
        names = _names(getattr(model, "classes_", None)) or ("0", "1")
        return Predictor(ask=ask, outputs=Outputs(kind="scores", classes=names))
    if objective in ("multi:softprob", "multi:softmax"):
        count = int(learner["learner_model_param"]["num_class"])
        names = _names(getattr(model, "classes_", None)) or _numbered(count)
        return Predictor(ask=ask, outputs=Outputs(kind="scores", classes=names))
    return Predictor(ask=_Matrix(model, margin=False) if kind == "Booster" else model.predict,
                     outputs=Outputs(kind="value"))  # fmt: skip


def _catboost(model: Any) -> Predictor:
    classes = _names(getattr(model, "classes_", None))
    if len(classes) < 2:
        return Predictor(ask=model.predict, outputs=Outputs(kind="value"))
    ask = _With(model.predict, prediction_type="RawFormulaVal")
    return Predictor(ask=ask, outputs=Outputs(kind="scores", classes=classes))


def _statsmodels(model: Any) -> Predictor:
    described = getattr(model, "model", None)
    family = type(getattr(described, "family", None)).__name__
    name = type(described).__name__
    if name in ("Logit", "Probit", "ConditionalLogit") or family == "Binomial":
        return Predictor(ask=model.predict, outputs=Outputs(kind="probability", classes=("0", "1")))
    return Predictor(ask=model.predict)


def _names(classes: Any) -> tuple[str, ...]:
    """Names of classes; of several outputs there are none that one name would fit."""
    if classes is None or (isinstance(classes, list) and classes and np.ndim(classes[0]) > 0):
        return ()
    return tuple(str(name) for name in np.asarray(classes).tolist())


def _numbered(count: int) -> tuple[str, ...]:
    return tuple(map(str, range(count)))


# Ways to ask are objects of their own, so that a model with them can be sent to another process.
@dataclass(frozen=True, slots=True)
class _Then:
    first: Callable[[Any], Any]
    second: Ask

    def __call__(self, rows: Any) -> Any:
        return self.second(self.first(rows))


class _With:
    def __init__(self, ask: Ask, **options: Any) -> None:
        self._ask, self._options = ask, options

    def __call__(self, rows: Any) -> Any:
        return self._ask(rows, **self._options)


@dataclass(frozen=True, slots=True)
class _Matrix:
    booster: Any
    margin: bool = True

    def __call__(self, rows: Any) -> Any:
        import xgboost

        return self.booster.predict(xgboost.DMatrix(rows, enable_categorical=True), output_margin=self.margin)


@dataclass(frozen=True, slots=True)
class _Votes:
    """Class numbers of a model that answers with names."""

    predict: Ask
    classes: tuple[str, ...]

    def __call__(self, rows: Any) -> Any:
        return pd.Index(self.classes).get_indexer(pd.Index([str(name) for name in np.asarray(self.predict(rows))]))


@dataclass(frozen=True, slots=True)
class _Module:
    module: Any

    def __call__(self, rows: Any) -> Any:
        import torch

        numbers = np.ascontiguousarray(np.asarray(rows, dtype=np.float32))
        with torch.inference_mode():
            return self.module(torch.from_numpy(numbers))


def observed(predictor: Predictor, raw: Any, classes: Sequence[Any] | None) -> Outputs:
    """What the answers are: as the library says it, else as the first of them look."""
    if predictor.outputs is not None:
        return predictor.outputs.named(classes)
    return outputs_of(raw, classes if classes is not None else predictor.classes)
