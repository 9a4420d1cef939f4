import io
import os
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

import glider_core as gl
from glider_core.compat import import_torchvision
from glider_core.domains.image.classifiers import input_of, local_file
from glider_core.domains.image.framing import Input
from glider_core.domains.image.model import ImageModel
from glider_core.domains.image.picture import LONG_SIDE, SAMPLES, read_picture, sample
from glider_core.domains.image.superpixels import GRAINS, Quickshift, means, outlines, segment

DATA = os.environ.get("GLIDER_DATA")


@pytest.fixture(scope="module")
def small() -> ImageModel:
    found = gl.load_model("image/small50")
    assert isinstance(found, ImageModel)
    return found


def _file(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def _quarters() -> np.ndarray:
    """Four flat colours, which quickshift cannot miss."""
    picture = np.zeros((64, 96, 3), dtype=np.uint8)
    picture[:32, :48], picture[:32, 48:] = (200, 30, 30), (30, 200, 30)
    picture[32:, :48], picture[32:, 48:] = (30, 30, 200), (220, 220, 40)
    return picture


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_pictures_are_read(kind: str) -> None:
    picture = read_picture(_file(Image.new("RGB", (800, 400), (10, 200, 30)), kind))
    assert picture.shape == (LONG_SIDE // 2, LONG_SIDE, 3)
    assert np.abs(picture[5, 5].astype(int) - (10, 200, 30)).max() < 6


def test_photos_are_turned_upright_and_transparency_becomes_white() -> None:
    turned = Image.new("RGB", (60, 40), "red")
    exif = turned.getexif()
    exif[0x0112] = 6  # to be turned by a quarter
    assert read_picture(_file(turned, "JPEG", exif=exif)).shape == (60, 40, 3)
    half = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    half.paste((200, 0, 0, 255), (0, 0, 20, 40))
    read = read_picture(_file(half))
    assert (read[:, 25:] == 255).all()
    assert (read[:, :15] == (200, 0, 0)).all()


def _bomb() -> bytes:
    """A PNG of a few bytes that claims 30000 x 30000 pixels."""
    header = struct.pack(">IIBBBBB", 30000, 30000, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"0")) + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no PNG, JPEG or WebP"),
        (b"<svg onload=alert(1)>", "an SVG drawing"),
        (b"just a text", "no PNG, JPEG or WebP"),
        (_file(Image.effect_noise((300, 300), 50).convert("RGB"))[:5000], "damaged or cut off"),
        (b"\xff" * 10_000_001, "10.0 MB"),
        (_bomb(), "30000 x 30000|more pixels"),
        (_file(Image.new("RGB", (400, 8))), "each side needs 16"),
    ],
)
def test_hostile_pictures_are_refused(content: bytes, message: str) -> None:
    with pytest.raises(gl.InvalidInput, match=message):
        read_picture(content)


def test_superpixels_cover_the_picture_and_are_bounded() -> None:
    picture = _quarters()
    labels = segment(picture)
    assert sorted(np.unique(labels)) == [0, 1, 2, 3]
    assert (means(picture, labels) == picture).all()
    curves = outlines(labels)
    assert len(curves) == 4
    assert curves[0][0].max() <= 49
    with pytest.raises(gl.InvalidInput, match="have one colour"):
        segment(np.zeros((32, 32, 3), dtype=np.uint8) + 7, Quickshift(max_dist=500))
    with pytest.raises(gl.InvalidInput, match="1 superpixel"):
        segment(np.arange(32, dtype=np.uint8)[:, None, None].repeat(32, 1).repeat(3, 2), Quickshift(max_dist=500))
    noise = np.random.default_rng(0).integers(0, 255, (128, 128, 3)).astype(np.uint8)
    with pytest.raises(gl.InvalidInput, match="superpixels; 2 to 300"):
        segment(noise, Quickshift(kernel_size=1, max_dist=2))
    with pytest.raises(gl.InvalidInput, match="kernel size is 99"):
        segment(picture, Quickshift(kernel_size=99))


def test_all_samples_fall_into_a_good_number_of_superpixels() -> None:
    for name in SAMPLES:
        assert 40 <= segment(read_picture(sample(name))).max() + 1 <= 110


