"""Feature crosses: do the sets that one recommender uses make another one better?"""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.drawings import crosses as draw_crosses
from glider_core.drawings.text import signed
from glider_core.provenance import versions
from glider_core.recommenders.dataset import Material, simulated, split
from glider_core.recommenders.network import EMBEDDING, RECOMMENDERS
from glider_core.recommenders.retrain import (
    DEVIATIONS,
    Comparison,
    Gain,
    Look,
    Trial,
    Variant,
    gains,
    recipe_for,
    run_beside,
)
from glider_core.recommenders.simulator import PLANTED
from glider_core.shipped import ASSETS
from glider_core.tables.export import csv_text
from pages.parts import frame, measured_crosses, own_table, training

PAGE = "crosses"
COMPARE = "crosses.compare"  # the training of this page, beside that of a visitor's own model
SIMULATED = "recommender/simulated"
SOURCES = {SIMULATED: "Simulated clicks", "own": "Your own table"}
ROWS = (10_000, 20_000, 50_000, 100_000, 200_000)
LISTED = 20  # sets to choose from
EXPLAINED = 128  # rows of a visitor's table that are explained to find them
OFTEN, UP_TO = 0.25, 10  # sets found in this share of the rows are crossed at first, if there are not too many
MORE: dict[str, list[Variant]] = {"crosses": ["base", "crossed"], "both": ["base", "crossed", "enlarged"]}


@dataclass(frozen=True, slots=True)
class Trained:
    """A finished comparison and what it was asked for."""

    source: str
    target: str
    comparison: Comparison
    trials: list[Trial]
    looks: list[tuple[Variant, int, Look]]
    asked: tuple[Any, ...]


@st.cache_data(show_spinner=False)
def shipped_run() -> str:
    """The shipped model's own run over its example rows, as JSON."""
    return (ASSETS / SIMULATED / "global.json").read_text(encoding="utf-8")


def found_sets(source: str, own: own_table.Own | None) -> gl.GlobalInteractions | None:
    """The global run that the crosses are taken from; of a visitor's table it is worked out first."""
    if source == SIMULATED:
        return gl.GlobalInteractions.from_json(shipped_run())
    assert own is not None
    model, page = own.model, f"{PAGE}.sets"
    finished = training.panel(page)
    if finished is not None:
        st.session_state["crosses.run"] = finished
    run: gl.GlobalInteractions | None = st.session_state.get("crosses.run")
    if run is not None and run.fingerprint == model.fingerprint:
        return run
    if st.session_state.get("crosses.asked_for") != model.fingerprint:
        st.session_state["crosses.asked_for"] = model.fingerprint
        rows = model.rows.head(EXPLAINED)
        training.start(
            page,
            lambda report: gl.detect_global(model, rows, on_progress=report),
            doing=f"Looking for sets in {len(rows)} rows",
        )
        st.rerun()
    if st.session_state.get(f"{page}.training") is None and st.button("Look for sets", icon=":material/search:"):
        st.session_state.pop("crosses.asked_for")
        st.rerun()
    return None


