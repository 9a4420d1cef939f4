"""Two counts of the same rows, side by side: Glider's, and that of the code of the paper's authors."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

import glider_core as gl
from glider_core.drawings import global_run as draw_global
from glider_core.rows.compare import compare
from pages.parts.global_filters import SIGNIFICANCE_LEVEL
from pages.parts.global_run import COUNTINGS, RunRequest, Visit, n_rows, stored_counts
from pages.parts.global_state import GlobalState
from pages.parts.global_tables import COUNT_COLUMN, table_height

SETS = 20  # of each count
ALIKE = 10  # of which the page says how many are the same
TOLD = {
    "gates": "the interactions of a row's explanation, which pass all tests",
    "paper": "the first 100 sets that NID ranks in a row, tested or not",
}
SHORT = {"gates": "Glider", "paper": "paper"}


def show(state: GlobalState, visit: Visit, request: RunRequest, run: gl.GlobalInteractions) -> None:
    """Both counts where both are known; else a button for the one that is not."""
    ways = list(COUNTINGS)
    other = next(way for way in ways if way != request.counting)
    known = _known(visit, replace(request, counting=other), run)
    runs = {request.counting: run} | ({} if known is None else {other: known})
    st.markdown(
        f"What counts in a row: **Glider**: {TOLD['gates']}; **paper**, as its authors' code does: {TOLD['paper']}. "
        "The more sets a row has, the more often one must come back to be significant; the rule is the same for both."
    )
    st.dataframe(
        [_told(way, runs[way]) for way in ways if way in runs],
        hide_index=True,
        key=f"global.ways.{len(runs)}",
    )
    if known is None:
        _offer(state, other, visit)
        return
    left, right = (runs[way] for way in ways)
    alike = {each.features for each in left.interactions[:ALIKE]} & {
        each.features for each in right.interactions[:ALIKE]
    }
    st.markdown(f"**{len(alike)}** of the first {ALIKE} sets are the same.")
    significant = [
        {each.names for each in one.interactions if each.p_adjusted < SIGNIFICANCE_LEVEL} for one in (left, right)
    ]
    rows = [
        {
            "fields": " × ".join(change.names),
            "rows, Glider": change.counts[0],
            "rows, paper": change.counts[1],
            "ranks": " and ".join("–" if rank is None else str(rank) for rank in change.ranks),
            "significant": _significant(*(change.names in one for one in significant)),
        }
        for change in compare(left, right, k=SETS)
    ]
    st.dataframe(
        rows,
        hide_index=True,
        height=table_height(len(rows), 500),
        column_config={
            "fields": st.column_config.TextColumn(width="medium"),
            **dict.fromkeys(("rows, Glider", "rows, paper"), COUNT_COLUMN),
        },
        key="global.counts",
    )


def _known(visit: Visit, request: RunRequest, run: gl.GlobalInteractions) -> gl.GlobalInteractions | None:
    """The other count of just these rows: of this visit, or of those that ship."""
    finished = visit.history.get(request.key)
    result = finished.result if finished is not None else stored_counts(request)
    if result is None or result.n_rows != run.n_rows:
        return None
    return result if result.null_order == run.null_order else result.with_null(run.null_order)


def _told(way: str, run: gl.GlobalInteractions) -> dict[str, str]:
    first = run.interactions[0] if run.interactions else None
    return {
        "counted": SHORT[way],
        "sets a row": f"{run.per_row:.1f}",
        "significant above": n_rows(run.threshold()),
        "significant sets": f"{sum(each.p_adjusted < SIGNIFICANCE_LEVEL for each in run.interactions):,}",
        "most often": "none" if first is None else f"{draw_global.title(first)} ({first.count:,})",
    }


def _significant(ours: bool, papers: bool) -> str:
    if ours and papers:
        return "both"
    return "Glider" if ours else "paper" if papers else ""


def _offer(state: GlobalState, other: str, visit: Visit) -> None:
    def take() -> None:
        state.counting, state.wanted = other, True

    if visit.live is not None:
        st.caption("The other count can be added when this run has ended.")
        return
    minutes = " It takes several times as long." if other == "paper" else ""
    st.button(
        f"Count these rows as {COUNTINGS[other]}, too", on_click=take, icon=":material/add_chart:", key="global.other"
    )
    st.caption(f"{TOLD[other][0].upper()}{TOLD[other][1:]}.{minutes}")
