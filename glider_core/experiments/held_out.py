"""Models with inputs that they never trained on, drawn at random: what Table 5, Figure 8 and the like stand on."""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.models import load_model, model_info

_WEIGHTS = "mobilenet_v2_tf_imagenet_fp16.safetensors"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOut:
    """Where a model's inputs come from."""

    inputs: Callable[[Path], Sequence[Any]]  # all there are, from the folder of training data
    what: str  # they are, in words
    place: str = ""  # of the model's own files in that folder
    options: Mapping[str, Any] = field(default_factory=dict)  # of an instance


def _probes(data: Path) -> Sequence[str]:
    from glider_core.domains.dna.data import load_probes, split_probes

    # The seed 0 of the shipped model's recipe: the same probes were kept from its training.
    return split_probes(load_probes(data), seed=0)["test"].sequences


def _sentences(data: Path) -> Sequence[str]:
    from glider_core.domains.sentiment.data import sst_sentences

    return [" ".join(pieces) for pieces, _ in sst_sentences(data, "test")]


def _photos(data: Path) -> Sequence[bytes]:
    files = sorted((data / "images" / "photos").glob("*.jpg"))
    if not files:
        raise InvalidInput("There are no images/photos in the data folder.")
    return [file.read_bytes() for file in files]


def _small_pictures(data: Path) -> Sequence[bytes]:
    path = data / "images" / "tiny50_validation.tar"
    if not path.is_file():
        raise InvalidInput(f"There is no images/{path.name} in the data folder; see the model card.")
    with tarfile.open(path) as archive:
        members = sorted((m for m in archive.getmembers() if m.isfile()), key=lambda member: member.name)
        files = [archive.extractfile(member) for member in members]
        return [file.read() for file in files if file is not None]


def _papers(data: Path) -> Sequence[str]:
    from glider_core.domains.graph.data import load_cora

    graph, split = load_cora(data / "cora")
    return [graph.nodes[number] for number in split["test"]]


_SST = HeldOut(inputs=_sentences, what="test sentences of SST")
_PHOTOS = HeldOut(inputs=_photos, what="photos of ImageNet's kinds")
HELD_OUT = {
    "dna/cnn": HeldOut(inputs=_probes, what="test probes"),
    "sentiment/lstm": _SST,
    "sentiment/distilbert-small": _SST,
    # Pictures of 64 x 64 pixels: with the usual settings these fall into four superpixels, with these into fifty.
    "image/small50": HeldOut(
        inputs=_small_pictures,
        what="validation pictures of Tiny ImageNet",
        options={"quickshift": {"kernel_size": 1.0}},
    ),
    "image/mobilenet_v2_tf": HeldOut(inputs=_photos, what=_PHOTOS.what, place=f"weights/{_WEIGHTS}"),
    "image/resnet152": _PHOTOS,
    "graph/cora": HeldOut(inputs=_papers, what="test papers of Cora", place="cora"),
}


def available(model_ids: Sequence[str], data: Path) -> list[str]:
    """Those of the models whose weights are here: shipped, in the data folder, or of one's own (see `list_models`)."""

    def here(model_id: str) -> bool:
        place, info = HELD_OUT[model_id].place, model_info(model_id)
        return bool(place and (data / place).exists()) or (info is not None and info.available)

    return [model_id for model_id in model_ids if here(model_id)]


def stem_by_models(name: str, options: Mapping[str, Any]) -> str:
    """Of a result's file: results of some models lie beside each other, and are told of together."""
    return "_".join([name, *(model_id.partition("/")[2] for model_id in options["models"] or ())])


def models_of(results: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The models of all these results in the order of `HELD_OUT`, each once, with how many trials there were of it."""
    found = {
        model_id: {**model, "trials": result.get("trials", 1)}
        for result in results.values()
        for model_id, model in result["models"].items()
    }
    return {model_id: found[model_id] for model_id in HELD_OUT if model_id in found}


class Inputs:
    """A model with its held-out inputs in random order, the same in every run.

    Args:
        model_id: of `HELD_OUT`.
        data: the folder of training data.
        device: on which an image classifier computes; others compute on the processor.

    Raises:
        InvalidInput: the inputs are not in the folder.
        ModelUnavailable: the model's weights are missing.
    """

    def __init__(self, model_id: str, data: Path, device: str = "cpu") -> None:
        source = HELD_OUT[model_id]
        place = data / source.place
        self.options, self.what = source.options, source.what
        self._model: Any = load_model(model_id, path=place if source.place and place.exists() else None)
        if device != "cpu" and hasattr(self._model, "to"):
            self._model = self._model.to(device)
        raws = source.inputs(data)
        self._raws = [raws[number] for number in np.random.default_rng(0).permutation(len(raws)).tolist()]

    def __len__(self) -> int:
        return len(self._raws)

    def instances(self, start: int = 0, stop: int | None = None) -> Iterator[Instance]:
        """Those among the inputs from `start` to `stop` that have two features or more and can be explained."""
        for raw in self._raws[start:stop]:
            try:
                instance = self._model.instance(raw, **self.options)
            except InvalidInput:  # a picture of too few or too many superpixels
                continue
            if len(instance.names) >= 2:
                yield instance