def test_fine_superpixels_are_more_than_usual_and_coarse_ones_fewer() -> None:
    picture = read_picture(sample("Coffee"))
    counts = {title: segment(picture, settings).max() + 1 for title, settings in GRAINS.items()}
    assert counts["coarse"] < 0.7 * counts["as usual"] < 0.7 * counts["fine"] / 1.4


def test_masked_inputs_are_exact(small: ImageModel) -> None:
    instance = small.instance(_quarters())
    masks = torch.tensor([[True] * 4, [False] * 4, [True, False, True, True]])
    inputs = instance.inputs(masks)
    # Flat superpixels have their own mean colour: switching them off changes nothing.
    assert torch.allclose(inputs[0], inputs[1], atol=0.2)
    photo = small.instance(sample("Cat"))
    d = len(photo.names)
    on, off = photo.inputs(torch.ones(1, d, dtype=torch.bool)), photo.inputs(torch.zeros(1, d, dtype=torch.bool))
    assert on.is_contiguous(memory_format=torch.channels_last)
    one = torch.ones(1, d, dtype=torch.bool)
    one[0, 5] = False
    labels = photo.payload.labels  # type: ignore[union-attr, attr-defined]
    place = torch.from_numpy(small._input.place(labels)) == 5
    mixed = photo.inputs(one)
    assert torch.equal(mixed[0][:, place], off[0][:, place])
    assert torch.allclose(mixed[0][:, ~place], on[0][:, ~place], atol=1e-6)


def test_answers_do_not_depend_on_the_batch(small: ImageModel) -> None:
    instance = small.instance(sample("Coffee"))
    masks = np.random.default_rng(0).random((60, len(instance.names))) < 0.7
    assert instance.predict(masks)[:3] == pytest.approx(instance.predict(masks[:3]), abs=1e-4)


class _TwoVisible(torch.nn.Module):
    """A black box that is the product of how much is seen of two superpixels."""

    def __init__(self, instance, small: ImageModel, pair: tuple[int, int]) -> None:
        super().__init__()
        d = len(instance.names)
        self.on = instance.inputs(torch.ones(1, d, dtype=torch.bool))[0]
        labels = torch.from_numpy(small._input.place(instance.payload.labels))
        self.places = [labels == i for i in pair]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        seen = [((x[:, :, place] - self.on[:, place]).abs().amax(dim=(1, 2)) < 1e-4).float() for place in self.places]
        return (5 * seen[0] * seen[1])[:, None]


@pytest.mark.parametrize(
    "device",
    ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU"))],
)
def test_a_model_on_another_device_answers_alike(small: ImageModel, device: str) -> None:
    moved, picture = small.to(device), "sample:Rocket"
    assert moved.identity == small.identity
    there, here = moved.instance(picture), small.instance(picture)
    masks = np.random.default_rng(0).random((7, len(here.names))) < 0.5
    assert there.explained == here.explained
    assert there.predict(masks) == pytest.approx(here.predict(masks), abs=0.02)  # GPUs convolve in tf32


def test_a_product_of_two_superpixels_is_explained_by_exactly_those_two(small: ImageModel) -> None:
    instance = small.instance(sample("Cat"))
    pair = (10, 37)
    instance._network, instance._target = _TwoVisible(instance, small, pair), 0
    explanation = gl.explain(instance, gl.Settings(detector="NID", n_train=2000, n_validation=200, n_test=200))
    assert explanation.interactions[0].features == pair
    assert len(explanation.interactions) == 1
    assert explanation.interactions[0].effect == pytest.approx(5, abs=0.01)


def test_the_explained_class_can_be_any_of_the_top_five(small: ImageModel) -> None:
    picture = read_picture(sample("Cat"))
    top = small.top(picture)
    assert top[0][0] == "tabby"
    assert [small.instance(picture, target=rank).explained for rank in range(5)] == [name for name, _ in top]
    assert small.instance(picture, target="pizza").explained == "pizza"
    for wrong in (5, -1, "dragon"):
        with pytest.raises(gl.InvalidInput):
            small.instance(picture, target=wrong)
    with pytest.raises(gl.InvalidInput, match="off state"):
        small.instance(picture, off_state="black")  # type: ignore[arg-type]


