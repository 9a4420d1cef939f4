import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeRegressor

import glider_core as gl
from tests.adapters.planted import numeric, table, telling

X, Y = table()
NUMBERS, ONES = numeric()
PAIR = {"dose", "smoker"}


def remarks(source: Any) -> tuple[str, ...]:
    return source.payload.remarks()


def unknown(source: Any) -> tuple[int, ...]:
    return source.payload.unknown()


def encoded(last: Any) -> Pipeline:
    """A pipeline as people write it: encoders for texts, imputation, the rest as it is."""
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", sparse_output=False), ["site", "code"]),
        (SimpleImputer(), ["age", "dose", "weight", "height"]),
        ("passthrough", ["smoker"]),
    )
    return make_pipeline(columns, last)


def lightgbm_model() -> Any:
    from lightgbm import LGBMClassifier

    texts = X.assign(site=X.site.astype("category"))
    return LGBMClassifier(n_estimators=30, verbose=-1, n_jobs=1).fit(texts, Y), texts


def lightgbm_booster() -> Any:
    import lightgbm

    data = lightgbm.Dataset(NUMBERS, ONES, free_raw_data=False)
    return lightgbm.train({"objective": "binary", "verbose": -1, "num_threads": 1}, data, 30), NUMBERS


def xgboost_pipeline() -> Any:
    from xgboost import XGBClassifier

    return encoded(XGBClassifier(n_estimators=30, n_jobs=1)).fit(X, ONES), X


def xgboost_booster() -> Any:
    import xgboost

    data = xgboost.DMatrix(NUMBERS, ONES)
    return xgboost.train({"objective": "binary:logistic", "nthread": 1}, data, 30), NUMBERS


def catboost_model() -> Any:
    from catboost import CatBoostClassifier

    texts = X.assign(code=X.code.astype(object), smoker=X.smoker.astype(int))
    model = CatBoostClassifier(iterations=60, depth=4, verbose=False, cat_features=["site", "code"], thread_count=1,
                               allow_writing_files=False)  # fmt: skip
    return model.fit(texts, Y), texts


def statsmodels_formula() -> Any:
    from statsmodels.formula.api import logit

    frame = NUMBERS.head(300)
    wrong = np.arange(300) % 9 == 0  # without errors there is no largest likelihood
    data = frame.assign(yes=np.where(wrong, 1 - ONES[:300], ONES[:300]))
    return logit("yes ~ smoker * dose + north + age", data).fit(disp=0), frame


MODELS: dict[str, Callable[[], Any]] = {
    "pipeline of a boosted forest": lambda: (encoded(HistGradientBoostingClassifier(max_iter=40)).fit(X, Y), X),
    "pipeline of a forest": lambda: (encoded(RandomForestClassifier(40, random_state=0)).fit(X, Y), X),
    "SVC without probabilities": lambda: (SVC().fit(NUMBERS[["smoker", "dose", "north"]], ONES),
                                          NUMBERS[["smoker", "dose", "north"]]),
    "regression": lambda: (DecisionTreeRegressor(min_samples_leaf=20).fit(NUMBERS, ONES), NUMBERS),
    "LightGBM": lightgbm_model,
    "LightGBM's booster": lightgbm_booster,
    "XGBoost in a pipeline": xgboost_pipeline,
    "XGBoost's booster": xgboost_booster,
    "CatBoost": catboost_model,
    "statsmodels by a formula": statsmodels_formula,
}  # fmt: skip


@pytest.mark.parametrize("name", MODELS)
def test_the_planted_pair_is_found_in_real_models(name: str) -> None:
    model, frame = MODELS[name]()
    adapted = gl.tabular(model, frame)
    explanation = gl.explain(adapted.instance(telling(frame)))
    assert set(explanation.interactions[0].names) == PAIR
    assert explanation.verdict == "strong"
    assert explanation.interactions[0].effect > 0
    assert explanation.fingerprint is not None, "its parameters tell who it is"
    assert pickle.loads(pickle.dumps(adapted)).identity == adapted.identity


