"""Table 8: the two strongest word pairs of the LSTM and of DistilBERT on the same sentences, side by side."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from math import comb
from typing import Any

import numpy as np

from glider_core.drawings import plots
from glider_core.engine.asking import Questions
from glider_core.engine.effects import effects
from glider_core.engine.explain import explain
from glider_core.engine.instance import Instance
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.treebank import Sentence, sentences, tokens_of
from glider_core.models import load_model
from glider_core.numerals import signed
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.settings import Settings

MODELS = {"sentiment/lstm": "LSTM", "sentiment/distilbert-small": "small DistilBERT"}
# Of SST's test set by their lines, chosen by reading before any was run: short ones that turn on a word or two.
CHOSEN = (142, 328, 371, 831, 860, 894, 1122, 1143, 1164, 2111)
RUNS: dict[str, dict[str, Any]] = {
    "GradientNID": {"detector": "GradientNID", "kernel_width": None},  # as the paper: all masks weigh alike
    "Grow": {"max_order": 2},
}
TOP = 2
SHORTEST, LONGEST = 5, 40  # words and marks of a sentence that is drawn
CHUNK = 5  # sentences of a part
_SHOWN = 5  # drawn sentences in the report
_SEED = 8
_DRAWS = 2000  # of the bootstrap
Pairs = Sequence[Mapping[str, Any]]


def run(context: Context) -> dict[str, Any]:
    """Explain the sentences with both models, twice by other masks, and count the pairs that they have in common.

    Raises:
        InvalidInput: the treebank is missing.
    """
    chosen, drawn = _sentences(context)
    texts = [*chosen, *drawn]
    chunks = [texts[start : start + CHUNK] for start in range(0, len(texts), CHUNK)]

    def of_chunk(model_id: str, detector: str, seed: int, number: int) -> dict[str, Any]:
        started = time.perf_counter()
        settings = Settings.with_masks(context["masks"], **RUNS[detector], seed=seed)
        rows = [top_pairs(model_id, sentence, settings) for sentence in chunks[number]]
        context.tell(f"{model_id}, {detector}, seed {seed}, part {number + 1} of {len(chunks)}")
        return {"sentences": rows, "seconds": round(time.perf_counter() - started, 1)}

    keys = [(m, r, seed) for r in context["detectors"] for m in MODELS for seed in (0, 1)]
    # By lines: a run over more sentences goes on from one over fewer.
    lines = [" ".join(str(sentence.number) for sentence in chunk) for chunk in chunks]
    names = {
        f"{m} {r} {seed} {own}": partial(of_chunk, m, r, seed, number)
        for number, own in enumerate(lines)
        for m, r, seed in keys
    }
    parts = in_parts(names, experiment="table8", header={"masks": context["masks"]}, keep=context["keep"])

    def rows_of(model_id: str, detector: str, seed: int) -> list[dict[str, Any]]:
        return [row for own in lines for row in parts[f"{model_id} {detector} {seed} {own}"]["sentences"]]

    found = {
        detector: {m: [rows_of(m, detector, seed) for seed in (0, 1)] for m in MODELS}
        for detector in context["detectors"]
    }
    return {
        "chosen": [sentence.number for sentence in chosen],
        "drawn": [sentence.number for sentence in drawn],
        "detectors": {
            detector: {
                "pairs": {m: [row["pairs"] for row in both[0]] for m, both in of_models.items()},
                "agreement": agreement(*(both[0] for both in of_models.values())),
                "with itself": {m: agreement(*both) for m, both in of_models.items()},
                "settings": Settings.with_masks(context["masks"], **RUNS[detector]).model_dump(),
            }
            for detector, of_models in found.items()
        },
        "data": f"{len(chosen)} chosen and {len(drawn)} drawn of SST's test sentences",
        "seed": _SEED,
        "seconds": round(sum(part["seconds"] for part in parts.values()), 1),
        "versions": versions(),
    }


def _sentences(context: Context) -> tuple[list[Sentence], list[Sentence]]:
    """The sentences of our choosing, and those drawn from the rest."""
    every = sentences(context.data_folder(), "test")
    reader = load_model("sentiment/lstm")
    rest = [every[place] for place in np.random.default_rng(_SEED).permutation(len(every))]
    fitting = (
        sentence
        for sentence in rest
        if sentence.number not in CHOSEN and SHORTEST <= len(reader.instance(sentence.text).names) <= LONGEST
    )
    drawn = [sentence for _, sentence in zip(range(context["sentences"]), fitting, strict=False)]
    return [every[number - 1] for number in CHOSEN[: context["chosen"]]], drawn


def top_pairs(model_id: str, sentence: Sentence, settings: Settings) -> dict[str, Any]:
    """The two strongest pairs without stop words and marks, signed by what they do on the model itself.

    Returns:
        "pairs", of each its places, words and joint effect in logits; "of", how many such pairs there are.
    """
    instance = load_model(model_id).instance(sentence.text)
    explanation, tokens = explain(instance, settings), tokens_of(instance)
    telling = {place for place, token in enumerate(tokens) if not (token.stop or token.punctuation)}
    pairs = [
        {"features": list(pair), "words": [instance.names[i] for i in pair], "effect": round(effect, 4)}
        for pair, effect in _strongest(instance, explanation, telling)
    ]
    return {"pairs": pairs, "of": comb(len(telling), 2)}


def _strongest(
    instance: Instance, explanation: Explanation, telling: set[int]
) -> Iterator[tuple[tuple[int, ...], float]]:
    """Of the paper's detector, its ranking's first; of ours, the first that pass the gates."""
    if explanation.settings.detector == "Grow":
        kept = [(i.features, i.effect) for i in explanation.interactions if set(i.features) <= telling]
        yield from kept[:TOP]
        return
    ranked = [candidate.features for candidate in explanation.ranking if set(candidate.features) <= telling][:TOP]
    contexts, seed = explanation.settings.contexts, explanation.settings.seed
    for pair in ranked:
        (measured,) = effects(Questions(instance), [pair], contexts=contexts, seed=seed)
        yield pair, measured.mean


def agreement(first: Sequence[Mapping[str, Any]], second: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """How many of their pairs two runs over the same sentences have in common; pairs of opposite signs do not count.

    Returns:
        "share" of the pairs of both, with an "interval" from drawing sentences anew; the share that has "opposite"
        signs; what comes "by chance", were places and signs drawn at random; in how many sentences the "first" is one.
    """
    counts = []
    for one, other in zip(first, second, strict=True):
        same, opposite = _common(one["pairs"], other["pairs"])
        sizes = len(one["pairs"]), len(other["pairs"])
        chance = sizes[0] * sizes[1] / one["of"] / 2 if one["of"] else 0.0
        counts.append((2 * same, 2 * opposite, 2 * chance, sum(sizes), *_common(one["pairs"][:1], other["pairs"][:1])))
    values = np.array(counts, dtype=np.float64)
    sums = values.sum(axis=0)
    rng = np.random.default_rng(_SEED)
    again = values[rng.integers(len(values), size=(_DRAWS, len(values)))].sum(axis=1)
    low, high = np.percentile(again[:, 0] / np.maximum(again[:, 3], 1.0), (2.5, 97.5))
    pairs = max(sums[3], 1.0)
    return {
        "share": round(sums[0] / pairs, 4),
        "interval": [round(float(low), 4), round(float(high), 4)],
        "opposite": round(sums[1] / pairs, 4),
        "by chance": round(sums[2] / pairs, 4),
        "first": int(sums[4]),
        "sentences": len(values),
    }


def _common(one: Pairs, other: Pairs) -> tuple[int, int]:
    """How many pairs are in both with the same sign, and with opposite ones."""
    signs = {tuple(pair["features"]): pair["effect"] > 0 for pair in other}
    alike = [signs[key] == (p["effect"] > 0) for p in one if (key := tuple(p["features"])) in signs]
    return sum(alike), len(alike) - sum(alike)


def _interval(told: Mapping[str, Any]) -> str:
    low, high = told["interval"]
    return f"{share(told['share'])} ({share(low)} to {share(high)})"


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["table8"]
    return [
        Beside(
            what=f"Top two pairs of LSTM and DistilBERT ({detector}): in both, with one sign",
            paper="no number; ten sentences side by side",
            ours=f"{_interval(values['agreement'])} of the pairs in {values['agreement']['sentences']} sentences, "
            f"{share(values['agreement']['by chance'])} by chance",
            differs="The paper's ten sentences are not known to us; our DistilBERT is small and was taught by our LSTM",
        )
        for detector, values in result["detectors"].items()
    ]


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    detectors = results["table8"]["detectors"]
    every = [values["agreement"] for values in detectors.values()]
    series = [
        plots.Bars(
            name="LSTM and DistilBERT",
            values=[told["share"] for told in every],
            errors=[(told["interval"][1] - told["interval"][0]) / 2 for told in every],
        ),
        *(
            plots.Bars(
                name=f"{title} with itself",
                values=[values["with itself"][model_id]["share"] for values in detectors.values()],
            )
            for model_id, title in MODELS.items()
        ),
        plots.Bars(name="by chance", values=[told["by chance"] for told in every]),
    ]
    caption = "Of the two strongest pairs, those in both with one sign"
    return {caption: plots.bar_chart(list(detectors), series, title=caption, value="share of the pairs", percent=True)}


def _report(results: Mapping[str, Result]) -> str:
    result = results["table8"]
    rows = [
        (
            detector,
            _interval(values["agreement"]),
            share(values["agreement"]["opposite"]),
            share(values["agreement"]["by chance"]),
            f"{values['agreement']['first']} of {values['agreement']['sentences']}",
            *(share(values["with itself"][m]["share"]) for m in MODELS),
        )
        for detector, values in result["detectors"].items()
    ]
    head = ("detector", "in both, one sign", "opposite signs", "by chance", "the first is one and the same",
            *(f"{title} with itself" for title in MODELS.values()))  # fmt: skip
    numbers = [*result["chosen"], *result["drawn"]]
    shown = [
        (
            numbers[place],
            *(_told(values["pairs"][m][place]) for values in result["detectors"].values() for m in MODELS),
        )
        for place in range(len(result["chosen"]) + min(_SHOWN, len(result["drawn"])))
    ]
    then = f", then the first {min(_SHOWN, len(result['drawn']))} drawn" if result["drawn"] else ""
    of_shown = (
        "test sentence",
        *(f"{title}, {detector}" for detector in result["detectors"] for title in MODELS.values()),
    )
    return (
        f"The two strongest pairs without stop words and marks in {len(numbers)} sentences of SST's test set: "
        f"{len(result['chosen'])} of our choosing, by reading and before any was run, and {len(result['drawn'])} drawn "
        "by seed (the paper's own ten we do not know). GradientNID as in the paper, without sample weights; Grow with "
        f"its default, held to pairs; at most {_masks(result):,} masks each. A pair counts as in both when places and "
        "the sign of its joint effect are the same. The last columns are one model with itself on other masks: as far "
        "as the masks let any two agree.\n\n"
        f"{table(head, rows)}\n\n"
        f"The sentences of our choosing{then}, by their lines in the treebank's test file (its terms do not let us "
        "print them here); joint effects in logits:\n\n"
        f"{table(of_shown, shown)}\n\n{written_by(results)}"
    )


def _masks(result: Result) -> int:
    settings = next(iter(result["detectors"].values()))["settings"]
    return sum(settings[f"n_{part}"] for part in ("train", "validation", "test"))


def _told(pairs: Pairs) -> str:
    return "; ".join(f"{' · '.join(pair['words'])} {signed(pair['effect'])}" for pair in pairs) or "none"


EXPERIMENT = Experiment(
    name="table8",
    title="Two models side by side: pairs of words (Table 8)",
    claim="Models of different kinds read some of the same words together, which the two side by side show.",
    run=run,
    options={
        "detectors": Option(help="Detectors.", kind=str, several=True, default=tuple(RUNS), choices=tuple(RUNS)),
        "sentences": Option(help="Sentences drawn from SST's test set.", default=50, least=0),
        "chosen": Option(help="The first so many sentences of our choosing.", default=len(CHOSEN), least=1),
        "masks": Option(help="Masks at most.", default=6000, least=100),
        "keep": KEEP,
    },
    quick={"sentences": 2, "chosen": 3, "masks": 3000},
    smoke={"detectors": ("Grow",), "sentences": 0, "chosen": 1, "masks": 100},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