def test_blur_differs_from_mean_colour(small: ImageModel) -> None:
    off = np.zeros((1, len(small.instance(sample("Cat")).names)), dtype=bool)
    instances = [small.instance(sample("Cat"), off_state="mean"), small.instance(sample("Cat"), off_state="blur")]
    mean, blur = (instance.inputs(torch.from_numpy(off)) for instance in instances)
    # Over a superpixel the mean colour is flat; the blurred picture is not, and is the smoother across its border.
    labels = small._input.place(instances[0].payload.labels)  # type: ignore[union-attr, attr-defined]
    largest = torch.from_numpy(labels == np.bincount(labels.ravel()).argmax())

    def spread(picture: torch.Tensor) -> float:
        return picture[0][:, largest].std(dim=1).mean().item()

    def steps(picture: torch.Tensor) -> float:
        return picture[0].diff(dim=1).abs().amax().item()

    assert spread(mean) < spread(blur)
    assert steps(blur) < steps(mean)


def test_resnet152_loads_from_a_local_file_and_bad_files_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(0)
    network = import_torchvision().models.resnet152(weights=None)
    path = tmp_path / "resnet152-mine.pth"
    torch.save(network.state_dict(), path)
    model = gl.load_model("image/resnet152", path=path)
    assert isinstance(model, ImageModel)
    assert len(model.classes) == 1000
    # Under the published name the published hash is expected.
    (tmp_path / "resnet152-f82ba261.pth").write_bytes(path.read_bytes())
    with pytest.raises(gl.ModelUnavailable, match="damaged, truncated or another file"):
        gl.load_model("image/resnet152", path=tmp_path / "resnet152-f82ba261.pth")
    cut = tmp_path / "cut.pth"
    cut.write_bytes(path.read_bytes()[:100_000])
    with pytest.raises(gl.ModelUnavailable, match="damaged, truncated"):
        gl.load_model("image/resnet152", path=cut)
    with pytest.raises(gl.ModelUnavailable, match="another model's"):
        gl.load_model("image/resnet18", path=path)


