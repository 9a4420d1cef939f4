"""A saved explanation is drawn again in a process without models, torch and Streamlit: the same bytes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import glider_core as gl
from glider_core.domains import DOMAINS, domain_of
from glider_core.drawings import draw, drawing_of

SHIPPED = [info.id for info in gl.list_models() if info.tier == "shipped"]
FROM_DATA = ["graph/cora"]
CHOSEN = (None, 0)
# Draws each file of a folder; the answer is the pictures by file, view and chosen interaction.
REDRAW = """
import json, sys
from pathlib import Path

class Refused:
    def find_spec(self, name, path=None, target=None):
        if name in ("torch", "safetensors", "transformers", "streamlit"):
            raise ImportError(f"{name} is not here")

sys.meta_path.insert(0, Refused())
import glider_core.shipped
glider_core.shipped.ASSETS = Path("/nowhere")

import glider_core as gl
from glider_core.drawings import draw, drawing_of

pictures = {}
for path in Path(sys.argv[1]).glob("*.json"):
    explanation = gl.Explanation.from_json(path.read_bytes())
    for view in drawing_of(explanation).views:
        for chosen in (None, 0):
            pictures[f"{path.stem} {view} {chosen}"] = draw(explanation, chosen, view=view)
print(json.dumps(pictures))
"""


def explained(model_id: str) -> gl.Explanation:
    raw = next(iter(domain_of(model_id).examples(model_id).values()), 0)
    return gl.explain(gl.load_model(model_id).instance(raw), gl.Settings.with_masks(600))


def redrawn(folder: Path) -> dict[str, str]:
    environment = os.environ | {"PYTHONHASHSEED": "1"}
    done = subprocess.run(
        [sys.executable, "-c", REDRAW, str(folder)], capture_output=True, text=True, env=environment, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


def drawn(explanations: dict[str, gl.Explanation]) -> dict[str, str]:
    return {
        f"{name} {view} {chosen}": draw(explanation, chosen, view=view)
        for name, explanation in explanations.items()
        for view in drawing_of(explanation).views
        for chosen in CHOSEN
    }


def save(explanations: dict[str, gl.Explanation], folder: Path) -> None:
    for name, explanation in explanations.items():
        (folder / f"{name}.json").write_text(explanation.to_json(), encoding="utf-8")


@pytest.mark.slow
def test_every_shipped_model_is_drawn_again_from_its_json_byte_for_byte(tmp_path: Path) -> None:
    explanations = {model_id.replace("/", "-"): explained(model_id) for model_id in SHIPPED}
    assert {explanation.domain for explanation in explanations.values()} == set(DOMAINS)
    save(explanations, tmp_path)
    pictures = redrawn(tmp_path)
    assert pictures == drawn(explanations)
    assert all("<svg" in picture for picture in pictures.values())


@pytest.mark.parametrize("model_id", FROM_DATA)
def test_a_model_on_fetched_data_is_drawn_again_from_its_json(model_id: str, data: Path, tmp_path: Path) -> None:
    explanations = {"fetched": explained(model_id)}
    save(explanations, tmp_path)
    assert redrawn(tmp_path) == drawn(explanations)
