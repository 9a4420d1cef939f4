"""Models of texts: how a transformers model and how a function are asked about a text of which parts are off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Outputs
from glider_core.domains.sentiment.tokens import Word
from glider_core.errors import InvalidInput

OFF_STATES = {"mask": "[MASK]", "unk": "[UNK]", "delete": "left out", "zero": "a zero vector"}
BATCH_PIECES = 8_000  # word pieces read at once


class Reader:
    """Asks a model about texts; `outputs` None: its first answers tell."""

    outputs: Outputs | None = None
    off_states: tuple[str, ...] = ("delete",)
    longest: int | None = None  # pieces that it reads at most

    def whole(self, texts: Sequence[str]) -> Any:
        """Raw answers to whole texts."""
        raise NotImplementedError

    def fitting(self, text: str, parts: Sequence[Word]) -> int:
        """How many of the parts it reads, counted from the first."""
        return len(parts)

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """A function from masks (n, parts) to raw answers, of this text."""
        raise NotImplementedError


class FunctionReader(Reader):
    """A function of a list of texts; off, a part is left out, or another text stands in its place.

    Args:
        ask: list of str to (n,) or (n, classes).
        replacement: what stands in the place of a part that is off; None: it is left out.
        outputs: what the answers are, where it is known.
    """

    def __init__(self, ask: Callable[[list[str]], Any], replacement: str | None, outputs: Outputs | None) -> None:
        self._ask, self._replacement, self.outputs = ask, replacement, outputs
        self.off_states = ("delete",) if replacement is None else ("replace",)

    def whole(self, texts: Sequence[str]) -> Any:
        """Raw answers to whole texts."""
        return self._ask(list(texts))

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """Equal texts are asked once, shorter ones first, so that those of one length come together."""

        def answer(masks: NDArray[np.bool_]) -> Any:
            texts = [without(text, parts, mask, self._replacement) for mask in masks]
            distinct = sorted(set(texts), key=lambda one: (len(one), one))
            raw = np.asarray(self._ask(distinct))
            place = {one: number for number, one in enumerate(distinct)}
            return raw[[place[one] for one in texts]]

        return answer


class TransformersReader(Reader):
    """A model of transformers with its fast tokenizer; parts are off piece by piece, as the tokenizer divides them.

    Args:
        model: for classifying or rating texts.
        tokenizer: a fast one, which knows where each piece stands in the text.

    Raises:
        InvalidInput: the tokenizer is no fast one.
    """

    def __init__(self, model: Any, tokenizer: Any) -> None:
        if not getattr(tokenizer, "is_fast", False):
            raise InvalidInput(
                f"Got {type(tokenizer).__name__} as tokenizer; give the model's fast one, as AutoTokenizer makes it: "
                "it tells where each piece stands in the text."
            )
        self._model, self._tokenizer = model.eval(), tokenizer
        config = model.config
        labels = [str(config.id2label[number]) for number in range(config.num_labels)]
        several = getattr(config, "problem_type", None) == "multi_label_classification"
        if config.num_labels == 1:
            self.outputs = Outputs(kind="value")
        else:
            self.outputs = Outputs(kind="margins" if several else "scores", classes=tuple(labels))
        self.off_states = tuple(
            name
            for name, number in (("mask", tokenizer.mask_token_id), ("unk", tokenizer.unk_token_id), ("delete", 0),
                                 ("zero", 0))
            if number is not None
        )  # fmt: skip
        places = getattr(config, "max_position_embeddings", None)
        limits = [limit for limit in (tokenizer.model_max_length, places) if limit and limit < 10**6]
        self.longest = min(limits, default=None)
        if str(getattr(config, "model_type", "")) in ("roberta", "xlm-roberta", "camembert", "longformer"):
            self.longest = min(self.longest or 512, (places or 514) - 2)  # two places stand for padding

    def whole(self, texts: Sequence[str]) -> Any:
        """Raw answers to whole texts, each by itself."""
        import torch

        rows = []
        for text in texts:
            ids, _ = self._pieces(text)
            rows.append(self._read(torch.tensor(ids[None])))
        return torch.cat(rows)

    def fitting(self, text: str, parts: Sequence[Word]) -> int:
        """Parts all of whose pieces the model has places for."""
        ids, part_of = self._pieces(text, parts)
        if self.longest is None or len(ids) <= self.longest:
            return len(parts)
        beyond = part_of[self.longest - 1 :]
        return int(min((place for place in beyond if place >= 0), default=len(parts)))

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """Masks of equally many pieces are read together, so that nothing is padded."""
        import torch

        last = parts[-1].end
        ids, part_of = self._pieces(text[:last], parts)
        if self.longest is not None and len(ids) > self.longest:
            raise InvalidInput(f"The text has {len(ids):,} word pieces; this model reads up to {self.longest:,}.")
        stand_in = {"mask": self._tokenizer.mask_token_id, "unk": self._tokenizer.unk_token_id}.get(off_state)
        size = max(1, BATCH_PIECES // len(ids))

        def answer(masks: NDArray[np.bool_]) -> Any:
            kept = np.ones((len(masks), len(ids)), dtype=bool)
            kept[:, part_of >= 0] = masks[:, part_of[part_of >= 0]]
            if off_state != "delete":
                rows = torch.from_numpy(ids if stand_in is None else np.where(kept, ids, stand_in))
                return torch.cat([
                    self._read(rows.expand(len(kept), -1)[start : start + size],
                               None if stand_in is not None else torch.from_numpy(kept[start : start + size]))
                    for start in range(0, len(kept), size)
                ])  # fmt: skip
            lengths, answers = kept.sum(1), torch.empty(0)
            for length in np.unique(lengths):
                places = np.flatnonzero(lengths == length)
                for start in range(0, len(places), size):
                    some = places[start : start + size]
                    read = self._read(torch.from_numpy(ids[kept[some].nonzero()[1]].reshape(len(some), -1)))
                    answers = read.new_empty((len(kept), read.shape[1])) if not answers.numel() else answers
                    answers[some] = read
            return answers

        return answer

    def _read(self, ids: Any, kept: Any = None) -> Any:
        """Logits (n, classes) for pieces (n, length); vectors of those that are not kept are zero."""
        import torch

        device = self._model.device
        ids = ids.to(device)
        attention = torch.ones_like(ids)
        with torch.inference_mode():
            if kept is None:
                logits = self._model(input_ids=ids, attention_mask=attention).logits
            else:
                vectors = self._model.get_input_embeddings()(ids) * kept.to(device)[..., None]
                logits = self._model(inputs_embeds=vectors, attention_mask=attention).logits
        return logits.float().cpu()

    def _pieces(self, text: str, parts: Sequence[Word] = ()) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of the pieces of a text, and the part that each belongs to; -1: to none, such as a special one."""
        encoded = self._tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, truncation=False)
        ids = np.array(encoded["input_ids"], dtype=np.int64)
        starts = np.array([part.start for part in parts])
        part_of = np.full(len(ids), -1)
        for place, ((start, end), special) in enumerate(
            zip(encoded["offset_mapping"], encoded["special_tokens_mask"], strict=True)
        ):
            # A piece may begin with the space before its word.
            while start < end and text[start].isspace():
                start += 1
            number = int(np.searchsorted(starts, start, side="right")) - 1
            if not special and start < end and number >= 0 and start < parts[number].end:
                part_of[place] = number
        return ids, part_of


def without(text: str, parts: Sequence[Word], mask: NDArray[np.bool_], replacement: str | None) -> str:
    """The text with the parts that a mask (parts,) keeps; no double spaces where one was left out."""
    built, last = [], 0
    for part, kept in zip(parts, mask, strict=True):
        built.append(text[last : part.start])
        built.append(text[part.start : part.end] if kept else (replacement or ""))
        last = part.end
    joined = "".join(built) + text[last:]
    return joined if replacement is not None or mask.all() else " ".join(joined.split())
