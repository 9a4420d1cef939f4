"""Negative controls: black boxes without interactions, or without anything learned; what is found in them is false."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.stats import chi2

from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.explain import explain_many
from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.inputs import inputs_of
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.settings import Settings

SIZES = (8, 12, 20, 40)
NETWORKS = ("sentiment/lstm", "sentiment/distilbert-small", "dna/cnn", "recommender/simulated", "image/small50",
            "graph/karate")  # fmt: skip
Answer = Callable[[NDArray[np.bool_]], Any]


def run(context: Context) -> dict[str, Any]:
    """How many interactions are kept per explanation, by control and by number of features or model."""
    made: dict[tuple[str, str], Callable[[], list[Instance]]] = {
        (name, f"{d} features"): partial(_instances, make, d, context["seeds"])
        for name, make in _ADDITIVE.items()
        for d in context["sizes"]
        # All masks of the fewest are asked, and noise that is fixed to a mask is part of the function there.
        if d > min(SIZES) or "noise" not in name or "new" in name
    }
    made |= {
        ("random weights", model_id): partial(_untrained, model_id, context["inputs"]) for model_id in context["models"]
    }
    made["shuffled labels", "a table of 12 fields"] = partial(_shuffled, context["inputs"])

    def row(control: str, of: str) -> dict[str, Any]:
        return _row(control, of, made[control, of](), context)

    measured = in_parts(
        {f"{control} {of}": partial(row, control, of) for control, of in made},
        experiment=f"negative controls {context['detector']}",
        header={"seeds": context["seeds"], "inputs": context["inputs"]},
        keep=context["keep"],
    )
    rows = list(measured.values())
    kept, explained = sum(row["kept"] for row in rows), sum(row["explanations"] for row in rows)
    return {
        "rows": rows,
        "kept": kept,
        "explanations": explained,
        "per explanation": round(kept / explained, 5),
        "detector": context["detector"],
        "versions": versions(),
    }


def _row(control: str, of: str, instances: list[Instance], context: Context) -> dict[str, Any]:
    explanations = explain_many(instances, Settings(detector=context["detector"]))
    kept = [len(explanation.interactions) for explanation in explanations]
    context.tell(f"{control}, {of}: {sum(kept)} kept in {len(kept)}")
    return {"control": control, "of": of, "explanations": len(kept), "kept": sum(kept), "most": max(kept)}


def _with_noise(level: float) -> Callable[[int, int], Answer]:
    def make(d: int, seed: int) -> Answer:
        main = np.random.default_rng([seed, d]).normal(size=d)
        key = [seed, d, round(1000 * level)]

        def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
            noise = [np.random.default_rng([*key, *row]).normal() for row in np.packbits(masks, axis=1).tolist()]
            return masks @ main + level * np.sqrt(d) / 2 * np.array(noise)

        return answer

    return make


def _fresh_noise(d: int, seed: int) -> Answer:
    rng = np.random.default_rng([seed, d])
    main = rng.normal(size=d)
    return lambda masks: masks @ main + 0.1 * np.sqrt(d) * rng.normal(size=len(masks))


def _in_precision(kind: str, level: float = 0.0) -> Callable[[int, int], Answer]:
    def make(d: int, seed: int) -> Answer:
        main = torch.as_tensor(np.random.default_rng([seed, d]).normal(size=d))
        dtype = getattr(torch, kind)
        return lambda masks: (torch.as_tensor(np.array(masks)).double() @ main + level).to(dtype)

    return make


_ADDITIVE: dict[str, Callable[[int, int], Answer]] = {
    "additive": _with_noise(0.0),
    "additive, noise 5 %": _with_noise(0.05),
    "additive, noise 10 %": _with_noise(0.1),
    "additive, noise 20 %": _with_noise(0.2),
    "additive, new noise at every answer": _fresh_noise,
    "additive in float16": _in_precision("float16"),
    "additive in bfloat16": _in_precision("bfloat16"),
    "additive in float32 beside a level of 100": _in_precision("float32", 100.0),
}


def _instances(make: Callable[[int, int], Answer], d: int, seeds: int) -> list[Instance]:
    return [FunctionInstance([f"x{i}" for i in range(d)], make(d, seed)) for seed in range(seeds)]


def _untrained(model_id: str, inputs: int) -> list[Instance]:
    """Instances of the shipped model's architecture with weights as they are before any training."""
    # A copy: others get the very model that is loaded, and it remembers what it said of its inputs.
    model: Any = copy.deepcopy(load_model(model_id))
    network = next(value for value in vars(model).values() if isinstance(value, torch.nn.Module))
    torch.manual_seed(0)
    for module in network.modules():
        reset: Any = getattr(module, "reset_parameters", None)
        if reset is not None:
            reset()
    return [_Answered(model.instance(raw)) for raw in inputs_of(model_id, inputs)]


