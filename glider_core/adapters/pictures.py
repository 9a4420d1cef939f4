"""Any classifier of pictures as instances: a feature per superpixel; off, it shows its mean colour, or is blurred."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from glider_core.adapters.answers import Answer, Outputs, Scale, outputs_of
from glider_core.adapters.identity import model_identity
from glider_core.adapters.sandbox.file_model import FileModel
from glider_core.adapters.sandbox.pictures import PictureFile, Pixels
from glider_core.cases import Case
from glider_core.domains.image.payload import MAX_PIXELS, ImagePayload, png
from glider_core.domains.image.picture import Picture, decode, read_file
from glider_core.domains.image.reading import Reading, check_size
from glider_core.domains.image.superpixels import Quickshift, means, quickshift_of, segment
from glider_core.engine.instance import Instance
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint

OffState = Literal["mean", "blur", "black"]
LONGEST_SIDE = 400  # pixels of the picture that is divided; the model sees what its transform makes of it
BLUR = 12.0  # pixels, the deviation of the Gaussian
BATCH = 32  # pictures asked at once

Ask = Callable[[Sequence[Picture]], Any]  # pictures, each (height, width, 3) of uint8, to (n,) or (n, classes)


class ImageModel:
    """A classifier of pictures, which makes instances; what `gl.image` returns."""

    def __init__(
        self,
        ask: Ask,
        *,
        title: str,
        classes: Sequence[Any] | None,
        usual: Mapping[str, Any],
        identity: str | None,
        model_id: str,
    ) -> None:
        self.id, self.title = model_id, title
        self._ask, self._usual = ask, dict(usual)
        self._classes = None if classes is None else tuple(map(str, classes))
        self.identity = None if identity is None else fingerprint("image", identity, *(self._classes or ()))

    def top(self, picture: Any, n: int = 5) -> list[tuple[str, float]]:
        """The n likeliest classes of a picture with what the model answers: probabilities, where it has some."""
        raw = self._ask([self._read(picture)])
        outputs = outputs_of(raw, self._classes)
        if not outputs.classes:
            return [("answer", float(np.asarray(raw).reshape(-1)[0]))]
        values = [outputs.answer(k, None, "probability")(raw)[0] for k in range(len(outputs.classes))]
        best = np.argsort(values)[::-1][:n]
        return [(outputs.classes[k], float(values[k])) for k in best]

    def instance(
        self,
        raw: Any,
        /,
        *,
        off_state: OffState | None = None,
        target: Any = None,
        against: Any = None,
        scale: Scale | None = None,
        quickshift: Quickshift | Mapping[str, float] | None = None,
    ) -> PictureInstance:
        """A picture as an instance.

        Args:
            raw: content of a picture's file, its path, a picture of Pillow, or pixels (height, width, 3) of uint8.
            off_state: what a superpixel shows that is off: "mean", "blur" or "black".
            target: the explained class; by default the likeliest.
            against: the class that it is held against; by default all others.
            scale: "log-odds" or "probability".
            quickshift: how superpixels are found.

        Raises:
            InvalidInput: no picture; too few or too many superpixels; no such class.
        """
        told = {"off_state": off_state, "target": target, "against": against, "scale": scale}
        state = off_state or self._usual.get("off_state") or "mean"
        if state not in ("mean", "blur", "black"):
            raise InvalidInput(f"Got off state {state!r:.40}; choose 'mean', 'blur' or 'black'.")
        picture, found = self._read(raw), quickshift_of(quickshift)
        labels = segment(picture, found)
        first = self._ask([picture])
        outputs: Outputs = outputs_of(first, self._classes)
        answer, options = outputs.chosen(first, told, self._usual, second_of_two=False)
        options |= {} if found is None else {"quickshift": asdict(found)}
        case = Case(domain="image", model=self.id, raw=png(picture), options=options, identity=self.identity)
        instance = PictureInstance(picture, labels, self._ask, answer, state, case)
        other: OffState = "blur" if state != "blur" else "mean"
        return instance.beside(lambda: PictureInstance(picture, labels, self._ask, answer, other, case))

    def _read(self, raw: Any) -> Picture:
        if hasattr(raw, "convert"):  # of Pillow
            raw = np.asarray(raw.convert("RGB"), dtype=np.uint8)
        if isinstance(raw, np.ndarray):
            if raw.ndim != 3 or raw.shape[2] != 3 or raw.dtype != np.uint8:
                raise InvalidInput(f"Got an array of {raw.shape} {raw.dtype}; give (height, width, 3) of uint8.")
            check_size(raw.shape[1], raw.shape[0], at_most=MAX_PIXELS)
            picture = raw
        else:
            content = read_file(raw) if isinstance(raw, str) or hasattr(raw, "__fspath__") else raw
            if not isinstance(content, bytes | bytearray | memoryview):
                raise InvalidInput(f"Got a {type(raw).__name__}; give a picture's file, its path, or an array.")
            picture = decode(bytes(content), Reading()).picture
        return _reduced(picture)


class PictureInstance(Instance):
    """A picture whose superpixels can be switched off.

    Each mask makes a whole picture, which goes through the model's own transform: right for every transform.

    Args:
        picture: (height, width, 3).
        labels: superpixel numbers (height, width).
        ask: pictures to raw answers.
        answer: which number is explained.
        off_state: what a superpixel shows that is off.
        case: what was asked.
    """

    batch = BATCH

    def __init__(
        self, picture: Picture, labels: NDArray[np.int64], ask: Ask, answer: Answer, off_state: str, case: Case
    ) -> None:
        super().__init__(
            [f"S{number + 1}" for number in range(int(labels.max()) + 1)],
            explained=answer.name,
            payload=ImagePayload.of(picture, labels, off_state=off_state, target=answer.target or 0),
            case=case,
        )
        self._picture, self._labels, self._ask, self._answer = picture, labels, ask, answer
        self._off = _off(picture, labels, off_state)
        self.scale, self.resolution = answer.known_scale, answer.resolution

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """The explained number (n,) of the picture with masked superpixels (n, d) off."""
        return self._answer(self._ask(self.pictures(masks)))

    def pictures(self, masks: NDArray[np.bool_]) -> list[Picture]:
        """The pictures that masks (n, d) make."""
        return [np.where(mask[self._labels][..., None], self._picture, self._off) for mask in masks]


class TorchClassifier:
    """A network of PyTorch behind its transform, asked about pictures.

    Args:
        network: (n, 3, height, width) to logits (n, classes).
        transform: a picture of Pillow to a tensor (3, height, width), or an array (height, width, 3) to one.
    """

    def __init__(self, network: Any, transform: Callable[[Any], Any]) -> None:
        self._network, self._transform = network.eval(), transform

    def __call__(self, pictures: Sequence[Picture]) -> Any:
        """Logits (n, classes)."""
        import torch
        from PIL import Image

        parameter = next(iter(self._network.parameters()), None)
        inputs = torch.stack([torch.as_tensor(self._transform(Image.fromarray(picture))) for picture in pictures])
        with torch.inference_mode():
            answers = self._network(inputs if parameter is None else inputs.to(parameter.device, parameter.dtype))
        return getattr(answers, "logits", answers).float().cpu()


def image(
    model: Any,
    transform: Callable[[Any], Any] | Pixels | None = None,
    *,
    off_state: OffState = "mean",
    target: Any = None,
    against: Any = None,
    scale: Scale | None = None,
    classes: Sequence[Any] | None = None,
    title: str | None = None,
    identity: str | None = None,
    model_id: str = "function/image",
) -> ImageModel:
    """A classifier of pictures, ready to make an instance of any: `gl.explain(gl.image(net, tf).instance("cat.jpg"))`.

    Args:
        model: a module of PyTorch, also of torchvision or timm, whose transform is found if none is given; or a
            function from a list of pictures (height, width, 3) of uint8 to (n,) or (n, classes); `gl.open_model(...)`.
        transform: a picture of Pillow to the module's input (3, height, width), such as `weights.transforms()`. Of an
            ONNX file what it does not say of pictures, such as `gl.Pixels(scaling="unit")`; by default as its input
            looks, with ImageNet's mean and deviation.
        off_state: what a superpixel shows that is off: "mean", its mean colour; "blur"; or "black".
        target: the class to explain; by default the likeliest one of each picture.
        against: the class that it is held against; by default all others.
        scale: "log-odds" or "probability"; by default log-odds where there are classes.
        classes: names for the columns of the answer.
        title: for people.
        identity: of the model, where it cannot be told from its parameters; results are kept only with one.
        model_id: what results are said to be of.

    Raises:
        InvalidInput: a module without a transform, or nothing that can be called.
    """
    if isinstance(model, FileModel):
        model, transform = PictureFile(model, transform), None
    if not callable(model):
        raise InvalidInput(f"Got a {type(model).__name__} as model; give a module of PyTorch, or a function.")
    if isinstance(transform, Pixels):
        raise InvalidInput("Pixels tell of a model file's pictures; a module of PyTorch takes a transform.")
    ask: Ask = model
    if callable(getattr(model, "state_dict", None)) and hasattr(model, "parameters"):
        if transform is None and hasattr(model, "pretrained_cfg"):  # of timm
            from timm.data.config import resolve_data_config
            from timm.data.transforms_factory import create_transform

            transform = cast(Callable[[Any], Any], create_transform(**resolve_data_config({}, model=model)))
        if transform is None:
            raise InvalidInput(
                "A module of PyTorch reads tensors; give the transform that its pictures went through, such as "
                "`weights.transforms()` of torchvision."
            )
        ask = TorchClassifier(model, transform)
    if classes is None and isinstance(model, PictureFile):
        classes = model.classes
    known = identity or model_identity(model, repr(transform) if _tells_itself(transform) else transform)
    usual = {"off_state": off_state, "target": target, "against": against, "scale": scale}
    return ImageModel(
        ask, title=title or type(model).__name__, classes=classes, usual=usual, identity=known, model_id=model_id
    )


def _tells_itself(transform: Any) -> bool:
    """Whether a transform's `repr` tells all of it: those of torchvision do, as timm's are built from them."""
    parts = [transform, *getattr(transform, "transforms", [])]
    return all(type(part).__module__.partition(".")[0] in ("torchvision", "timm") for part in parts)


def _reduced(picture: Picture) -> Picture:
    """The picture with its longer side at most `LONGEST_SIDE`."""
    height, width = picture.shape[:2]
    factor = LONGEST_SIDE / max(height, width)
    if factor >= 1:
        return picture
    from PIL import Image

    size = max(1, round(width * factor)), max(1, round(height * factor))
    return np.asarray(Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS), dtype=np.uint8)


def _off(picture: Picture, labels: NDArray[np.int64], off_state: str) -> Picture:
    if off_state == "mean":
        return means(picture, labels)
    if off_state == "black":
        return np.zeros_like(picture)
    from scipy.ndimage import gaussian_filter

    return np.asarray(gaussian_filter(picture, (BLUR, BLUR, 0)), dtype=np.uint8)
