"""A finished comparison of trainings: the verdict, the curves, each training, the crosses, and files of all of it."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from glider_core.drawings import crosses as draw_crosses
from glider_core.numerals import signed
from glider_core.recommenders.auc import FEW, auc_interval
from glider_core.recommenders.comparison import Comparison, Trial
from glider_core.recommenders.export import trials_json
from glider_core.recommenders.gains import DEVIATIONS, Gain, gains
from glider_core.recommenders.network import EMBEDDING
from glider_core.tables.export import csv_text
from pages.parts import crosses_kept, glossary, visitor
from pages.parts.crosses_run import TrainedBeside
from pages.parts.crosses_state import SOURCES
from pages.parts.global_tables import SHARE_COLUMN


def show(trained: TrainedBeside) -> None:
    """All there is to see of a finished comparison."""
    by_variant = {gain.variant: gain for gain in gains(trained.trials)}
    with st.container(border=True):
        st.subheader(f"{trained.request.target}: with crosses against fields only", anchor=False)
        _verdict(by_variant["crossed"])
        if trained.request.own is not None:
            st.caption(auc_words(trained.comparison, by_variant["crossed"]))
        if (enlarged := by_variant.get("enlarged")) is not None:
            st.caption(
                f"The control, as large without crosses: AUC {signed(enlarged.auc_gain, 4)}, logloss "
                f"{signed(-enlarged.logloss_gain, 4)}."
            )
        st.plotly_chart(draw_crosses.learning(trained.looks), key="crosses.curves")
        st.caption("Large dots: the state that was kept and measured on test rows, which no training saw.")
    trainings, crosses, files = st.tabs(["Trainings", "Crosses", "Save"])
    with trainings:
        st.dataframe(trials_table(trained.trials), hide_index=True)
    with crosses:
        _crosses(trained.comparison)
    with files:
        _files(trained)
    st.caption(f":material/info: {visitor.note(crosses_kept.KIND)} Of several trainings the latest stays.")
    st.page_link(
        "pages/global_view.py",
        label="See what the crossed model uses, in the Global view",
        icon=":material/leaderboard:",
    )


def _verdict(gain: Gain) -> None:
    """The numbers and what they mean, in one look."""
    auc, logloss, parameters = st.columns(3)
    _change(auc, "Test AUC with crosses", gain.auc, gain.auc_gain, gain.auc_deviation)
    _change(logloss, "Test logloss with crosses", gain.logloss, gain.logloss_gain, gain.logloss_deviation)
    parameters.metric("Parameters", f"{signed(100 * gain.growth, 1)} %", delta_color="off")
    st.markdown(verdict(gain))


def _change(
    place: DeltaGenerator, label: str, pair: tuple[float, float], gained: float, deviation: float | None
) -> None:
    """A measure with crosses, and how far it is from that without; coloured where that is more than chance."""
    before, after = pair
    certain = deviation is not None and abs(gained) > DEVIATIONS * deviation
    place.metric(
        label,
        f"{after:.4f}",
        f"{signed(after - before, 4)} against {before:.4f}",
        delta_color="gray" if not certain else "green" if gained > 0 else "red",
        delta_arrow="up" if after > before else "down",
        help=glossary.TERMS["AUC" if "AUC" in label else "logloss"],
    )


def auc_words(comparison: Comparison, gain: Gain) -> str:
    """How far the AUC on a visitor's own test rows can be trusted, whatever the seeds say."""
    answers = comparison.dataset.parts["test"][1]
    yes = int(answers.sum())
    found = auc_interval(gain.auc[1], yes, len(answers) - yes)
    words = f"{len(answers):,} test rows, {yes:,} of them yes"
    if found is not None:
        words += f": on other rows like these, the AUC with crosses is between {found[0]:.3f} and {found[1]:.3f} (95 %)"
    few = min(yes, len(answers) - yes) < FEW
    return f"{words}. So few tell little." if few else f"{words}."


def verdict(gain: Gain) -> str:
    """Whether a gain is more than chance, as Markdown."""
    if gain.auc_deviation is None or gain.logloss_deviation is None:
        return ":material/info: One seed: whether this is more than chance, two seeds or more will tell."
    numbers = (
        f"of the difference between two trainings ({DEVIATIONS * gain.auc_deviation:.4f} in AUC, "
        f"{DEVIATIONS * gain.logloss_deviation:.4f} in logloss, {gain.seeds} seeds)"
    )
    if gain.exceeds:
        return f":material/check_circle: **Both gains exceed {DEVIATIONS:g} deviations** {numbers}."
    return (
        f":material/do_not_disturb_on: **Not beyond {DEVIATIONS:g} deviations** {numbers}: crosses do not clearly help "
        "here."
    )


def _crosses(comparison: Comparison) -> None:
    st.dataframe(
        crosses_table(comparison),
        column_config={"cross": st.column_config.TextColumn(width="large"), "share of rows": SHARE_COLUMN},
        hide_index=True,
    )
    st.caption(
        f"A combination gets an id of its own when {comparison.crosses.threshold_ + 1:,} training rows or more have "
        f"it; others share one. Each id is a vector of {EMBEDDING} numbers."
    )


def _files(trained: TrainedBeside) -> None:
    name = f"crosses-{trained.request.target.replace('&', '-').lower()}"
    with st.container(horizontal=True):
        st.download_button(
            "Trainings as CSV",
            csv_text(trials_table(trained.trials)),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
        )
        st.download_button(
            "All of it as JSON",
            json_of(trained),
            f"{name}.json",
            "application/json",
            icon=":material/download:",
        )
        st.download_button(
            "Fitted crosses",
            fitted_crosses(trained.comparison),
            f"{name}.zip",
            "application/zip",
            icon=":material/download:",
        )
    st.caption("`gl.FeatureCrosses.load(file).transform(table)` makes the columns of ids for any table.")


def json_of(trained: TrainedBeside) -> str:
    """All that was measured, as JSON text."""
    return trials_json(trained.comparison, trained.trials, source=SOURCES[trained.request.source])


def fitted_crosses(comparison: Comparison) -> bytes:
    """The file that `FeatureCrosses.load` reads."""
    file = io.BytesIO()
    comparison.crosses.save(file)
    return file.getvalue()


def trials_table(trials: Sequence[Trial]) -> pd.DataFrame:
    """A row per training."""
    return pd.DataFrame(
        {
            "model": [f"{trial.target}, {draw_crosses.WORDS[trial.variant]}" for trial in trials],
            "seed": [trial.seed for trial in trials],
            "test AUC": [round(trial.auc, 5) for trial in trials],
            "test logloss": [round(trial.logloss, 5) for trial in trials],
            "parameters": [trial.parameters for trial in trials],
            "vector": [trial.embedding for trial in trials],
            "epochs": [trial.epochs for trial in trials],
            "seconds": [round(trial.seconds, 1) for trial in trials],
        }
    )


def crosses_table(comparison: Comparison) -> pd.DataFrame:
    """A row per cross: how many combinations it has, and in how many rows they have an id of their own."""
    learned = comparison.crosses.report_
    return pd.DataFrame(
        {
            "cross": [" × ".join(cross.fields) for cross in learned],
            "combinations seen": [cross.combinations for cross in learned],
            "ids": [cross.kept for cross in learned],
            "share of rows": [cross.coverage for cross in learned],
        }
    )