class _Answered(Instance):
    """An instance of which nothing is known but its answers: its model is not the one that its name says."""

    def __init__(self, instance: Instance) -> None:
        super().__init__(instance.names, explained=instance.explained)
        self._instance = instance
        self.batch, self.stochastic, self.resolution = instance.batch, instance.stochastic, instance.resolution

    def predict(self, masks: Any, /) -> Any:
        return self._instance.predict(masks)

    def redrawn(self, draw: int, /) -> Instance:
        return self._instance.redrawn(draw)


def _shuffled(inputs: int) -> list[Instance]:
    """A recommender trained on Census's fields with its labels dealt out anew."""
    from sklearn.linear_model import LogisticRegression

    rng = np.random.default_rng(0)
    rows, labels = rng.integers(0, 4, size=(2000, 12)), rng.integers(0, 2, 2000)
    hot = np.eye(4)[rows].reshape(2000, -1)
    model = LogisticRegression(C=0.1).fit(hot, labels)

    def of(row: int) -> Instance:
        def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
            return model.decision_function((masks[:, :, None] * np.eye(4)[rows[row]][None]).reshape(len(masks), -1))

        return FunctionInstance([f"field {i}" for i in range(12)], answer)

    return [of(row) for row in range(inputs)]


def _report(results: Mapping[str, Result]) -> str:
    result = results["negative_controls"]
    rows = [(row["control"], row["of"], str(row["explanations"]), str(row["kept"])) for row in result["rows"]]
    return (
        f"Nothing in these black boxes is worth finding. {result['detector']} keeps {result['kept']} interactions in "
        f"{result['explanations']} explanations ({result['per explanation']:.4f} each). Models with random weights "
        "answer with values that hardly differ, which an explanation says instead of finding something in them.\n\n"
        f"{table(('control', 'of', 'explanations', 'interactions kept'), rows)}\n\n{written_by(results)}"
    )


_SURE = 0.95  # of the bound


def _most(kept: int, explanations: int) -> float:
    """How many false interactions an explanation may have at most, by what was counted: a Poisson bound."""
    return float(chi2.ppf(_SURE, 2 * (kept + 1)) / 2 / explanations)


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["negative_controls"]
    most = _most(result["kept"], result["explanations"])
    return [
        Beside(
            what="false interactions where there is nothing to find",
            paper="expected: none",
            ours=f"{result['kept']} in {result['explanations']} explanations; at most {most:.4f} each, 95 % sure",
            met=result["kept"] == 0,
        )
    ]


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    result = results["negative_controls"]
    counts: dict[str, list[int]] = {}
    for row in result["rows"]:
        total = counts.setdefault(row["control"], [0, 0])
        total[0] += row["kept"]
        total[1] += row["explanations"]
    counts["all together"] = [result["kept"], result["explanations"]]
    series = [
        Bars(name="found", values=[kept / n for kept, n in counts.values()]),
        Bars(name="may be at most, 95 % sure", values=[_most(kept, n) for kept, n in counts.values()]),
    ]
    title = "False interactions in an explanation, by control"
    names = [f"{name} ({n})" for name, (_, n) in counts.items()]
    return {title: bar_chart(names, series, title=title, value="false interactions per explanation")}


EXPERIMENT = Experiment(
    name="negative-controls",
    title="Negative controls: additive black boxes, random weights",
    claim="Where there is nothing to find, nothing is found.",
    run=run,
    options={
        "detector": Option(help="Detector.", kind=str, default="Grow", choices=("Grow", "NID")),
        "seeds": Option(help="Random functions of each kind and size.", default=20, least=1),
        "inputs": Option(help="Inputs of each model.", default=5, least=1),
        "sizes": Option(help="Numbers of features.", several=True, default=SIZES, least=2),
        "models": Option(help="Models whose weights are drawn anew.", kind=str, several=True, default=NETWORKS),
        "keep": KEEP,
    },
    quick={"seeds": 2, "inputs": 1},
    smoke={"seeds": 1, "sizes": (8,), "models": ("graph/karate",)},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
