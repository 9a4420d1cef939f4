"""A visitor's model file: uploaded, read in a process of its own, shown as read, and made ready to be explained."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import streamlit as st

import glider_core as gl
from glider_core.adapters.readers import OFF_STATES
from glider_core.adapters.sandbox.description import Description, usual_columns
from glider_core.adapters.sandbox.file_model import MAX_TOKENIZER, FileModel
from glider_core.adapters.sandbox.tokens import ASSUMED
from glider_core.adapters.tabular import TabularModel
from glider_core.drawings.text import markdown
from glider_core.tables.read import read_table
from pages.parts import own_picture, run, visitor
from pages.parts.workbench import Workbench

FILE = "function/file"
OFF = {
    "typical": "a typical value", "marginal": "other rows' values", "nearby": "values near its own",
    "missing": "no value",
}  # fmt: skip
_READS = {"table": "tables", "text": "texts", "tokens": "the word pieces of texts", "picture": "pictures"}
_MAX_CHARACTERS, _NUMBERED = 5_000, 1_000  # of a text; classes that are offered by their numbers
_TEXT = "This film is never dull."
_KEPT = "own_file.ready"  # of the session: key of what was made ready last, and the model


def current() -> Any:
    """The model that was made ready last in this visit; None without one."""
    known = st.session_state.get(_KEPT)
    return None if known is None else known[1]


def panel(page: Workbench) -> Any:
    """What the visitor uploads and says of it; the model, or None where something is missing, which is said."""
    with page.before.container(border=True, key="own-file"):
        left, right = st.columns(2, gap="medium")
        with left:
            file = st.file_uploader("A model: ONNX, or scikit-learn's as .skops", key=visitor.key("own_file.model"))
            if file is None:
                st.caption(
                    "It is read in a process of its own, with bounds on memory and time, and is gone when the page is "
                    "closed. Pickles and .pt files run whatever their writer put into them; they are not read."
                )
                return None
            opened = _opened("opened", page, file.getvalue(), file.name)
            if opened is None:
                return None
            _tell(opened.described)
            names = own_picture.names(opened.described) or _class_names(opened.described)
        with right:
            try:
                ask = {"table": _table, "text": _text, "tokens": _tokens, "picture": _picture}
                return ask[opened.described.reads](opened, page, names)
            except gl.GliderError as error:
                st.error(markdown(str(error)), icon=":material/error:")
                return None


def _opened(slot: str, page: Workbench, content: bytes, name: str, tokenizer: bytes = b"") -> FileModel | None:
    """The model of a file, with its tokenizer where it needs one; None after a message, or while it is being read."""
    key, kept = sha256(content + tokenizer).hexdigest(), f"own_file.{slot}"
    known: tuple[str, FileModel] | None = st.session_state.get(kept)
    if known is not None and known[0] == key:
        return known[1]
    try:
        opened = run.quick(kept, lambda: gl.open_model(content, name, tokenizer=tokenizer), key=(kept, key),
                           waiting="Reading the model in a process of its own")  # fmt: skip
    except gl.GliderError as error:
        st.error(markdown(str(error)), icon=":material/error:")
        return None
    if opened is not None:
        st.session_state[kept] = key, opened
        page.state.options, page.state.raw = {}, None
    return opened


def _tell(described: Description) -> None:
    """What was read of the file."""

    def shape(sizes: tuple[int | None, ...]) -> str:
        return " × ".join("any" if size is None else str(size) for size in sizes)

    inputs = ", ".join(
        name if sort == "column" else f"{name} ({sort}{', ' + shape(sizes) if sizes else ''})"
        for name, sort, sizes in described.inputs[:6]
    )
    more = f" and {len(described.inputs) - 6} more" if len(described.inputs) > 6 else ""
    outputs = ", ".join(name + (f" ({shape(sizes)})" if sizes else "") for name, _, sizes in described.outputs[:4])
    classes = f" · {len(described.classes)} classes: {', '.join(described.classes[:6])}" if described.classes else ""
    named = "columns" if described.kind == "skops" else "inputs"
    title = "ONNX" if described.kind == "onnx" else f"scikit-learn's {outputs}"
    told = f"Read as {title}, of {_READS[described.reads]} · {named}: {inputs}{more}"
    told += f" · outputs: {outputs}" if described.kind == "onnx" else ""
    st.markdown(f":material/visibility: {markdown(told + classes)}")


def _tell_tokenizer(described: Description) -> None:
    read = described.tokenizer
    if read is None:
        return
    longest = described.longest or read.longest
    told = f"{read.kind} of {read.size:,} pieces, " + (
        f"up to {longest:,} of a text" if longest else f"taken to be up to {ASSUMED} of a text, since no file says it"
    )
    st.markdown(f":material/visibility: Read as {markdown(told)}")


def _ready(page: Workbench, key: Any, make: Callable[[], Any], raw: Any) -> Any:
    """The model, made ready once for what was chosen; its first case is explained at once."""
    known = st.session_state.get(_KEPT)
    if known is not None and known[0] == key:
        return known[1]
    model = run.quick("own_file.ready", make, key=None, waiting="Asking the model for the first time")
    if model is not None:
        st.session_state[_KEPT] = key, model
        page.state.options = {name: value for name, value in page.state.options.items() if name == "off_state"}
        page.state.ask(raw)
    return model


def _table(opened: FileModel, page: Workbench, names: tuple[str, ...] | None) -> Any:
    file = st.file_uploader("Rows that it reads: CSV and the like, Excel or Parquet", key=visitor.key("own_file.table"))
    if file is None:
        st.caption("The rows say what is usual in each column: that takes the place of a value that is off.")
        return None
    content = file.getvalue()
    read = read_table(content, file.name, least_rows=2)
    st.markdown(f":material/visibility: Read as {markdown(' · '.join(read.assumptions.words()))}")
    table = read.table
    usual = usual_columns(opened.described, table)
    columns = st.multiselect(
        "Columns, in the model's order", list(table.columns), default=usual, key=f"own_file.columns.{file.name}"
    )
    if not columns:
        st.caption("Choose the columns that the model was trained on, without the one that it predicts.")
        return None
    key = (opened.own_identity, sha256(content).hexdigest(), tuple(columns), names)
    model = _ready(
        page, key, lambda: gl.tabular(opened, table[columns], classes=names, model_id=FILE, title=opened.name), 0
    )
    if model is None:
        return None
    table_controls(page, model)
    return model


def table_controls(page: Workbench, model: TabularModel) -> None:
    """Which row is explained, what takes the place of a value, and which class."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        last = len(model.rows) - 1
        page.state.raw = min(max(page.state.raw if isinstance(page.state.raw, int) else 0, 0), last)
        st.number_input(f"Row, 0 to {last}", 0, last, width=130, **page.tie("raw"))
        _keep_known(page, "off_state", list(OFF))
        st.selectbox(
            "Off, a column has", list(OFF), format_func=OFF.__getitem__, width=190,
            **page.state.tie_option("off_state", "typical"),
        )  # fmt: skip
        _target(page, model.classes)


