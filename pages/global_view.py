"""Global view: the interactions that a recommender uses over and over, counted over many rows."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.domains.recommender.model import RecommenderModel
from glider_core.domains.recommender.simulator import PLANTED
from glider_core.downloads import cache_folder
from glider_core.glider import compare
from glider_core.instance import fingerprint
from glider_core.tables import csv_text
from pages.parts import draw_global, frame, picture, run_panel, training
from pages.parts.text import markdown

PAGE = "global"
SIMULATED = "recommender/simulated"
OWN = "own"
PAPER_ROWS = 1000


def titles() -> dict[str, str]:
    """The recommenders there are, the visitor's own last."""
    found = {info.id: info.title for info in gl.list_models() if info.id.startswith("recommender/")}
    if "recommender.own" in st.session_state:
        found[OWN] = "AutoInt on your table"
    return found


def chosen_model() -> RecommenderModel:
    """The model to look into."""
    known = titles()
    if st.session_state.get("global.model") not in known:
        st.session_state["global.model"] = SIMULATED
    model_id = st.selectbox("Model", list(known), format_func=known.__getitem__, key="global.model")
    if model_id == OWN:
        return st.session_state["recommender.own"][0]
    return run_panel.model(model_id)  # type: ignore[return-value]


def start(model: RecommenderModel, rows: int, settings: gl.Settings) -> None:
    """Queue a run; what it has found after each chunk shows at once, and what it has finished survives the server."""
    partial: list[gl.GlobalInteractions] = []
    table = model.rows.head(rows)
    folder = cache_folder() / "runs"
    file = folder / f"{fingerprint(model.fingerprint, settings.model_dump_json(), str(rows))}.jsonl"

    def work(report: Any) -> gl.GlobalInteractions:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            return gl.detect_global(model, table, settings, resume=file, on_progress=report, on_partial=partial.append)
        except gl.InvalidInput:  # begun by another version, or over other rows: begin anew
            file.unlink(missing_ok=True)
            return gl.detect_global(model, table, settings, resume=file, on_progress=report, on_partial=partial.append)

    st.session_state["global.partial"] = partial
    training.start(PAGE, work, doing="Explaining row after row")


def filters(run: gl.GlobalInteractions) -> list[gl.GlobalInteraction]:
    """The interactions that pass what the visitor asks for."""
    left, middle, right = st.columns([1, 2, 1.3], vertical_alignment="bottom")
    most = 1 + len(run.orders)
    order = left.segmented_control(
        "Order",
        ["all", "2", "3", "4+"][: 2 + (most > 2) + (most > 3)],
        default="all",
        required=True,
        key="global.order",
    )
    fields = middle.multiselect("With any of these fields", run.names, key="global.fields", placeholder="all fields")
    significant = right.toggle("Significant only", key="global.significant", help=SIGNIFICANCE)
    pruned = right.toggle("No subsets", key="global.pruned", help="Leave out a set that a more frequent one contains.")
    found = run.prune(len(run.interactions)) if pruned else run.interactions
    return [
        one
        for one in found
        if (order == "all" or (one.order >= 4 if order == "4+" else one.order == int(order or 2)))
        and (not fields or set(fields) & set(one.names))
        and (not significant or one.p_adjusted < 0.05)
    ]


SIGNIFICANCE = (
    "If each row drew as many sets at random as were found in it on average, from all sets of at most three fields: "
    "how likely is it that any set comes back this often? Below 5 % counts as significant (Bonferroni over all sets)."
)


