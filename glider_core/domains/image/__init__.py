"""Images: classifiers of photos, whose parts can be switched off."""

from __future__ import annotations

from collections.abc import Mapping

from glider_core.domains.base import Domain, ModelEntry
from glider_core.domains.image.samples import SAMPLES
from glider_core.numerals import signed
from glider_core.results import Explanation

MODULE = "glider_core.domains.image.model"


def _heading(explanation: Explanation) -> str:
    return f"{explanation.explained}: {signed(explanation.prediction, 1)} logits"


def _examples(model_id: str) -> Mapping[str, str]:
    # Of the two others the small classifier reads no parts together in a way that holds in all contexts.
    titles = ("Coffee", "Rocket") if model_id == "image/small50" else SAMPLES
    return {title: f"sample:{title}" for title in titles}


def _read(text: str) -> bytes | str:
    """A sample's name, such as "sample:Cat", or the content of the file at a path."""
    if text.startswith("sample:"):
        return text
    from glider_core.domains.image.picture import read_file

    return read_file(text)


def _more(name: str) -> ModelEntry | None:
    """Any other classifier of torchvision, by its name."""
    from glider_core.domains.image.classifiers import is_known

    if not is_known(name):
        return None
    return ModelEntry(title=name, tier="paper", detail="A classifier of torchvision", module=MODULE)


DOMAIN = Domain(
    name="image",
    title="Image",
    icon="image",
    question="Which parts of a photo does a classifier need to see *together*?",
    feature="superpixel",
    preparing="Finding the photo's superpixels",
    unit="logits",
    heading=_heading,
    examples=_examples,
    off_states={"mean": "its mean colour", "blur": "blurred"},
    off_label="A superpixel that is off shows",
    read=_read,
    more=_more,
    models={
        "image/small50": ModelEntry(
            title="Small classifier",
            tier="shipped",
            detail="Names one of 50 everyday classes",
            module=MODULE,
            recipe="glider_core.domains.image.train",
        ),
        **{
            f"image/{name}": ModelEntry(title=title, tier="paper", detail=detail, module=MODULE)
            for name, title, detail in (
                ("resnet152", "ResNet152", "The paper's classifier of 1000 classes, 240 MB"),
                ("resnet18", "ResNet18", "1000 classes, 47 MB"),
                ("mobilenet_v2", "MobileNetV2", "1000 classes, 14 MB"),
                ("mobilenet_v2_tf", "MobileNetV2 by Google", "1000 classes, converted from TensorFlow"),
                ("squeezenet1_0", "SqueezeNet", "1000 classes, 5 MB"),
            )
        },
    },
)