def _text(opened: FileModel, page: Workbench, names: tuple[str, ...] | None) -> Any:
    key = (opened.own_identity, names)
    model = _ready(page, key, lambda: gl.text(opened, classes=names, model_id=FILE, title=opened.name), _TEXT)
    if model is None:
        return None
    text_controls(page, names or _classes(opened.described), model.off_states)
    return model


def _tokens(opened: FileModel, page: Workbench, names: tuple[str, ...] | None) -> Any:
    file = st.file_uploader(
        "Its tokenizer.json", key=visitor.key("own_file.tokenizer"), max_upload_size=MAX_TOKENIZER // 1_000_000
    )
    if file is None:
        st.caption("The model reads numbers of word pieces; this file, which lies beside it, says which they are.")
        return None
    tokenized = _opened("tokenized", page, opened.content, opened.name, file.getvalue())
    if tokenized is None:
        return None
    _tell_tokenizer(tokenized.described)
    return _text(tokenized, page, names)


def text_controls(page: Workbench, classes: tuple[str, ...] = (), off_states: tuple[str, ...] = ()) -> None:
    """The text that is explained, what takes the place of a word, and which class."""
    if not isinstance(page.state.raw, str):
        page.state.raw = _TEXT
    st.text_area("Text", max_chars=_MAX_CHARACTERS, height=120, **page.tie("raw"))
    _keep_known(page, "off_state", off_states)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if len(off_states) > 1:
            st.selectbox(
                "Off, a word is", list(off_states), format_func=lambda name: str(OFF_STATES.get(name, name)), width=150,
                **page.state.tie_option("off_state", off_states[0]),
            )  # fmt: skip
        _target(page, classes)


def _picture(opened: FileModel, page: Workbench, names: tuple[str, ...] | None) -> Any:
    content, pixels = own_picture.asked(opened.described)
    key = (opened.own_identity, pixels, names)
    model = _ready(
        page, key, lambda: gl.image(opened, pixels, classes=names, model_id=FILE, title=opened.name), content
    )
    if model is None:
        return None
    if page.state.raw != content:
        page.state.ask(content)
    _keep_known(page, "off_state", list(own_picture.OFF))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.selectbox(
            "Off, a superpixel shows", list(own_picture.OFF), format_func=own_picture.OFF.__getitem__, width=190,
            **page.state.tie_option("off_state", "mean"),
        )  # fmt: skip
        _target(page, names or _classes(opened.described), second_of_two=False)
    return model


def _classes(described: Description) -> tuple[str, ...]:
    """Classes by the names that the file has, else by their numbers; empty where it has none or does not say it."""
    count = described.answers or 0
    return described.classes or (tuple(map(str, range(count))) if 1 < count <= _NUMBERED else ())


def _class_names(described: Description) -> tuple[str, ...] | None:
    """Names of classes, where the file has none and the visitor gives some."""
    if described.classes:
        return None
    given = st.text_input("Names of the classes, with commas between them; may be left empty", key="own_file.classes")
    names = tuple(name.strip() for name in given.split(",") if name.strip())
    return names or None


def _target(page: Workbench, classes: tuple[str, ...], *, second_of_two: bool = True) -> None:
    """Which class is explained, and against which."""
    if not classes:
        return
    for name in ("target", "against"):
        _keep_known(page, name, classes)
    usual = f"{classes[1]}, as usual" if second_of_two and len(classes) == 2 else "the likeliest"
    st.selectbox(
        "Explained class", ["", *classes], format_func=lambda name: name or usual, width=200,
        **page.state.tie_option("target", ""),
    )  # fmt: skip
    if len(classes) > 2:
        st.selectbox(
            "Against", ["", *classes], format_func=lambda name: name or "all others", width=200,
            **page.state.tie_option("against", ""),
        )  # fmt: skip


def _keep_known(page: Workbench, name: str, values: Sequence[str]) -> None:
    """Drop an option of another model: a browser may still send the words that it had there."""
    if page.state.options.get(name) not in (None, *values):
        page.state.options = {other: value for other, value in page.state.options.items() if other != name}
