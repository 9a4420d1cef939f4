"""A picture as an instance: its superpixels are the features; off, each shows its mean colour (Section 6.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.cases import Case
from glider_core.domains.image.payload import ImagePayload
from glider_core.domains.image.picture import Picture
from glider_core.engine.instance import RESOLUTION, Instance
from glider_core.provenance import fingerprint

OffState = Literal["mean", "blur"]
BATCH = 50  # pictures asked at once
_BATCH_ON_GPU = 500


def half_precision() -> bool:
    """Whether this CPU multiplies bfloat16 in hardware; elsewhere it only costs accuracy."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())


def device_of(network: nn.Module) -> torch.device:
    """Where a network computes: where its weights are."""
    return next((weight.device for weight in network.parameters()), torch.device("cpu"))


class ImageInstance(Instance):
    """One class's logit for a picture whose superpixels can be switched off.

    Masked pictures are made at the network's own input size: on and off picture are transformed once, and per mask
    every input pixel is taken from the one or the other by its superpixel's number, one gather per batch.

    Args:
        picture: (height, width, 3).
        labels: superpixel numbers (height, width), 0..d-1.
        inputs: the picture as the network wants it, (3, s, s), on and off.
        input_labels: superpixel numbers (s, s).
        network: (n, 3, s, s) to logits (n, classes), on whatever device it computes on.
        target: number of the explained class.
        against: number of another class, whose logit is taken off; None: the class alone.
        classes: their names.
        identity: of the weights.
        model_id: of the model.
        off_state: how `inputs`' off picture was made.
        bfloat16: whether the network runs in it.
        raw: the picture as it was asked for.
        options: the other things that were asked.
        assumptions: sentences on how the picture was read.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    def __init__(
        self,
        picture: Picture,
        labels: NDArray[np.int64],
        inputs: tuple[Tensor, Tensor],
        input_labels: NDArray[np.int64],
        network: nn.Module,
        *,
        target: int,
        against: int | None = None,
        classes: tuple[str, ...],
        identity: str,
        model_id: str,
        off_state: OffState,
        bfloat16: bool,
        raw: Any,
        options: Mapping[str, Any],
        assumptions: tuple[str, ...] = (),
    ) -> None:
        super().__init__(
            [f"S{number + 1}" for number in range(int(labels.max()) + 1)],
            explained=classes[target] if against is None else f"{classes[target]} against {classes[against]}",
            payload=ImagePayload.of(picture, labels, off_state=off_state, target=target, assumptions=assumptions),
            case=Case(
                domain="image",
                model=model_id,
                raw=raw,
                options=options,
                identity=fingerprint(identity, str(bfloat16)),
            ),
        )
        # Channels last: a row per input pixel, so that a batch is one gather and one blend.
        on, off = (picture_input.permute(1, 2, 0).contiguous() for picture_input in inputs)
        self._device = device_of(network)
        self._off, self._difference = off.to(self._device), (on - off).to(self._device)
        self._labels = torch.from_numpy(input_labels).to(self._device)
        self._network = network
        if self._device.type != "cpu":
            self.batch = _BATCH_ON_GPU
        self._target, self._against = target, against
        self._bfloat16 = bfloat16

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,) of the explained class with the masked superpixels (n, d) off."""
        kept = torch.tensor(np.ascontiguousarray(masks), device=self._device)
        answers = []
        for part in kept.split(BATCH if self._device.type == "cpu" else _BATCH_ON_GPU):
            with torch.autocast(self._device.type, torch.bfloat16, enabled=self._bfloat16):
                logits = self._network(self.inputs(part)).float()
            answer = logits[:, self._target]
            answers.append(answer if self._against is None else answer - logits[:, self._against])
        return torch.cat(answers).cpu().double().numpy()

    def inputs(self, kept: Tensor) -> Tensor:
        """The network's inputs (n, 3, s, s), channels last, for masks (n, d)."""
        visible = kept[:, self._labels].unsqueeze(-1)  # (n, s, s, 1)
        return (self._off + visible * self._difference).permute(0, 3, 1, 2)