def details(model: RecommenderModel, one: gl.GlobalInteraction) -> None:
    """A set, and the rows in which it was found."""
    st.markdown(
        f"**{markdown(draw_global.title(one))}**: found in {one.count:,} rows; together they add "
        f"{one.mean_effect:+.2f} logits on average beyond what they add one by one."
    )
    rows = model.rows.iloc[list(one.rows[:200])]
    table = pd.DataFrame(rows[[*one.names, *(name for name in rows.columns if name not in one.names)]])
    table.insert(0, "row", [f"recommender?source={model.id}&row={number}" for number in one.rows[:200]])
    links = model.id in titles() and model.id != OWN
    st.dataframe(
        table if links else table.drop(columns=["row"]),
        column_config={"row": st.column_config.LinkColumn("explain", display_text=r"row=(\d+)$", width="small")},
        hide_index=True,
        height=240,
    )


def comparison(run: gl.GlobalInteractions) -> None:
    """This run beside another one of the visit, or beside a saved one."""
    others: dict[str, gl.GlobalInteractions] = dict(st.session_state.get("global.runs", {}))
    file = st.file_uploader("A run saved as JSON", type=["json"], key="global.upload")
    if file is not None:
        try:
            if file.size > 50_000_000:
                raise gl.InvalidInput("The file is larger than 50 MB; give a run that was saved here.")
            others[file.name] = gl.GlobalInteractions.from_json(file.getvalue())
        except gl.GliderError as error:
            st.error(markdown(str(error)), icon=":material/error:")
    others = {name: other for name, other in others.items() if other != run}
    if not others:
        st.caption("Run another model or another number of rows, or upload a saved run, to see what changes.")
        return
    name = st.selectbox("Beside", list(others)[::-1])
    other = others[name]
    changes = compare(run, other)
    st.dataframe(
        pd.DataFrame(
            {
                "fields": [" × ".join(change.names) for change in changes],
                "rank here": [change.ranks[0] for change in changes],
                "rank there": [change.ranks[1] for change in changes],
                "change": [_change(*change.ranks) for change in changes],
                "share here": [change.shares[0] for change in changes],
                "share there": [change.shares[1] for change in changes],
            }
        ),
        column_config={
            "rank here": st.column_config.NumberColumn(width="small"),
            "rank there": st.column_config.NumberColumn(width="small"),
            **{
                column: st.column_config.ProgressColumn(column, format="percent", min_value=0, max_value=1)
                for column in ("share here", "share there")
            },
        },
        hide_index=True,
    )


def _change(here: int | None, there: int | None) -> str:
    if here is None or there is None:
        return "only there" if here is None else "only here"
    return "=" if here == there else f"{'▲' if there > here else '▼'} {abs(there - here)}"


frame.enter()
st.title("Global view", anchor=False)
st.markdown("Which interactions does a recommender use **over and over**? MADEX over many rows, counted.")
with st.container(horizontal=True, vertical_alignment="bottom"):
    model = chosen_model()
    limit = len(model.rows)
    st.session_state["global.rows"] = min(st.session_state.get("global.rows", 128), limit)
    rows = st.number_input(f"Rows, up to {limit}", 1, limit, step=64, key="global.rows", width=160)
    seed = st.number_input("Seed", 0, 2**31, key="global.seed", width=110)
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", width=120, key="global.button")
if pressed or ("global.run" not in st.session_state and "global.begun" not in st.session_state):
    st.session_state["global.begun"] = True
    start(model, int(rows), gl.Settings(detector="NID", seed=int(seed)))

finished = training.panel(PAGE)
if finished is not None:
    st.session_state["global.run"] = finished
    known = st.session_state.setdefault("global.runs", {})
    known[f"{finished.model_id}, {finished.n_rows} rows, seed {finished.settings.seed}"] = finished
partial = st.session_state.get("global.partial") or []
going = st.session_state.get("global.training") is not None
run: gl.GlobalInteractions | None = partial[-1] if going and partial else st.session_state.get("global.run")
if run is None:
    st.caption("The first rows take a few seconds.")
    st.stop()

