"""Images: classifiers of photos, whose parts can be switched off."""

from glider_core.models import ModelEntry

MODELS = {
    "image/small50": ModelEntry(
        title="Small classifier",
        tier="shipped",
        detail="Names one of 50 everyday classes",
        module="glider_core.domains.image.model",
        recipe="glider_core.domains.image.train",
    ),
    **{
        f"image/{name}": ModelEntry(title=title, tier="paper", detail=detail, module="glider_core.domains.image.model")
        for name, title, detail in (
            ("resnet152", "ResNet152", "The paper's classifier of 1000 classes, 240 MB"),
            ("resnet18", "ResNet18", "1000 classes, 47 MB"),
            ("mobilenet_v2", "MobileNetV2", "1000 classes, 14 MB"),
            ("mobilenet_v2_tf", "MobileNetV2 by Google", "1000 classes, converted from TensorFlow"),
            ("squeezenet1_0", "SqueezeNet", "1000 classes, 5 MB"),
        )
    },
}


def more(name: str) -> ModelEntry | None:
    """Any other classifier of torchvision, by its name."""
    from glider_core.domains.image.model import is_known

    if not is_known(name):
        return None
    return ModelEntry(
        title=name, tier="paper", detail="A classifier of torchvision", module="glider_core.domains.image.model"
    )
