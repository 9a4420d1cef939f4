"""Table 5: how well additive models of a black box, with a small network per detected set, foretell its answers."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.asking import Questions
from glider_core.engine.beside import AS_PUBLISHED
from glider_core.engine.fidelity import RECIPE, AdditiveFit, Subject, fit_additive
from glider_core.engine.instance import Instance
from glider_core.engine.masks import split_masks
from glider_core.engine.plan import Plan
from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.detecting import detect
from glider_core.experiments.held_out import HELD_OUT, Inputs, available, models_of, stem_by_models
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.unseen import fresh_masks
from glider_core.models import find_entry
from glider_core.provenance import versions
from glider_core.settings import Settings

MODELS = ("dna/cnn", "sentiment/lstm", "image/mobilenet_v2_tf", "image/resnet152", "graph/cora")
NID, GROW = "NID, as published", "Grow"
DETECTORS: dict[str, dict[str, Any]] = {
    NID: {"detector": "NID", **AS_PUBLISHED},
    GROW: {"detector": "Grow", "kernel_width": None},  # the masks' weights are those that the error is measured with
}
_OWN_TEST = 20  # of the validation masks, on which NID's network is tested; nothing is chosen by that


def run(context: Context) -> dict[str, Any]:
    """Errors on fresh masks with the first k sets of each detector, by model; trials draw masks and weights anew."""
    data = context.data_folder()
    model_ids = list(context["models"] or available(MODELS, data))
    for model_id in sorted({*MODELS} - {*model_ids}) if not context["models"] else ():
        context.tell(f"{model_id} is left out: its weights are not here")

    def trial(model_id: str, number: int) -> dict[str, Any]:
        measured = _trial(Inputs(model_id, data, context["device"]), number, context)
        context.tell(f"{model_id}, trial {number}: " + ", ".join(_told(name, measured["fits"]) for name in DETECTORS))
        return measured

    names = {(m, number): f"{m} trial {number}" for number in range(context["trials"]) for m in model_ids}
    measured = in_parts(
        {name: partial(trial, *key) for key, name in names.items()},
        experiment="table5",
        header={option: context[option] for option in ("instances", "masks", "most")},
        keep=context["keep"],
    )
    by_model = {m: [measured[names[m, number]] for number in range(context["trials"])] for m in model_ids}
    models = {model_id: _summary(model_id, trials, context["most"]) for model_id, trials in by_model.items()}
    return {
        "models": models,
        "data": "; ".join(f"{model['instances']} {model['inputs']}" for model in models.values()),
        "seconds": round(sum(sum(model["seconds"].values()) for model in models.values()), 1),
        "trials": context["trials"],
        "masks": [context["masks"], *[context["masks"] // 10] * 2],
        "most": context["most"],
        "settings": DETECTORS,
        "networks": {"layers": list(RECIPE.hidden), "epochs of each set": RECIPE.epochs, "schedule": RECIPE.schedule},
        "paper": paper.TABLE5,
        "versions": versions(),
    }


def _told(name: str, fits: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    first, last = ([fit["test"][k] / fit["variance"] for fit in fits[name] if fit["variance"]] for k in (0, -1))
    return f"{name} R2 {1 - float(np.mean(first)):.3f} to {1 - float(np.mean(last)):.3f}" if first else name


def _trial(inputs: Inputs, number: int, context: Context) -> dict[str, Any]:
    """Of every instance errors by k and by detector, with masks and initial weights of this trial."""
    n_train, held_out, most = context["masks"], context["masks"] // 10, context["most"]
    begun = time.perf_counter()
    stack = [Questions(instance) for instance in islice(inputs.instances(), context["instances"])]
    split = {"n_train": n_train, "n_validation": held_out - _OWN_TEST, "n_test": _OWN_TEST, "seed": number}
    settings = {name: Settings(**split, grow_questions=False, **own) for name, own in DETECTORS.items()}
    masks, answers = [], []
    for questions in stack:
        d = len(questions.instance.names)
        # What detectors see, to train and to choose by; then what nobody sees.
        known = Plan.draw(d, settings[NID]).masks
        masks.append(np.concatenate([known, fresh_masks(d, held_out, seed=_FRESH + number)]))
        answers.append(questions(masks[-1]))
    seconds, begun = {"ask": time.perf_counter() - begun}, time.perf_counter()
    found = {name: detect(stack, own) for name, own in settings.items()}
    seconds["detect"], begun = time.perf_counter() - begun, time.perf_counter()
    fits = {}
    parts = split_masks(n_train, held_out, held_out)
    for name, own in found.items():
        sets = [detection.ranking[:most] for detection in own]
        subjects = [Subject(*each) for each in zip(masks, answers, sets, strict=True)]
        fitted = fit_additive(subjects, parts, most=most, seed=number)
        fits[name] = [_as_json(fit) for fit in fitted]
    seconds["fit"] = time.perf_counter() - begun
    return {
        "d": [len(questions.instance.names) for questions in stack],
        "fits": fits,
        "chance": [_chance(questions.instance, number) for questions in stack],
        "seconds": {stage: round(value, 1) for stage, value in seconds.items()},
    }


def _chance(instance: Instance, number: int, masks: int = 100, draws: int = 8) -> float:
    """Mean squared error that no model of masks can avoid: what is off is drawn at random, and so answers vary."""
    if not instance.stochastic:
        return 0.0
    asked = fresh_masks(len(instance.names), masks, seed=_FRESH - 1 - number)
    answers = [np.asarray(instance.redrawn(draw).predict(asked)) for draw in range(draws)]
    return float(np.var(answers, axis=0, ddof=1).mean())


_FRESH = 5_000_011  # seeds from here on are of no run


def _as_json(fit: AdditiveFit) -> dict[str, Any]:
    return {"test": list(fit.test), "variance": fit.variance, "orders": [len(features) for features in fit.sets]}


def _summary(model_id: str, trials: Sequence[Mapping[str, Any]], most: int) -> dict[str, Any]:
    entry = find_entry(model_id)
    return {
        "title": model_id if entry is None else entry.title,
        "inputs": HELD_OUT[model_id].what,
        "instances": len(trials[0]["d"]),
        "features": round(float(np.mean(trials[0]["d"])), 1),
        "mse of chance": float(np.mean([trial["chance"] for trial in trials])),
        "detectors": {name: _over_trials([trial["fits"][name] for trial in trials], most) for name in DETECTORS},
        "seconds": {
            stage: round(sum(trial["seconds"][stage] for trial in trials), 1) for stage in trials[0]["seconds"]
        },
    }


def _over_trials(trials: Sequence[Sequence[Mapping[str, Any]]], most: int) -> dict[str, Any]:
    """Means over instances and trials; an instance whose model ended before k counts with its last error."""
    errors = np.array([[_filled(fit["test"], most) for fit in trial] for trial in trials])  # (trials, instances, k)
    variance = np.array([[fit["variance"] for fit in trial] for trial in trials])[..., None]
    explained = 1.0 - np.divide(errors, variance, out=np.zeros_like(errors), where=variance > 0)
    by_trial = errors.mean(1)
    lengths = np.array([[len(fit["test"]) - 1 for fit in trial] for trial in trials])
    orders = [order for trial in trials for fit in trial for order in fit["orders"]]
    return {
        "mse": by_trial.mean(0).tolist(),
        "mse deviation over trials": [
            statistics.stdev(column) if len(trials) > 1 else None for column in by_trial.T.tolist()
        ],
        "r2": explained.mean((0, 1)).tolist(),
        "L": float(lengths.mean()),
        "at the limit of L": float((lengths == most).mean()),
        "with interactions": float((lengths > 0).mean()),
        "order": float(np.mean(orders)) if orders else None,
        "largest order": max(orders, default=None),
    }


def _filled(errors: Sequence[float], most: int) -> list[float]:
    return [*errors, *[errors[-1]] * (most + 1 - len(errors))]


def _number(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.2e}"


def _report(results: Mapping[str, Result]) -> str:
    result, of_all = next(iter(results.values())), models_of(results)
    rows = []
    for model_id, model in of_all.items():
        for name, values in model["detectors"].items():
            mse, deviation, r2 = values["mse"], values["mse deviation over trials"], values["r2"]
            rows.append(
                (
                    f"{model['title']} (`{model_id}`)",
                    name,
                    *(
                        _number(mse[k]) + ("" if deviation[k] is None else f" ± {_number(deviation[k])}")
                        for k in (0, 1, -1)
                    ),
                    *(f"{r2[k]:.3f}" for k in (0, 1, -1)),
                    f"{values['L']:.1f}",
                    share(values["with interactions"]),
                    "–" if values["order"] is None else f"{values['order']:.1f}",
                )
            )
    head = (
        "model",
        "sets of",
        "MSE, k = 0",
        "k = 1",
        "k = L",
        "R2, k = 0",
        "k = 1",
        "k = L",
        "L",
        "with interactions",
        "order",
    )
    models = "; ".join(
        f"{model['title']}: {model['instances']} {model['inputs']} of {model['features']:.0f} features on average, "
        f"{model['trials']} trial{'s' * (model['trials'] > 1)}"
        for model in of_all.values()
    )
    chance = "".join(
        f"For {model['title']} what is off is drawn at random: an error of {_number(model['mse of chance'])} is "
        "chance, which no model of masks foretells. "
        for model in of_all.values()
        if model.get("mse of chance")
    )
    n_train, n_validation, n_test = result["masks"]
    return (
        f"Test mean squared error of additive models: a linear model, then one 64-32-16 network for each set, as long "
        f"as validation improves (at most {result['most']}). {n_train} "
        f"masks train, {n_validation} validate, {n_test} test; masks, detection and networks anew in each trial, ± is "
        "the deviation over them. "
        f"{models}.\n\n"
        "A mean squared error is in squares of the answers' unit, so that errors of models whose logits lie on other "
        "scales cannot be compared: the paper's GCN has 7.1e3 where its LSTM has 0.08. R2 beside it is the share of "
        f"the variance on the test masks. {chance}Sets are taken from each detector's ranking in its order; of Grow's, "
        "an explanation shows those that matter more.\n\n"
        f"{table(head, rows)}\n\n{written_by(results)}"
    )


_PAPERS = {
    "dna/cnn": "DNA-CNN",
    "sentiment/lstm": "Sentiment-LSTM",
    "image/mobilenet_v2_tf": "ResNet152",
    "image/resnet152": "ResNet152",
    "graph/cora": "GCN",
}


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    models = models_of(results)
    entries = []
    for model_id, theirs in _PAPERS.items():
        if model_id not in models:
            continue
        model, numbers = models[model_id], paper.TABLE5[theirs]
        stands_in = model_id == "image/mobilenet_v2_tf"
        other = f"{model['title']} on other pictures" if stands_in else "a model of this kind trained by us"
        scale = f"{other}, so that logits lie on another scale; R2 beside tells what is explained"
        for k, column in (("0", 0), ("1", 1), ("L", -1)):
            ours = [
                f"{name}: {_number(own['mse'][column])} (R2 {own['r2'][column]:.3f})"
                for name, own in model["detectors"].items()
            ]
            what = f"{theirs}, k = {k}: test MSE"
            entries.append(Beside(what=what, paper=f"{numbers[k]:g}", ours="; ".join(ours), differs=scale))
        left = {name: own["mse"][-1] / own["mse"][0] for name, own in model["detectors"].items() if own["mse"][0]}
        if chance := model.get("mse of chance"):
            other += f"; of the error {_number(chance)} is chance, which no model of masks foretells"
        entries.append(
            Beside(
                what=f"{theirs}: share of the linear model's error left at k = L",
                paper=share(numbers["L"] / numbers["0"]),
                ours="; ".join(f"{name}: {share(value)}" for name, value in left.items()) or "a linear model has none",
                differs=other,
                met=min(left.values(), default=0.0) <= numbers["L"] / numbers["0"],
            )
        )
    shares = {
        name: statistics.fmean(model["detectors"][name]["with interactions"] for model in models.values())
        for name in DETECTORS
    }
    entries.append(
        Beside(
            what="instances with interactions",
            paper=f"at least {share(paper.WITH_INTERACTIONS)}",
            ours="; ".join(f"{name}: {share(value)}" for name, value in shares.items()),
            differs="here a set counts only when the validation error falls by 2.5 standard errors; Figure 8 has the "
            "paper's own rule",
            met=max(shares.values()) >= paper.WITH_INTERACTIONS,
        )
    )
    return entries


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    pictures = {}
    for model in models_of(results).values():
        lines = [Line(name=name, x=range(len(own["r2"])), y=own["r2"]) for name, own in model["detectors"].items()]
        title = f"{model['title']}: what the first k sets' networks add"
        pictures[title] = str(line_chart(lines, title=title, x="sets k", y="R2 on unseen masks"))
    return pictures


EXPERIMENT = Experiment(
    name="table5",
    title="Additive models of the black box with a network per interaction (Table 5)",
    claim="A linear model misses much of a black box that a network for each detected interaction accounts for.",
    run=run,
    options={
        "models": Option(
            help="Models' ids; by default those whose weights are here.", kind=str, several=True, choices=MODELS
        ),
        "instances": Option(help="Inputs of each, drawn at random.", default=40, least=1),
        "trials": Option(help="Times that all is done with new masks.", default=5, least=1),
        "masks": Option(help="Masks to train on; a tenth of them validates, as many test.", default=5000, least=500),
        "most": Option(help="Sets at most.", default=10, least=1),
        "device": Option(help="Where pictures are classified.", kind=str, default="cpu", choices=("cpu", "cuda")),
        "keep": KEEP,
    },
    quick={
        "models": ("dna/cnn", "sentiment/lstm", "graph/cora"),
        "instances": 4,
        "trials": 1,
        "masks": 2000,
        "most": 4,
    },
    smoke={"models": ("dna/cnn",), "instances": 1, "masks": 500, "most": 1},
    stem=stem_by_models,
    paper=paper.TABLE5,
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
