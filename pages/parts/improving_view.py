"""What came of making a model better: the verdict, the models, the candidates, and files for a pipeline."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from glider_core.drawings import crosses as draw_crosses
from glider_core.drawings.text import markdown
from glider_core.recommenders.improvement import BASE, Improvement, Measured
from glider_core.reporting.improvement import FILES, improvement_files
from glider_core.tables.crosses import title_of
from pages.parts.global_tables import table_height
from pages.parts.improving_run import Improved

_KINDS = {
    "html": "text/html", "json": "application/json", "zip": "application/zip", "sql": "application/sql",
    "py": "text/x-python",
}  # fmt: skip
_LABELS = {
    "report.html": "Report", "report.json": "Report as JSON", "crosses.zip": "For scikit-learn", "crosses.sql": "SQL",
    "crosses_polars.py": "Polars",
}  # fmt: skip


def show(improved: Improved) -> None:
    """All there is to see of it."""
    result = improved.result
    with st.container(border=True):
        _verdict(result)
        if result.baselines or len(result.models) > 1:
            st.plotly_chart(draw_crosses.improved(result), key="crosses.improved")
            test, validation = result.models[0].test, result.models[0].validation
            also = ", and on training rows held out more than two" if result.folds else ""
            least = "one deviation" if result.folds else "two deviations (the whiskers)"
            st.caption(
                f"{validation.rows:,} validation rows decide: a model with crosses is kept if what it saves exceeds "
                f"{least}{also}. {test.rows:,} test rows, scored once at the end, decided nothing."
            )
    models, candidates, files = st.tabs(["Models", "Candidates", "Take it away"])
    with models:
        st.dataframe(models_table(result), hide_index=True)
        if len(result.trials) > 1:
            st.caption(
                f"{result.target} without crosses was trained with {len(result.trials)} recipes, as many trials as "
                "boosted trees get; the one that is best on validation rows is used for all its trainings."
            )
    with candidates:
        table = candidates_table(result)
        st.dataframe(
            table,
            column_config={
                "fields": st.column_config.TextColumn(width="large"),
                "logloss saved": st.column_config.NumberColumn(format="%+.5f"),
                "what came of it": st.column_config.TextColumn(width="large"),
            },
            hide_index=True,
            height=table_height(len(table), 390),
        )
        st.caption("What each saves on training rows, out of fold, beyond what the fields say one by one.")
    with files:
        _files(improved)


def _verdict(result: Improvement) -> None:
    before, after = result.models[0], result.kept
    auc, logloss, kept = st.columns(3)
    if result.chosen == BASE:
        auc.metric("Test AUC", f"{before.test.auc:.4f}")
        logloss.metric("Test logloss", f"{before.test.logloss:.4f}")
    else:
        auc.metric(
            "Test AUC with crosses",
            f"{after.test.auc:.4f}",
            f"{after.test.auc - before.test.auc:+.4f} against {before.test.auc:.4f}",
        )
        logloss.metric(
            "Test logloss with crosses",
            f"{after.test.logloss:.4f}",
            f"{after.test.logloss - before.test.logloss:+.4f} against {before.test.logloss:.4f}",
            delta_color="inverse",
        )
    kept.metric("Crosses kept", f"{len(after.crosses)} of {len(result.candidates)}")
    icon = ":material/do_not_disturb_on:" if result.chosen == BASE else ":material/check_circle:"
    st.markdown(f"{icon} **{markdown(result.verdict)}**")
    if result.advice:
        st.markdown(f":material/balance: {markdown(result.advice)}")


def models_table(result: Improvement) -> pd.DataFrame:
    """A row per model, baselines last."""
    named = [(f"{result.target}, {model.name}", model) for model in result.models]
    named += [(model.name, model) for model in result.baselines]

    def saved(model: Measured) -> str:
        return "" if model is result.models[0] else f"{model.gain:+.4f} ± {model.noise:.4f}"

    return pd.DataFrame(
        {
            "kept": ["✓" if model is result.kept else "" for _, model in named],
            "model": [name for name, _ in named],
            "test AUC": [round(model.test.auc, 4) for _, model in named],
            "test logloss": [round(model.test.logloss, 4) for _, model in named],
            "validation AUC": [round(model.validation.auc, 4) for _, model in named],
            "validation logloss": [round(model.validation.logloss, 4) for _, model in named],
            "logloss saved": [saved(model) for _, model in named],
            "parameters": [model.parameters for _, model in named],
            "seconds": [round(model.seconds, 1) for _, model in named],
        }
    )


def candidates_table(result: Improvement) -> pd.DataFrame:
    """A row per candidate, the best first."""
    kept = {frozenset(fields) for fields in result.kept.crosses}
    words = ["kept" if frozenset(own.fields) in kept else own.dropped or "tried" for own in result.candidates]
    return pd.DataFrame(
        {
            "fields": [title_of(own.fields) for own in result.candidates],
            "logloss saved": [own.gain for own in result.candidates],
            "in its errors": [round(own.t, 1) for own in result.candidates],
            "what came of it": words,
        }
    )


def _files(improved: Improved) -> None:
    files, notes = improvement_files(improved.result, source=improved.asked.own.uploaded.name)
    with st.container(horizontal=True):
        for name, content in files.items():
            st.download_button(
                _LABELS[name], content, name, _KINDS[name.rpartition(".")[2]], icon=":material/download:"
            )
    for note in notes:
        st.caption(f":material/info: {markdown(note)}")
    if improved.result.numbers is None:
        st.caption("No cross is kept, so there is none to take away.")
        return
    st.markdown("\n".join(f"- `{name}`: {FILES[name]}" for name in files))
    st.caption(
        "Train your own model on `CrossNumbers(sets).fit_transform(table, answers)`, which gives each row a number "
        "learned from other rows; the files give new rows theirs."
    )
