"""Table 5 and Figure 8: what they sum up, and that results of some models lie beside each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from glider_core.engine.asking import Questions
from glider_core.engine.planted import planted_instance
from glider_core.experiments import EXPERIMENTS, figure8, held_out, table5
from glider_core.experiments.detecting import detect
from glider_core.settings import Settings


class Planted:
    """Stands in for held-out inputs: a black box of three planted sets, and an additive one."""

    def __init__(self, model_id: str, data: Path, device: str) -> None:
        self.drawn = [planted_instance(12, 3)[0], planted_instance(12, 4, orders=())[0]]

    def __len__(self) -> int:
        return len(self.drawn)

    def instances(self, start: int = 0, stop: int | None = None) -> Any:
        return iter(self.drawn[start:stop])


def measured(name: str, tmp_path: Path, **options: Any) -> dict[str, Any]:
    experiment = EXPERIMENTS[name]
    return experiment.run(experiment.context(data=tmp_path, models=("sentiment/lstm",), **options))["models"]


def test_errors_fall_set_by_set_and_not_for_an_additive_black_box(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(table5, "Inputs", Planted)
    found = measured("table5", tmp_path, instances=2, trials=1, masks=600, most=4)["sentiment/lstm"]
    grow = found["detectors"][table5.GROW]
    assert found["instances"] == 2
    assert grow["L"] == pytest.approx(1.5)  # three sets in the first, none in the second
    assert grow["with interactions"] == 0.5
    assert grow["order"] == pytest.approx(7 / 3)
    assert all(np.diff(grow["mse"])[:3] < 0)
    assert grow["mse"][4] == grow["mse"][3]  # what has ended counts with its last error
    assert grow["r2"][3] > 0.99 > grow["r2"][0]


def test_orders_are_counted_by_rule(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(figure8, "Inputs", Planted)
    found = measured("figure8", tmp_path, masks=1200)["sentiment/lstm"]
    assert found["rules"][figure8.GROW]["interactions by order"] == {"2": 2, "3": 1}
    assert found["rules"][figure8.GROW]["with interactions"] == 0.5
    assert found["rules"][figure8.GROW]["instances by largest order"] == {"3": 1}


def test_the_papers_rule_keeps_the_beginning_of_the_ranking() -> None:
    instance, planted = planted_instance(12, 3)
    (found,) = detect([Questions(instance)], Settings.with_masks(1200, detector="NID"))
    assert found.by_paper == found.ranking[: len(found.by_paper)]
    assert set(found.by_paper[:2]) <= set(planted)


def test_results_of_some_models_lie_beside_each_other() -> None:
    experiment = EXPERIMENTS["figure8"]
    assert experiment.stem("figure8", {"models": None}) == "figure8"
    assert experiment.stem("figure8", {"models": ("dna/cnn", "graph/cora")}) == "figure8_cnn_cora"
    parts: dict[str, dict[str, Any]] = {
        "table5_cora": {"models": {"graph/cora": {"d": 1}}, "trials": 5},
        "table5_cnn": {"models": {"dna/cnn": {"d": 2}}, "trials": 3},
    }
    assert list(held_out.models_of(parts).items()) == [
        ("dna/cnn", {"d": 2, "trials": 3}),
        ("graph/cora", {"d": 1, "trials": 5}),
    ]


def test_inputs_are_drawn_alike_in_every_run(data: Path) -> None:
    first, again = (held_out.Inputs("dna/cnn", data) for _ in range(2))
    names = [instance.names for instance in first.instances(3, 5)]
    assert names == [instance.names for instance in again.instances(3, 5)]
    assert names[0] != names[1]
