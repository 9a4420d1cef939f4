"""A model file of a stranger as a model: its process as the one that started it sees it."""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import select
import subprocess
import sys
import threading
import time
import weakref
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.adapters.answers import Outputs
from glider_core.adapters.predictors import Predictor
from glider_core.adapters.sandbox.checks import kind_of
from glider_core.adapters.sandbox.frames import packed, unpacked
from glider_core.errors import BlackBoxFailed, InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint

LOAD_SECONDS = 60.0  # that a file may take to be read
ASK_SECONDS = 30.0  # that one batch may take
MAX_PROCESSES = 3  # of one Glider process; those used least lately end, and start again when asked
_PACKAGES = {"onnx": ("onnx", "onnxruntime"), "skops": ("skops", "sklearn")}
_EXTRAS = {"onnx": "onnx", "skops": "sklearn"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a file says of its model."""

    kind: str  # "onnx" or "skops"
    reads: str  # "table", "text" or "picture"
    inputs: tuple[tuple[str, str, tuple[int | None, ...]], ...]  # name, type, shape; None: any size
    outputs: tuple[tuple[str, str, tuple[int | None, ...]], ...]
    classes: tuple[str, ...]  # empty: none, or not known


class FileModel:
    """A model out of an ONNX or .skops file, in a process of its own; to be given to `gl.tabular` or `gl.text`.

    Args:
        content: of the file.
        name: of the file.

    Raises:
        InvalidInput: it is a pickle, too large, damaged, or reaches for something outside of it.
        ModelUnavailable: the libraries that read it are not installed.
    """

    def __init__(self, content: bytes, name: str = "model") -> None:
        self.name, self._content, self.kind = name, content, kind_of(name, content)
        lacking = [p for p in _PACKAGES[self.kind] if importlib.util.find_spec(p) is None]
        if lacking:
            raise ModelUnavailable(
                f'{" and ".join(lacking)} cannot be imported: `pip install "glider[{_EXTRAS[self.kind]}]"`.'
            )
        self.own_identity: str | None = fingerprint(self.kind, hashlib.sha256(content).hexdigest())
        self._start()
        with self._lock:
            told = self._process_of()
        self.described, self._outputs_kind = told

    @property
    def predictor(self) -> Predictor:
        """How it is asked about rows or texts, for adapters."""
        outputs = None
        if self._outputs_kind is not None:
            outputs = Outputs(kind=self._outputs_kind, classes=self.described.classes)  # type: ignore[arg-type]
        return Predictor(ask=self.ask, outputs=outputs, classes=self.described.classes or None)

    def ask(self, inputs: Any) -> NDArray[np.float64]:
        """Raw answers to rows of a data frame, to texts, or to an array that is its first input.

        Raises:
            InvalidInput: the model does not read such rows.
            BlackBoxFailed: it took too long, too much memory, or its process ended.
        """
        values, arrays = _sent(inputs)
        try:
            _, answers = self._talk({"do": "ask", **values}, arrays, ASK_SECONDS)
        except InvalidInput as error:
            raise BlackBoxFailed(str(error)) if "cannot be run" in str(error) else error from None
        return answers["answers"]

    def close(self) -> None:
        """End its process; it starts again when the model is asked."""
        with self._lock:
            self._end()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_lock", "_process", "_finalizer")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._start()

    def _start(self) -> None:
        self._lock = threading.RLock()
        self._process: subprocess.Popen[bytes] | None = None
        self._finalizer: Any = None

    def _talk(
        self, values: dict[str, Any], arrays: dict[str, NDArray[Any]], seconds: float
    ) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        with self._lock:
            self._process_of()
            return self._exchange(packed(values, arrays), seconds)

    def _process_of(self) -> tuple[Description, str | None]:
        """Make sure that the process is there and has read the file."""
        if self._process is not None and self._process.poll() is None:
            _used(self)
            return self.described, self._outputs_kind
        self._end()
        folders = [folder or os.getcwd() for folder in sys.path]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "glider_core.adapters.sandbox"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            cwd="/" if os.name == "posix" else None,
            # Nothing of ours, such as keys in variables, goes there.
            env={"PATH": os.defpath, "PYTHONPATH": os.pathsep.join(folders), "OMP_NUM_THREADS": "1",
                 "OPENBLAS_NUM_THREADS": "1", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._finalizer = weakref.finalize(self, _kill, self._process)
        _used(self)
        content = np.frombuffer(self._content, dtype=np.uint8)
        values, _ = self._exchange(packed({"do": "load", "kind": self.kind}, {"content": content}), LOAD_SECONDS)
        return _description(self.kind, values.get("described"))

    def _exchange(self, frame: bytes, seconds: float) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        deadline = time.monotonic() + seconds
        try:
            # What is sent is read at once, before anything of the file runs; only answers can be long in coming.
            process.stdin.write(frame)
            process.stdin.flush()
            values, arrays = unpacked(lambda count: _read(process.stdout, count, deadline))
        except TimeoutError:
            self._end()
            raise BlackBoxFailed(
                f"{self.name[:80]} did not answer within {seconds:g} seconds and was stopped; it may loop without end."
            ) from None
        except (EOFError, OSError, ValueError, KeyError):
            self._end()
            raise BlackBoxFailed(
                f"The process that ran {self.name[:80]} ended: it took too much memory, or the file is damaged."
            ) from None
        if "refused" in values:
            raise InvalidInput(str(values["refused"])[:1000])
        return values, arrays

    def _end(self) -> None:
        if self._finalizer is not None:
            self._finalizer()
        self._process = self._finalizer = None
        _live.pop(id(self), None)


def open_model(source: str | Path | bytes, name: str | None = None) -> FileModel:
    """A model out of an ONNX or .skops file, to be given to `gl.tabular` or `gl.text`.

    It is read and asked in a process of its own, with bounds on memory and time; nothing in it can run code.

    Args:
        source: path of the file, or its content.
        name: of the file, for messages.

    Raises:
        InvalidInput, ModelUnavailable, BlackBoxFailed: as for `FileModel`.
    """
    if isinstance(source, bytes):
        return FileModel(source, name or "The file")
    try:
        return FileModel(Path(source).read_bytes(), name or Path(source).name)
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).") from None


def usual_columns(described: Description, table: pd.DataFrame) -> list[Any]:
    """The columns of a table that a model most likely reads: those that it names, else the first of its kind."""
    named = [name for name, *_ in described.inputs if name in table.columns]
    if len(named) == len(described.inputs):
        return named
    if described.kind == "onnx" and len(described.inputs) == 1:
        numeric = [name for name in table.columns if table[name].dtype.kind in "iufb"]
        shape = described.inputs[0][2]
        return numeric[: shape[-1] if shape else 1]
    return list(table.columns)[: len(described.inputs)]


_live: OrderedDict[int, weakref.ref[FileModel]] = OrderedDict()


def _used(model: FileModel) -> None:
    """Note that this model's process was used now; that of the one used least lately may have to end."""
    _live[id(model)] = weakref.ref(model)
    _live.move_to_end(id(model))
    for key in list(_live)[: max(0, len(_live) - MAX_PROCESSES)]:
        other = _live[key]()
        if other is None:
            _live.pop(key, None)
        elif other is not model and other._lock.acquire(blocking=False):  # one at work stays
            try:
                other._end()
            finally:
                other._lock.release()


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    for stream in (process.stdin, process.stdout):
        with contextlib.suppress(OSError):
            if stream is not None:
                stream.close()
    process.wait()


def _read(stream: Any, count: int, deadline: float) -> bytes:
    """Exactly so many bytes, before the deadline."""
    parts: list[bytes] = []
    missing = count
    while missing:
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([stream], [], [], left)[0]:
            raise TimeoutError
        part = os.read(stream.fileno(), min(missing, 1_000_000))
        if not part:
            raise EOFError
        parts.append(part)
        missing -= len(part)
    return b"".join(parts)


def _sent(inputs: Any) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
    """Rows, texts or a tensor as a frame holds them."""
    if isinstance(inputs, np.ndarray):
        return {}, {"tensor": inputs}
    if not isinstance(inputs, pd.DataFrame):
        return {"texts": [str(text) for text in inputs]}, {}
    arrays: dict[str, NDArray[Any]] = {}
    lists: dict[str, Sequence[Any]] = {}
    for number, name in enumerate(inputs.columns):
        column: Any = inputs[name]
        if column.dtype.kind in "iufb" and not isinstance(column.dtype, pd.CategoricalDtype):
            arrays[f"column{number}"] = column.to_numpy(dtype=np.float64, na_value=np.nan) if not isinstance(
                column.dtype, np.dtype) else column.to_numpy()  # fmt: skip
        else:
            lists[str(number)] = [None if pd.isna(value) else value if isinstance(value, bool | int | float) else
                                  str(value) for value in column.tolist()]  # fmt: skip
    return {"columns": [str(name) for name in inputs.columns], "lists": lists}, arrays


def _description(kind: str, told: Any) -> tuple[Description, str | None]:
    """What the process says of the file, held to its form: it may be under the file's control."""
    try:
        parts = {
            key: tuple(
                (str(name)[:200], str(sort)[:60], tuple(None if n is None else int(n) for n in shape))
                for name, sort, shape in told[key][:2000]
            )
            for key in ("inputs", "outputs")
        }
        described = Description(
            kind=kind, reads=str(told["reads"]), classes=tuple(str(name)[:200] for name in told["classes"][:20_000]),
            inputs=parts["inputs"], outputs=parts["outputs"],
        )  # fmt: skip
        sort = told["kind"]
    except (TypeError, KeyError, ValueError):
        raise BlackBoxFailed(
            "The process that reads the file answered with something else than a description."
        ) from None
    known = ("probabilities", "scores", "margins", "probability", "value", "votes")
    return described, sort if sort in known else None
