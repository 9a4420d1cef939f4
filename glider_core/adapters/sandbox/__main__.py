"""The process that reads a stranger's model file: loads it once, answers questions, and may not take what it likes."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.sandbox.checks import check_skops
from glider_core.adapters.sandbox.frames import packed, unpacked
from glider_core.adapters.sandbox.onnx_session import Onnx, columns_of
from glider_core.errors import GliderError, InvalidInput

MEMORY = 2_000_000_000  # bytes beyond what the libraries take
_SECONDS = 3600  # of computing, in all


class Skops:
    """A scikit-learn model out of a .skops file, of trusted types only."""

    def __init__(self, content: bytes, tokenizer: bytes) -> None:
        import skops.io

        from glider_core.adapters.predictors import predictor_of

        if tokenizer:
            raise InvalidInput("A model of scikit-learn divides texts itself; leave the tokenizer.json out.")
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
            "tokenizer": None,
        }  # fmt: skip

    def ask(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Raw answers: (n,) or (n, classes)."""
        import pandas as pd

        if "texts" in values:
            return np.asarray(self._predictor.ask(values["texts"]), dtype=np.float64)
        frame = pd.DataFrame(columns_of(values, arrays))
        if hasattr(self._model, "feature_names_in_"):
            lacking = [name for name in self._model.feature_names_in_ if name not in frame]
            if lacking:
                raise InvalidInput(
                    f"The model reads the column {str(lacking[0])[:60]!r}, which the table does not have."
                )
            frame = frame[list(self._model.feature_names_in_)]
        rows = frame if hasattr(self._model, "feature_names_in_") else frame.to_numpy()
        return np.asarray(self._predictor.ask(rows), dtype=np.float64)


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
                tokenizer = arrays["tokenizer"].tobytes()
                reader = _reader(values["kind"], with_tokenizer=bool(tokenizer))
                _confine()
                model = reader(arrays["content"].tobytes(), tokenizer)
                reply = {"described": model.described()}
            elif values["do"] == "pieces":
                reply, answers = {}, model.pieces(values["text"])
            else:
                reply, answers = {}, {"answers": model.ask(values, arrays)}
        except GliderError as error:
            reply = {"refused": str(error)}
        except MemoryError:
            reply = {"refused": f"The model wants more than {MEMORY:,} bytes of memory; it is stopped."}
        except (SystemExit, KeyboardInterrupt):
            raise
        except BaseException as error:  # of the libraries, for a file that is none of theirs; those in Rust panic
            reply = {"refused": f"The model cannot be run ({type(error).__name__}): {str(error)[:400]}"}
        told.write(packed(reply, answers))
        told.flush()


def _reader(kind: str, *, with_tokenizer: bool) -> type[Onnx] | type[Skops]:
    """Load the libraries, before memory is bounded by what they take."""
    if kind == "onnx":
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401

        if with_tokenizer:
            import tokenizers  # noqa: F401
        return Onnx
    import skops.io  # noqa: F401

    return Skops


if __name__ == "__main__":
    sys.exit(main())
