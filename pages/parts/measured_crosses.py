"""What crosses gained at full size, as measured by `python -m glider_core reproduce`, beside the paper's numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st
from pydantic import TypeAdapter

from glider_core.drawings import crosses as draw_crosses
from glider_core.experiments.table3 import PAPER, SOURCES
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.retrain import Gain
from glider_core.shipped import ASSETS

FOLDER = ASSETS / "results"
_GAINS = TypeAdapter(list[Gain])


@st.fragment
def show() -> None:
    """Tabs for Table 3, Figure 3 and Figure 5; only of what has been measured."""
    titles = _tables()
    if not titles:
        st.caption("Nothing has been measured yet: `python -m glider_core reproduce table3` does it.")
        return
    # Only the open tab is drawn; charts of the others would be worked out for nothing, and laid out unseen.
    one, two, three = st.tabs(
        ["What crosses gain", "How many to cross", "How many buckets"], key="crosses.measured.tab", on_change="rerun"
    )
    if one.open:
        with one:
            name = st.selectbox(
                "Measured on", list(titles), format_func=titles.__getitem__, key="crosses.measured", width=420
            )
            _table3(str(name))
    if two.open:
        with two:
            _figure3()
    if three.open:
        with three:
            _figure5()


def _tables() -> dict[str, str]:
    """Title of each table that was measured, by the name of its result; some were measured in several ways."""
    paths = [path for name in SOURCES for path in sorted(FOLDER.glob(f"table3_{name}*.json"))]
    return {path.stem: _read(path.stem)["table"] for path in paths}


def _table3(name: str) -> None:
    found = _read(name)
    gains = _GAINS.validate_python(found["gains"])
    crossed = [gain for gain in gains if gain.variant == "crossed"]
    wider = [gain for gain in gains if gain.variant == "enlarged"]
    seeds = {gain.seeds for gain in gains}
    control = (
        f"; as many parameters in wider vectors help **{sum(bool(gain.exceeds) for gain in wider)} of {len(wider)}**"
        if wider
        else ""
    )
    st.markdown(
        f"**{sum(bool(gain.exceeds) for gain in crossed)} of {len(crossed)} recommenders** gain by "
        f"{len(found['crosses'])} crosses, in AUC and in logloss, by more than two deviations{control}. "
        f"{found['rows']['train']:,} training rows, {min(seeds)} seeds each; an id of a cross needs more than "
        f"T = {found['threshold']} of them."
    )
    left, right = st.columns(2)
    paper = PAPER["criteo"]
    left.plotly_chart(
        draw_crosses.gains(gains, "auc", {target: auc[1] - auc[0] for target, (auc, _) in paper.items()}),
        key=f"measured.{name}.auc",
    )
    right.plotly_chart(
        draw_crosses.gains(gains, "logloss", {target: loss[0] - loss[1] for target, (_, loss) in paper.items()}),
        key=f"measured.{name}.logloss",
    )
    by = {(gain.target, gain.variant): gain for gain in gains}
    st.dataframe(
        pd.DataFrame(
            [
                {
                    "recommender": gain.target,
                    "AUC": f"{gain.auc[0]:.4f} → {gain.auc[1]:.4f}",
                    "logloss": f"{gain.logloss[0]:.4f} → {gain.logloss[1]:.4f}",
                    "parameters": f"{gain.growth:+.1%}",
                    "wider vectors, AUC": f"→ {by[gain.target, 'enlarged'].auc[1]:.4f}"
                    if (gain.target, "enlarged") in by
                    else "",
                    "paper, Criteo AUC": "{:.4f} → {:.4f}".format(*paper[gain.target][0]),
                    "paper, Criteo logloss": "{:.4f} → {:.4f}".format(*paper[gain.target][1]),
                }
                for gain in crossed
            ]
        ),
        hide_index=True,
    )
    with st.expander("The sets that were crossed"):
        st.dataframe(
            pd.DataFrame(
                {
                    "fields": [" × ".join(one["fields"]) for one in found["crosses"]],
                    "combinations seen": [one["combinations"] for one in found["crosses"]],
                    "ids": [one["ids"] for one in found["crosses"]],
                    "share of rows": [one["share of rows"] for one in found["crosses"]],
                }
            ),
            column_config={
                "share of rows": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
            },
            hide_index=True,
        )
        if "R-precision" in found:
            planted = {frozenset(one) for one in found["planted"]}
            hits = sum(frozenset(one["fields"]) in planted for one in found["crosses"])
            st.caption(
                f"{hits} of these {len(found['crosses'])} are what the simulator planted. True probabilities have AUC "
                f"{found['true probabilities']['AUC']:.4f} and logloss {found['true probabilities']['logloss']:.4f}."
            )
    table = next(table for table in SOURCES if name.startswith(f"table3_{table}"))
    asked = {"table": table, "seeds": max(seeds), **found["options"]}
    if len(crossed) < len(RECOMMENDERS):
        asked["targets"] = f"'{','.join(gain.target for gain in crossed)}'"
    if not wider:
        asked["variants"] = "base,crossed"
    options = " ".join(f"--{name} {value}" for name, value in asked.items() if value is not None)
    command = f"python -m glider_core reproduce table3 {options}"
    st.caption(f"Bars: two deviations of the difference between two trainings. Measured by `{command}`.")


def _figure3() -> None:
    for name, found in _measured("figure3", "python -m glider_core reproduce figure3"):
        seeds = f"{len(found['seeds'])} seed{'s' if len(found['seeds']) > 1 else ''}"
        st.markdown(f"**{found['table']}**, {found['rows']['train']:,} training rows, {seeds} each")
        st.plotly_chart(draw_crosses.by_k(found["points"], found["target"]), key=f"measured.k.{name}")


def _figure5() -> None:
    for name, found in _measured("figure5", "python -m glider_core reproduce figure5 --table census"):
        st.markdown(f"**{found['table']}**, {found['rows']:,} training rows")
        st.plotly_chart(draw_crosses.by_buckets(found["points"], width=found["embedding"]), key=f"measured.b.{name}")


def _measured(kind: str, command: str) -> Iterator[tuple[str, Any]]:
    """The tables that a figure was measured on; says how to, where there is none."""
    names = [name for name in SOURCES if (FOLDER / f"{kind}_{name}.json").exists()]
    if not names:
        st.caption(f"Not measured yet: `{command}`.")
    for name in names:
        yield name, _read(f"{kind}_{name}")


@st.cache_data(show_spinner=False)
def _loaded(path: str, changed: float) -> Any:
    return json.loads(Path(path).read_text(encoding="utf-8"))


def _read(name: str) -> Any:
    path = FOLDER / f"{name}.json"
    return _loaded(str(path), path.stat().st_mtime)
