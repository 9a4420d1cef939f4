"""Global view: the interactions that a recommender uses over and over, counted over many rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import glider_core as gl
from glider_core.downloads import cache_folder
from glider_core.drawings import global_run as draw_global
from glider_core.drawings.text import markdown
from glider_core.provenance import fingerprint
from glider_core.recommenders.simulator import PLANTED
from glider_core.rows.detect import compare
from glider_core.rows.significance import NULL_ORDER, n_sets
from glider_core.rows.slices import row_slices
from glider_core.tables.export import csv_text
from pages.parts import frame, own_table, picture, run_panel, training

PAGE = "global"
SIMULATED = "recommender/simulated"
OWN = "own"
FEW = 30  # rows below which hardly any count is significant
TOP = 15  # sets of each run in the drawing of two
KEPT_RUNS = 20  # of a visit, to compare
UPLOAD_LIMIT = 50_000_000  # bytes
SHARE = st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1)
SMALL = st.column_config.NumberColumn(width="small")


@dataclass(frozen=True, slots=True)
class Request:
    """A run as it was asked for."""

    model: Any  # a RecommenderModel, or one like it
    source: str  # its key in `models`
    title: str
    rows: pd.DataFrame  # explained; their index is that of model.rows
    label: str  # of the slice; empty for all rows
    seed: int

    @property
    def identity(self) -> tuple[Any, ...]:
        """Equal where the same run is asked for."""
        return self.source, self.model.fingerprint, self.label, len(self.rows), self.seed

    @property
    def name(self) -> str:
        """How people find it among others."""
        where = f" · {self.label:.80}" if self.label else ""
        return f"{self.title}{where} · {n_rows(len(self.rows))} · seed {self.seed}"


def n_rows(count: int) -> str:
    """A number of rows in words."""
    return f"{count:,} row{'' if count == 1 else 's'}"


def models() -> dict[str, str]:
    """Titles of the recommenders there are; those of this visit last."""
    found = {info.id: info.title for info in gl.list_models() if info.id.startswith("recommender/")}
    visit = {f"visit/{key}": model.title for key, model in st.session_state.get("crosses.models", {}).items()}
    if (own := own_table.kept()) is not None:
        visit = {OWN: own.model.title} | visit
    shipped = set(found.values())
    return found | {key: f"{title}, of this visit" if title in shipped else title for key, title in visit.items()}


def model_of(source: str) -> Any:
    """The model behind a key of `models`."""
    if source == OWN and (own := own_table.kept()) is not None:
        return own.model
    if source.startswith("visit/"):
        return st.session_state["crosses.models"][source.removeprefix("visit/")]
    return run_panel.model(source)


def remember_widgets() -> None:
    """First values from the address bar, where it has usable ones; then what the visitor chose, also after a trip to
    another page.
    """
    query = st.query_params
    number = {
        name: int(text) if (text := query.get(name, "")).isdecimal() and len(text) < 11 else None
        for name in ("rows", "seed")
    }
    defaults: dict[str, Any] = {
        "model": query.get("model", SIMULATED),
        "rows": min(number["rows"] or 128, 10**9),
        "seed": min(number["seed"] or 0, 2**31),
        "slice": query.get("slice"),
        "values": query.get_all("in"),
        "null": NULL_ORDER,
    }
    for name, default in defaults.items():
        key = f"global.{name}"
        st.session_state[key] = st.session_state.get(key, default)
    if st.session_state["global.model"] not in models():
        st.session_state["global.lost"] = True
        st.session_state["global.model"] = SIMULATED
    if st.session_state.get("global.lost"):
        st.info(
            "The model that was asked for is not here: one that is trained in a visit is gone when the visit ends. "
            "Another one is shown.",
            icon=":material/link_off:",
        )


def slice_of(table: pd.DataFrame, names: Sequence[str]) -> tuple[pd.DataFrame, str]:
    """The rows that the visitor restricts the run to, and what to call them."""
    if st.session_state["global.slice"] not in names:
        st.session_state["global.slice"] = None
    field = st.selectbox(
        "Only rows with certain values of", list(names), index=None, key="global.slice", placeholder="all rows"
    )
    if field is None:
        return table, ""
    parts = row_slices(table[field])  # type: ignore[arg-type]
    st.session_state["global.values"] = [value for value in st.session_state["global.values"] if value in parts]
    values = st.multiselect(
        "Values",
        list(parts),
        format_func=lambda value: f"{value} ({parts[value].sum():,} rows)",
        key="global.values",
        placeholder="one or several",
    )
    if not values:
        return table, ""
    chosen: Any = np.any([parts[value] for value in values], axis=0)
    if chosen.all():
        return table, ""
    return table.loc[chosen], f"{field}: {' or '.join(values)}"


def start(request: Request) -> None:
    """Queue a run; what it has found after each chunk shows at once, and what it has finished survives the server."""
    partial: list[gl.GlobalInteractions] = []
    settings = gl.Settings(detector="NID", seed=request.seed)
    folder = cache_folder() / "runs"
    identity = fingerprint(request.model.fingerprint, settings.model_dump_json(), str(len(request.rows)), request.label)
    file = folder / f"{identity}.jsonl"

    def work(report: Any) -> gl.GlobalInteractions:
        def detect() -> gl.GlobalInteractions:
            return gl.detect_global(
                request.model,
                request.rows,
                settings,
                resume=file,
                label=request.label,
                on_progress=report,
                on_partial=partial.append,
            )

        folder.mkdir(parents=True, exist_ok=True)
        try:
            return detect()
        except gl.InvalidInput:  # begun by another version, or over other rows: begin anew
            file.unlink(missing_ok=True)
            return detect()

    st.session_state["global.partial"] = partial
    st.session_state["global.request_going"] = request
    st.session_state["global.address"] = {
        "model": request.source,
        "rows": str(st.session_state["global.rows"]),
        "seed": str(request.seed),
        **(
            {"slice": st.session_state["global.slice"], "in": st.session_state["global.values"]}
            if request.label
            else {}
        ),
    }
    training.start(PAGE, work, doing="Explaining row after row")


def settle(finished: gl.GlobalInteractions | None) -> None:
    """Keep a run that has ended; of one that was cancelled, what it had found."""
    request: Request | None = st.session_state.get("global.request_going")
    if request is None or st.session_state.get("global.training") is not None:
        return
    partial: list[gl.GlobalInteractions] = st.session_state["global.partial"]
    run = finished or (partial[-1] if partial else None)
    st.session_state["global.request_going"] = None
    if run is None:
        return
    st.session_state["global.shown"] = (request, run)
    name = request.name if run.n_rows == len(request.rows) else f"{request.name}, stopped after {run.n_rows:,}"
    known: dict[str, gl.GlobalInteractions] = st.session_state.setdefault("global.runs", {})
    known.pop(name, None)
    known[name] = run
    for former in list(known)[:-KEPT_RUNS]:
        del known[former]
    # The new run on the right, the one before it on the left.
    st.session_state["global.right"] = name
    if len(known) > 1:
        st.session_state["global.left"] = list(known)[-2]


def watch(drawn: int) -> None:
    """Draw the page again when the next chunk is done."""
    if len(st.session_state["global.partial"]) > drawn:
        st.rerun()


def significance(run: gl.GlobalInteractions) -> None:
    """What a p-value here means, and the one choice in it."""
    st.segmented_control("Fields in a random set, at most", [2, 3, 4, 5], key="global.null", required=True)
    order = run.null_order
    st.markdown(
        f"Suppose each row drew as many sets as were found in it on average ({run.per_row:.1f}), but at random, from "
        f"the **{n_sets(len(run.names), order):,}** sets of at most **{order}** of the {len(run.names)} fields. The "
        "p-value is the chance that a set then comes back as often as it did; adjusted, a bound on the chance that any "
        f"of these sets does (Bonferroni). Below 5 %, that is, in more than **{run.threshold():,}** of {run.n_rows:,} "
        "rows, a set counts as significant."
    )
    st.caption(
        "The paper draws from sets of at most three fields. Its thresholds, 25 of 1000 rows for 39 fields and 71 for "
        "23, come out so with 87 sets per row."
    )


def filters(run: gl.GlobalInteractions) -> list[gl.GlobalInteraction]:
    """The interactions that pass what the visitor asks for."""
    left, middle, right = st.columns([1, 1.1, 2.2], vertical_alignment="bottom")
    most = 1 + len(run.orders)
    orders = ["all", "2", "3", "4+"][: 2 + (most > 2) + (most > 3)]
    if st.session_state.get("global.order") not in orders:
        st.session_state["global.order"] = "all"
    order = left.segmented_control("Fields in a set", orders, required=True, key="global.order")
    former = st.session_state.get("global.fields", [])
    st.session_state["global.fields"] = [name for name in former if name in run.names]
    fields = middle.multiselect("With any of these fields", run.names, key="global.fields", placeholder="all fields")
    with right.container(horizontal=True, vertical_alignment="center"):
        significant = st.toggle("Significant only", key="global.significant")
        pruned = st.toggle("No subsets", key="global.pruned", help="Leave out a set that a more frequent one contains.")
        with st.popover("Significance", icon=":material/help:"):
            significance(run)
    found = run.prune(len(run.interactions)) if pruned else run.interactions
    return [
        one
        for one in found
        if (order == "all" or (one.order >= 4 if order == "4+" else one.order == int(order or 2)))
        and (not fields or set(fields) & set(one.names))
        and (not significant or one.p_adjusted < 0.05)
    ]


def pick_point() -> None:
    """A point of the chart was clicked."""
    for point in st.session_state["global.chart"]["selection"]["points"]:
        if point.get("customdata"):
            st.session_state["global.chosen"] = point["customdata"][0]
            # The table is made anew, with this set's row selected.
            st.session_state["global.clicks"] = st.session_state.get("global.clicks", 0) + 1


def sets(run: gl.GlobalInteractions, shown: Sequence[gl.GlobalInteraction], one: gl.GlobalInteraction) -> None:
    """A row per set; the one that is selected is looked into below."""
    shown = shown[:500]
    ranks = {one.features: rank for rank, one in enumerate(run.interactions, 1)}
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
    if run.model_id == SIMULATED:
        planted = {frozenset(names) for names in PLANTED}
        table.insert(2, "planted", ["✓" if frozenset(one.names) in planted else "" for one in shown])
    # Another list of sets is another table: a selection by number would mean another set in it.
    identity = fingerprint(*(str(one.features) for one in shown), str(st.session_state.get("global.clicks", 0)))
    key = f"global.table.{identity}"

    def pick_row() -> None:
        for number in st.session_state[key]["selection"]["rows"]:
            st.session_state["global.chosen"] = draw_global.title(shown[number])

    st.dataframe(
        table,
        column_config={
            "rank": SMALL,
            "order": SMALL,
            "planted": st.column_config.TextColumn(width="small"),
            "share": SHARE,
            "mean effect": st.column_config.NumberColumn("mean effect, logits", format="%+.2f"),
            "p, adjusted": st.column_config.NumberColumn(format="%.2g"),
        },
        hide_index=True,
        on_select=pick_row,
        selection_mode="single-row",
        selection_default={"selection": {"rows": [shown.index(one)] if one in shown else []}},
        key=key,
        height=min(38 + 35 * len(table), 400),
    )


def details(request: Request, one: gl.GlobalInteraction) -> None:
    """A set, and the rows in which it was found."""
    positions = list(one.rows[:200])
    first = f" The first {len(positions)}:" if len(positions) < one.count else ""
    st.markdown(
        f"**{markdown(draw_global.title(one))}**: found in {n_rows(one.count)}; together they add "
        f"{one.mean_effect:+.2f} logits on average beyond what they add one by one.{first}"
    )
    rows = request.rows.iloc[positions]
    table = pd.DataFrame(rows[[*one.names, *(name for name in rows.columns if name not in one.names)]])
    linked = request.source == request.model.id  # one that ships, so that the recommender page has it
    table.insert(
        0, "row", [f"recommender?source={request.source}&row={number}" if linked else number for number in rows.index]
    )
    st.dataframe(
        table,
        column_config={
            "row": st.column_config.LinkColumn("explain", display_text=r"row=(\d+)$", width="small")
            if linked
            else SMALL
        },
        hide_index=True,
        height=min(38 + 35 * len(table), 240),
    )


@st.cache_resource(max_entries=3, show_spinner="Reading the run")
def read_run(content: bytes) -> gl.GlobalInteractions:
    """A saved run."""
    return gl.GlobalInteractions.from_json(content)


def uploaded() -> dict[str, gl.GlobalInteractions]:
    """The run that the visitor gives as a file, by its name."""
    file = st.file_uploader("A run saved as JSON, to compare with", type=["json"], key="global.upload")
    if file is None:
        return {}
    try:
        if file.size > UPLOAD_LIMIT:
            raise gl.InvalidInput("The file is larger than 50 MB; give a run that was saved here.")
        run = read_run(file.getvalue())
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return {}
    where = f" · {run.label:.80}" if run.label else ""
    name = f"{file.name:.60}: {run.model_id:.60}{where} · {n_rows(run.n_rows)}"
    if st.session_state.get("global.uploaded") != name:
        st.session_state["global.uploaded"] = st.session_state["global.left"] = name
    return {name: run}


def comparison() -> None:
    """Two runs of the visit, or one of them from a file, side by side."""
    place = st.container()
    runs = st.session_state.get("global.runs", {}) | uploaded()
    names = list(runs)
    with place:
        if len(names) < 2:
            st.info(
                "Run another model, another slice of the rows or another seed, or upload a saved run: then two runs "
                "stand here side by side.",
                icon=":material/compare_arrows:",
            )
            return
        for side, beside in (("right", "left"), ("left", "right")):
            if st.session_state.get(f"global.{side}") not in names:
                other = st.session_state.get(f"global.{beside}")
                st.session_state[f"global.{side}"] = next(name for name in reversed(names) if name != other)
        left_side, right_side = st.columns(2)
        left = runs[left_side.selectbox("Left", names, key="global.left")]
        right = runs[right_side.selectbox("Right", names, key="global.right")]
        if left is right:
            st.caption("Both sides show the same run; choose another one for one of them.")
            return
        try:
            changes = compare(left, right, k=None)
        except gl.InvalidInput as error:
            st.warning(markdown(str(error)), icon=":material/warning:")
            return
        side_by_side(left, right, changes)


def side_by_side(left: gl.GlobalInteractions, right: gl.GlobalInteractions, changes: list[Any]) -> None:
    """The words, the drawing and the table of a comparison."""
    lacking = [
        f"only {side} has {', '.join(sorted(set(one.names) - set(other.names)))}"
        for side, one, other in (("the left run", left, right), ("the right run", right, left))
        if set(one.names) - set(other.names)
    ]
    if lacking:
        st.warning(
            f"The runs have other fields: {markdown('; '.join(lacking))}. Compared are the sets of the "
            f"{len(set(left.names) & set(right.names))} fields that both have; ranks are counted among them.",
            icon=":material/warning:",
        )
    tops = [{one.names for one in changes if (rank := one.ranks[side]) and rank <= TOP} for side in (0, 1)]
    if not all(tops):
        st.caption("One of the runs found no set of these fields; there are no ranks to compare.")
        return
    both = len(tops[0] & tops[1])
    st.markdown(f"**{both}** {'set is' if both == 1 else 'sets are'} among the first {TOP} of both runs.")
    st.plotly_chart(
        draw_global.rank_changes(changes, (left.n_rows, right.n_rows), k=TOP),
        key="global.changes",
        config=png("global-comparison"),
    )
    table = pd.DataFrame(
        {
            "fields": [" × ".join(change.names) for change in changes],
            "rank left": [change.ranks[0] for change in changes],
            "rank right": [change.ranks[1] for change in changes],
            "change": [draw_global.change(*change.ranks) for change in changes],
            "rows left": [change.counts[0] for change in changes],
            "rows right": [change.counts[1] for change in changes],
            "share left": [change.shares[0] for change in changes],
            "share right": [change.shares[1] for change in changes],
        }
    )
    st.dataframe(
        table.head(500),
        column_config={
            **dict.fromkeys(("rank left", "rank right", "rows left", "rows right"), SMALL),
            **dict.fromkeys(("share left", "share right"), SHARE),
        },
        hide_index=True,
        height=min(38 + 35 * len(table), 400),
    )
    st.download_button(
        "Comparison as CSV", csv_text(table), "global-comparison.csv", "text/csv", icon=":material/download:"
    )


def png(name: str) -> dict[str, Any]:
    """What the camera of a chart saves."""
    return {"toImageButtonOptions": {"filename": name, "scale": 2}, "displaylogo": False}


frame.enter()
st.title("Global view", anchor=False)
st.markdown("Which interactions does a recommender use **over and over**? MADEX over many rows, counted.")
# Messages come and go inside one place: did they move what stands below, the tabs there would jump to the first.
with st.container():
    remember_widgets()
with st.container(horizontal=True, vertical_alignment="bottom"):
    known = models()
    source = st.selectbox("Model", list(known), format_func=known.__getitem__, key="global.model")
    model = model_of(source)
    with st.popover("Slice", icon=":material/filter_alt:"):
        rows, label = slice_of(model.rows, [field.name for field in model.fields])
    count = st.number_input(f"Rows, at most, of {len(rows):,}", 1, 10**9, step=64, key="global.rows", width=180)
    seed = st.number_input("Seed", 0, 2**31, key="global.seed", width=110)
    pressed = st.button("Run", type="primary", icon=":material/play_arrow:", width=120, key="global.button")
if pressed:
    st.session_state["global.lost"] = False
messages = st.container()
request = Request(model, source, known[source], rows.head(int(count)), label, int(seed))
if label:
    few = " Counts over so few rows are seldom significant." if len(request.rows) < FEW else ""
    messages.caption(f":material/filter_alt: {markdown(label)}: {len(rows):,} of {len(model.rows):,} rows.{few}")
if pressed or "global.address" not in st.session_state:
    start(request)
st.query_params.from_dict(st.session_state["global.address"])

with messages:
    settle(training.panel(PAGE))
going: Request | None = st.session_state.get("global.request_going")
partial: list[gl.GlobalInteractions] = st.session_state.get("global.partial") or []
if going:
    with messages:
        st.fragment(watch, run_every=0.7)(len(partial))
shown_case: tuple[Request, gl.GlobalInteractions] | None = (
    (going, partial[-1]) if going and partial else st.session_state.get("global.shown")
)
if shown_case is None:
    messages.caption("The first rows take a few seconds.")
    st.stop()
made, run = shown_case
if st.session_state["global.null"] != run.null_order:
    run = run.with_null(st.session_state["global.null"])
if not going and made.identity != request.identity:
    messages.caption(":material/history: This is the result of the former input. Run to see the new one.")

file_name = re.sub(r"[^A-Za-z0-9]+", "-", f"global {run.model_id} {run.label:.60} {run.n_rows}").strip("-")
with st.container(border=True):
    significant = sum(one.p_adjusted < 0.05 for one in run.interactions)
    st.subheader(
        f"{n_rows(run.n_rows)}, {len(run.interactions):,} different sets, {significant} significant", anchor=False
    )
    st.caption(markdown(made.name))
    if run.interactions:
        first = run.interactions[0]
        st.markdown(
            f"Most often: **{markdown(draw_global.title(first))}**, in {first.count:,} of {run.n_rows:,} rows "
            f"({first.share:.0%}). On average {run.per_row:.1f} sets are found in a row."
        )
    else:
        st.markdown("No interaction was found in any row: the model adds its fields up.")
    if run.model_id == SIMULATED:
        top = {frozenset(names) for names in run.top(len(PLANTED))}
        hits = sum(frozenset(names) in top for names in PLANTED)
        st.markdown(
            f":material/verified: The simulator planted {len(PLANTED)} sets; {hits} of them are the top {len(PLANTED)}."
        )
    shown = filters(run)
    chosen = st.session_state.get("global.chosen")
    picked = next((one for one in shown if draw_global.title(one) == chosen), shown[0] if shown else None)
    if picked is not None:
        st.plotly_chart(
            draw_global.by_rank(run, shown, [draw_global.title(picked)]),
            key="global.chart",
            on_select=pick_point,
            selection_mode="points",
            config=png(file_name),
        )
        st.caption("Numbers above the diamonds: how many fields a set joins. Click a point for its rows.")
    else:
        st.caption("No set passes these filters.")

sets_tab, fields_tab, orders_tab, compare_tab = st.tabs(["Sets", "Fields", "Orders", "Compare"])
with sets_tab:
    if picked is not None:
        sets(run, shown, picked)
        details(made, picked)
    else:
        st.caption("No set passes the filters above.")
with fields_tab:
    one_side, other_side = st.columns([1.15, 1])
    with one_side:
        st.subheader("Fields against fields", anchor=False)
        st.plotly_chart(draw_global.matrix(run, shown), key="global.matrix", config=png(f"{file_name}-fields"))
        st.caption("Sets per row that hold both fields: above the diagonal of any order, below it pairs alone.")
    with other_side:
        st.subheader("The most frequent sets", anchor=False)
        picture.show(draw_global.network(run, shown), "global.network")
        st.caption("Curves: pairs. Shapes: three fields and more. Blue raises, orange lowers on average.")
with orders_tab:
    if run.orders:
        st.markdown(
            f"**{run.orders[0] / sum(run.orders):.0%}** of the {sum(run.orders):,} sets found over all rows are pairs."
        )
        st.plotly_chart(draw_global.orders(run), key="global.orders", config=png(f"{file_name}-orders"))
    else:
        st.caption("No interaction was found.")
with compare_tab:
    comparison()

with st.expander("Save, settings and versions"):
    with st.container(horizontal=True):
        st.download_button(
            "Table as CSV", csv_text(run.table()), f"{file_name}.csv", "text/csv", icon=":material/download:"
        )
        st.download_button(
            "Run as JSON", run.to_json(), f"{file_name}.json", "application/json", icon=":material/download:"
        )
    st.caption("The charts save as PNG with the camera in their upper right corner.")
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
