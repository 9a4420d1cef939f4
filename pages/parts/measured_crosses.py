"""What crosses gained at full size, as measured by `glider reproduce`, beside the paper's numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st
from pydantic import TypeAdapter

from glider_core.drawings import crosses as draw_crosses
from glider_core.experiments import EXPERIMENTS
from glider_core.experiments.measured import measured
from glider_core.numerals import signed
from glider_core.recommenders.gains import DEVIATIONS, Gain
from glider_core.recommenders.improvement import BASE, KEPT, WIDER
from glider_core.recommenders.network import RECOMMENDERS

PAPER_TABLE = "criteo"  # the paper's own log, whose gains are drawn beside ours
_GAINS = TypeAdapter(list[Gain])


@st.fragment
def show() -> None:
    """Tabs for Table 3, what is kept, Figure 3 and Figure 5; only of what has been measured."""
    results = _measured("table3")
    if not results:
        st.caption("Nothing has been measured yet: `glider reproduce table3` does it.")
        return
    st.markdown("The paper's way, in which the most frequent sets always stay: gains and losses alike.")
    st.dataframe(overview(results), hide_index=True, height=38 + 35 * len(results))
    # Only the open tab is drawn; charts of the others would be worked out for nothing, and laid out unseen.
    gains, kept, sizes, buckets = st.tabs(
        ["What crosses gain", "Kept where they help", "How many to cross", "How many buckets"],
        key="crosses.measured.tab",
        on_change="rerun",
    )
    if gains.open:
        with gains:
            name = st.selectbox(
                "Measured on",
                list(results),
                format_func=lambda stem: results[stem]["table"],
                key="crosses.measured",
                width=420,
            )
            _table3(name, results[name])
    if kept.open:
        with kept:
            _selection()
    if sizes.open:
        with sizes:
            _figure3()
    if buckets.open:
        with buckets:
            _figure5()


def _selection() -> None:
    results = measured("crosses")
    if not results:
        st.caption("Not measured yet: `glider reproduce crosses`.")
        return
    st.markdown(
        "*Make my model better* on real tables: the model with crosses stays if what it saves on rows that it was not "
        "learned from exceeds two deviations. Changes of test rows, mean ± deviation over splits."
    )
    table = kept_table(results)
    st.dataframe(table, hide_index=True, height=38 + 35 * len(table))
    st.caption(
        "As large without crosses: vectors twice as wide, which a gain by crosses has to exceed. Measured by `glider "
        "reproduce crosses`; docs/results.md has every model of every table, with boosted trees beside."
    )


def kept_table(results: Mapping[str, Any]) -> pd.DataFrame:
    """A row per table and recommender: what the selection ships, against the model without crosses."""
    rows = []
    for result in results.values():
        own = result["differences"]
        kept, wider = own[KEPT], own.get(WIDER)
        stays = sum(split["chosen"] != BASE for split in result["splits"])
        rows.append(
            {
                "table": result["table"],
                "recommender": result["target"],
                "crosses stay in": f"{stays} of {len(result['splits'])}",
                "AUC without": f"{own[BASE]['auc']:.4f}",
                "AUC": _changed(kept, "auc"),
                "logloss": _changed(kept, "logloss"),
                "logloss, as large without crosses": "" if wider is None else _changed(wider, "logloss"),
            }
        )
    return pd.DataFrame(rows)


def _changed(own: Mapping[str, Any], measure: str) -> str:
    change, deviation = own[f"{measure} change"], own[f"{measure} deviation"]
    if not change:
        return "no change"
    return signed(change, 4) + ("" if deviation is None else f" ± {deviation:.4f}")


def overview(results: Mapping[str, Any]) -> pd.DataFrame:
    """A row per table: of how many recommenders crosses make better or worse by more than two deviations."""
    rows = []
    for result in results.values():
        crossed = [gain for gain in _GAINS.validate_python(result["gains"]) if gain.variant == "crossed"]
        sides = [_side(gain) for gain in crossed]
        best, worst = (pick(gain.auc_gain for gain in crossed) for pick in (max, min))
        rows.append(
            {
                "table": result["table"],
                "training rows": f"{result['rows']['train']:,}",
                "sets crossed": len(result["crosses"]),
                "better": f"{sides.count(1)} of {len(crossed)}",
                "worse": f"{sides.count(-1)} of {len(crossed)}",
                "within chance": f"{sides.count(0)} of {len(crossed)}",
                "AUC, from": signed(worst, 4),
                "to": signed(best, 4),
            }
        )
    return pd.DataFrame(rows)


def _side(gain: Gain) -> int:
    """1: better in AUC and logloss by more than two deviations, -1: worse in both, 0: neither."""
    parts = ((gain.auc_gain, gain.auc_deviation), (gain.logloss_gain, gain.logloss_deviation))
    sides = {
        0 if open_by is None or abs(by) <= DEVIATIONS * open_by else (1 if by > 0 else -1) for by, open_by in parts
    }
    return sides.pop() if len(sides) == 1 else 0


def _table3(name: str, result: Mapping[str, Any]) -> None:
    gains = _GAINS.validate_python(result["gains"])
    crossed = [gain for gain in gains if gain.variant == "crossed"]
    enlarged = [gain for gain in gains if gain.variant == "enlarged"]
    control = (
        f"; as large a model without crosses gains in **{_exceeding(enlarged)} of {len(enlarged)}**" if enlarged else ""
    )
    st.markdown(
        f"**{_exceeding(crossed)} of {len(crossed)} recommenders** gain by {len(result['crosses'])} crosses, in AUC "
        f"and in logloss, by more than two deviations{control}. {result['rows']['train']:,} training rows, "
        f"{min(gain.seeds for gain in gains)} seeds each; a combination counts that more than {result['threshold']} "
        "of them have."
    )
    paper = EXPERIMENTS["table3"].paper[PAPER_TABLE]
    auc = {target: with_crosses - base for target, ((base, with_crosses), _) in paper.items()}
    logloss = {target: base - with_crosses for target, (_, (base, with_crosses)) in paper.items()}
    left, right = st.columns(2)
    left.plotly_chart(draw_crosses.gains(gains, "auc", auc), key=f"measured.{name}.auc")
    right.plotly_chart(draw_crosses.gains(gains, "logloss", logloss), key=f"measured.{name}.logloss")
    st.dataframe(gains_table(crossed, enlarged, paper), hide_index=True)
    with st.expander("The sets that were crossed"):
        _crosses(result)
    st.caption(
        f"Bars: two deviations of the difference between two trainings. Measured by `{command(name, result, gains)}`."
    )


def _exceeding(gains: Sequence[Gain]) -> int:
    return sum(bool(gain.exceeds) for gain in gains)


def gains_table(crossed: Sequence[Gain], enlarged: Sequence[Gain], paper: Mapping[str, Any]) -> pd.DataFrame:
    """A row per recommender: what it gains by crosses, by wider vectors instead, and in the paper."""
    wider = {gain.target: gain for gain in enlarged}
    return pd.DataFrame(
        [
            {
                "recommender": gain.target,
                "AUC": _arrow(gain.auc),
                "logloss": _arrow(gain.logloss),
                "parameters": f"{signed(100 * gain.growth, 1)} %",
                "as large without crosses, AUC": f"→ {wider[gain.target].auc[1]:.4f}" if gain.target in wider else "",
                "paper, Criteo AUC": _arrow(paper[gain.target][0]),
                "paper, Criteo logloss": _arrow(paper[gain.target][1]),
            }
            for gain in crossed
        ]
    )


def _arrow(pair: Sequence[float]) -> str:
    return "{:.4f} → {:.4f}".format(*pair)


def _crosses(result: Mapping[str, Any]) -> None:
    crosses = result["crosses"]
    st.dataframe(
        pd.DataFrame(
            {
                "fields": [" × ".join(cross["fields"]) for cross in crosses],
                "combinations seen": [cross["combinations"] for cross in crosses],
                "ids": [cross["ids"] for cross in crosses],
                "share of rows": [cross["share of rows"] for cross in crosses],
            }
        ),
        column_config={"share of rows": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)},
        hide_index=True,
    )
    if "planted" in result:
        planted = {frozenset(fields) for fields in result["planted"]}
        hits = sum(frozenset(cross["fields"]) in planted for cross in crosses)
        truth = result["true probabilities"]
        st.caption(
            f"{hits} of these {len(crosses)} are what the simulator planted. True probabilities have AUC "
            f"{truth['AUC']:.4f} and logloss {truth['logloss']:.4f}."
        )


def command(name: str, result: Mapping[str, Any], gains: Sequence[Gain]) -> str:
    """The command that measures this again."""
    trained = [gain.target for gain in gains if gain.variant == "crossed"]
    options = {"table": _table_of(name), "seeds": max(gain.seeds for gain in gains), **result["options"]}
    if len(trained) < len(RECOMMENDERS):
        options["targets"] = f"'{','.join(trained)}'"
    if not any(gain.variant == "enlarged" for gain in gains):
        options["variants"] = "base,crossed"
    flags = " ".join(f"--{option} {value}" for option, value in options.items() if value is not None)
    return f"glider reproduce table3 {flags}"


def _figure3() -> None:
    results = _measured("figure3")
    for name, result in results.items():
        seeds = f"{len(result['seeds'])} seed{'s' if len(result['seeds']) > 1 else ''}"
        st.markdown(f"**{result['table']}**, {result['rows']['train']:,} training rows, {seeds} each")
        st.plotly_chart(draw_crosses.by_k(result["points"], result["target"]), key=f"measured.k.{name}")
    if not results:
        st.caption("Not measured yet: `glider reproduce figure3`.")


def _figure5() -> None:
    results = _measured("figure5")
    for name, result in results.items():
        st.markdown(f"**{result['table']}**, {result['rows']:,} training rows")
        st.plotly_chart(draw_crosses.by_buckets(result["points"], width=result["embedding"]), key=f"measured.b.{name}")
    if not results:
        st.caption("Not measured yet: `glider reproduce figure5 --table census`.")


def _measured(experiment: str) -> dict[str, Any]:
    """The results of an experiment by the names of their files, in the order in which its tables are listed."""
    tables = EXPERIMENTS[experiment].options["table"].choices
    results = measured(experiment)
    return {name: results[name] for name in sorted(results, key=lambda name: (tables.index(_table_of(name)), name))}


def _table_of(name: str) -> str:
    """The table that a result's file was measured on: "table3_census_t100" on census."""
    return name.split("_")[1]
