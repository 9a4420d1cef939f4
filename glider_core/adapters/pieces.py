"""Models of word pieces: a text's parts are off piece by piece, as the model's own tokenizer divides them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Outputs
from glider_core.adapters.readers import Reader
from glider_core.domains.sentiment.tokens import Word
from glider_core.errors import InvalidInput

BATCH_PIECES = 8_000  # word pieces read at once


class PieceReader(Reader):
    """Asks a model about the numbers of word pieces; what tokenizes and what answers is a subclass's.

    Args:
        stand_ins: by off state, the number of the piece that stands in the place of one that is off; None: it is an off
            state without such a piece, "delete", or "zero" where the model takes vectors.
        longest: pieces that it reads at most, with the special ones.
        one_by_one: whether it reads one text at a time only.
    """

    def __init__(self, stand_ins: dict[str, int | None], longest: int | None, *, one_by_one: bool = False) -> None:
        self._stand_ins, self.longest, self._one_by_one = stand_ins, longest, one_by_one
        self.off_states = tuple(stand_ins)

    def _encoded(self, text: str) -> tuple[Sequence[int], Sequence[tuple[int, int]], Sequence[int]]:
        """A text's pieces: their numbers, (start, end) of each in its characters, and 1 for special ones."""
        raise NotImplementedError

    def _read(self, ids: NDArray[np.int64], kept: NDArray[np.bool_] | None) -> NDArray[Any]:
        """Raw answers (n, classes) to pieces (n, length); vectors of those that are not kept are zero."""
        raise NotImplementedError

    def fitting(self, text: str, parts: Sequence[Word]) -> int:
        """Parts all of whose pieces the model has places for."""
        ids, part_of = self._pieces(text, parts)
        if self.longest is None or len(ids) <= self.longest:
            return len(parts)
        beyond = part_of[self.longest - 1 :]
        return int(min((place for place in beyond if place >= 0), default=len(parts)))

    def masked(self, text: str, parts: Sequence[Word], off_state: str) -> Callable[[NDArray[np.bool_]], Any]:
        """Masks of equally many pieces are read together, so that nothing is padded."""
        last = parts[-1].end
        ids, part_of = self._pieces(text[:last], parts)
        if self.longest is not None and len(ids) > self.longest:
            raise InvalidInput(f"The text has {len(ids):,} word pieces; this model reads up to {self.longest:,}.")
        stand_in = self._stand_ins[off_state]
        size = 1 if self._one_by_one else max(1, BATCH_PIECES // max(len(ids), 1))

        def answer(masks: NDArray[np.bool_]) -> Any:
            kept = np.ones((len(masks), len(ids)), dtype=bool)
            kept[:, part_of >= 0] = masks[:, part_of[part_of >= 0]]
            if off_state == "delete":
                return self._by_length(ids, kept, size)
            rows = np.broadcast_to(ids, kept.shape) if stand_in is None else np.where(kept, ids, stand_in)
            return np.concatenate([
                self._read(rows[start : start + size].copy(),
                           kept[start : start + size] if stand_in is None else None)
                for start in range(0, len(kept), size)
            ])  # fmt: skip

        return answer

    def _by_length(self, ids: NDArray[np.int64], kept: NDArray[np.bool_], size: int) -> NDArray[Any]:
        """Raw answers (n, classes) to the pieces that are left, `size` rows of equally many at once."""
        lengths, answers = kept.sum(1), None
        blank = next((number for number in self._stand_ins.values() if number is not None), int(ids[0]))
        for length in np.unique(lengths):
            places = np.flatnonzero(lengths == length)
            for start in range(0, len(places), size):
                some = places[start : start + size]
                left = ids[kept[some].nonzero()[1]].reshape(len(some), length)
                # Without special pieces nothing may be left, which no model reads.
                read = self._read(left if length else np.full((len(some), 1), blank), None)
                answers = np.empty((len(kept), *read.shape[1:]), dtype=read.dtype) if answers is None else answers
                answers[some] = read
        assert answers is not None
        return answers

    def _pieces(self, text: str, parts: Sequence[Word]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Numbers of the pieces of a text, and the part that each belongs to; -1: to none, such as a special one."""
        numbers, places, specials = self._encoded(text)
        ids, starts = np.array(numbers, dtype=np.int64), np.array([part.start for part in parts])
        part_of = np.full(len(ids), -1)
        for place, ((start, end), special) in enumerate(zip(places, specials, strict=True)):
            # A piece may begin with the space before its word.
            while start < end and text[start].isspace():
                start += 1
            number = int(np.searchsorted(starts, start, side="right")) - 1
            if not special and start < end and number >= 0 and start < parts[number].end:
                part_of[place] = number
        return ids, part_of


class TransformersReader(PieceReader):
    """A model of transformers with its fast tokenizer.

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
        places = getattr(config, "max_position_embeddings", None)
        limits = [limit for limit in (tokenizer.model_max_length, places) if limit and limit < 10**6]
        longest = min(limits, default=None)
        if str(getattr(config, "model_type", "")) in ("roberta", "xlm-roberta", "camembert", "longformer"):
            longest = min(longest or 512, (places or 514) - 2)  # two places stand for padding
        known = {"mask": tokenizer.mask_token_id, "unk": tokenizer.unk_token_id}
        super().__init__(
            {name: number for name, number in known.items() if number is not None} | {"delete": None, "zero": None},
            longest,
            one_by_one=getattr(config, "pad_token_id", None) is None,  # then some models refuse several
        )

    def _encoded(self, text: str) -> tuple[Sequence[int], Sequence[tuple[int, int]], Sequence[int]]:
        encoded = self._tokenizer(text, return_offsets_mapping=True, return_special_tokens_mask=True, truncation=False)
        return encoded["input_ids"], encoded["offset_mapping"], encoded["special_tokens_mask"]

    def _read(self, ids: NDArray[np.int64], kept: NDArray[np.bool_] | None) -> NDArray[Any]:
        import torch

        device = self._model.device
        pieces = torch.from_numpy(ids).to(device)
        attention = torch.ones_like(pieces)
        with torch.inference_mode():
            if kept is None:
                logits = self._model(input_ids=pieces, attention_mask=attention).logits
            else:
                on = torch.from_numpy(kept).to(device)[..., None]
                vectors = self._model.get_input_embeddings()(pieces) * on
                logits = self._model(inputs_embeds=vectors, attention_mask=attention).logits
        return logits.float().cpu().numpy()
