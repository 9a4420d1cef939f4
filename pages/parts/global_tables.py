"""Tables and charts of one global run: its sets, the rows behind a set, its fields and orders, and its files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.cases import Case
from glider_core.drawings import global_run as draw_global
from glider_core.drawings.text import markdown
from glider_core.numerals import signed
from glider_core.provenance import fingerprint
from glider_core.reporting import report
from glider_core.tables.export import csv_text
from pages.parts import global_values, glossary, picture, saving
from pages.parts.global_run import RunRequest, n_rows
from pages.parts.global_state import GlobalState
from pages.parts.signs import with_signs

LISTED_SETS = 500  # rows of a table of sets
LISTED_ROWS = 200  # rows of data in which a set was found
SHARE_COLUMN = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
COUNT_COLUMN = st.column_config.NumberColumn(width="small")


def table_height(rows: int, limit: int) -> int:
    """Pixels of a table that shows all its rows, up to a limit."""
    return min(38 + 35 * rows, limit)


def png_config(name: str) -> dict[str, Any]:
    """What the camera of a chart saves."""
    return {"toImageButtonOptions": {"filename": name, "scale": 2}, "displaylogo": False}


def file_name(run: gl.GlobalInteractions) -> str:
    """The name of the run's files, without an ending."""
    return re.sub(r"[^A-Za-z0-9]+", "-", f"global {run.model_id} {run.label:.60} {run.n_rows}").strip("-")


def headline(run: gl.GlobalInteractions, planted: Sequence[Sequence[str]]) -> str:
    """What was found most often, and how it compares with what a simulator planted; Markdown."""
    if not run.interactions:
        text = "No interaction was found in any row: the model adds its fields up."
    else:
        first = run.interactions[0]
        text = (
            f"Most often: **{markdown(draw_global.title(first))}**, in {first.count:,} of {run.n_rows:,} rows "
            f"({first.share:.0%}). On average {run.per_row:.1f} sets are found in a row."
        )
    if not planted:
        return text
    top = {frozenset(names) for names in run.top(len(planted))}
    hits = sum(frozenset(names) in top for names in planted)
    return (
        f"{text}\n\n:material/verified: The simulator planted {len(planted)} sets; {hits} of them are the top "
        f"{len(planted)}."
    )


def top(
    state: GlobalState,
    request: RunRequest,
    run: gl.GlobalInteractions,
    listed: Sequence[gl.GlobalInteraction],
    selected: gl.GlobalInteraction | None,
) -> None:
    """The ten most frequent sets, and beside them the values of the selected one; a click on a set selects it."""
    if selected is None:
        st.caption("No set passes these filters.")
        return

    def pick(title: str) -> None:
        state.selected = title
        state.chart_clicks += 1

    left, right = st.columns([1.15, 1], gap="large")
    with left:
        chosen = draw_global.title(selected)
        bars = draw_global.bars_of(run, listed, request.model.planted_sets, chosen)
        picture.choice(bars, "global.top", on_pick=pick)
        told = "Bars: in how many rows. Dots: what the set adds in each of them; the black line is the mean."
        rest = f" {len(listed) - draw_global.TOP:,} rarer sets: tab *Ranks*." if len(listed) > draw_global.TOP else ""
        st.caption(f"{told} Click a set for its values and rows.{rest}")
    with right:
        global_values.show(request, selected)


def by_rank(
    state: GlobalState,
    run: gl.GlobalInteractions,
    listed: Sequence[gl.GlobalInteraction],
    selected: gl.GlobalInteraction | None,
) -> None:
    """Counts by rank, down to the rarest; a click on a point selects its set."""
    if selected is None:
        st.caption("No set passes the filters above.")
        return

    def select_point() -> None:
        for point in st.session_state["global.chart"]["selection"]["points"]:
            if point.get("customdata"):
                state.selected = point["customdata"][0]
                state.chart_clicks += 1

    st.plotly_chart(
        draw_global.by_rank(run, listed, [draw_global.title(selected)]),
        key="global.chart",
        on_select=select_point,
        selection_mode="points",
        config=png_config(file_name(run)),
    )
    st.caption(
        "Colour: the sign of the mean effect. Diamonds: three fields and more, their number above the first. Click a "
        "point for its rows."
    )


def sets(
    state: GlobalState,
    request: RunRequest,
    run: gl.GlobalInteractions,
    listed: Sequence[gl.GlobalInteraction],
    selected: gl.GlobalInteraction | None,
) -> None:
    """A row per set, and the rows of data in which the selected one was found."""
    if selected is None:
        st.caption("No set passes the filters above.")
        return
    listed = listed[:LISTED_SETS]
    table = sets_table(run, listed, request.model.planted_sets)
    # Another list of sets is another table: a selection by number would mean another set in it. So is the table after
    # a click in the chart, whose set is to be selected here.
    identity = fingerprint(*(str(interaction.features) for interaction in listed), str(state.chart_clicks))
    key = f"global.table.{identity}"

    def select_row() -> None:
        for number in st.session_state[key]["selection"]["rows"]:
            state.selected = draw_global.title(listed[number])

    st.dataframe(
        with_signs(table, {"mean effect": 2}),
        column_config={
            "rank": COUNT_COLUMN,
            "order": COUNT_COLUMN,
            "planted": st.column_config.TextColumn(width="small"),
            "share": SHARE_COLUMN,
            "mean effect": st.column_config.NumberColumn("mean effect, logits"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        hide_index=True,
        on_select=select_row,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [listed.index(selected)] if selected in listed else []}},
        key=key,
        height=table_height(len(table), 400),
    )
    _rows_of_set(request, selected)


