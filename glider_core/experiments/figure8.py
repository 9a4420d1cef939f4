"""Figure 8: how many features do interactions join, over many sentences, probes, pictures and graph nodes?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from glider_core.domains import DOMAINS
from glider_core.drawings.plots import histogram
from glider_core.engine.asking import Questions
from glider_core.engine.beside import AS_PUBLISHED
from glider_core.engine.interaction_sets import Features, merge_overlaps
from glider_core.engine.looking import explain_stack
from glider_core.engine.plan import Plan
from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.detecting import by_features, detect
from glider_core.experiments.held_out import HELD_OUT, Inputs, available, models_of, stem_by_models
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.models import find_entry
from glider_core.provenance import versions
from glider_core.settings import Settings


@dataclass(frozen=True, slots=True)
class Size:
    """What is measured of a model at most."""

    instances: int = 1000  # as many as in the paper
    masks: int = 6000  # likewise


MODELS = {
    "sentiment/lstm": Size(),
    "image/small50": Size(masks=2000),
    "image/mobilenet_v2_tf": Size(),
    "dna/cnn": Size(instances=250),
    "graph/cora": Size(instances=250),
}
NID, GROW = "NID, as published", "Grow, as on the page"
RULES = (NID, GROW)
MERGED = ", overlaps merged"  # as the paper's pictures are drawn
_PART = 10  # instances of a part
_CONTEXTS = 2  # of effects, which nobody looks at here


def run(context: Context) -> dict[str, Any]:
    """Orders of all interactions kept, by model and rule."""
    data = context.data_folder()
    model_ids = list(context["models"] or available(tuple(MODELS), data))
    loaded: dict[str, Inputs] = {}

    def inputs(model_id: str) -> Inputs:
        if model_id not in loaded:
            loaded[model_id] = Inputs(model_id, data, context["device"])
        return loaded[model_id]

    def part(model_id: str, start: int, stop: int) -> dict[str, Any]:
        measured = _orders(inputs(model_id), model_id, start, stop, context["masks"])
        context.tell(f"{model_id} {start} to {stop}: " + ", ".join(f"{r} {_largest(measured[r])}" for r in RULES))
        return measured

    parts: dict[str, Callable[[], dict[str, Any]]] = {}
    names: dict[str, list[str]] = {}
    for model_id in model_ids:
        end = min(context["instances"], MODELS[model_id].instances, len(inputs(model_id)))
        names[model_id] = [f"{model_id} {start} to {min(start + _PART, end)}" for start in range(0, end, _PART)]
        for name, start in zip(names[model_id], range(0, end, _PART), strict=True):
            parts[name] = partial(part, model_id, start, min(start + _PART, end))
    measured = in_parts(parts, experiment="figure8", header={"masks": context["masks"]}, keep=context["keep"])
    models = {
        model_id: _summary(model_id, [measured[name] for name in own], context["masks"])
        for model_id, own in names.items()
    }
    return {
        "models": models,
        "data": "; ".join(f"{model['instances']} {model['inputs']}" for model in models.values()),
        "seconds": round(sum(model["seconds"] for model in models.values()), 1),
        "settings": {NID: {"detector": "NID", **AS_PUBLISHED}, GROW: {"detector": "Grow"}},
        "paper": paper.LARGEST_ORDERS,
        "versions": versions(),
    }


def _masks(model_id: str, asked_for: int) -> int:
    return min(asked_for, MODELS[model_id].masks)


def _orders(inputs: Inputs, model_id: str, start: int, stop: int, masks: int) -> dict[str, Any]:
    """Per instance the orders of the interactions that each rule keeps."""
    masks, begun = _masks(model_id, masks), time.perf_counter()
    stack = [Questions(instance) for instance in inputs.instances(start, stop)]
    detected = detect(stack, Settings.with_masks(masks, detector="NID", **AS_PUBLISHED))
    found = {NID: [detection.by_paper for detection in detected], GROW: _explained(stack, model_id, masks)}
    if model_id.startswith("image/"):
        found |= {f"{rule}{MERGED}": [merge_overlaps(sets) for sets in found[rule]] for rule in RULES}
    return {
        "d": [len(questions.instance.names) for questions in stack],
        **{rule: [sorted(map(len, sets)) for sets in own] for rule, own in found.items()},
        "seconds": round(time.perf_counter() - begun, 1),
    }


def _explained(stack: Sequence[Questions], model_id: str, masks: int) -> list[list[Features]]:
    """Interactions as the domain's page finds them, with no more masks than these."""
    usual = Settings(**DOMAINS[model_id.partition("/")[0]].settings)
    settings = usual if usual.n_masks <= masks else Settings.with_masks(masks)
    settings = settings.model_copy(update={"contexts": _CONTEXTS})
    found: dict[int, list[Features]] = {}
    for d, places in by_features(stack).items():
        own = [stack[place] for place in places]
        for place, explanation in explain_stack(own, Plan.draw(d, settings), settings, lambda stage, share: None):
            found[places[place]] = [interaction.features for interaction in explanation.interactions]
    return [found[place] for place in range(len(stack))]


def _largest(orders: Sequence[Sequence[int]]) -> str:
    return f"up to {max(map(max, filter(None, orders)), default=0)}"