def choose_sets(run: gl.GlobalInteractions, source: str) -> tuple[tuple[str, ...], ...]:
    """The table of sets and how many of them are crossed."""
    ranked = run.prune(LISTED)
    if not ranked:
        st.info("No set of fields was found: AutoInt adds these fields up, and there is nothing to cross.")
        st.stop()
    good = sum(one.p_adjusted < 0.05 for one in ranked)
    often = sum(one.share >= OFTEN for one in ranked)
    known = st.session_state.get("crosses.k") or _number("k") or min(max(often, 1), UP_TO)
    st.session_state["crosses.k"] = min(max(known, 1), len(ranked))
    left, right = st.columns([1, 2.2], vertical_alignment="center")
    k = left.number_input("Sets to cross, K", 1, len(ranked), key="crosses.k")
    right.caption(
        f"From {run.n_rows:,} rows in which AutoInt was explained; sets that a more frequent one contains are "
        f"left out. {good} of those listed {'is' if good == 1 else 'are'} significant."
    )
    planted = {frozenset(one) for one in PLANTED} if source == SIMULATED else set()
    table = pd.DataFrame(
        {
            "crossed": [rank < k for rank in range(len(ranked))],
            "fields": [" × ".join(one.names) for one in ranked],
            "share": [one.share for one in ranked],
            "mean effect": [one.mean_effect for one in ranked],
            "p, adjusted": [one.p_adjusted for one in ranked],
        }
    )
    if planted:
        table.insert(2, "planted", ["✓" if frozenset(one.names) in planted else "" for one in ranked])
    st.dataframe(
        table,
        column_config={
            "crossed": st.column_config.CheckboxColumn(width="small"),
            "fields": st.column_config.TextColumn(width="large"),
            "planted": st.column_config.TextColumn(width="small"),
            "share": st.column_config.ProgressColumn("share of rows", format="percent", min_value=0, max_value=1),
            "mean effect": st.column_config.NumberColumn("mean effect, logits", format="%+.2f"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        hide_index=True,
        height=min(38 + 35 * len(table), 290),
    )
    return tuple(one.names for one in ranked[:k])


def start(
    source: str, own: own_table.Own | None, sets: Sequence[Sequence[str]], target: str, rows: int, seeds: int,
    threshold: int | None, variants: Sequence[Variant], asked: tuple[Any, ...],
) -> None:  # fmt: skip
    """Queue the trainings; their looks come in while they go on."""
    looks: list[tuple[Variant, int, Look]] = []

    def work(report: Callable[[str, float], None]) -> tuple[Trained, dict[str, RecommenderModel]]:
        report("train", 0.0)
        material = _material(source, own, rows)
        comparison = Comparison(material, sets, recipe_for(len(material.tables["train"])), threshold=threshold)
        trials, networks = run_beside(
            comparison,
            target,
            variants=variants,
            seeds=range(seeds),
            on_look=lambda variant, seed, look: looks.append((variant, seed, look)),
            on_progress=report,
        )
        models = {
            f"{target}/{variant}": RecommenderModel(
                f"crosses/{target}/{variant}",
                f"{target}, {draw_crosses.WORDS[variant]}"
                if variant != "crossed"
                else f"{target} with {len(sets)} crosses",
                material.fields,
                network,
                material.target,
                material.tables["test"].head(1000),
                comparison.crosses if variant == "crossed" else None,
            )
            for variant, network in networks.items()
        }
        return Trained(source, target, comparison, trials, list(looks), asked), models

    st.session_state["crosses.looks"] = looks
    training.start(COMPARE, work, doing="Training side by side")


def _material(source: str, own: own_table.Own | None, rows: int) -> Material:
    if own is None or source == SIMULATED:
        return simulated(rows, n_validation=10_000, n_test=20_000)
    return split(own.table, own.target, own.positive, own.kinds)


def live() -> None:
    """What the trainings have reached."""
    looks = st.session_state.get("crosses.looks") or []
    if looks:
        st.plotly_chart(draw_crosses.learning(list(looks)), key="crosses.live")


def verdict(gain: Gain) -> None:
    """The numbers and what they mean, in one look."""
    columns = st.columns(3)
    columns[0].metric("Test AUC with crosses", f"{gain.auc[1]:.4f}", f"{gain.auc_gain:+.4f} against {gain.auc[0]:.4f}")
    columns[1].metric(
        "Test logloss with crosses",
        f"{gain.logloss[1]:.4f}",
        f"{-gain.logloss_gain:+.4f} against {gain.logloss[0]:.4f}",
        delta_color="inverse",
    )
    columns[2].metric("Parameters", f"{signed(100 * gain.growth, 1)} %", delta_color="off")
    if gain.exceeds is None:
        st.markdown(":material/info: One seed: whether this is more than chance, two seeds or more will tell.")
    elif gain.exceeds:
        st.markdown(
            f":material/check_circle: **Both gains exceed {DEVIATIONS:g} deviations** of the difference between two "
            f"trainings ({DEVIATIONS * (gain.auc_deviation or 0):.4f} in AUC, "
            f"{DEVIATIONS * (gain.logloss_deviation or 0):.4f} in logloss, {gain.seeds} seeds)."
        )
    else:
        st.markdown(
            f":material/do_not_disturb_on: **Not beyond {DEVIATIONS:g} deviations** of the difference between two "
            f"trainings ({DEVIATIONS * (gain.auc_deviation or 0):.4f} in AUC, "
            f"{DEVIATIONS * (gain.logloss_deviation or 0):.4f} in logloss, {gain.seeds} seeds): crosses do not clearly "
            "help here."
        )


def result(done: Trained) -> None:
    """A finished comparison: verdict, curves, each training, the crosses, files."""
    found = gains(done.trials)
    with st.container(border=True):
        st.subheader(f"{done.target}: with crosses against fields only", anchor=False)
        verdict(next(gain for gain in found if gain.variant == "crossed"))
        other = next((gain for gain in found if gain.variant == "enlarged"), None)
        if other is not None:
            st.caption(
                f"As many parameters in wider vectors instead: AUC {signed(other.auc_gain, 4)}, logloss "
                f"{signed(-other.logloss_gain, 4)}."
            )
        st.plotly_chart(draw_crosses.learning(done.looks), key="crosses.curves")
        st.caption("Large dots: the state that was kept and measured on test rows, which no training saw.")
    one, two, three = st.tabs(["Trainings", "Crosses", "Save"])
    with one:
        st.dataframe(_trials(done.trials), hide_index=True)
    with two:
        st.dataframe(
            _crosses(done.comparison),
            column_config={
                "cross": st.column_config.TextColumn(width="large"),
                "share of rows": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            },
            hide_index=True,
        )
        least = done.comparison.crosses.threshold_
        st.caption(
            f"A combination gets an id of its own when {least + 1:,} training rows or more have it; others share one. "
            f"Each id is a vector of {EMBEDDING} numbers."
        )
    with three:
        name = f"crosses-{done.target.replace('&', '-').lower()}"
        with st.container(horizontal=True):
            st.download_button(
                "Trainings as CSV",
                csv_text(_trials(done.trials)),
                f"{name}.csv",
                "text/csv",
                icon=":material/download:",
            )
            st.download_button(
                "All of it as JSON", _json(done, found), f"{name}.json", "application/json", icon=":material/download:"
            )
            st.download_button(
                "Fitted crosses", _fitted(done.comparison), f"{name}.zip", "application/zip", icon=":material/download:"
            )
        st.caption("`gl.FeatureCrosses.load(file).transform(table)` makes the columns of ids for any table.")
    st.page_link(
        "pages/global_view.py", label="See what the crossed model uses, in the Global view",
        icon=":material/leaderboard:",
    )  # fmt: skip


def _trials(trials: Sequence[Trial]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "model": [f"{one.target}, {draw_crosses.WORDS[one.variant]}" for one in trials],
            "seed": [one.seed for one in trials],
            "test AUC": [round(one.auc, 5) for one in trials],
            "test logloss": [round(one.logloss, 5) for one in trials],
            "parameters": [one.parameters for one in trials],
            "vector": [one.embedding for one in trials],
            "epochs": [one.epochs for one in trials],
            "seconds": [round(one.seconds, 1) for one in trials],
        }
    )


def _crosses(comparison: Comparison) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "cross": [" × ".join(one.fields) for one in comparison.crosses.report_],
            "combinations seen": [one.combinations for one in comparison.crosses.report_],
            "ids": [one.kept for one in comparison.crosses.report_],
            "share of rows": [one.coverage for one in comparison.crosses.report_],
        }
    )