def sets_table(
    run: gl.GlobalInteractions, listed: Sequence[gl.GlobalInteraction], planted: Sequence[Sequence[str]]
) -> pd.DataFrame:
    """A row per set, with a tick where a simulator planted it."""
    ranks = {interaction.features: rank for rank, interaction in enumerate(run.interactions, 1)}
    table = pd.DataFrame(
        {
            "rank": [ranks[interaction.features] for interaction in listed],
            "fields": [draw_global.title(interaction) for interaction in listed],
            "order": [interaction.order for interaction in listed],
            "rows": [interaction.count for interaction in listed],
            "share": [interaction.share for interaction in listed],
            "mean effect": [interaction.mean_effect for interaction in listed],
            "p, adjusted": [interaction.p_adjusted for interaction in listed],
        }
    )
    if planted:
        table.insert(2, "planted", planted_marks(listed, planted))
    return table


def planted_marks(listed: Sequence[gl.GlobalInteraction], planted: Sequence[Sequence[str]]) -> list[str]:
    """A tick for each set that the simulator planted."""
    truth = {frozenset(names) for names in planted}
    return ["✓" if frozenset(interaction.names) in truth else "" for interaction in listed]


def _rows_of_set(request: RunRequest, selected: gl.GlobalInteraction) -> None:
    """A set, and the rows in which it was found."""
    positions = list(selected.rows[:LISTED_ROWS])
    first = f" The first {len(positions)}:" if len(positions) < selected.count else ""
    glossary.write(
        f"**{markdown(draw_global.title(selected))}**: found in {n_rows(selected.count)}; together they add "
        f"{signed(selected.mean_effect)} logits on average beyond what they add one by one.{first}"
    )
    rows = request.rows.iloc[positions]
    others = [name for name in rows.columns if name not in selected.names]
    table = cast(pd.DataFrame, rows[[*selected.names, *others]]).copy()
    # Only a model that everyone has can be linked to.
    linked = request.source == request.model.id
    table.insert(0, "row", [_link(request, number) if linked else number for number in rows.index])
    link = st.column_config.LinkColumn("explain", display_text=r"raw=(\d+)$", width="small")
    st.dataframe(
        table,
        column_config={"row": link if linked else COUNT_COLUMN},
        hide_index=True,
        height=table_height(len(table), 240),
    )


def _link(request: RunRequest, row: int) -> str:
    """The address at which this row is explained."""
    case = Case(domain="recommender", model=request.model.id, raw=int(row))
    return f"recommender?{urlencode(case.to_query() or {})}"


def fields(
    run: gl.GlobalInteractions, listed: Sequence[gl.GlobalInteraction], planted: Sequence[Sequence[str]]
) -> None:
    """Which fields act together: the most frequent sets over their fields, and fields against fields."""
    st.subheader("The most frequent sets and their fields", anchor=False)
    picture.show(draw_global.upset_of(run, listed, planted), "global.upset")
    st.caption("A column is a set, its dots are its fields. Height and per cent: rows. Colour and number: mean effect.")
    st.subheader("Fields against fields", anchor=False)
    st.plotly_chart(draw_global.matrix(run, listed), key="global.matrix", config=png_config(f"{file_name(run)}-fields"))
    st.caption("Sets per row that hold both fields: above the diagonal of any order, below it pairs alone.")


def orders(run: gl.GlobalInteractions) -> None:
    """How many fields the sets join."""
    if not run.orders:
        st.caption("No interaction was found.")
        return
    st.markdown(
        f"**{run.orders[0] / sum(run.orders):.0%}** of the {sum(run.orders):,} sets found over all rows are pairs."
    )
    st.plotly_chart(draw_global.orders(run), key="global.orders", config=png_config(f"{file_name(run)}-orders"))


def files(run: gl.GlobalInteractions, planted: Sequence[Sequence[str]]) -> None:
    """The run as files, and what it was made with."""
    name, link = file_name(run), saving.here()
    with st.container(horizontal=True):
        st.download_button("Table as CSV", csv_text(run.table()), f"{name}.csv", "text/csv", icon=":material/download:")
        st.download_button("Run as JSON", run.to_json(), f"{name}.json", "application/json", icon=":material/download:")
        saving.files(
            name, "global.save", report=lambda: report(run, title="Glider: Global view", link=link, planted=planted),
            picture=lambda: draw_global.bars_of(run, run.interactions, planted),
        )  # fmt: skip
    st.caption("The other charts save as PNG with the camera in their upper right corner.")
    st.json(
        {
            "settings": run.settings.model_dump(),
            "versions": run.versions,
            "model": [run.model_id, run.fingerprint],
            "rows": run.label or "all",
            "p-values against sets of at most": run.null_order,
            "seconds": round(run.seconds, 1),
        },
        expanded=1,
    )
