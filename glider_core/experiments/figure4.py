"""Figure 4: photos, what their superpixels do one by one, and the first two sets that act together."""

from __future__ import annotations

import base64
import io
import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from glider_core.domains.base import Model
from glider_core.domains.image.payload import ImagePayload, png
from glider_core.domains.image.samples import SAMPLES
from glider_core.drawings import gallery
from glider_core.engine.explain import explain
from glider_core.errors import InvalidInput
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.figure6 import rounded, slim
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.models import load_model
from glider_core.numerals import signed
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.settings import Settings

# Models by id, with their weights in the folder of data where they do not ship. The photos are scikit-image's, free to
# be shown; those of ImageNet are not.
MODELS = {
    "image/small50": (None, "Small classifier, 50 classes"),
    "image/mobilenet_v2_tf": ("weights/mobilenet_v2_tf_imagenet_fp16.safetensors", "MobileNetV2, 1000 classes"),
}
PHOTOS = ("Coffee", "Rocket", "Cat", "Astronaut")
LONG_SIDE = 256  # pixels of a photo that is kept
_QUALITY = 82  # of its JPEG


def run(context: Context) -> dict[str, Any]:
    """Explain photos and keep what their pictures need.

    Raises:
        InvalidInput: the model's weights are missing.
        ModelUnavailable: they cannot be read.
    """
    settings, model_id = Settings.with_masks(context["masks"]), context["model"]

    def of(title: str) -> dict[str, Any]:
        started = time.perf_counter()
        instance = _model(model_id, context).instance(f"sample:{title}")
        explanation = explain(instance, settings)
        context.tell(f"{title}: {len(explanation.interactions)} interactions")
        return _kept(explanation) | {"seconds": round(time.perf_counter() - started, 1)}

    parts = in_parts(
        {f"{model_id} {title}": partial(of, title) for title in context["photos"]},
        experiment="figure4",
        header={"masks": context["masks"]},
        keep=context["keep"],
    )
    return {
        "model": model_id,
        "photos": dict(zip(context["photos"], parts.values(), strict=True)),
        "data": f"{len(parts)} photos that come with scikit-image",
        "settings": settings.model_dump(),
        "seconds": round(sum(part["seconds"] for part in parts.values()), 1),
        "versions": versions(),
    }


def _model(model_id: str, context: Context) -> Model:
    weights, _ = MODELS[model_id]
    if weights is None:
        return load_model(model_id)
    path: Path = context.data_folder() / weights
    if not path.is_file():
        raise InvalidInput(f"There is no {weights} in the data folder; it holds the weights of {model_id}.")
    return load_model(model_id, path=path)


def _kept(explanation: Explanation) -> dict[str, Any]:
    """What the picture of a photo needs, the photo itself and its superpixels made smaller."""
    from PIL import Image

    payload = explanation.payload
    assert isinstance(payload, ImagePayload)
    picture, labels = payload.picture, payload.labels
    height, width = labels.shape
    part = min(1.0, LONG_SIDE / max(height, width))
    size = round(width * part), round(height * part)
    file = io.BytesIO()
    Image.fromarray(picture).resize(size, Image.Resampling.LANCZOS).save(file, "JPEG", quality=_QUALITY)
    rows, columns = (np.linspace(0, n - 1, m).round().astype(int) for n, m in ((height, size[1]), (width, size[0])))
    small = labels[np.ix_(rows, columns)]
    return {
        "photo": base64.b64encode(file.getvalue()).decode(),
        "superpixels": base64.b64encode(png(np.where(small < 0, 65535, small).astype(np.uint16))).decode(),
        "explanation": rounded(slim(replace(explanation, payload=None))),
    }


def _explanations(result: Result) -> dict[str, Explanation]:
    return {title: Explanation.from_json(json.dumps(own["explanation"])) for title, own in result["photos"].items()}


def _heading(title: str, explanation: Explanation) -> str:
    return f"{title}: {explanation.explained}, {signed(explanation.prediction, 1)} logits"


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    from PIL import Image

    drawn = {}
    for result in results.values():
        rows = []
        for title, explanation in _explanations(result).items():
            own = result["photos"][title]
            with Image.open(io.BytesIO(base64.b64decode(own["superpixels"])), formats=("PNG",)) as opened:
                labels = np.asarray(opened, dtype=np.int64)
            rows.append(
                gallery.Photo(
                    heading=_heading(title, explanation),
                    jpeg=base64.b64decode(own["photo"]),
                    labels=np.where(labels == 65535, -1, labels),
                    explanation=explanation,
                )
            )
        caption = f"{MODELS[result['model']][1]}: superpixels one by one, and the first sets that act together"
        drawn[caption] = gallery.photos(rows, title=caption)
    return drawn


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    return [
        Beside(
            what=f"Photos with their main effects, I1 and I2: {MODELS[result['model']][1]}",
            paper="some, as pictures, of ResNet152",
            ours=f"{len(result['photos'])} pictures, interactions found in "
            f"{sum(bool(explanation.interactions) for explanation in _explanations(result).values())}",
            differs="Photos that may be shown; ResNet152's weights are not at hand",
        )
        for result in results.values()
    ]


def _report(results: Mapping[str, Result]) -> str:
    rows = [
        (
            MODELS[result["model"]][1],
            _heading(title, explanation),
            len(explanation.names),
            "; ".join(f"{' · '.join(i.names)} {signed(i.effect)}" for i in explanation.interactions[:2]) or "none",
            share(explanation.shares.alone),
            share(explanation.shares.together),
            explanation.verdict,
        )
        for result in results.values()
        for title, explanation in _explanations(result).items()
    ]
    head = ("model", "photo", "superpixels", "first two interactions, logits", "told one by one", "by interactions",
            "verdict")  # fmt: skip
    return (
        "Photos that come with scikit-image: the class that the model names, the first two sets of superpixels with "
        "their joint effects, and how much of what varies in the answers the superpixels tell one by one (LIME) and "
        f"the interactions beyond.\n\n{table(head, rows)}\n\n{written_by(results)}"
    )


EXPERIMENT = Experiment(
    name="figure4",
    title="Photos one by one and together (Figure 4)",
    claim="Parts of a photo act together in ways that their effects one by one do not show.",
    run=run,
    options={
        "model": Option(help="Model.", kind=str, default="image/small50", choices=tuple(MODELS)),
        "photos": Option(help="Photos.", kind=str, several=True, default=PHOTOS, choices=tuple(SAMPLES)),
        "masks": Option(help="Masks at most.", default=3000, least=100),
        "keep": KEEP,
    },
    quick={"photos": ("Coffee",), "masks": 1000},
    smoke={"masks": 100},
    stem=lambda name, options: name if options["model"] == "image/small50" else f"{name}_mobilenet",
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
