"""Two global runs side by side: both of the visit, or one of them from a saved file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.drawings import ranks as draw_ranks
from glider_core.drawings.text import markdown
from glider_core.rows.compare import RankChange, compare
from glider_core.tables.export import csv_text
from pages.parts.global_run import FinishedRun, Visit, n_rows, unique_names
from pages.parts.global_tables import COUNT_COLUMN, LISTED_SETS, SHARE_COLUMN, png_config, table_height

TOP_OF_EACH_RUN = 15  # sets that are drawn, and counted as common to both
UPLOAD_LIMIT_BYTES = 50_000_000
_UPLOADED = "uploaded"  # key of the run from a file, among those of the visit


def show(visit: Visit) -> None:
    """The comparison, and below it a place to give a saved run."""
    comparison = st.container(key="global-comparison")
    uploaded = _uploaded()
    runs = dict(visit.history)
    if uploaded is not None:
        runs[_UPLOADED] = uploaded
        if visit.uploaded != uploaded.name:
            visit.uploaded, visit.left = uploaded.name, _UPLOADED
    with comparison:
        _compare(visit, runs)


def _uploaded() -> FinishedRun | None:
    file = st.file_uploader("A run saved as JSON, to compare with", type=["json"], key="global.upload")
    if file is None:
        return None
    try:
        if file.size > UPLOAD_LIMIT_BYTES:
            raise gl.InvalidInput("The file is larger than 50 MB; give a run that was saved here.")
        result = _read_run(file.getvalue())
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return None
    slice_name = f" · {result.label:.80}" if result.label else ""
    name = f"{file.name:.60}: {result.model_id:.60}{slice_name} · {n_rows(result.n_rows)}"
    return FinishedRun(name=name, result=result)


@st.cache_resource(max_entries=3, show_spinner="Reading the run")
def _read_run(content: bytes) -> gl.GlobalInteractions:
    """A saved run, of this version or of 0.3."""
    return gl.GlobalInteractions.from_json(content)


def _compare(visit: Visit, runs: Mapping[str, FinishedRun]) -> None:
    """The choice of two runs, and what changes from the left one to the right one."""
    if len(runs) < 2:
        st.info(
            "Run another model, another slice of the rows or another seed, or upload a saved run: then two runs "
            "stand here side by side.",
            icon=":material/compare_arrows:",
        )
        return
    if visit.right not in runs:
        visit.right = next(key for key in reversed(list(runs)) if key != visit.left)
    if visit.left not in runs:
        visit.left = next(key for key in reversed(list(runs)) if key != visit.right)
    names = unique_names(runs)
    left_place, right_place = st.columns(2)
    with left_place:
        left = runs[_choice(visit, "left", names)].result
    with right_place:
        right = runs[_choice(visit, "right", names)].result
    if left is right:
        st.caption("Both sides show the same run; choose another one for one of them.")
        return
    try:
        changes = compare(left, right, k=None)
    except gl.InvalidInput as error:
        st.warning(markdown(str(error)), icon=":material/warning:")
        return
    _changes(left, right, changes)


def _choice(visit: Visit, side: Literal["left", "right"], names: Mapping[str, str]) -> str:
    """The key of the run on one side; a run that has just ended takes its side by itself."""
    key = f"global.{side}"
    st.session_state[key] = getattr(visit, side)
    st.selectbox(
        side.capitalize(),
        list(names),
        format_func=names.__getitem__,
        key=key,
        on_change=lambda: setattr(visit, side, st.session_state[key]),
    )
    return st.session_state[key]


def _changes(left: gl.GlobalInteractions, right: gl.GlobalInteractions, changes: Sequence[RankChange]) -> None:
    """The words, the drawing and the table of a comparison."""
    lacking = [
        f"only {side} has {', '.join(sorted(set(here.names) - set(there.names)))}"
        for side, here, there in (("the left run", left, right), ("the right run", right, left))
        if set(here.names) - set(there.names)
    ]
    if lacking:
        st.warning(
            f"The runs have other fields: {markdown('; '.join(lacking))}. Compared are the sets of the "
            f"{len(set(left.names) & set(right.names))} fields that both have; ranks are counted among them.",
            icon=":material/warning:",
        )
    tops = [
        {change.names for change in changes if (rank := change.ranks[side]) and rank <= TOP_OF_EACH_RUN}
        for side in (0, 1)
    ]
    if not all(tops):
        st.caption("One of the runs found no set of these fields; there are no ranks to compare.")
        return
    common = len(tops[0] & tops[1])
    st.markdown(
        f"**{common}** {'set is' if common == 1 else 'sets are'} among the first {TOP_OF_EACH_RUN} of both runs."
    )
    st.plotly_chart(
        draw_ranks.rank_changes(changes, (left.n_rows, right.n_rows), k=TOP_OF_EACH_RUN),
        key="global.changes",
        config=png_config("global-comparison"),
    )
    table = changes_table(changes)
    st.dataframe(
        table.head(LISTED_SETS),
        column_config={
            **dict.fromkeys(("rank left", "rank right", "rows left", "rows right"), COUNT_COLUMN),
            **dict.fromkeys(("share left", "share right"), SHARE_COLUMN),
        },
        hide_index=True,
        height=table_height(len(table), 400),
    )
    st.download_button(
        "Comparison as CSV", csv_text(table), "global-comparison.csv", "text/csv", icon=":material/download:"
    )


def changes_table(changes: Sequence[RankChange]) -> pd.DataFrame:
    """A row per set: where it ranks in each run, and in how many rows it was found."""
    return pd.DataFrame(
        {
            "fields": [" × ".join(change.names) for change in changes],
            "rank left": [change.ranks[0] for change in changes],
            "rank right": [change.ranks[1] for change in changes],
            "change": [draw_ranks.change(*change.ranks) for change in changes],
            "rows left": [change.counts[0] for change in changes],
            "rows right": [change.counts[1] for change in changes],
            "share left": [change.shares[0] for change in changes],
            "share right": [change.shares[1] for change in changes],
        }
    )