@pytest.mark.parametrize(
    "name", ["resnet152", "mobilenet_v2", "vit_b_16", "efficientnet_b0", "maxvit_t", "regnet_y_16gf"]
)
@pytest.mark.parametrize("shape", [(300, 451), (384, 256), (224, 224)])
def test_inputs_are_those_of_torchvisions_own_transforms(name: str, shape: tuple[int, int]) -> None:
    """What the network reads, not what it answers: random weights answer with one class, whatever they see."""
    rows, columns = np.mgrid[: shape[0], : shape[1]]
    picture = np.stack([rows * 255 // shape[0], columns * 255 // shape[1], (rows + columns) % 256], axis=2)
    picture = picture.astype(np.uint8)
    transforms = import_torchvision().models.get_model_weights(name).DEFAULT.transforms()
    expected = transforms(Image.fromarray(picture))
    prepared = input_of(name).prepare(picture)
    assert prepared.shape == expected.shape
    # In steps of a byte: torchvision rounds to whole bytes after resizing.
    difference = (prepared - expected).abs() * torch.tensor(transforms.std).view(3, 1, 1) * 255
    assert difference.mean() < 0.6
    assert difference[:2].max() < 3


def test_interpolation_is_the_networks_own() -> None:
    assert {input_of(name).interpolation for name in ("efficientnet_b0", "maxvit_t", "swin_t")} == {"bicubic"}
    assert {input_of(name).interpolation for name in ("resnet152", "mobilenet_v2")} == {"bilinear"}


@pytest.mark.parametrize("shape", [(300, 451), (451, 300), (64, 384), (224, 224), (97, 384)])
@pytest.mark.parametrize(("resize", "crop"), [(232, 224), (256, 224), (224, 224), (None, 64)])
def test_every_superpixel_is_seen_and_all_that_is_seen_is_in_one(
    small: ImageModel, shape: tuple[int, int], resize: int | None, crop: int
) -> None:
    seen = Input(resize, crop, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
    model = ImageModel("image/test", "A test", small._network, small.classes, seen, "weights", bfloat16=False)
    rng = np.random.default_rng(0)
    blocks = rng.integers(0, 255, (-(-shape[0] // 24), -(-shape[1] // 24), 3)).astype(np.uint8)
    picture = blocks.repeat(24, axis=0).repeat(24, axis=1)[: shape[0], : shape[1]]
    labels, input_labels = model._superpixels(picture, None)
    assert sorted(np.unique(input_labels)) == list(range(labels.max() + 1))
    left, top, right, bottom = seen.frame(picture.shape)
    outside = np.ones(shape, dtype=bool)
    outside[top:bottom, left:right] = False
    assert (labels[outside] == -1).all()
    instance = model.instance(picture)
    assert instance.payload.labels.tolist() == labels.tolist()  # type: ignore[union-attr, attr-defined]


def test_pixels_in_no_superpixel_stay_as_they_are() -> None:
    picture, labels = _quarters(), segment(_quarters()).copy()
    labels[:, :10] = -1
    averaged = means(picture, labels)
    assert (averaged[:, :10] == picture[:, :10]).all()
    assert (averaged == picture).all()  # flat parts are their own mean


def test_a_pickle_that_runs_code_is_refused(tmp_path: Path) -> None:
    class Evil:
        def __reduce__(self):
            return os.system, ("touch /tmp/glider-was-here",)

    torch.save({"conv1.weight": Evil()}, tmp_path / "evil.pth")
    with pytest.raises(gl.ModelUnavailable, match="not plain weights"):
        gl.load_model("image/resnet18", path=tmp_path / "evil.pth")


def test_offline_the_message_names_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_CACHE", str(tmp_path))
    monkeypatch.delenv("GLIDER_WEIGHTS", raising=False)
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(gl.ModelUnavailable, match=r"resnet152-f82ba261.pth could not be downloaded.*local path"):
        gl.load_model("image/resnet152")
    listed = {info.id: info for info in gl.list_models()}
    assert not listed["image/resnet152"].available
    assert "GLIDER_WEIGHTS" in listed["image/resnet152"].detail
    assert listed["image/small50"].available


def test_any_torchvision_classifier_is_known_by_its_name(tmp_path: Path) -> None:
    network = import_torchvision().models.shufflenet_v2_x0_5(weights=None)
    save_file({k: v.contiguous() for k, v in network.state_dict().items()}, tmp_path / "w.safetensors")
    model = gl.load_model("image/shufflenet_v2_x0_5", path=tmp_path / "w.safetensors")
    assert len(model.classes) == 1000  # type: ignore[attr-defined]
    with pytest.raises(gl.ModelUnavailable, match="no model 'image/fasterrcnn"):
        gl.load_model("image/fasterrcnn_resnet50_fpn")


@pytest.mark.skipif(not DATA, reason="GLIDER_DATA is not set")
@pytest.mark.parametrize(("name", "least"), [("mobilenet_v2_tf", 42), ("squeezenet1_0", 30)])
def test_real_weights_name_real_photos(name: str, least: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GLIDER_WEIGHTS", str(Path(DATA or "") / "weights"))
    assert local_file("mobilenet_v2") is None  # TensorFlow's file is not torchvision's
    model = gl.load_model(f"image/{name}")
    assert isinstance(model, ImageModel)
    photos = sorted((Path(DATA or "") / "images" / "photos").glob("*.jpg"))

    def words(name: str) -> set[str]:
        return set(name.lower().replace("_", " ").replace("-", " ").replace("'", "").split())

    right = sum(bool(words(model.top(read_picture(p.read_bytes()))[0][0]) & words(p.stem)) for p in photos)
    assert right >= least


def test_a_class_against_another_is_the_difference_of_their_logits() -> None:
    model = gl.load_model("image/small50")
    one = model.instance("sample:Coffee")
    other = next(name for name in model.classes if name != one.explained)  # type: ignore[attr-defined]
    masks = np.random.default_rng(0).random((3, len(one.names))) > 0.5
    apart = model.instance("sample:Coffee", against=other)
    expected = one.predict(masks) - model.instance("sample:Coffee", target=other).predict(masks)
    assert np.allclose(apart.predict(masks), expected, atol=1e-4)
    assert apart.explained == f"{one.explained} against {other}"
    assert apart.identity != one.identity
    for refused in ("no such class", one.explained):
        with pytest.raises(gl.InvalidInput, match=r"no class|against itself"):
            model.instance("sample:Coffee", against=refused)
