"""The process that reads a stranger's model file: loads it once, answers questions, and may not take what it likes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.sandbox.checks import check_skops, checked_onnx, classes_of
from glider_core.adapters.sandbox.frames import packed, unpacked
from glider_core.errors import GliderError, InvalidInput

MEMORY = 2_000_000_000  # bytes beyond what the libraries take
_SECONDS = 3600  # of computing, in all
_TYPES = {
    "tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_, "tensor(uint8)": np.uint8,
}  # fmt: skip


class Onnx:
    """An ONNX model in onnxruntime, on one core, with nothing but ONNX's own operators."""

    def __init__(self, content: bytes) -> None:
        import onnxruntime

        parsed = checked_onnx(content)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 4
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._inputs, self._classes = self._session.get_inputs(), classes_of(parsed)

    def described(self) -> dict[str, Any]:
        """Inputs, outputs, classes, and what of the three kinds it reads."""
        shapes = [[name, kind, [size if isinstance(size, int) else None for size in shape]] for name, kind, shape in
                  ((i.name, i.type, i.shape) for i in self._inputs)]  # fmt: skip
        first = shapes[0]
        reads = "table"
        if len(shapes) == 1 and len(first[2]) == 4 and "float" in first[1]:
            reads = "picture"
        elif len(shapes) == 1 and first[1] == "tensor(string)" and (len(first[2]) < 2 or first[2][-1] in (1, None)):
            reads = "text"
        outputs = [[o.name, o.type, [size if isinstance(size, int) else None for size in o.shape or []]]
                   for o in self._session.get_outputs()]  # fmt: skip
        return {"reads": reads, "inputs": shapes, "outputs": outputs, "classes": list(self._classes), "kind": None}

    def ask(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Raw answers: (n,) or (n, classes)."""
        if "tensor" in arrays:
            fed = {self._inputs[0].name: arrays["tensor"].astype(_TYPES[self._inputs[0].type])}
        elif "texts" in values:
            texts = np.array(values["texts"], dtype=object)
            shape = self._inputs[0].shape
            fed = {self._inputs[0].name: texts if len(shape) < 2 else texts.reshape(-1, 1)}
        else:
            fed = self._columns(_columns_of(values, arrays))
        return self._numbers(self._session.run(None, fed))

    def _columns(self, columns: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
        inputs = self._inputs
        if len(inputs) == 1:
            kind = inputs[0].type
            texts = [name for name, column in columns.items() if column.dtype == object]
            if texts and kind != "tensor(string)":
                raise InvalidInput(
                    f"The model reads numbers, and {texts[0][:60]!r} is text; give a table of the numbers that it was "
                    "trained on, or export it with its encoders."
                )
            wanted = inputs[0].shape[-1] if len(inputs[0].shape) > 1 else 1
            if isinstance(wanted, int) and wanted != len(columns):
                raise InvalidInput(f"The model reads {wanted} columns; the table has {len(columns)}.")
            stacked = np.column_stack(list(columns.values()))
            return {inputs[0].name: stacked.astype(str).astype(object) if kind == "tensor(string)" else
                    stacked.astype(_TYPES[kind])}  # fmt: skip
        if len(inputs) != len(columns):
            raise InvalidInput(f"The model reads {len(inputs)} columns; the table has {len(columns)}.")
        named = {_plain_name(name): column for name, column in columns.items()}
        by_name = all(_plain_name(i.name) in named for i in inputs)
        fed = {}
        for i, column in zip(inputs, columns.values(), strict=True):
            column = named[_plain_name(i.name)] if by_name else column
            if i.type == "tensor(string)":
                column = np.array(["" if value is None else str(value) for value in column.tolist()], dtype=object)
            else:
                column = column.astype(_TYPES[i.type])
            fed[i.name] = column.reshape(-1, 1)
        return fed

    def _numbers(self, outputs: Any) -> NDArray[np.float64]:
        """Of several outputs the probabilities, which stand behind the label."""
        tables = [o for o in outputs if isinstance(o, list) and o and isinstance(o[0], dict)]
        if tables:
            return np.array([list(row.values()) for row in tables[0]], dtype=np.float64)
        floats = [np.asarray(o) for o in outputs if getattr(np.asarray(o), "dtype", np.dtype(object)).kind in "iuf"]
        if not floats:
            raise InvalidInput("The model answers with texts only; export it with its probabilities.")
        best = max(floats, key=lambda o: (o.dtype.kind == "f", o.ndim == 2 and o.shape[1] > 1))
        return best.reshape(len(best), -1).astype(np.float64) if best.ndim > 1 else best.astype(np.float64)


class Skops:
    """A scikit-learn model out of a .skops file, of trusted types only."""

    def __init__(self, content: bytes) -> None:
        import skops.io

        from glider_core.adapters.predictors import predictor_of

        check_skops(content)
        try:
            self._model = skops.io.loads(content, trusted=[])
        except Exception as error:
            raise InvalidInput(f"The file cannot be read ({type(error).__name__}: {str(error)[:160]}).") from None
        self._predictor = predictor_of(self._model)

    def described(self) -> dict[str, Any]:
        """The model's class, its columns and classes."""
        first = self._model
        while hasattr(first, "steps"):
            first = first.steps[0][1]
        reads = "text" if type(first).__module__.startswith("sklearn.feature_extraction.text") else "table"
        names = getattr(self._model, "feature_names_in_", None)
        count = int(getattr(self._model, "n_features_in_", 0))
        columns = [str(name) for name in names] if names is not None else [f"column {n + 1}" for n in range(count)]
        outputs = self._predictor.outputs
        return {
            "reads": reads, "inputs": [[name, "column", []] for name in columns],
            "outputs": [[type(self._model).__name__, "answer", []]], "named": names is not None,
            "classes": [] if outputs is None else list(outputs.classes), "kind": outputs and outputs.kind,
        }  # fmt: skip

    def ask(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Raw answers: (n,) or (n, classes)."""
        import pandas as pd

        if "texts" in values:
            return np.asarray(self._predictor.ask(values["texts"]), dtype=np.float64)
        frame = pd.DataFrame(_columns_of(values, arrays))
        if hasattr(self._model, "feature_names_in_"):
            lacking = [name for name in self._model.feature_names_in_ if name not in frame]
            if lacking:
                raise InvalidInput(
                    f"The model reads the column {str(lacking[0])[:60]!r}, which the table does not have."
                )
            frame = frame[list(self._model.feature_names_in_)]
        rows = frame if hasattr(self._model, "feature_names_in_") else frame.to_numpy()
        return np.asarray(self._predictor.ask(rows), dtype=np.float64)


def _columns_of(values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Columns by name, in order: arrays of numbers, or lists of texts."""
    return {
        name: arrays[f"column{n}"] if f"column{n}" in arrays else np.array(values["lists"][str(n)], dtype=object)
        for n, name in enumerate(values["columns"])
    }


def _plain_name(name: str) -> str:
    """Names as converters write them: letters and figures only."""
    return "".join(character if character.isalnum() else "_" for character in name)


def _confine() -> None:
    """Bound memory, computing and files; whatever a file does now ends here."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # where the system has no such limits
        import resource

        with open("/proc/self/statm") as status:
            taken = int(status.read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (taken + MEMORY, taken + MEMORY))
        resource.setrlimit(resource.RLIMIT_CPU, (_SECONDS, _SECONDS))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    """Serve the process whose pipes are the standard input and output."""
    given, told = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "r+") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(nothing.fileno(), 1)

    def read(count: int) -> bytes:
        content = given.read(count)
        if len(content) < count:
            raise EOFError
        return content

    model: Any = None
    while True:
        try:
            values, arrays = unpacked(read)
        except (EOFError, OSError, ValueError):
            return
        answers: dict[str, NDArray[Any]] = {}
        try:
            if values["do"] == "load":
                reader = _reader(values["kind"])
                _confine()
                model = reader(arrays["content"].tobytes())
                reply = {"described": model.described()}
            else:
                reply, answers = {}, {"answers": model.ask(values, arrays)}
        except GliderError as error:
            reply = {"refused": str(error)}
        except MemoryError:
            reply = {"refused": f"The model wants more than {MEMORY:,} bytes of memory; it is stopped."}
        except Exception as error:  # of the libraries, for a file that is none of theirs
            reply = {"refused": f"The model cannot be run ({type(error).__name__}): {str(error)[:400]}"}
        told.write(packed(reply, answers))
        told.flush()


def _reader(kind: str) -> type[Onnx] | type[Skops]:
    """Load the libraries, before memory is bounded by what they take."""
    if kind == "onnx":
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401

        return Onnx
    import skops.io  # noqa: F401

    return Skops


if __name__ == "__main__":
    sys.exit(main())
