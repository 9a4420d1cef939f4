"""An ONNX file in onnxruntime, inside the process that may read it: what it takes, and its answers."""

from __future__ import annotations

import locale
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.sandbox.checks import checked_onnx, classes_of, messages
from glider_core.adapters.sandbox.frames import plain_name
from glider_core.errors import InvalidInput

_TYPES = {
    "tensor(float)": np.float32, "tensor(double)": np.float64, "tensor(float16)": np.float16,
    "tensor(int64)": np.int64, "tensor(int32)": np.int32, "tensor(bool)": np.bool_, "tensor(uint8)": np.uint8,
}  # fmt: skip
_PIXELS = ("tensor(float)", "tensor(double)", "tensor(float16)", "tensor(uint8)")
# What inputs of models of word pieces are called; the first of them are the pieces themselves.
_ROLES = {"input_ids": "ids", "ids": "ids", "tokens": "ids", "token_ids": "ids", "input": "ids", "attention_mask": "on",
          "mask": "on", "token_type_ids": "types", "segment_ids": "types", "position_ids": "places"}  # fmt: skip


class Onnx:
    """An ONNX model in onnxruntime, on one core, with nothing but ONNX's own operators.

    Args:
        content: of the file.
        tokenizer: of a model of word pieces.

    Raises:
        InvalidInput: the file reaches for something outside of it, or is no ONNX.
    """

    def __init__(self, content: bytes, tokenizer: bytes) -> None:
        import onnxruntime

        parsed = checked_onnx(content)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 4
        content = _localised(parsed, content)
        self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        self._inputs, self._classes = self._session.get_inputs(), classes_of(parsed)
        self._tokenizer = None
        if tokenizer:
            from glider_core.adapters.sandbox.tokenizing import Tokenizer

            if self._reads() != "tokens":
                raise InvalidInput("The model does not read word pieces; leave its tokenizer.json out.")
            self._tokenizer = Tokenizer(tokenizer)

    def described(self) -> dict[str, Any]:
        """Inputs, outputs, classes, and what of the four kinds it reads."""
        inputs = [[i.name, i.type, _sizes(i.shape)] for i in self._inputs]
        outputs = [[o.name, o.type, _sizes(o.shape or [])] for o in self._session.get_outputs()]
        return {
            "reads": self._reads(), "inputs": inputs, "outputs": outputs, "classes": list(self._classes), "kind": None,
            "tokenizer": None if self._tokenizer is None else self._tokenizer.described(),
        }  # fmt: skip

    def pieces(self, text: str) -> dict[str, NDArray[Any]]:
        """A text's word pieces: "ids" (n,), "places" (n, 2) in its characters, "special" (n,).

        Raises:
            InvalidInput: no tokenizer was given.
        """
        if self._tokenizer is None:
            raise InvalidInput("The model reads word pieces; give its tokenizer.json, too.")
        return self._tokenizer.pieces(text)

    def ask(self, values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Raw answers: (n,) or (n, classes).

        Raises:
            InvalidInput: the model does not read such inputs, or does not give one answer to each.
        """
        first = self._inputs[0]
        if "tensor" in arrays:
            return self._answers({first.name: arrays["tensor"].astype(_TYPES[first.type])})
        if "ids" in arrays:
            return self._answers(self._fed(arrays["ids"]))
        if "texts" in values:
            texts = np.array(values["texts"], dtype=object)
            return self._answers({first.name: texts if len(first.shape) < 2 else texts.reshape(-1, 1)})
        return self._answers(self._columns(columns_of(values, arrays)))

    def _reads(self) -> str:
        """ "table", "picture", "text" or "tokens": what inputs of such types and shapes are, most likely."""
        inputs = self._inputs
        kind, shape = inputs[0].type, inputs[0].shape
        if len(inputs) == 1 and len(shape) == 4 and kind in _PIXELS:
            return "picture"
        if len(inputs) == 1 and kind == "tensor(string)" and (len(shape) < 2 or not isinstance(shape[-1], int)
                                                              or shape[-1] == 1):  # fmt: skip
            return "text"
        whole = all(i.type in ("tensor(int64)", "tensor(int32)") and len(i.shape) == 2 for i in inputs)
        named = any("ids" in i.name.lower() or "token" in i.name.lower() for i in inputs)
        # A table of whole numbers has a certain number of columns; a text is of any length.
        return "tokens" if whole and (named or (len(inputs) == 1 and not isinstance(shape[1], int))) else "table"

    def _fed(self, ids: NDArray[Any]) -> dict[str, NDArray[Any]]:
        """The model's inputs for word pieces (n, length), padded where it reads only one length."""
        wanted = next((i.shape[1] for i in self._inputs if isinstance(i.shape[1], int)), ids.shape[1])
        if wanted < ids.shape[1]:
            raise InvalidInput(f"The model reads {wanted:,} word pieces; the text has {ids.shape[1]:,}.")
        more = ((0, 0), (0, wanted - ids.shape[1]))
        pad = 0 if self._tokenizer is None else self._tokenizer.pad
        rows = {
            "ids": np.pad(ids, more, constant_values=pad), "on": np.pad(np.ones_like(ids), more),
            "types": np.zeros((len(ids), wanted), dtype=np.int64),
            "places": np.broadcast_to(np.arange(wanted), (len(ids), wanted)),
        }  # fmt: skip
        fed = {}
        for number, i in enumerate(self._inputs):
            role = _ROLES.get(i.name.lower(), "ids" if number == 0 else None)
            if role is None:
                raise InvalidInput(
                    f"The model has the input {i.name[:60]!r}, and nothing says what belongs there; known are "
                    "input_ids, attention_mask, token_type_ids and position_ids."
                )
            fed[i.name] = rows[role].astype(_TYPES[i.type])
        return fed

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
        named = {plain_name(name): column for name, column in columns.items()}
        by_name = all(plain_name(i.name) in named for i in inputs)
        fed = {}
        for i, column in zip(inputs, columns.values(), strict=True):
            column = named[plain_name(i.name)] if by_name else column
            if i.type == "tensor(string)":
                column = np.array(["" if value is None else str(value) for value in column.tolist()], dtype=object)
            else:
                column = column.astype(_TYPES[i.type])
            fed[i.name] = column.reshape(-1, 1)
        return fed

    def _answers(self, fed: dict[str, NDArray[Any]]) -> NDArray[np.float64]:
        """Answers to all rows; a file that was exported for so many rows at once gets as many, the last ones twice."""
        rows = len(next(iter(fed.values())))
        fixed = next((i.shape[0] for i in self._inputs if isinstance((i.shape or [None])[0], int)
                      and (len(i.shape) > 1 or i.type == "tensor(string)")), rows)  # fmt: skip
        if fixed < 1:
            raise InvalidInput("The model reads no rows at all; export it again.")
        parts = []
        for start in range(0, rows, fixed):
            some = {name: value[start : start + fixed] for name, value in fed.items()}
            count = min(fixed, rows - start)
            if count < fixed:
                some = {name: value[np.minimum(np.arange(fixed), count - 1)] for name, value in some.items()}
            answers = _numbers(self._session.run(None, some))
            if len(answers) != fixed:
                raise InvalidInput(
                    f"The model gives {len(answers):,} answers to {fixed:,} inputs; export one that answers each."
                )
            parts.append(answers[:count])
        return np.concatenate(parts)


def _localised(parsed: Any, content: bytes) -> bytes:
    """The file with another locale where it makes small letters by one that this system does not have."""
    missing = False
    for node in messages(parsed):
        if node.DESCRIPTOR.name != "NodeProto" or node.op_type != "StringNormalizer":
            continue
        others = [attribute for attribute in node.attribute if attribute.name != "locale"]
        wanted = next((a.s.decode("utf-8", "replace") for a in node.attribute if a.name == "locale"), "en_US")
        try:
            locale.setlocale(locale.LC_CTYPE, f"{wanted.partition('.')[0]}.UTF-8")
        except (locale.Error, ValueError):
            import onnx

            del node.attribute[:]
            node.attribute.extend([*others, onnx.helper.make_attribute("locale", "C.UTF-8")])
            missing = True
    return parsed.SerializeToString() if missing else content


def _sizes(shape: Any) -> list[int | None]:
    return [size if isinstance(size, int) else None for size in shape]


def _numbers(outputs: Any) -> NDArray[np.float64]:
    """Of several outputs the probabilities, which stand behind the label."""
    tables = [o for o in outputs if isinstance(o, list) and o and isinstance(o[0], dict)]
    if tables:
        return np.array([list(row.values()) for row in tables[0]], dtype=np.float64)
    floats = [np.asarray(o) for o in outputs if getattr(np.asarray(o), "dtype", np.dtype(object)).kind in "iuf"]
    floats = [o for o in floats if o.ndim]
    if not floats:
        raise InvalidInput("The model answers with texts only; export it with its probabilities.")
    best = max(floats, key=lambda o: (o.dtype.kind == "f", o.ndim == 2 and o.shape[1] > 1))
    return best.reshape(len(best), -1).astype(np.float64) if best.ndim > 1 else best.astype(np.float64)


def columns_of(values: dict[str, Any], arrays: dict[str, NDArray[Any]]) -> dict[str, NDArray[Any]]:
    """Columns by name, in order: arrays of numbers, or lists of texts."""
    return {
        name: arrays[f"column{n}"] if f"column{n}" in arrays else np.array(values["lists"][str(n)], dtype=object)
        for n, name in enumerate(values["columns"])
    }