def _json(done: Trained, found: Sequence[Gain]) -> str:
    return json.dumps(
        {
            "source": SOURCES[done.source],
            "crosses": [asdict(one) for one in done.comparison.crosses.report_],
            "gains": [{**asdict(gain), "exceeds": gain.exceeds} for gain in found],
            "trials": [asdict(one) for one in done.trials],
            "rows": {part: len(answers) for part, (_, answers) in done.comparison.material.parts.items()},
            "recipe": asdict(done.comparison.recipe),
            "versions": versions(),
        },
        indent=1,
    )


def _fitted(comparison: Comparison) -> bytes:
    file = io.BytesIO()
    comparison.crosses.save(file)
    return file.getvalue()


def _number(name: str) -> int | None:
    text = st.query_params.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 8 else None


def remember_widgets() -> None:
    """First values from the address bar, where it has usable ones; then what the visitor chose."""
    query = st.query_params
    rows, seeds = _number("rows"), _number("seeds")
    defaults: dict[str, Any] = {
        "source": query.get("source") if query.get("source") in SOURCES else SIMULATED,
        "target": query.get("target") if query.get("target") in RECOMMENDERS else "DeepFM",
        "rows": rows if rows in ROWS else 20_000,
        "seeds": min(max(seeds or 2, 1), 5),
        "threshold": _number("t"),
        "wider": query.get("wider") == "1",
    }
    for name, default in defaults.items():
        st.session_state[f"crosses.{name}"] = st.session_state.get(f"crosses.{name}", default)