def test_the_kept_row_gets_the_models_own_log_odds() -> None:
    model = encoded(LogisticRegression(max_iter=500)).fit(X, Y)
    instance = gl.tabular(model, X).instance(5)
    probability = model.predict_proba(X.iloc[[5]])[0, 1]
    assert instance.explained == "yes"
    assert instance.predict(np.ones((1, 7), dtype=bool))[0] == pytest.approx(np.log(probability / (1 - probability)))
    off = X.iloc[[5]].assign(age=sorted(X.age)[(len(X) - 1) // 2])
    mask = np.array([[False] + [True] * 6])
    probability = model.predict_proba(off)[0, 1]
    assert instance.predict(mask)[0] == pytest.approx(np.log(probability / (1 - probability)))


def test_margins_of_boosters_are_not_rounded_as_probabilities_are() -> None:
    model, frame = xgboost_pipeline()
    instance = gl.tabular(model, frame).instance(telling(frame))
    margin = model[-1].predict(model[:-1].transform(frame.iloc[[telling(frame)]]), output_margin=True)[0]
    assert instance.predict(np.ones((1, 7), dtype=bool))[0] == pytest.approx(margin)


@pytest.mark.parametrize("off_state", ["typical", "marginal"])
def test_rows_keep_columns_order_and_types(off_state: Any) -> None:
    frame = X.assign(
        seen=pd.Timestamp("2024-05-01"), count=pd.array([None, *[3] * (len(X) - 1)], dtype="Int64"),
        remark=["a", *[None] * (len(X) - 1)],
    )  # fmt: skip
    asked: list[pd.DataFrame] = []

    def answer(rows: pd.DataFrame) -> Any:
        asked.append(rows)
        return rows["age"].to_numpy(dtype=float)

    instance = gl.tabular(answer, frame, off_state=off_state).instance(3)
    instance.predict(np.random.default_rng(0).random((40, len(frame.columns))) < 0.5)
    for rows in asked:
        pd.testing.assert_series_equal(rows.dtypes, frame.dtypes)
    assert instance.identity is None, "a function that closes over something has no identity"


def test_a_typed_row_is_read_as_its_columns_are() -> None:
    model = encoded(LogisticRegression(max_iter=500)).fit(X, Y)
    adapted = gl.tabular(model, X)
    typed = {"age": "41", "dose": "0.5", "site": "west", "smoker": "true", "weight": None, "code": "z", "height": 1}
    instance = adapted.instance(typed)
    rows = instance.rows(np.ones((1, 7), dtype=bool))
    pd.testing.assert_series_equal(rows.dtypes, X.dtypes)
    assert rows.iloc[0].tolist()[:4] == [41, 0.5, "west", True]
    assert unknown(instance) == (2, 5), "neither west nor z stands in the table"
    again = adapted.instance(instance.case(gl.Settings()).raw)
    assert again.identity == instance.identity
    refused = {"age": (41.5, "'age' is 41.5"), "dose": ("1,5", "'dose' is '1,5'"), "smoker": ("maybe", "'smoker' is")}
    for column, (value, part) in refused.items():
        with pytest.raises(gl.InvalidInput, match=part):
            adapted.instance(typed | {column: value})
    with pytest.raises(gl.InvalidInput, match="no value for 'age'"):
        adapted.instance(typed | {"age": None})
    with pytest.raises(gl.InvalidInput, match="no value for site"):
        adapted.instance({name: value for name, value in typed.items() if name != "site"})
    with pytest.raises(gl.InvalidInput, match="rows 0 to"):
        adapted.instance(len(X))


def test_off_is_the_mean_over_other_rows_and_its_noise_is_measured() -> None:
    adapted = gl.tabular(lambda rows: rows["age"] * 1.0, X, off_state="marginal", rows=10)
    instance = adapted.instance(0)
    off = np.zeros((1, 7), dtype=bool)
    first, other = instance.predict(off)[0], instance.redrawn(1).predict(off)[0]
    assert first != other
    assert min(X.age) < first < max(X.age)
    assert instance.stochastic
    every = gl.tabular(lambda rows: rows["age"] * 1.0, X.head(20), off_state="marginal").instance(0)
    assert every.predict(off)[0] == pytest.approx(X.age.head(20).mean())
    assert not every.stochastic, "all rows are averaged over: nothing is drawn"


def test_missing_is_refused_where_the_model_takes_none() -> None:
    trees = encoded(HistGradientBoostingClassifier(max_iter=5)).fit(X, Y)
    assert gl.tabular(trees, X, off_state="missing").instance(0).predict(np.zeros((1, 7), dtype=bool)).shape == (1,)
    with pytest.raises(gl.InvalidInput, match="takes no missing values"):
        gl.tabular(LogisticRegression().fit(NUMBERS, ONES), NUMBERS, off_state="missing")


def test_classes_one_against_all_or_against_another() -> None:
    names = np.array(["cat", "dog", "owl"])[np.arange(len(NUMBERS)) % 3]
    model = LogisticRegression(max_iter=300).fit(NUMBERS, names)
    adapted = gl.tabular(model, NUMBERS)
    probabilities = model.predict_proba(NUMBERS.iloc[[7]])[0]
    kept = np.ones((1, 6), dtype=bool)
    own = adapted.instance(7)
    assert (
        own.explained == names[int(probabilities.argmax())] or own.explained == model.classes_[probabilities.argmax()]
    )
    dog = adapted.instance(7, target="dog").predict(kept)[0]
    assert dog == pytest.approx(np.log(probabilities[1] / (probabilities[0] + probabilities[2])))
    duel = adapted.instance(7, target="dog", against="owl")
    assert duel.predict(kept)[0] == pytest.approx(np.log(probabilities[1] / probabilities[2]))
    assert duel.explained == "dog against owl"
    assert adapted.instance(7, target="dog", scale="probability").predict(kept)[0] == pytest.approx(probabilities[1])
    with pytest.raises(gl.InvalidInput, match="no class 'cow'; it has 'cat', 'dog', 'owl'"):
        adapted.instance(7, target="cow")
    assert len({adapted.instance(7, target=t).case(gl.Settings()).fingerprint for t in ("cat", "dog", "owl")}) == 3


def test_probabilities_of_exactly_one_are_explained_as_they_are() -> None:
    forest = RandomForestClassifier(20, random_state=0).fit(NUMBERS, ONES)
    explanation = gl.explain(gl.tabular(forest, NUMBERS).instance(telling(NUMBERS)))
    assert 0 <= explanation.prediction <= 1
    assert any("exactly 0 or 1" in remark for remark in remarks(explanation))


def test_columns_that_belong_together_are_one_feature() -> None:
    model = LogisticRegression(max_iter=500).fit(NUMBERS, ONES)
    instance = gl.tabular(model, NUMBERS, groups={"body": ["weight", "height"]}).instance(2)
    assert instance.names == ("age", "dose", "smoker", "body", "north")
    row = instance.rows(np.array([[True, True, True, False, True]])).iloc[0]
    assert row["weight"] != NUMBERS["weight"][2]
    assert row["height"] != NUMBERS["height"][2]
    with pytest.raises(gl.InvalidInput, match="not in the background"):
        gl.tabular(model, NUMBERS, groups={"body": ["wings"]})


def test_a_value_that_is_typical_already_is_told() -> None:
    row = NUMBERS.iloc[[0]].assign(age=sorted(NUMBERS.age)[(len(NUMBERS) - 1) // 2], smoker=1.0)
    instance = gl.tabular(LogisticRegression(max_iter=500).fit(NUMBERS, ONES), NUMBERS).instance(row)
    (told,) = [remark for remark in remarks(instance) if "typical value already" in remark]
    assert "age" in told
    assert "smoker" not in told


def test_a_model_of_arrays_gets_arrays() -> None:
    model = LogisticRegression().fit(NUMBERS.to_numpy(), ONES)
    for background in (NUMBERS, NUMBERS.to_numpy()):
        assert gl.tabular(model, background).instance(0).predict(np.ones((2, 6), dtype=bool)).shape == (2,)
    named = gl.tabular(model, NUMBERS.to_numpy(), columns=list(NUMBERS.columns)).instance(0)
    assert named.names == tuple(NUMBERS.columns)


def test_what_does_not_fit_is_refused_with_what_to_do() -> None:
    model = LogisticRegression().fit(NUMBERS, ONES)
    with pytest.raises(gl.InvalidInput, match="columns that it was trained on, and no target"):
        gl.tabular(model, NUMBERS.assign(yes=ONES))
    with pytest.raises(gl.InvalidInput, match="predict_proba"):
        gl.tabular("model.pkl", NUMBERS)
    with pytest.raises(gl.InvalidInput, match="choose typical, marginal, nearby, missing"):
        gl.tabular(model, NUMBERS, off_state="zero")  # type: ignore[arg-type]


def test_an_adapted_model_counts_over_rows() -> None:
    model, frame = lightgbm_booster()
    adapted = gl.tabular(model, frame)
    rows = frame[(frame.smoker > 0) & (frame.dose > 0)].head(12)
    run = gl.detect_global(adapted, rows)
    assert set(run.interactions[0].names) == PAIR
    assert run.interactions[0].count >= 10