def _summary(model_id: str, parts: Sequence[Mapping[str, Any]], masks: int) -> dict[str, Any]:
    entry = find_entry(model_id)
    features = [d for part in parts for d in part["d"]]
    rules = [rule for rule in parts[0] if rule not in ("d", "seconds")]
    return {
        "title": model_id if entry is None else entry.title,
        "inputs": HELD_OUT[model_id].what,
        "instances": len(features),
        "features": {"mean": round(float(np.mean(features)), 1), "most": max(features)},
        "masks": _masks(model_id, masks),
        "rules": {rule: _counted([orders for part in parts for orders in part[rule]]) for rule in rules},
        "seconds": round(sum(part["seconds"] for part in parts), 1),
    }


def _counted(instances: Sequence[Sequence[int]]) -> dict[str, Any]:
    counts = Counter(order for orders in instances for order in orders)
    return {
        "interactions by order": {str(order): counts[order] for order in sorted(counts)},
        "instances by largest order": {
            str(order): n for order, n in sorted(Counter(max(orders) for orders in instances if orders).items())
        },
        "with interactions": float(np.mean([bool(orders) for orders in instances])),
        "interactions of an instance": float(np.mean([len(orders) for orders in instances])),
    }


def _orders_of(counted: Mapping[str, Any]) -> list[int]:
    return [int(order) for order, n in counted["interactions by order"].items() for _ in range(n)]


def _report(results: Mapping[str, Result]) -> str:
    rows, of_all = [], models_of(results)
    for model_id, model in of_all.items():
        for rule, counted in model["rules"].items():
            orders = _orders_of(counted)
            rows.append(
                (
                    f"{model['title']} (`{model_id}`)",
                    rule,
                    share(counted["with interactions"]),
                    f"{counted['interactions of an instance']:.1f}",
                    *(share(float(np.mean([low <= order <= high for order in orders]))) if orders else "–"
                      for low, high in ((2, 2), (3, 3), (4, 5), (6, 10), (11, 10_000))),
                    max(orders, default="–"),
                )
            )  # fmt: skip
    head = ("model", "kept by", "instances with some", "each", "of 2", "of 3", "4 to 5", "6 to 10", "more", "largest")
    models = "; ".join(
        f"{model['title']}: {model['instances']} {model['inputs']}, {model['features']['mean']:.0f} features on "
        f"average, {model['masks']} masks"
        for model in of_all.values()
    )
    return (
        "How many features the kept interactions join, as shares of all of them. NID as published: trained at a "
        "constant rate, all masks alike, and of its ranking the sets at the top as long as a linear model's validation "
        "score rises, however little. Grow: what the page shows. For pictures also with sets merged that overlap by "
        f"half, as the paper draws them. {models}. The paper, with NID: pictures reach order "
        f"{paper.LARGEST_ORDERS['image']}, sentences about {paper.LARGEST_ORDERS['sentence']}.\n\n"
        f"{table(head, rows)}\n\n{written_by(results)}"
    )


_KINDS = {
    "sentiment/lstm": ("sentences", "sentence", "a model of this kind trained by us"),
    "image/mobilenet_v2_tf": ("images", "image", "MobileNetV2 in place of ResNet152, fewer photos"),
    "image/small50": ("images", "image", "a small model of 50 classes, on pictures of 64 x 64 pixels"),
}


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    entries = []
    for model_id, (what, kind, differs) in _KINDS.items():
        model = models_of(results).get(model_id)
        if model is None:
            continue
        told = []
        for rule, counted in model["rules"].items():
            orders = _orders_of(counted)
            told.append(f"{rule}: {max(orders)}, mostly {Counter(orders).most_common(1)[0][0]}" if orders else rule)
        theirs = paper.LARGEST_ORDERS[kind]
        entries.append(
            Beside(
                what=f"largest order over {model['instances']} {what}, {model['title']}",
                paper=f"about {theirs}" if kind == "sentence" else str(theirs),
                ours="; ".join(told),
                differs=differs,
            )
        )
    return entries


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    pictures = {}
    for model in models_of(results).values():
        orders = {rule: _orders_of(counted) for rule, counted in model["rules"].items()}
        most = max((order for own in orders.values() for order in own), default=2)
        for rule, own in orders.items():
            if own:
                title = (
                    f"{model['title']}, {model['instances']} {model['inputs']}: orders of interactions kept by {rule}"
                )
                drawn = histogram(
                    own,
                    title=title,
                    x="features that an interaction joins",
                    y="interactions",
                    bins=most - 1,
                    limits=(1.5, most + 0.5),
                    height=220,
                )
                pictures[title] = str(drawn)
    return pictures


EXPERIMENT = Experiment(
    name="figure8",
    title="How many features interactions join (Figure 8)",
    claim="Black boxes join many features at once: in pictures up to 24 superpixels, in sentences about 10 words.",
    run=run,
    options={
        "models": Option(
            help="Models' ids; by default those whose weights are here.", kind=str, several=True, choices=tuple(MODELS)
        ),
        "instances": Option(help="Inputs of each at most; of some models fewer.", default=1000, least=1),
        "masks": Option(help="Masks at most; of slow models fewer.", default=6000, least=200),
        "device": Option(help="Where pictures are classified.", kind=str, default="cpu", choices=("cpu", "cuda")),
        "keep": KEEP,
    },
    quick={"models": ("sentiment/lstm", "dna/cnn", "graph/cora"), "instances": 10, "masks": 1500},
    smoke={"models": ("dna/cnn",), "instances": 1, "masks": 300},
    stem=stem_by_models,
    paper=paper.LARGEST_ORDERS,
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
