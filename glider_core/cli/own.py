"""`glider explain` for own models: a Hugging Face classifier, a scikit-learn or an ONNX file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glider_core.errors import InvalidInput, ModelUnavailable

if TYPE_CHECKING:
    from glider_core.engine.instance import Instance


@dataclass(frozen=True, slots=True)
class Own:
    """What a command says of an own model."""

    hf: str | None  # a name on the Hugging Face hub, or a folder
    sklearn: Path | None  # a .skops file
    onnx: Path | None
    tokenizer: Path | None  # tokenizer.json of an ONNX model that reads word pieces
    data: Path | None  # the table whose rows it reads
    row: int | None
    target: str | None  # the explained class

    @property
    def asked(self) -> bool:
        """Whether there is one."""
        return any(source is not None for source in (self.hf, self.sklearn, self.onnx))

    def instance(self, given: str | None, off_state: str | None) -> Instance:
        """What is to be explained.

        Args:
            given: a text, or a picture's path; None: the row.
            off_state: what replaces a feature.

        Raises:
            InvalidInput: several models, or no input for this one.
            ModelUnavailable: the model cannot be loaded.
        """
        if sum(source is not None for source in (self.hf, self.sklearn, self.onnx)) > 1:
            raise InvalidInput("Give one of --hf, --sklearn and --onnx.")
        options: dict[str, Any] = {"off_state": off_state, "target": self.target}
        if self.hf is not None:
            return _hugging_face(self.hf).instance(self._input(given, "a text"), **options)
        from glider_core.adapters.sandbox.description import usual_columns
        from glider_core.adapters.sandbox.file_model import open_model

        file = self.sklearn or self.onnx or Path()
        opened = open_model(file)
        wanted = "onnx" if self.onnx is not None else "skops"
        if opened.kind != wanted:
            raise InvalidInput(f"{opened.name} is a {opened.kind} file; name it with the other option.")
        if opened.described.reads in ("text", "tokens"):
            from glider_core.adapters.text import text

            tokenizer = self.tokenizer
            beside = file.parent / "tokenizer.json"
            if tokenizer is None and opened.described.reads == "tokens" and beside.exists():
                tokenizer = beside
            return text(opened, tokenizer).instance(self._input(given, "a text"), **options)
        if opened.described.reads == "picture":
            from glider_core.adapters.pictures import image

            return image(opened).instance(self._input(given, "the path of a picture"), **options)
        if self.data is None:
            raise InvalidInput("This model reads rows of a table; name the table with --data, and a row with --row.")
        from glider_core.adapters.tabular import tabular
        from glider_core.tables.read import read_table

        table = read_table(self.data, least_rows=2).table
        model = tabular(opened, table[usual_columns(opened.described, table)])
        return model.instance(given if given is not None else self.row or 0, **options)

    def _input(self, given: str | None, what: str) -> str:
        if given is None:
            raise InvalidInput(f"Give {what} to explain.")
        return given


def _hugging_face(name: str) -> Any:
    """A classifier of texts by its name on the hub, or in a folder; only weights are read, no code of its own runs."""
    from glider_core.adapters.text import text
    from glider_core.compat import import_transformers

    transformers = import_transformers()
    transformers.utils.logging.disable_progress_bar()
    try:
        network = transformers.AutoModelForSequenceClassification.from_pretrained(name, use_safetensors=True)
        tokenizer = transformers.AutoTokenizer.from_pretrained(name)
    except Exception as error:  # of the hub, of transformers, of the disk
        raise ModelUnavailable(f"{name[:80]} cannot be loaded ({type(error).__name__}: {str(error)[:200]}).") from None
    return text(network, tokenizer, title=name)
