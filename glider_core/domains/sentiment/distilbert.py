"""DistilBERT for sentiment (Sanh et al. 2019): the paper's from the Hugging Face hub, and a small one of ours."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.cases import Case
from glider_core.compat import import_transformers
from glider_core.domains.base import Progress
from glider_core.domains.sentiment.reading import Sentence, all_texts, payload_of, read_sentence, read_whole
from glider_core.downloads import cache_folder, check_hash
from glider_core.engine.instance import RESOLUTION, Instance
from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.shipped import ASSETS
from glider_core.weights import load_weights

OffState = Literal["zero", "mask", "delete"]

HUB_ID = "distilbert/distilbert-base-uncased-finetuned-sst-2-english"
REVISION = "714eb0f"  # the one that transformers' own sentiment pipeline is pinned to
HUB_FILES = ("config.json", "vocab.txt", "model.safetensors")
BATCH = 250  # masks read at once
_MOST = {"dim": 2048, "n_layers": 48, "n_heads": 64, "hidden_dim": 16_384, "vocab_size": 300_000}


class DistilBertInstance(Instance):
    """A text whose words can be switched off, read by DistilBERT.

    A word is all of its pieces together. Off, their word embeddings are zero (positions stay), or [MASK]'s, or the
    pieces are gone; [CLS] and [SEP] always stay.

    Args:
        sentence: as read; its words are the features.
        ids: per word the numbers of its pieces.
        ends: numbers of [CLS] and [SEP].
        network: transformers' DistilBertForSequenceClassification.
        mask_id: number of [MASK].
        unknown_id: number of the piece that stands for anything unknown.
        identity: of the weights.
        model_id: of the model.
        off_state: what a word that is off becomes.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    def __init__(
        self,
        sentence: Sentence,
        ids: Sequence[Sequence[int]],
        *,
        ends: tuple[int, int],
        network: Any,
        mask_id: int,
        unknown_id: int,
        identity: str,
        model_id: str,
        off_state: OffState,
    ) -> None:
        super().__init__(
            [word.text for word in sentence.words],
            explained="positive",
            payload=payload_of(sentence, [bool(numbers) and unknown_id not in numbers for numbers in ids]),
            case=Case(
                domain="sentiment",
                model=model_id,
                raw=sentence.raw,
                options={"off_state": off_state},
                identity=identity,
            ),
        )
        self._network = network
        self._off_state = off_state
        self._word_of_piece = np.repeat(np.arange(len(sentence.words)), [len(numbers) for numbers in ids])
        flat = torch.tensor([ends[0], *(number for numbers in ids for number in numbers), ends[1]])
        table = network.get_input_embeddings()
        with torch.inference_mode():
            self._vectors: Tensor = table(flat)  # (pieces + 2, dim)
            self._mask_vector: Tensor = table(torch.tensor(mask_id))

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,), positive against negative, of the text with the masked words (n, d) off."""
        kept = torch.ones(len(masks), len(self._vectors), dtype=torch.bool)
        kept[:, 1:-1] = torch.from_numpy(masks[:, self._word_of_piece])
        if self._off_state != "delete":
            return torch.cat([self._read(self._replaced(part)) for part in kept.split(BATCH)]).double().numpy()
        lengths, answers = kept.sum(1), torch.empty(len(kept))
        for length in lengths.unique().tolist():  # texts of one length go together, so nothing is padded
            for rows in (lengths == length).nonzero()[:, 0].split(BATCH):
                places = kept[rows].nonzero()[:, 1].view(-1, length)
                answers[rows] = self._read(self._vectors[places])
        return answers.double().numpy()

    def _replaced(self, kept: Tensor) -> Tensor:
        if self._off_state == "zero":
            return self._vectors * kept[..., None]
        return torch.where(kept[..., None], self._vectors, self._mask_vector)

    def _read(self, vectors: Tensor) -> Tensor:
        logits = self._network(inputs_embeds=vectors).logits.float()
        return logits[:, 1] - logits[:, 0]


class DistilBertModel:
    """Positive or negative: reads English film reviews of one to a few sentences."""

    def __init__(self, model_id: str, title: str, network: nn.Module, tokenizer: Any, identity: str) -> None:
        self.id, self.title = model_id, title
        self._network, self._tokenizer, self.identity = network.eval(), tokenizer, identity
        self._number = {name: tokenizer.token_to_id(name) for name in ("[CLS]", "[SEP]", "[MASK]", "[UNK]")}
        self._longest: int = network.config.max_position_embeddings  # type: ignore[union-attr, assignment]

    def instance(self, raw: str, /, *, off_state: OffState = "zero") -> DistilBertInstance:
        """The text as an instance; of a long one, the first words that the model has places for, as its payload says.

        Raises:
            InvalidInput: no text, nothing in it that can be seen, or far too long.
        """
        if off_state not in ("zero", "mask", "delete"):
            raise InvalidInput(f"Got off state {off_state!r:.40}; choose 'zero', 'mask' or 'delete'.")
        sentence = read_sentence(raw)
        ids = self._ids(sentence)
        fitting = int((np.cumsum([len(numbers) for numbers in ids]) + 2 <= self._longest).sum())
        if not fitting:
            raise InvalidInput(
                f"The first word alone has {len(ids[0]):,} word pieces; this model reads up to {self._longest - 2}. "
                "Put spaces into it."
            )
        instance = DistilBertInstance(
            sentence.first(fitting),
            ids[:fitting],
            ends=(self._number["[CLS]"], self._number["[SEP]"]),
            network=self._network,
            mask_id=self._number["[MASK]"],
            unknown_id=self._number["[UNK]"],
            identity=self.identity,
            model_id=self.id,
            off_state=off_state,
        )
        return instance.beside(lambda: self.instance(raw, off_state="zero" if off_state == "mask" else "mask"))

    @torch.inference_mode()
    def predict_texts(self, texts: Sequence[str]) -> NDArray[np.float64]:
        """Logits (n,), positive against negative.

        Raises:
            InvalidInput: a text without a word, or longer than the model reads.
        """
        answers = []
        for text in all_texts(texts):
            pieces = [number for word in self._ids(read_whole(text)) for number in word]
            if len(pieces) + 2 > self._longest:
                raise InvalidInput(
                    f"The text has {len(pieces) + 2:,} word pieces; this model reads up to {self._longest}. "
                    "Keep the part that you want judged."
                )
            row = torch.tensor([[self._number["[CLS]"], *pieces, self._number["[SEP]"]]])
            logits = self._network(input_ids=row).logits[0]
            answers.append(float(logits[1] - logits[0]))
        return np.array(answers)

    def _ids(self, sentence: Sentence) -> list[list[int]]:
        """Per word the numbers of its pieces."""
        encoded = self._tokenizer.encode_batch([word.text for word in sentence.words], add_special_tokens=False)
        return [encoding.ids for encoding in encoded]


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> DistilBertModel:
    """DistilBERT from `path`, a folder of `HUB_FILES`; else ours as it ships; else the paper's from cache or hub.

    Raises:
        ModelUnavailable: files are missing, damaged or of another model; or there is no network.
    """
    if model_id == "sentiment/distilbert-small":
        folder = path or ASSETS / model_id
        weights, title = folder / ("weights.safetensors" if path is None else "model.safetensors"), "Small DistilBERT"
    else:
        folder = path or _from_hub(on_progress)
        weights, title = folder / "model.safetensors", "DistilBERT"
        if re.fullmatch(r"[0-9a-f]{64}", weights.resolve().name):  # in the hub's cache a file's name is its SHA-256
            check_hash(weights.resolve(), weights.resolve().name)
    if not weights.is_file() and (folder / "weights.safetensors").is_file():
        weights = folder / "weights.safetensors"
    transformers = import_transformers()
    config = transformers.DistilBertConfig(**_configuration(folder / "config.json"))
    tokenizer = _tokenizer(folder / "vocab.txt", config.vocab_size)
    network = transformers.DistilBertForSequenceClassification(config)
    shapes = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    tensors, identity = load_weights(weights, shapes)
    network.load_state_dict(tensors)
    return DistilBertModel(model_id, title, network, tokenizer, identity)


def missing(model_id: str) -> str:
    """What keeps the model from running without network."""
    from huggingface_hub import try_to_load_from_cache

    cache = cache_folder() / "hub"
    cached_files = [try_to_load_from_cache(HUB_ID, name, cache_dir=cache, revision=REVISION) for name in HUB_FILES]
    if _cached_folder() is not None or all(isinstance(file, str) for file in cached_files):
        return ""
    return "its files (268 MB), fetched from the Hugging Face hub when it is first loaded"


def _cached_folder() -> Path | None:
    """The snapshot in our cache that has all files; revisions are stored under their full names."""
    snapshots = cache_folder() / "hub" / f"models--{HUB_ID.replace('/', '--')}" / "snapshots"
    fitting = (f for f in sorted(snapshots.glob(f"{REVISION}*")) if all((f / name).is_file() for name in HUB_FILES))
    return next(fitting, None)


def _from_hub(on_progress: Progress | None) -> Path:
    if (folder := _cached_folder()) is not None:
        return folder
    from huggingface_hub import hf_hub_download
    from tqdm.auto import tqdm

    class Bar(tqdm):
        """Tells our callback instead of a terminal."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            kwargs.pop("name", None)
            super().__init__(*args, **{**kwargs, "disable": False, "file": _Nowhere()})

        def update(self, n: float | None = 1) -> bool | None:
            moved = super().update(n)
            if on_progress is not None:
                on_progress(int(self.n), int(self.total or 0))
            return moved

    path = Path()
    for name in HUB_FILES:
        try:
            path = Path(
                hf_hub_download(HUB_ID, name, revision=REVISION, cache_dir=cache_folder() / "hub", tqdm_class=Bar)
            )
        except Exception as error:  # the hub's client, its transport and the file system each have their own
            raise ModelUnavailable(
                f"{name} of {HUB_ID} could not be fetched from huggingface.co ({type(error).__name__}). Without "
                f"network, put {', '.join(HUB_FILES)} into a folder and load it with "
                'load_model("sentiment/distilbert", path=folder), or use sentiment/distilbert-small, which ships.'
            ) from None
    return path.parent


