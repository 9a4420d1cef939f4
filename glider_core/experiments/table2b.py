"""Table 2b: word pairs that a model reads together, found in SST's test sentences and checked in film reviews."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import comb
from typing import Any

import numpy as np

from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word
from glider_core.drawings import plots
from glider_core.engine.explain import explain_many
from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.reviews import LONGEST, Pair, Review, reviews_with
from glider_core.experiments.treebank import sentences
from glider_core.models import load_model
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.rows.run import ROWS
from glider_core.settings import Settings

MODELS = {"sentiment/lstm": "LSTM", "sentiment/distilbert-small": "small DistilBERT"}
BEST = 10
NEAR = 3  # words from the first to the second, at most, that count as near
CHUNK = 50  # sentences of a part
_SEED = 2


def run(context: Context) -> dict[str, Any]:
    """Count pairs in SST's test sentences, choose ten on reviews of IMDB's train part, measure on its test part.

    Raises:
        InvalidInput: the treebank or the reviews are missing.
    """
    data, started = context.data_folder(), time.perf_counter()
    sentences_asked, counted = _counted(context)
    by_count = sorted(counted, key=lambda pair: (-counted[pair][0], -abs(counted[pair][1]), pair))
    among, measured = context["among"], context["reviews"]
    held_out = reviews_with(data, "test", {*by_count, *paper.TABLE2B}, at_most=measured, seed=_SEED, among=among)
    others = reviews_with(
        data, "train", {*by_count, *paper.TABLE2B}, at_most=max(measured, context["trials"]), seed=_SEED, among=among
    )
    candidates = [
        pair
        for pair in by_count
        if len(held_out.get(pair, ())) == measured and len(others.get(pair, ())) >= context["trials"]
    ][: context["candidates"]]
    context.tell(f"{len(counted)} pairs found, {len(candidates)} of them to choose among")
    trials = _checked("trial", {pair: others[pair][: context["trials"]] for pair in candidates}, context)
    best = sorted(candidates, key=lambda pair: (-trials[pair]["together"], -trials[pair]["pair"], by_count.index(pair)))
    chosen = best[: context["best"]]
    theirs = list(paper.TABLE2B)[: context["best"]]
    # Some of the paper's pairs are rare; nothing was chosen on them, so that reviews of the train part do as well.
    reviews = {pair: [*held_out.get(pair, ()), *others.get(pair, ())][:measured] for pair in theirs}
    checked = _checked("checked", reviews | {pair: held_out[pair] for pair in chosen}, context)
    return {
        "model": context["model"],
        "pairs found": len(counted),
        "candidates": [
            {"words": list(pair), "found": counted[pair][0], "trial": trials[pair]["together"]} for pair in candidates
        ],
        "ours": [{"words": list(pair), "found": counted[pair][0], **checked[pair]} for pair in chosen],
        "theirs": [{"words": list(pair), "found": counted.get(pair, (0, 0.0))[0], **checked[pair]} for pair in theirs],
        "data": f"pairs of {sentences_asked:,} test sentences of SST; chosen on {context['trials']} reviews of IMDB's "
        f"train part each, measured on {measured} of its test part",
        "sentences": sentences_asked,
        "trials": context["trials"],
        "reviews": measured,
        "seed": _SEED,
        "settings": {"found": ROWS.model_dump(), "checked": _settings(context).model_dump()},
        "seconds": round(time.perf_counter() - started, 1),
        "versions": versions(),
    }


def _settings(context: Context) -> Settings:
    return Settings.with_masks(context["masks"])


def _counted(context: Context) -> tuple[int, dict[Pair, tuple[int, float]]]:
    """Sentences, and pairs without stop words and marks by their words: in how many they were found, and a mean effect.

    The more sentences of one seed begin with the fewer.
    """
    every = sentences(context.data_folder(), "test")
    order = np.random.default_rng(_SEED).permutation(len(every))[: context["sentences"]]
    chunks = [sorted(order[start : start + CHUNK].tolist()) for start in range(0, len(order), CHUNK)]
    model = load_model(context["model"])

    def of_chunk(number: int) -> dict[str, Any]:
        explanations = explain_many([model.instance(every[place].text) for place in chunks[number]], ROWS)
        context.tell(f"{context['model']}, sentences, part {number + 1} of {len(chunks)}")
        return {"pairs": [pair for explanation in explanations for pair in _pairs(explanation)]}

    parts = in_parts(
        {
            f"{context['model']} sentences {number * CHUNK + 1} to {number * CHUNK + len(chunk)}": partial(
                of_chunk, number
            )
            for number, chunk in enumerate(chunks)
        },
        experiment="table2b",
        header={"seed": _SEED},
        keep=context["keep"],
    )
    effects: dict[Pair, list[float]] = defaultdict(list)
    for part in parts.values():
        for first, second, effect in part["pairs"]:
            effects[first, second].append(effect)
    return len(order), {pair: (len(own), float(np.mean(own))) for pair, own in effects.items()}


def _pairs(explanation: Explanation) -> list[list[Any]]:
    """Of one sentence the kept pairs without stop words and marks, each by its words once: both, and the effect."""
    found: dict[Pair, float] = {}
    for interaction in explanation.interactions:
        words = [_plain(name) for name in interaction.names]
        if interaction.order == 2 and not any(is_stop_word(word) or is_punctuation(word) for word in words):
            found.setdefault((words[0], words[1]), round(interaction.effect, 4))
    return [[*pair, effect] for pair, effect in found.items()]


def _plain(word: str) -> str:
    return word.lower().replace("’", "'")


def _checked(kind: str, reviews: Mapping[Pair, list[Review]], context: Context) -> dict[Pair, dict[str, Any]]:
    """What of each pair is found in its reviews."""
    model, settings = load_model(context["model"]), _settings(context)

    def of_pair(pair: Pair) -> dict[str, Any]:
        started = time.perf_counter()
        instances = [model.instance(review.sentence) for review in reviews[pair]]
        measured = consistency(explain_many(instances, settings), pair)
        context.tell(f"{kind}: {' … '.join(pair)} in {measured['together']} of {measured['reviews']}")
        return measured | {"seconds": round(time.perf_counter() - started, 1)}

    parts: dict[str, Callable[[], dict[str, Any]]] = {
        f"{context['model']} {kind} {' '.join(pair)} in {len(own)}": partial(of_pair, pair)
        for pair, own in reviews.items()
    }
    header = {name: context[name] for name in ("masks", "among")}
    found = in_parts(parts, experiment="table2b", header=header, keep=context["keep"])
    return dict(zip(reviews, found.values(), strict=True))


def consistency(explanations: Sequence[Explanation], pair: Pair) -> dict[str, Any]:
    """In how many explanations that hold both words in this order they are found to act together.

    Returns:
        "reviews", those that hold them; of these those where the "pair" itself is kept, where both stand "together" in
        a set that is kept, the pair among them, and how many such would come "by chance", were each kept set's places
        drawn at random; "near", those with at most `NEAR` words from the first to the second, and of these "near
        together"; of those found together, the "positive" effects; the mean "length" in words.
    """
    counts: dict[str, float] = defaultdict(float)
    for explanation in explanations:
        names = [_plain(name) for name in explanation.names]
        places = [
            (i, j) for j, second in enumerate(names) if second == pair[1] for i in range(j) if names[i] == pair[0]
        ]
        if not places:
            continue
        sets = [(set(interaction.features), interaction.effect) for interaction in explanation.interactions]
        holding = [(features, effect) for features, effect in sets if any(set(place) <= features for place in places)]
        near = min(j - i for i, j in places) <= NEAR
        covered = {(i, j) for features, _ in sets for i in features for j in features if i < j}
        unlikely = (1 - len(covered) / comb(len(names), 2)) ** len(places)
        counts["reviews"] += 1
        counts["length"] += len(names)
        counts["pair"] += any(len(features) == 2 for features, _ in holding)
        counts["together"] += bool(holding)
        counts["near"] += near
        counts["near together"] += near and bool(holding)
        counts["positive"] += bool(holding) and holding[0][1] > 0
        counts["by chance"] += 1 - unlikely
    whole = ("reviews", "pair", "together", "near", "near together", "positive")
    n = max(counts["reviews"], 1)
    return {name: int(counts[name]) for name in whole} | {
        "by chance": round(counts["by chance"], 2),
        "length": round(counts["length"] / n, 1),
    }


def _mean(rows: Sequence[Mapping[str, Any]], name: str) -> float:
    """Of so many reviews as the paper has, on average."""
    return float(np.mean([row[name] / max(row["reviews"], 1) for row in rows])) * paper.TABLE2B_REVIEWS


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    lines = []
    differs = "Sentences of reviews here; whose words count as detected is not told there. Their LSTM learned SST alone"
    for number, ((first, second), theirs) in enumerate(paper.TABLE2B.items()):
        told = [
            f"{MODELS[result['model']]} {row['together']} of {row['reviews']}"
            for result in results.values()
            for row in result["theirs"][number : number + 1]
        ]
        of = paper.TABLE2B_REVIEWS
        if told:
            what = f"{first} … {second}: together in"
            lines.append(Beside(what=what, paper=f"{theirs} of {of}", ours="; ".join(told), differs=differs))
    means = [
        f"{MODELS[result['model']]}: our ten {_mean(result['ours'], 'together'):.1f}, the paper's ten "
        f"{_mean(result['theirs'], 'together'):.1f}, as if of 40: measured on {result['reviews']} each"
        for result in results.values()
    ]
    printed = float(np.mean(list(paper.TABLE2B.values())))
    met = all(
        _mean(result["ours"], "together") >= max(printed, _mean(result["theirs"], "together"))
        for result in results.values()
    )
    what, theirs = "The mean of ten pairs", f"{printed:.1f} of {paper.TABLE2B_REVIEWS}"
    return [Beside(what=what, paper=theirs, ours="; ".join(means), differs=differs, met=met), *lines]


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    drawn = {}
    for result in results.values():
        for whose, rows in (("our ten pairs", result["ours"]), ("the paper's ten pairs", result["theirs"])):
            caption = f"{MODELS[result['model']]}, {whose}: in which share of reviews"
            series = [
                plots.Bars(
                    name="found together",
                    values=[row["together"] / max(row["reviews"], 1) for row in rows],
                    marks=[_printed(row) for row in rows],
                ),
                plots.Bars(name="by chance", values=[row["by chance"] / max(row["reviews"], 1) for row in rows]),
            ]
            names = [" … ".join(row["words"]) for row in rows]
            drawn[caption] = plots.bar_chart(names, series, title=caption, value="share of reviews", percent=True)
    return drawn


def _printed(row: Mapping[str, Any]) -> float | None:
    """The share that the paper prints for the pair; None of another pair."""
    count = paper.TABLE2B.get((row["words"][0], row["words"][1]))
    return None if count is None else count / paper.TABLE2B_REVIEWS


def _report(results: Mapping[str, Result]) -> str:
    return "\n\n".join([*map(_told, results.values()), written_by(results)])


def _masks(result: Result) -> int:
    return sum(result["settings"]["checked"][f"n_{part}"] for part in ("train", "validation", "test"))


def _told(result: Result) -> str:
    head = ("pair", "SST sentences", "together", "the pair itself", "near: together", "by chance", "raises the answer")

    def lines(rows: Sequence[Mapping[str, Any]], theirs: bool) -> list[tuple[Any, ...]]:
        return [
            (
                " … ".join(row["words"])
                + (f" (paper {paper.TABLE2B[row['words'][0], row['words'][1]]})" if theirs else ""),
                row["found"],
                f"{row['together']} of {row['reviews']}",
                row["pair"],
                f"{row['near together']} of {row['near']}",
                f"{row['by chance']:.1f}",
                f"{row['positive']} of {row['together']}",
            )
            for row in rows
        ]

    ours, theirs = result["ours"], result["theirs"]
    best = ", ".join(f"{row['words'][0]} … {row['words'][1]} {row['together']}" for row in ours[:3])
    return (
        f"**{MODELS[result['model']]}.** {result['pairs found']:,} different ordered pairs of words were kept in "
        f"{result['sentences']:,} of SST's test sentences; the {len(result['candidates'])} found most often were tried "
        f"on {result['trials']} reviews each of IMDB's train part, and the {len(ours)} most consistent of them "
        f"measured on {result['reviews']} reviews each of its test part, which chose nothing; a sentence was asked at "
        f"most {_masks(result):,} masks. A review counts by its first sentence that holds both words in this order, at "
        f"any distance, and has at most {LONGEST} words: whole reviews are longer than the model was made to read. "
        "Found together: both words stand in a set that is kept, the pair among them. On average our pairs are found "
        f"together in as much as {_mean(ours, 'together'):.1f} of {paper.TABLE2B_REVIEWS} ({best}), the paper's in "
        f"{_mean(theirs, 'together'):.1f}; the paper says {np.mean(list(paper.TABLE2B.values())):.1f} of its ten. Our "
        "models learned from IMDB's texts, too.\n\n"
        f"{table(head, lines(ours, False))}\n\nThe paper's ten, measured alike; the rare ones on all "
        f"reviews of either part that hold them so:\n\n{table(head, lines(theirs, True))}"
    )


EXPERIMENT = Experiment(
    name="table2b",
    title="Word pairs in other people's reviews (Table 2b)",
    claim="Pairs of words that a model reads together in some sentences, it reads together in others, too.",
    run=run,
    options={
        "model": Option(help="Model.", kind=str, default="sentiment/lstm", choices=tuple(MODELS)),
        "sentences": Option(help="So many SST test sentences, drawn by seed; by default all.", least=1),
        "candidates": Option(help="Pairs to choose among, found most often.", default=30, least=1),
        "trials": Option(help="Reviews to choose on, of each.", default=8, least=1),
        "best": Option(help="Pairs to measure, of ours and of the paper's.", default=BEST, least=1),
        "reviews": Option(help="Reviews to measure on, of each.", default=paper.TABLE2B_REVIEWS, least=1),
        "among": Option(help="Look for them among so many reviews of each part; by default all.", least=1),
        "masks": Option(help="Masks at most, of a sentence of a review.", default=6000, least=100),
        "keep": KEEP,
    },
    quick={"sentences": 60, "candidates": 4, "trials": 2, "best": 2, "reviews": 4, "among": 4000, "masks": 1000},
    smoke={"sentences": 2, "candidates": 1, "trials": 1, "best": 1, "reviews": 1, "among": 300, "masks": 100},
    paper={"reviews of 40": {" ".join(pair): count for pair, count in paper.TABLE2B.items()}},
    stem=lambda name, options: name if options["model"] == "sentiment/lstm" else f"{name}_distilbert_small",
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
