"""What of a model file is looked at before a library may run it: where it may not reach, and how large it may be."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from glider_core.errors import InvalidInput

MAX_FILE = 100_000_000  # bytes
MAX_NODES = 50_000  # of an ONNX graph, those of its inner graphs included
MAX_UNPACKED = 400_000_000  # bytes of a .skops file's parts
_MAX_PARTS = 20_000
_PICKLE = (".pkl", ".pickle", ".joblib", ".pt", ".pth", ".bin", ".ckpt", ".h5", ".keras", ".npy")
_DOMAINS = ("", "ai.onnx", "ai.onnx.ml")  # of operators that everybody knows
# Of onnxruntime's own one: scikit-learn's vectorizers are converted to it. Its patterns are matched in linear time.
_MORE = {("com.microsoft", "Tokenizer")}


def kind_of(name: str, content: bytes) -> str:
    """ "onnx" or "skops", by what the file is.

    Raises:
        InvalidInput: it is a pickle or another format that runs code when it is read; empty; or too large.
    """
    lower = name.lower()
    if not content:
        raise InvalidInput(f"{name[:80]} is empty.")
    if len(content) > MAX_FILE:
        raise InvalidInput(f"{name[:80]} has {len(content):,} bytes; models up to {MAX_FILE:,} are read here.")
    pickled = content[:1] == b"\x80" and content[1:2] in (b"\x02", b"\x03", b"\x04", b"\x05")
    if zipfile.is_zipfile(io.BytesIO(content)):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                names = archive.namelist()[:_MAX_PARTS]
        except (zipfile.BadZipFile, OSError, ValueError):
            raise InvalidInput(f"{name[:80]} is damaged; save the model again.") from None
        if "schema.json" in names:
            return "skops"
        pickled = pickled or any(part.endswith("data.pkl") for part in names)
        if not pickled:
            raise InvalidInput(f"{name[:80]} is an archive without a model; give a .onnx or .skops file.")
    if pickled or lower.endswith(_PICKLE):
        raise InvalidInput(
            f"{name[:80]} is a pickle, or something like one: reading it runs whatever its writer put there, so it is "
            'not read here. Save a scikit-learn model with `skops.io.dump(model, "model.skops")`, export a network '
            "with `torch.onnx.export(..., external_data=False)`, or explain it on your own machine, by `gl.tabular`, "
            "`gl.text`, `gl.image`."
        )
    return "onnx"


def checked_onnx(content: bytes) -> Any:
    """The parsed model, if it reaches for nothing outside of it.

    Raises:
        InvalidInput: it is no ONNX, has operators of its own, keeps data elsewhere, or is too large.
    """
    import onnx
    from google.protobuf.message import DecodeError

    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except DecodeError:
        raise InvalidInput("The file is no ONNX model, or it is damaged; export it again.") from None
    if not model.graph.node or not model.opset_import:
        raise InvalidInput("The file is no ONNX model, or it is damaged: it has no operators.")
    own = _MORE | {(function.domain, function.name) for function in model.functions}
    count = 0
    for message in messages(model):
        kind = message.DESCRIPTOR.name
        if kind == "TensorProto":
            _check_tensor(message, len(content))
        elif kind == "NodeProto":
            count += 1
            if message.domain not in _DOMAINS and (message.domain, message.op_type) not in own:
                raise InvalidInput(
                    f"The model has the operator {message.domain[:40]}.{message.op_type[:40]}, which is none of ONNX's "
                    "own; export it without operators of one library or machine."
                )
        if count > MAX_NODES:
            raise InvalidInput(f"The model has more than {MAX_NODES:,} operators.")
    return model


def classes_of(model: Any) -> tuple[str, ...]:
    """Names of the classes that a converted classifier knows; empty where there are none."""
    for message in messages(model):
        if message.DESCRIPTOR.name != "NodeProto":
            continue
        for attribute in message.attribute:
            if attribute.name in ("classlabels_strings", "classlabels_stringlist") and len(attribute.strings) > 1:
                return tuple(label.decode("utf-8", "replace")[:200] for label in attribute.strings)
            if attribute.name in ("classlabels_int64s", "classlabels_ints") and len(attribute.ints) > 1:
                return tuple(map(str, attribute.ints))
    return ()


def check_skops(content: bytes) -> None:
    """Make sure that a .skops file unpacks into something bounded, and holds only what scikit-learn is trusted with.

    Raises:
        InvalidInput: it does not.
    """
    import skops.io

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            size = sum(part.file_size for part in parts)
            if len(parts) > _MAX_PARTS or size > MAX_UNPACKED:
                raise InvalidInput(
                    f"The file unpacks into {len(parts):,} parts of {size:,} bytes; {MAX_UNPACKED:,} are read here."
                )
            for part in parts:  # what a header says may be a lie
                with archive.open(part) as stream:
                    rest = part.file_size
                    while chunk := stream.read(1_000_000):
                        rest -= len(chunk)
                        if rest < 0:
                            raise InvalidInput("The file is damaged: a part is larger than it says.")
        untrusted = skops.io.get_untrusted_types(data=content)
    except InvalidInput:
        raise
    except Exception as error:  # of zipfile, of JSON, of skops
        raise InvalidInput(f"The file is damaged or no .skops ({type(error).__name__}); save it again.") from None
    if untrusted:
        raise InvalidInput(
            f"The model holds {', '.join(sorted(untrusted))[:200]}, which the list of trusted types does not "
            "have, so it is not read here. Explain it on your own machine with `gl.tabular`, or export it as ONNX."
        )


def messages(message: Any) -> Iterator[Any]:
    """A protobuf message and all within it."""
    stack = [message]
    while stack:
        current = stack.pop()
        yield current
        for field, value in current.ListFields():
            if field.message_type is not None:
                stack += value if field.is_repeated else [value]


def _check_tensor(tensor: Any, available: int) -> None:
    if tensor.data_location == 1 or tensor.external_data:
        raise InvalidInput(
            "The model keeps numbers in another file, which is not read here; save it as one file: "
            '`torch.onnx.export(network, example, "model.onnx", external_data=False)`, or of an exported one '
            '`onnx.save(onnx.load("model.onnx"), "whole.onnx")`.'
        )
    count = 1
    for size in tensor.dims:
        count *= int(size)
    if min(tensor.dims, default=1) < 0 or count > available or np.log2(max(count, 1)) > 40:
        raise InvalidInput(
            f"The model says that {tensor.name[:60]!r} has {count:,} numbers, more than the file has bytes for."
        )