class _Nowhere:
    def write(self, _: str) -> None:
        pass

    def flush(self) -> None:
        pass


def _configuration(path: Path) -> dict[str, Any]:
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if values.get("model_type") != "distilbert":
            raise ValueError(f"model_type {values.get('model_type')!r:.40}")
        names = values.get("id2label", {"0": "NEGATIVE", "1": "POSITIVE"})
        if [str(names.get(str(number), "")).upper() for number in range(len(names))] != ["NEGATIVE", "POSITIVE"]:
            raise ValueError("its classes are not negative and positive")
        for name, most in _MOST.items():
            if not (isinstance(values.get(name), int) and 1 <= values[name] <= most):
                raise ValueError(f"{name} is {values.get(name)!r:.40}")
        longest = values.get("max_position_embeddings", 512)
        if not (isinstance(longest, int) and 8 <= longest <= 8192):
            raise ValueError(f"max_position_embeddings is {longest!r:.40}")
    except (OSError, ValueError, AttributeError) as error:
        raise ModelUnavailable(
            f"{'/'.join(path.parts[-3:])} is missing or no configuration of a DistilBERT for sentiment ({error}). "
            f"A folder needs {', '.join(HUB_FILES)}."
        ) from None
    return {
        **{name: values[name] for name in _MOST},
        "max_position_embeddings": longest,
        "activation": "gelu",
        "sinusoidal_pos_embds": False,
        "num_labels": 2,
    }


def _tokenizer(path: Path, size: int) -> Any:
    from tokenizers import BertWordPieceTokenizer

    try:
        words = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ModelUnavailable(
            f"{'/'.join(path.parts[-3:])} cannot be read ({type(error).__name__}); it must list the word pieces."
        ) from None
    numbers = {word: number for number, word in enumerate(words)}
    lacking = {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"} - set(numbers)
    if lacking or len(words) != size:
        raise ModelUnavailable(
            f"{'/'.join(path.parts[-3:])} is not this model's vocabulary: {len(words):,} pieces instead of {size:,}"
            + (f", without {', '.join(sorted(lacking))}." if lacking else ".")
        )
    return BertWordPieceTokenizer(numbers, lowercase=True)
