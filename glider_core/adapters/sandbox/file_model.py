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
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from glider_core.adapters.answers import Outputs
from glider_core.adapters.predictors import Predictor
from glider_core.adapters.sandbox.checks import kind_of
from glider_core.adapters.sandbox.description import Description, description_of
from glider_core.adapters.sandbox.frames import packed, unpacked
from glider_core.errors import BlackBoxFailed, InvalidInput, ModelUnavailable
from glider_core.provenance import fingerprint

LOAD_SECONDS = 60.0  # that a file may take to be read
ASK_SECONDS = 30.0  # that one batch may take
MAX_PROCESSES = 3  # of one Glider process; those used least lately end, and start again when asked
MAX_TOKENIZER = 40_000_000  # bytes of a tokenizer.json; that of 250,000 pieces has 17
_PACKAGES = {"onnx": ("onnx", "onnxruntime"), "skops": ("skops", "sklearn"), "tokenizer": ("tokenizers",)}
_EXTRAS = {"onnx": "onnx", "skops": "sklearn", "tokenizer": "text"}


class FileModel:
    """A model out of an ONNX or .skops file, in a process of its own; to be given to `gl.tabular` or `gl.text`.

    Args:
        content: of the file.
        name: of the file.
        tokenizer: content of the tokenizer.json of an ONNX model that reads word pieces.

    Raises:
        InvalidInput: it is a pickle, too large, damaged, or reaches for something outside of it.
        ModelUnavailable: the libraries that read it are not installed.
    """

    def __init__(self, content: bytes, name: str = "model", tokenizer: bytes = b"") -> None:
        self.name, self.content, self.kind, self._tokenizer = name, content, kind_of(name, content), tokenizer
        if len(tokenizer) > MAX_TOKENIZER:
            raise InvalidInput(f"The tokenizer has {len(tokenizer):,} bytes; up to {MAX_TOKENIZER:,} are read here.")
        for needed in (self.kind, "tokenizer") if tokenizer else (self.kind,):
            lacking = [package for package in _PACKAGES[needed] if importlib.util.find_spec(package) is None]
            if lacking:
                raise ModelUnavailable(
                    f'{" and ".join(lacking)} cannot be imported: `pip install "glider[{_EXTRAS[needed]}]"`.'
                )
        parts = [hashlib.sha256(part).hexdigest() for part in (content, tokenizer) if part]
        self.own_identity: str | None = fingerprint(self.kind, *parts)
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
        return self._asked(values, arrays, len(inputs))

    def ask_pieces(self, ids: NDArray[np.int64]) -> NDArray[np.float64]:
        """Raw answers to the numbers (n, length) of word pieces.

        Raises:
            InvalidInput, BlackBoxFailed: as `ask`.
        """
        return self._asked({}, {"ids": ids}, len(ids))

    def pieces(self, text: str) -> tuple[list[int], list[tuple[int, int]], list[int]]:
        """A text's word pieces by its tokenizer: numbers, (start, end) of each in the text, and 1 for special ones.

        Raises:
            InvalidInput: it has no tokenizer.
            BlackBoxFailed: it took too long, or its process ended.
        """
        _, told = self._talk({"do": "pieces", "text": text}, {}, ASK_SECONDS)
        ids, places, special = (told.get(name, np.empty(0)) for name in ("ids", "places", "special"))
        fits = len(ids) and ids.ndim == 1 and places.shape == (len(ids), 2) and special.shape == ids.shape
        if not fits or places.min() < 0 or places.max() > len(text):
            raise BlackBoxFailed(f"The tokenizer of {self.name[:80]} finds no word pieces in this text.")
        return ids.tolist(), [(start, end) for start, end in places.tolist()], special.tolist()

    def with_tokenizer(self, tokenizer: str | Path | bytes) -> FileModel:
        """The same model with a tokenizer.json, by its path or content.

        Raises:
            InvalidInput, ModelUnavailable, BlackBoxFailed: it cannot be read, or the model reads no word pieces.
        """
        return FileModel(self.content, self.name, _content_of(tokenizer))

    def _asked(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]], count: int) -> NDArray[np.float64]:
        try:
            _, told = self._talk({"do": "ask", **values}, arrays, ASK_SECONDS)
        except InvalidInput as error:
            raise BlackBoxFailed(str(error)) if "cannot be run" in str(error) else error from None
        answers = told.get("answers", np.empty(0))
        if answers.ndim not in (1, 2) or len(answers) != count:
            raise BlackBoxFailed(f"{self.name[:80]} gave an array of {answers.shape} for {count:,} inputs.")
        return answers

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
                 "OPENBLAS_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        self._finalizer = weakref.finalize(self, _kill, self._process)
        _used(self)
        parts = {"content": self.content, "tokenizer": self._tokenizer}
        sent = {name: np.frombuffer(part, dtype=np.uint8) for name, part in parts.items()}
        values, _ = self._exchange(packed({"do": "load", "kind": self.kind}, sent), LOAD_SECONDS)
        return description_of(self.kind, values.get("described"))

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


def open_model(
    source: str | Path | bytes, name: str | None = None, *, tokenizer: str | Path | bytes = b""
) -> FileModel:
    """A model out of an ONNX or .skops file, to be given to `gl.tabular`, `gl.text` or `gl.image`.

    It is read and asked in a process of its own, with bounds on memory and time; nothing in it can run code.

    Args:
        source: path of the file, or its content.
        name: of the file, for messages.
        tokenizer: path or content of the tokenizer.json of an ONNX model that reads word pieces.

    Raises:
        InvalidInput, ModelUnavailable, BlackBoxFailed: as for `FileModel`.
    """
    known_as = name or ("The file" if isinstance(source, bytes) else Path(source).name)
    return FileModel(_content_of(source), known_as, _content_of(tokenizer))


def _content_of(source: str | Path | bytes) -> bytes:
    try:
        return source if isinstance(source, bytes) else Path(source).read_bytes()
    except OSError as error:
        raise InvalidInput(f"{source} cannot be read ({error.strerror}).") from None


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
