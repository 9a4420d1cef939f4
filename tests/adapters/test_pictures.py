from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import glider_core as gl
from glider_core.compat import import_torchvision
from glider_core.domains import DOMAINS


def quarters(pictures: Any) -> np.ndarray:
    """Red at the top left and blue at the bottom right together: logits of two classes."""
    rows = [(p[:20, :20, 0].mean() > 150) * (p[20:, 20:, 2].mean() > 150) * 4.0 - 1.0 for p in pictures]
    return np.column_stack([np.zeros(len(rows)), rows])


def four_colours() -> np.ndarray:
    picture = np.zeros((40, 40, 3), dtype=np.uint8)
    picture[:20, :20], picture[:20, 20:] = (220, 30, 30), (30, 200, 30)
    picture[20:, :20], picture[20:, 20:] = (200, 200, 40), (30, 30, 230)
    return picture


def test_a_planted_pair_of_superpixels_is_found() -> None:
    model = gl.image(quarters, classes=["other", "flag"], off_state="black")
    instance = model.instance(four_colours(), quickshift={"max_dist": 50.0})
    payload: Any = instance.payload
    explanation = gl.explain(instance)
    assert explanation.explained == "flag"
    (found,) = explanation.interactions
    corners = {int(payload.labels[5, 5]), int(payload.labels[35, 35])}
    assert set(found.features) == corners
    assert found.effect == pytest.approx(4.0)
    again = model.instance(explanation.case.raw, **explanation.case.options)
    assert again.names == instance.names
    assert gl.Explanation.from_json(explanation.to_json()) == explanation


class Corner(nn.Module):
    """Two classes of a picture (3, 32, 32); the second one where top left and bottom right are bright."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.tensor(5.0))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        both = x[:, :, :16, :16].mean((1, 2, 3)) * x[:, :, 16:, 16:].mean((1, 2, 3))
        return torch.stack([torch.zeros_like(both), self.scale * both], 1)


def test_a_module_sees_its_transforms_pictures() -> None:
    transforms = import_torchvision().transforms
    transform = transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()])
    model = gl.image(Corner(), transform, classes=["dark", "bright"])
    picture = np.full((64, 48, 3), 40, dtype=np.uint8)
    picture[:32, :24] = picture[32:, 24:] = 250
    instance = model.instance(picture, target="bright", quickshift={"max_dist": 30.0})
    from PIL import Image

    with torch.inference_mode():
        logits = Corner()(transform(Image.fromarray(picture))[None])[0]
    assert instance.predict(np.ones((1, len(instance.names)), dtype=bool))[0] == pytest.approx(float(logits[1]))
    assert instance.identity is not None
    assert model.top(picture)[0][0] == "bright"
    with pytest.raises(gl.InvalidInput, match="give the transform"):
        gl.image(Corner())


@pytest.mark.slow
def test_a_model_of_timm_brings_its_transform() -> None:
    import timm

    network = timm.create_model("test_vit.r160_in1k", pretrained=False, num_classes=3)
    model = gl.image(network)
    instance = model.instance(four_colours(), quickshift={"max_dist": 50.0})
    assert instance.predict(np.ones((1, len(instance.names)), dtype=bool)).shape == (1,)
    assert instance.explained in ("0", "1", "2")


@pytest.mark.slow
def test_torchvisions_mobilenet_sees_parts_that_act_together(data: Path) -> None:
    from glider_core.domains.image.classifiers import load_classifier

    network, classes, _, _ = load_classifier(
        "mobilenet_v2_tf", path=data / "weights" / "mobilenet_v2_tf_imagenet_fp16.safetensors"
    )
    transforms = import_torchvision().transforms
    transform = transforms.Compose([
        transforms.Resize((224, 224)), transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)
    ])  # fmt: skip
    model = gl.image(network, transform, classes=classes)
    from glider_core.domains.image.picture import sample

    picture = next(iter(DOMAINS["image"].examples("image/mobilenet_v2_tf").values()))
    instance = model.instance(sample(picture.removeprefix("sample:")))
    explanation = gl.explain(instance, gl.Settings.with_masks(600))
    assert explanation.explained in classes
    assert explanation.shares.alone + explanation.shares.together > 0.5


def test_what_is_no_picture_is_refused() -> None:
    model = gl.image(quarters)
    with pytest.raises(gl.InvalidInput, match="give a picture's file"):
        model.instance(3)
    with pytest.raises(gl.InvalidInput):
        model.instance(b"no picture")
    with pytest.raises(gl.InvalidInput, match="no class 'owl'"):
        gl.image(quarters, classes=["a", "b"]).instance(four_colours(), target="owl", quickshift={"max_dist": 50.0})