with st.container(border=True):
    significant = sum(one.p_adjusted < 0.05 for one in run.interactions)
    st.subheader(
        f"{run.n_rows:,} rows, {len(run.interactions):,} different sets, {significant} significant", anchor=False
    )
    if run.interactions:
        first = run.interactions[0]
        st.markdown(
            f"Most often: **{markdown(draw_global.title(first))}**, in {first.count:,} of {run.n_rows:,} rows "
            f"({first.share:.0%}). On average {run.per_row:.1f} sets are found in a row."
        )
    if run.model_id == SIMULATED:
        top = {frozenset(names) for names in run.top(len(PLANTED))}
        hits = sum(frozenset(names) in top for names in PLANTED)
        st.markdown(
            f":material/verified: The simulator planted {len(PLANTED)} sets; {hits} of them are the top {len(PLANTED)}."
        )
    shown = filters(run)
    if not shown:
        st.caption("No set passes these filters.")
        st.stop()
    event: Any = st.plotly_chart(
        draw_global.by_rank(run, shown), key="global.chart", on_select="rerun", selection_mode="points"
    )
    st.caption("Numbers above the diamonds: how many fields a set joins. Click a point for its rows.")

picked = [point["customdata"][0] for point in event["selection"]["points"] if point.get("customdata")]
left, right = st.tabs(["Sets", "Fields"])
with left:
    ranks = {one.features: rank for rank, one in enumerate(run.interactions, 1)}
    planted = {frozenset(names) for names in PLANTED} if run.model_id == SIMULATED else set()
    table = pd.DataFrame(
        {
            "rank": [ranks[one.features] for one in shown],
            "fields": [draw_global.title(one) for one in shown],
            "order": [one.order for one in shown],
            "rows": [one.count for one in shown],
            "share": [one.share for one in shown],
            "mean effect": [one.mean_effect for one in shown],
            "p, adjusted": [one.p_adjusted for one in shown],
        }
    )
    if planted:
        table.insert(2, "planted", ["✓" if frozenset(one.names) in planted else "" for one in shown])
    chosen: Any = st.dataframe(
        table.head(500),
        column_config={
            "rank": st.column_config.NumberColumn(width="small"),
            "order": st.column_config.NumberColumn(width="small"),
            "planted": st.column_config.TextColumn(width="small"),
            "share": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
            "mean effect": st.column_config.NumberColumn("mean effect, logits", format="%+.2f"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key="global.table",
        height=min(38 + 35 * len(table), 400),
    )
    picked = [draw_global.title(shown[number]) for number in chosen["selection"]["rows"]] or picked
    one = next((one for one in shown if draw_global.title(one) in picked), shown[0])
    if run.model_id == model.id:
        details(model, one)
with right:
    one_side, other_side = st.columns([1.15, 1])
    with one_side:
        st.subheader("Fields against fields", anchor=False)
        st.plotly_chart(draw_global.matrix(run, shown), key="global.matrix")
        st.caption("Sets per row that hold both fields: above the diagonal of any order, below it pairs alone.")
    with other_side:
        st.subheader("The most frequent sets", anchor=False)
        picture.show(draw_global.network(run, shown), "global.network")
        st.caption("Curves: pairs. Shapes: three fields and more. Blue raises, orange lowers on average.")

with st.expander("Orders"):
    st.plotly_chart(draw_global.orders(run), key="global.orders")
with st.expander("Compare with another run"):
    comparison(run)
with st.expander("Save, settings and versions"):
    with st.container(horizontal=True):
        name = f"global-{run.model_id.replace('/', '-')}-{run.n_rows}"
        st.download_button("Table as CSV", csv_text(run.table()), f"{name}.csv", "text/csv", icon=":material/download:")
        st.download_button("Run as JSON", run.to_json(), f"{name}.json", "application/json", icon=":material/download:")
    st.caption("The charts save as PNG with the camera in their upper right corner.")
    st.json(
        {
            "settings": run.settings.model_dump(),
            "versions": run.versions,
            "model": [run.model_id, run.fingerprint],
            "seconds": round(run.seconds, 1),
        },
        expanded=1,
    )