frame.enter()
remember_widgets()
st.title("Feature crosses", anchor=False)
st.markdown(
    "Do the sets that one recommender uses make **another one better**? Each set becomes a feature of its own, and the "
    "other recommender is trained with it and without it, side by side."
)
source = str(
    st.segmented_control(
        "Table", list(SOURCES), format_func=SOURCES.__getitem__, key="crosses.source", required=True,
        label_visibility="collapsed",
    )
)  # fmt: skip
own = own_table.panel(PAGE)[1] if source == "own" else None
if source == "own" and own is None:
    st.stop()
run = found_sets(source, own)
if run is None:
    st.stop()
sets = choose_sets(run, source)

with st.container(horizontal=True, vertical_alignment="bottom"):
    target = st.selectbox("Recommender to train", list(RECOMMENDERS), key="crosses.target", width=200)
    if source == SIMULATED:
        rows = st.selectbox("Training rows", ROWS, format_func="{:,}".format, key="crosses.rows", width=140)
    else:
        rows = 0
    seeds = st.number_input("Seeds", 1, 5, key="crosses.seeds", width=110)
    threshold = st.number_input(
        "T, rows an id must exceed", 0, None, None, key="crosses.threshold", placeholder="100 of a million", width=200,
        help="A combination gets an id of its own when more than T training rows have it; all others share one. The "
        "paper's T is 100 of a million. A higher T makes crosses smaller, and keeps them from learning rare rows by "
        "heart.",
    )  # fmt: skip
    wider = st.toggle(
        "Also wider vectors instead",
        key="crosses.wider",
        help="The control of the paper: as many parameters as with crosses, spent on longer vectors for the fields.",
    )
    pressed = st.button("Train side by side", type="primary", icon=":material/play_arrow:", key="crosses.button")
variants = MORE["both" if wider else "crosses"]
asked = (source, sets, target, rows, seeds, threshold, wider, run.fingerprint)
if pressed:
    start(source, own, sets, str(target), int(rows), int(seeds), threshold, variants, asked)
    st.query_params.from_dict(
        {"source": source, "target": str(target), "rows": str(rows), "seeds": str(seeds), "k": str(len(sets)),
         "wider": str(int(wider))} | ({} if threshold is None else {"t": str(threshold)})
    )  # fmt: skip

finished = training.panel(COMPARE, beside=live)
if isinstance(finished, tuple):
    st.session_state["crosses.done"], models = finished
    st.session_state["crosses.models"] = models
going = st.session_state.get(f"{COMPARE}.training") is not None
done: Trained | None = st.session_state.get("crosses.done")
if done is not None and not going:
    if done.asked != asked:
        st.caption(":material/history: This is the result of the former choice. Train to see the new one.")
    result(done)
elif not going:
    st.caption("You can watch both learn; more rows and more seeds take longer, and tell more.")

st.divider()
st.header("Measured at full size", anchor=False)
measured_crosses.show()
