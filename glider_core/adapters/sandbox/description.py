"""What a model file says of its model: its inputs, outputs and classes, as the process that reads it tells them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glider_core.adapters.sandbox.frames import plain_name
from glider_core.errors import BlackBoxFailed

if TYPE_CHECKING:
    import pandas as pd

_READS = ("table", "text", "picture", "tokens")
_KINDS = ("probabilities", "scores", "margins", "probability", "value", "votes")


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenizerDescription:
    """What a tokenizer.json says of itself."""

    kind: str  # of its model, such as WordPiece
    size: int  # pieces that it knows
    longest: int | None  # pieces of a text, where it cuts longer ones
    mask: int | None  # number of the piece that stands for one that is masked
    unk: int | None  # for an unknown one


@dataclass(frozen=True, slots=True, kw_only=True)
class Description:
    """What a file says of its model."""

    kind: str  # "onnx" or "skops"
    reads: str  # "table", "text", "picture", or "tokens": a text's word pieces by their numbers
    inputs: tuple[tuple[str, str, tuple[int | None, ...]], ...]  # name, type, shape; None: any size
    outputs: tuple[tuple[str, str, tuple[int | None, ...]], ...]
    classes: tuple[str, ...]  # empty: none, or not known
    tokenizer: TokenizerDescription | None = None  # of word pieces, where it was given

    @property
    def longest(self) -> int | None:
        """Word pieces that a model reads which was exported for one length."""
        return next((shape[1] for _, _, shape in self.inputs if len(shape) > 1), None)

    @property
    def answers(self) -> int | None:
        """How many numbers an input gets, where the file says it."""
        return next((shape[1] for _, _, shape in self.outputs if len(shape) == 2), None)


def description_of(kind: str, told: Any) -> tuple[Description, str | None]:
    """What the process says of the file, held to its form: it may be under the file's control."""
    try:
        parts = {
            key: tuple(
                (
                    str(name)[:200],
                    str(sort)[:60],
                    tuple(int(n) if n is not None and int(n) > 0 else None for n in shape),
                )
                for name, sort, shape in told[key][:2000]
            )
            for key in ("inputs", "outputs")
        }
        described = Description(
            kind=kind, reads=str(told["reads"]), classes=tuple(str(name)[:200] for name in told["classes"][:20_000]),
            inputs=parts["inputs"], outputs=parts["outputs"], tokenizer=_tokenizer_of(told["tokenizer"]),
        )  # fmt: skip
        sort = told["kind"]
        if described.reads not in _READS:
            raise ValueError(described.reads)
    except (TypeError, KeyError, ValueError):
        raise BlackBoxFailed(
            "The process that reads the file answered with something else than a description."
        ) from None
    return described, sort if sort in _KINDS else None


def _tokenizer_of(told: Any) -> TokenizerDescription | None:
    if told is None:
        return None
    numbers = {name: None if told[name] is None else int(told[name]) for name in ("longest", "mask", "unk")}
    return TokenizerDescription(kind=str(told["kind"])[:60], size=int(told["size"]), **numbers)


def usual_columns(described: Description, table: pd.DataFrame) -> list[Any]:
    """The columns of a table that a model most likely reads: those that it names, else the first of its kind."""
    plain = {plain_name(str(name)): name for name in table.columns}
    named = [plain[plain_name(name)] for name, *_ in described.inputs if plain_name(name) in plain]
    if len(named) == len(described.inputs):
        return named
    if described.kind == "onnx" and len(described.inputs) == 1:
        numeric = [name for name in table.columns if table[name].dtype.kind in "iufb"]
        shape = described.inputs[0][2]
        return numeric[: shape[-1] if shape else 1]
    return list(table.columns)[: len(described.inputs)]
