"""What a practitioner would train first: logistic regression, alone and with all pairs, and boosted trees.

Each gets the same small search, chosen by validation logloss: four trials, two of CatBoost, which takes minutes. The
fields are those of the networks.
"""

from __future__ import annotations

import importlib.util
import itertools
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse
from scipy.special import logit
from sklearn.linear_model import LogisticRegression

from glider_core.errors import InvalidInput
from glider_core.recommenders.dataset import Dataset
from glider_core.recommenders.fitting import Beside, Scores, scores
from glider_core.tables.additive import one_hot
from glider_core.tables.buckets import learn
from glider_core.tables.cross_tables import loss_of
from glider_core.tables.crosses import FeatureCrosses

MOST_PAIRS = 300  # beyond which a logistic regression with all pairs is left out
_BUCKETS = 20  # of a dense field, for a logistic regression
_SEEN = 4  # rows that a combination must exceed
_ROUNDS, _PATIENCE = 600, 30
_CATBOOST_ROUNDS = 300

Parts = dict[str, Any]
Predict = Callable[[str], NDArray[np.float64]]  # the name of a part to its logits


@dataclass(frozen=True, slots=True, kw_only=True)
class Baseline:
    """A model that the networks are compared with, measured."""

    name: str
    validation: Scores
    logits: NDArray[np.float64] = field(compare=False, repr=False)  # of the validation rows
    parameters: int
    seconds: float = field(compare=False)
    predict: Predict = field(compare=False, repr=False)  # of test rows, when the time has come


def run_baselines(
    dataset: Dataset, names: Iterable[str] | None = None, *, seed: int = 0, trials: int | None = None
) -> list[Baseline]:
    """Train these baselines, or all whose packages are installed.

    Args:
        dataset: the rows; those of the test part are not looked at.
        names: in BASELINES.
        seed: of what is drawn.
        trials: of each search, the first ones; None: all.

    Raises:
        InvalidInput: there is no such baseline.
    """
    wanted = available() if names is None else list(names)
    found = []
    for name in wanted:
        if name not in BASELINES:
            raise InvalidInput(f"There is no baseline {name!r:.40}; choose among {', '.join(BASELINES)}.")
        started = time.perf_counter()
        fitted = BASELINES[name](dataset, seed, trials)
        if fitted is None:
            continue
        predict, parameters = fitted
        logits = predict("validation")
        found.append(
            Baseline(
                name=name,
                validation=scores(logits, dataset.parts["validation"][1]),
                logits=logits,
                parameters=parameters,
                seconds=time.perf_counter() - started,
                predict=predict,
            )
        )
    return found


def available() -> list[str]:
    """The baselines whose packages are installed."""
    packages = {"LightGBM": "lightgbm", "CatBoost": "catboost"}
    return [name for name in BASELINES if name not in packages or importlib.util.find_spec(packages[name])]


def beside(dataset: Dataset, logits: NDArray[np.float64], *, seed: int = 0) -> tuple[Beside, ...]:
    """Logistic regression, and boosted trees where they are installed, a trial each, beside a network.

    Args:
        dataset: what all of them were trained on.
        logits: (n,) of the network, of the test rows.
        seed: of what is drawn.
    """
    answers = dataset.parts["test"][1]
    own, found = loss_of(logits, answers), []
    names = [name for name in available() if name in ("logistic regression", "LightGBM")]
    for model in run_baselines(dataset, names, seed=seed, trials=1):
        theirs = model.predict("test")
        saved = own - loss_of(theirs, answers)
        noise = float(saved.std() / len(saved) ** 0.5)
        found.append(Beside(model.name, scores(theirs, answers), float(saved.mean()), noise))
    return tuple(found)


