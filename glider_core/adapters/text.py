"""Any model of texts as instances: a feature per word, phrase or sentence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Answer, Outputs, Scale, outputs_of, saturates_between
from glider_core.adapters.identity import model_identity
from glider_core.adapters.pieces import TransformersReader
from glider_core.adapters.predictors import predictor_of
from glider_core.adapters.readers import OFF_STATES, FunctionReader, Reader
from glider_core.adapters.sandbox.file_model import FileModel
from glider_core.adapters.sandbox.tokens import FileReader
from glider_core.adapters.spans import Division, divided
from glider_core.cases import Case
from glider_core.domains.function.payload import FunctionPayload
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.domains.sentiment.reading import Sentence, payload_of
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint

_LONG_NAME = 60  # characters of a part's name


class TextModel:
    """A model of texts, which makes instances; what `gl.text` returns."""

    def __init__(
        self,
        reader: Reader,
        *,
        title: str,
        features: Division,
        classes: Sequence[Any] | None,
        usual: dict[str, Any],
        identity: str | None,
        model_id: str,
    ) -> None:
        self.id, self.title = model_id, title
        self._reader, self._usual, self._classes = reader, usual, classes
        self._features: Division = features
        self._outputs: Outputs | None = None if reader.outputs is None else reader.outputs.named(classes)
        division = model_identity(features) if callable(features) else str(features)
        known = None if identity is None or division is None else fingerprint("text", identity, division, str(classes))
        self.identity = known

    @property
    def off_states(self) -> tuple[str, ...]:
        """What can take the place of a part that is off, the usual one first."""
        return self._reader.off_states

    def instance(
        self,
        raw: str,
        /,
        *,
        off_state: str | None = None,
        target: Any = None,
        against: Any = None,
        scale: Scale | None = None,
    ) -> TextInstance:
        """A text as an instance.

        Args:
            raw: the text; of a long one, as much as the model reads.
            off_state: what takes the place of a part that is off; by default as `gl.text` was told.
            target: the explained class; by default the second of two, else the likeliest one.
            against: the class that it is held against; by default all others.
            scale: "log-odds" or "probability".

        Raises:
            InvalidInput: no text; no such class; an off state that the model does not have.
        """
        sentence, kind = divided(raw, self._features)
        fitting = self._reader.fitting(sentence.text, sentence.words)
        if not fitting:
            raise InvalidInput(f"The first of the {kind} alone is longer than this model reads; divide the text finer.")
        sentence = sentence.first(fitting)
        told = {"off_state": off_state, "target": target, "against": against, "scale": scale}
        state = off_state or self._usual.get("off_state") or self._reader.off_states[0]
        if state not in self._reader.off_states:
            raise InvalidInput(f"Got off state {state!r:.40}; this model has {', '.join(self._reader.off_states)}.")
        ask = self._reader.masked(sentence.text, sentence.words, state)
        first = ask(np.ones((1, len(sentence.words)), dtype=bool))
        if self._outputs is None:
            self._outputs = outputs_of(first, self._classes)
        answer, options = self._outputs.chosen(first, told, self._usual)
        if saturates_between(answer, ask, len(sentence.words)):
            answer, options = self._outputs.chosen(first, told, self._usual, saturated=True)

        def made(ask: Any, state: str) -> TextInstance:
            return TextInstance(sentence, kind, ask, answer, state, self.id, options, self.identity)

        others = [name for name in self._reader.off_states if name != state and name != "zero"]
        if not others:
            return made(ask, state)
        return made(ask, state).beside(
            lambda: made(self._reader.masked(sentence.text, sentence.words, others[0]), others[0])
        )


class TextInstance(Instance):
    """A text whose parts can be switched off.

    Args:
        sentence: as read; its words are the parts.
        kind: of the parts: "words", "phrases", "sentences".
        ask: masks (n, parts) to raw answers.
        answer: which number is explained.
        off_state: what takes the place of a part.
        model_id: of the model.
        options: that were asked.
        identity: of the model.
    """

    def __init__(
        self, sentence: Sentence, kind: str, ask: Any, answer: Answer, off_state: str, model_id: str,
        options: dict[str, Any], identity: str | None,
    ) -> None:  # fmt: skip
        names = [part.text if len(part.text) <= _LONG_NAME else f"{part.text[:_LONG_NAME]}…" for part in sentence.words]
        payload: SentencePayload | FunctionPayload
        if kind == "sentences":  # drawn as lines
            unread = f"The other {sentence.unread} are longer than the model reads." if sentence.unread else ""
            payload = FunctionPayload(notes=tuple(filter(None, [_note(kind, off_state), unread])), unit=answer.unit)
        else:
            payload = payload_of(sentence, [True] * len(names))
        super().__init__(
            names,
            explained=answer.name,
            payload=payload,
            case=Case(domain=payload.domain, model=model_id, raw=sentence.raw, options=options, identity=identity),
        )
        self._ask, self._answer = ask, answer
        self.scale, self.resolution = answer.known_scale, answer.resolution

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """The explained number (n,) of the text with masked parts (n, d) off."""
        return self._answer(self._ask(masks))


def text(
    model: Any,
    tokenizer: Any = None,
    *,
    off_state: str | None = None,
    replacement: str | None = None,
    features: Division = "auto",
    target: Any = None,
    against: Any = None,
    scale: Scale | None = None,
    classes: Sequence[Any] | None = None,
    title: str | None = None,
    identity: str | None = None,
    model_id: str = "function/text",
) -> TextModel:
    """A model of texts, ready to make an instance of any: `gl.explain(gl.text(pipeline).instance("Never dull."))`.

    Args:
        model: a text-classification pipeline of transformers, or its model with `tokenizer`; a pipeline of scikit-learn
            that takes texts; `gl.open_model(...)`; `gl.endpoint(...)`; or a function from a list of texts to (n,) or
            (n, classes).
        tokenizer: of a transformers model, a fast one; of an ONNX file that reads word pieces, its tokenizer.json, by
            path or content.
        off_state: what takes the place of a part that is off. With a tokenizer "mask", "unk", "delete" or "zero" (zero
            vectors); the first that it has by default. Else a part is left out, or `replacement` stands there.
        replacement: what stands in the place of a part, for models without a tokenizer.
        features: "words", "phrases", "sentences", or "auto": words up to 80 of them, then sentences; or a function from
            the text to (start, end) of each part.
        target: the class to explain; by default the second of two, else the likeliest one of each text.
        against: the class that it is held against; by default all others.
        scale: "log-odds" or "probability"; by default log-odds where there are classes.
        classes: names for the columns of the answer.
        title: for people.
        identity: of the model, where it cannot be told from its parameters; results are kept only with one.
        model_id: what results are said to be of.

    Raises:
        InvalidInput: no model, or a model of word pieces without its fast tokenizer.
    """
    inner = model
    if hasattr(model, "tokenizer") and hasattr(model, "model") and hasattr(model, "task"):  # a pipeline of transformers
        inner, tokenizer = model.model, tokenizer or model.tokenizer
    if hasattr(inner, "config") and hasattr(inner, "get_input_embeddings"):
        if tokenizer is None:
            raise InvalidInput("A model of transformers reads word pieces; give its tokenizer, too.")
        reader: Reader = TransformersReader(inner, tokenizer)
        backend = getattr(tokenizer, "backend_tokenizer", None)
        known = identity or model_identity(inner, "" if backend is None else backend.to_str())
    elif isinstance(model, FileModel) and (tokenizer is not None or model.described.reads == "tokens"):
        reader = FileReader(model if tokenizer is None else model.with_tokenizer(tokenizer))
        classes, known = classes or model.described.classes or None, identity or reader.identity
    else:
        predictor = predictor_of(model)
        reader = FunctionReader(predictor.ask, replacement, predictor.outputs)
        classes, known = classes or predictor.classes, identity or model_identity(model, replacement)
    if off_state is not None and off_state not in reader.off_states:
        raise InvalidInput(f"Got off state {off_state!r:.40}; this model has {', '.join(reader.off_states)}.")
    usual = {"off_state": off_state, "target": target, "against": against, "scale": scale}
    return TextModel(
        reader, title=title or type(inner).__name__, features=features, classes=classes, usual=usual, identity=known,
        model_id=model_id,
    )  # fmt: skip


def _note(kind: str, off_state: str) -> str:
    return f"The {kind} are the features; one that is off is {OFF_STATES.get(off_state, 'replaced')}."
