"""The shipped network: MobileNetV2 (Sandler et al. 2018) with TensorFlow's padding and few classes."""

from __future__ import annotations

from torch import Tensor, nn

from glider_core.compat import import_torchvision

SIZE = 128  # pixels, each side of its input


def mobilenet_v2(classes: int) -> nn.Module:
    """(n, 3, s, s) pixels scaled to -1..1 to (n, classes) logits; keys of torchvision's model of that name.

    Weights that were trained with TensorFlow's SAME padding see an even picture padded by one pixel at the right and
    the bottom before a convolution of stride 2, not by one all around; with the latter ImageNet accuracy falls by
    eight points.
    """
    model = import_torchvision().models.mobilenet_v2(weights=None, num_classes=classes)
    pad_like_tensorflow(model)
    return model


def pad_like_tensorflow(model: nn.Module) -> None:
    """Make convolutions of stride 2 and kernel 3 pad at the right and the bottom alone."""
    for module in model.modules():
        if isinstance(module, nn.Conv2d) and module.stride == (2, 2) and module.kernel_size == (3, 3):
            module.padding = (0, 0)
            module.register_forward_pre_hook(_pad)


def _pad(_: nn.Module, inputs: tuple[Tensor]) -> Tensor:
    return nn.functional.pad(inputs[0], (0, 1, 0, 1))