def _regression(dataset: Dataset, seed: int, trials: int | None, pairs: bool = False) -> tuple[Predict, int] | None:
    names = [field.name for field in dataset.fields]
    if pairs and len(names) * (len(names) - 1) // 2 > MOST_PAIRS:
        return None
    dense = [field.name for field in dataset.fields if field.kind == "dense"]
    train = dataset.tables["train"]
    _, fields = learn(lambda: iter([train]), names, _BUCKETS, dense)
    crosses = None
    if pairs:
        sets = list(itertools.combinations(names, 2))
        crosses = FeatureCrosses(sets, buckets=_BUCKETS // 2, threshold=_SEEN, dense=dense).fit(train)
    matrices: dict[str, sparse.csr_matrix] = {}

    def matrix(part: str) -> Any:
        if part not in matrices:
            table = dataset.tables[part]
            own = one_hot(fields, table)
            matrices[part] = own if crosses is None else _with_ids(own, crosses, table)
        return matrices[part]

    best: tuple[float, Any] = (np.inf, None)
    answers = dataset.parts["train"][1]
    for strength in ((0.1, 0.03, 0.3, 1.0) if pairs else (0.3, 0.1, 1.0, 3.0))[:trials]:
        model = LogisticRegression(C=strength, solver="liblinear", intercept_scaling=10, tol=1e-3)
        model.fit(matrix("train"), answers)
        loss = scores(model.decision_function(matrix("validation")), dataset.parts["validation"][1]).logloss
        if loss < best[0]:
            best = (loss, model)
    return lambda part: best[1].decision_function(matrix(part)), matrix("train").shape[1] + 1


def _with_ids(own: sparse.csr_matrix, crosses: FeatureCrosses, table: pd.DataFrame) -> Any:
    blocks: list[Any] = [own]
    for size, (_, column) in zip(crosses.sizes, crosses.transform(table).items(), strict=True):
        ids = column.to_numpy()
        known = np.flatnonzero(ids)
        blocks.append(sparse.csr_matrix((np.ones(len(known)), (known, ids[known])), shape=(len(ids), size)))
    return sparse.csr_matrix(sparse.hstack(blocks, format="csr"))


def _frame(dataset: Dataset, part: str) -> pd.DataFrame:
    """A part as trees read it: categories by number, in the networks' encoding; dense values scaled."""
    rows = dataset.parts[part][0]
    categorical = iter(rows.ids.T)
    dense = iter(rows.dense.T)
    columns = [next(categorical if field.kind == "categorical" else dense) for field in dataset.fields]
    return pd.DataFrame(dict(enumerate(columns)))


def _lightgbm(dataset: Dataset, seed: int, trials: int | None) -> tuple[Predict, int]:
    import lightgbm

    names = [number for number, field in enumerate(dataset.fields) if field.kind == "categorical"]
    best: tuple[float, Any] = (np.inf, None)
    for leaves, smooth in ((31, 10), (15, 10), (31, 50), (63, 50))[:trials]:
        model = lightgbm.LGBMClassifier(
            n_estimators=_ROUNDS, learning_rate=0.05, num_leaves=leaves, min_child_samples=20, cat_smooth=smooth,
            cat_l2=smooth, colsample_bytree=0.8, random_state=seed, n_jobs=1, verbose=-1, deterministic=True,
            force_row_wise=True,
        )  # fmt: skip
        model.fit(
            _frame(dataset, "train"),
            dataset.parts["train"][1],
            eval_X=_frame(dataset, "validation"),
            eval_y=dataset.parts["validation"][1],
            eval_metric="logloss",
            categorical_feature=names,
            callbacks=[lightgbm.early_stopping(_PATIENCE, verbose=False)],
        )
        loss = model.best_score_["valid_0"]["binary_logloss"]
        if loss < best[0]:
            best = (loss, model)
    model = best[1]
    trees = model.booster_.trees_to_dataframe() if model.best_iteration_ else None
    leaves = 0 if trees is None else int(trees["left_child"].isna().sum())
    return lambda part: np.asarray(model.predict(_frame(dataset, part), raw_score=True), np.float64), leaves


def _catboost(dataset: Dataset, seed: int, trials: int | None) -> tuple[Predict, int]:
    import catboost

    names = [number for number, field in enumerate(dataset.fields) if field.kind == "categorical"]
    validation = catboost.Pool(_frame(dataset, "validation"), dataset.parts["validation"][1], cat_features=names)
    best: tuple[float, Any] = (np.inf, None)
    for depth, penalty in ((4, 3), (6, 10))[:trials]:  # trials of minutes: two
        model = catboost.CatBoostClassifier(
            iterations=_CATBOOST_ROUNDS, learning_rate=0.1, depth=depth, l2_leaf_reg=penalty, random_seed=seed,
            thread_count=1, verbose=False, allow_writing_files=False,
        )  # fmt: skip
        model.fit(
            catboost.Pool(_frame(dataset, "train"), dataset.parts["train"][1], cat_features=names),
            eval_set=validation,
            early_stopping_rounds=_PATIENCE,
        )
        loss = model.get_best_score()["validation"]["Logloss"]
        if loss < best[0]:
            best = (loss, model)
    model = best[1]

    def predict(part: str) -> NDArray[np.float64]:
        chances = model.predict_proba(_frame(dataset, part))[:, 1]
        return logit(np.clip(chances, 1e-9, 1 - 1e-9))

    return predict, int(model.tree_count_ * 2 ** model.get_param("depth"))


BASELINES: dict[str, Callable[[Dataset, int, int | None], tuple[Predict, int] | None]] = {
    "logistic regression": _regression,
    "logistic regression, all pairs": lambda dataset, seed, trials: _regression(dataset, seed, trials, pairs=True),
    "LightGBM": _lightgbm,
    "CatBoost": _catboost,
}
