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
    model = gl.image(Corner(), transform, classes=["dark", "bright"], off_state="black")
    picture = np.full((64, 48, 3), 40, dtype=np.uint8)
    picture[:32, :24] = picture[32:, 24:] = 250
    instance = model.instance(picture, target="bright", quickshift={"max_dist": 30.0})
    from PIL import Image

    with torch.inference_mode():
        logits = Corner()(transform(Image.fromarray(picture))[None])[0]
    assert instance.predict(np.ones((1, len(instance.names)), dtype=bool))[0] == pytest.approx(float(logits[1]))
    (found,) = gl.explain(instance).interactions
    labels: Any = instance.payload
    assert set(found.features) == {int(labels.labels[9, 9]), int(labels.labels[60, 40])}
    assert instance.identity is not None
    assert model.top(picture)[0][0] == "bright"
    with pytest.raises(gl.InvalidInput, match="give the transform"):
        gl.image(Corner())


def taught(network: nn.Module, transform: Any, *, steps: int, rate: float, is_trained: bool = False) -> None:
    """Teach a network of two classes that red at the top left and blue at the bottom right mean the second together."""
    from PIL import Image

    rng = np.random.default_rng(0)
    torch.manual_seed(0)
    optimizer = torch.optim.AdamW(network.parameters(), rate)
    network.train()
    if is_trained:  # too few pictures to estimate anew what its layers are normalised by
        for module in network.modules():
            module.train(not isinstance(module, nn.BatchNorm2d))
    for _ in range(steps):
        on = rng.random((24, 2)) < 0.6
        pictures = np.stack([_quartered(rng, *pair) for pair in on])
        inputs = torch.stack([transform(Image.fromarray(picture)) for picture in pictures])
        loss = nn.functional.cross_entropy(network(inputs), torch.from_numpy(on.all(1).astype(np.int64)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    network.eval()


def _quartered(rng: np.random.Generator, red: bool, blue: bool) -> np.ndarray:
    """Four flat quarters (40, 40, 3); where a corner is off, black, as the instance makes it."""
    picture = four_colours()
    green, yellow = rng.random(2) < 0.5
    for (top, left), on in (((0, 0), red), ((20, 20), blue), ((0, 20), green), ((20, 0), yellow)):
        if not on:
            picture[top : top + 20, left : left + 20] = 0
    return picture


def corners_found(model: Any) -> bool:
    """Whether the first set of the four colours is red at the top left with blue at the bottom right."""
    instance = model.instance(four_colours(), target="1", quickshift={"max_dist": 50.0})
    labels = instance.payload.labels
    first = gl.explain(instance).interactions[0]
    return set(first.features) == {int(labels[5, 5]), int(labels[35, 35])} and first.effect > 0


@pytest.mark.slow
def test_a_pair_that_a_model_of_timm_learned_is_found_through_its_own_transform() -> None:
    import timm
    from timm.data.config import resolve_data_config
    from timm.data.transforms_factory import create_transform

    network = timm.create_model("test_resnet.r160_in1k", pretrained=False, num_classes=2)
    transform: Any = create_transform(**resolve_data_config({}, model=network))
    taught(network, transform, steps=60, rate=2e-3)
    assert corners_found(gl.image(network, off_state="black"))


@pytest.mark.slow
def test_a_pair_that_torchvisions_mobilenet_learned_is_found(data: Path) -> None:
    from glider_core.domains.image.classifiers import load_classifier

    network, _, _, _ = load_classifier(
        "mobilenet_v2_tf", path=data / "weights" / "mobilenet_v2_tf_imagenet_fp16.safetensors"
    )
    network = network.float()
    network.classifier = nn.Linear(1280, 2)
    transforms = import_torchvision().transforms
    transform = transforms.Compose([
        transforms.Resize((96, 96)), transforms.ToTensor(), transforms.Normalize((0.5,) * 3, (0.5,) * 3)
    ])  # fmt: skip
    taught(network, transform, steps=40, rate=5e-4, is_trained=True)
    assert corners_found(gl.image(network, transform, off_state="black"))


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
