"""Tasks beyond two classes, in the real libraries: the numbers are the library's own, the planted pair is found."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.special import log_softmax, logsumexp
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

import glider_core as gl
from benchmarks.tree_shap import agreement
from tests.adapters.planted import numeric, telling

NUMBERS, ONES = numeric()
PAIR = {"dose", "smoker"}
ROW = telling(NUMBERS)
# Of three: the pair decides on "both", the north on "north" where the pair does not.
THREE = np.where(ONES == 1, "both", np.where(NUMBERS.north > 0, "north", "none"))
CODES = pd.Series(THREE).map({"both": 0, "none": 1, "north": 2}).to_numpy()
VALUE = 3.0 * ((NUMBERS.smoker > 0) & (NUMBERS.dose > 0)) + 0.5 * NUMBERS.north + 0.01 * NUMBERS.age
EVERYTHING = np.ones((1, len(NUMBERS.columns)), dtype=bool)


def lightgbm_classes() -> Any:
    from lightgbm import LGBMClassifier

    model = LGBMClassifier(n_estimators=15, verbose=-1, n_jobs=1).fit(NUMBERS, THREE)
    return model, np.log(np.asarray(model.predict_proba(NUMBERS.iloc[[ROW]]))[0])


def xgboost_classes() -> Any:
    from xgboost import XGBClassifier

    model = XGBClassifier(n_estimators=15, n_jobs=1).fit(NUMBERS, CODES)
    return model, np.log(model.predict_proba(NUMBERS.iloc[[ROW]])[0])


def xgboost_booster_classes() -> Any:
    import xgboost

    settings = {"objective": "multi:softprob", "num_class": 3, "nthread": 1}
    model = xgboost.train(settings, xgboost.DMatrix(NUMBERS, CODES), 15)
    return model, np.log(model.predict(xgboost.DMatrix(NUMBERS.iloc[[ROW]]))[0])


def catboost_classes() -> Any:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=60, depth=4, verbose=False, thread_count=1, allow_writing_files=False)
    model.fit(NUMBERS, THREE)
    return model, np.log(model.predict_proba(NUMBERS.iloc[[ROW]])[0])


def scikit_learn_classes() -> Any:
    model = HistGradientBoostingClassifier(max_iter=30).fit(NUMBERS, THREE)
    return model, np.log(model.predict_proba(NUMBERS.iloc[[ROW]])[0])


CLASSES: list[Any] = [
    scikit_learn_classes, *(pytest.param(make, marks=pytest.mark.slow) for make in
                             (lightgbm_classes, xgboost_classes, xgboost_booster_classes, catboost_classes)),
]  # fmt: skip


@pytest.mark.parametrize("make", CLASSES)
def test_one_of_three_classes_against_all_others_and_against_one(make: Callable[[], Any]) -> None:
    model, logs = make()
    adapted = gl.tabular(model, NUMBERS)
    first, second, third = adapted.classes
    assert first in ("both", "0")
    alone = adapted.instance(ROW, target=first)
    assert alone.predict(EVERYTHING)[0] == pytest.approx(logs[0] - logsumexp(logs[1:]), abs=1e-3)
    duel = adapted.instance(ROW, target=first, against=third)
    assert duel.predict(EVERYTHING)[0] == pytest.approx(logs[0] - logs[2], abs=1e-3)
    probability = adapted.instance(ROW, target=second, scale="probability")
    assert probability.predict(EVERYTHING)[0] == pytest.approx(np.exp(log_softmax(logs))[1], abs=1e-4)
    assert adapted.instance(ROW).explained == first, "the likeliest one"
    found = gl.explain(adapted.instance(ROW, target=first, against=second)).interactions
    assert set(found[0].names) == PAIR
    assert found[0].effect > 0


def lightgbm_values() -> Any:
    from lightgbm import LGBMRegressor

    return LGBMRegressor(n_estimators=40, verbose=-1, n_jobs=1).fit(NUMBERS, VALUE)


def xgboost_values() -> Any:
    from xgboost import XGBRegressor

    return XGBRegressor(n_estimators=40, n_jobs=1).fit(NUMBERS, VALUE)


def catboost_values() -> Any:
    from catboost import CatBoostRegressor

    model = CatBoostRegressor(iterations=120, depth=4, verbose=False, thread_count=1, allow_writing_files=False)
    return model.fit(NUMBERS, VALUE)


def statsmodels_values() -> Any:
    from statsmodels.formula.api import ols

    return ols("y ~ smoker * dose + north + age", NUMBERS.assign(y=VALUE)).fit()


def scikit_learn_values() -> Any:
    return make_pipeline(PolynomialFeatures(2, interaction_only=True), LinearRegression()).fit(NUMBERS, VALUE)


VALUES: list[Any] = [
    scikit_learn_values, *(pytest.param(make, marks=pytest.mark.slow) for make in
                           (lightgbm_values, xgboost_values, catboost_values, statsmodels_values)),
]  # fmt: skip


@pytest.mark.parametrize("make", VALUES)
def test_a_regression_is_explained_in_its_own_numbers(make: Callable[[], Any]) -> None:
    model = make()
    adapted = gl.tabular(model, NUMBERS)
    assert adapted.classes == ()
    instance = adapted.instance(ROW)
    assert instance.predict(EVERYTHING)[0] == pytest.approx(float(np.asarray(model.predict(NUMBERS.iloc[[ROW]]))[0]))
    found = gl.explain(instance).interactions
    assert set(found[0].names) == PAIR
    assert found[0].effect > 0.3
    with pytest.raises(gl.InvalidInput, match=r"\(value\) can be explained as value"):
        adapted.instance(ROW, scale="probability")


@pytest.mark.slow
def test_a_generalised_linear_model_of_statsmodels_has_two_classes() -> None:
    import statsmodels.api as sm
    from statsmodels.formula.api import glm

    wrong = np.arange(len(NUMBERS)) % 9 == 0  # without errors there is no largest likelihood
    data = NUMBERS.assign(y=np.where(wrong, 1 - ONES, ONES))
    model: Any = glm("y ~ smoker * dose + north + age", data, family=sm.families.Binomial()).fit()
    instance = gl.tabular(model, NUMBERS).instance(ROW)
    p = float(np.asarray(model.predict(NUMBERS.iloc[[ROW]]))[0])
    assert instance.predict(EVERYTHING)[0] == pytest.approx(np.log(p / (1 - p)))
    assert set(gl.explain(instance).interactions[0].names) == PAIR


@pytest.mark.parametrize("off_state", ["typical", "marginal", "missing"])
def test_the_pair_is_found_whatever_takes_the_place_of_a_value(off_state: Any) -> None:
    model = HistGradientBoostingClassifier(max_iter=30, random_state=0).fit(
        NUMBERS.mask(np.random.default_rng(0).random(NUMBERS.shape) < 0.1), ONES  # so that it knows missing ones
    )  # fmt: skip
    found = gl.explain(gl.tabular(model, NUMBERS, off_state=off_state).instance(ROW)).interactions
    assert set(found[0].names) == PAIR
    assert found[0].effect > 0


class Verdicts:
    """A model that says the class and nothing more."""

    classes_ = np.array(["no", "yes"])

    def predict(self, rows: pd.DataFrame) -> Any:
        return np.where((rows["smoker"] > 0) & (rows["dose"] > 0), "yes", "no")


def test_a_model_that_only_says_a_class_is_explained_by_its_votes() -> None:
    explanation = gl.explain(gl.tabular(Verdicts(), NUMBERS).instance(ROW))
    assert (explanation.explained, explanation.prediction) == ("yes", 1.0)
    (found,) = explanation.interactions
    assert set(found.names) == PAIR
    assert found.effect == pytest.approx(1.0)


def test_rare_but_certain_probabilities_keep_their_log_odds() -> None:
    """Of 1e-12 the log-odds are known; only exact zeros have none."""

    def answer(rows: pd.DataFrame) -> Any:
        logits = 9.0 * (rows["smoker"] > 0) + 9.0 * (rows["dose"] > 0) + 9.0 * (rows["north"] > 0)
        rare = 1 / (1 + np.exp(logits.to_numpy()))
        return np.column_stack([rare, 1 - rare])

    adapted = gl.tabular(answer, NUMBERS, classes=["rare", "usual"])
    row = NUMBERS.iloc[[ROW]].assign(north=1.0)
    instance = adapted.instance(row, target="rare")
    assert instance.predict(EVERYTHING)[0] == pytest.approx(-27.0, abs=1e-3)
    assert gl.explain(instance).verdict == "additive"


@pytest.mark.slow
def test_sets_in_a_boosted_forest_agree_with_all_masks_better_than_shap_does() -> None:
    measured = agreement(12)
    assert measured.rows - measured.quiet >= 4
    assert measured.error < 0.1
    assert measured.first >= 0.9
    assert measured.held >= 0.9
    assert measured.held >= measured.shap_held
