"""Word phrases: do attributions to phrases agree with what people said of them? (Section 5.2 of Tsang et al. 2020b)

The labels are those of the Stanford Sentiment Treebank; the protocol is that of Archipelago's published notebooks.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from glider_core.drawings import plots
from glider_core.engine.asking import Questions
from glider_core.engine.linear import main_effects
from glider_core.engine.masks import distinct, lime_weights, sample_masks
from glider_core.experiments import paper
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.experiments.treebank import NEUTRAL, Phrase, Sentence, in_features, sentences, tokens_of
from glider_core.models import load_model
from glider_core.provenance import versions

MODELS = ("sentiment/lstm", "sentiment/distilbert-small")
# What is measured of each phrase: how it is told, and what is asked.
MEASURES = {
    "ArchAttribute": "the phrase on and all else off, less all off",
    "difference": "what switching the phrase off takes from the whole sentence",
    "in contexts": "what switching the phrase on adds, the mean over contexts of the other words",
    "sum of LIME": "LIME's coefficients of its words, summed",
}
ALIKE = "ArchAttribute, those in contexts"  # of as many phrases as are asked in contexts, to compare
TAIL = 0.1  # share of the phrases, the lowest and the highest attributions each, that Archipelago correlates
GROUPS = ("words", "phrases", "both")  # of one word; of several, the sentence itself left out; of either kind
CHUNK = 50  # sentences of a part
_SEED = 0
_DRAWS = 200  # of the bootstrap
Values = NDArray[np.float64]


def run(context: Context) -> dict[str, Any]:
    """Ask both models about every labelled phrase of SST's test sentences, and correlate the answers with the labels.

    Raises:
        InvalidInput: the treebank is missing.
    """
    every = sentences(context.data_folder(), "test")
    order = np.random.default_rng(_SEED).permutation(len(every))[: context["sentences"]]
    chosen = [every[place] for place in sorted(order.tolist())]
    closely = {every[place].number for place in order[: context["closely"]].tolist()}
    chunks = [chosen[start : start + CHUNK] for start in range(0, len(chosen), CHUNK)]

    def of_chunk(model_id: str, number: int) -> dict[str, Any]:
        started = time.perf_counter()
        rows = [_rows(model_id, sentence, sentence.number in closely, context) for sentence in chunks[number]]
        context.tell(f"{model_id}, part {number + 1} of {len(chunks)}: {sum(map(len, rows))} phrases")
        return {"sentences": rows, "seconds": round(time.perf_counter() - started, 1)}

    names = {f"{m} {n + 1}": partial(of_chunk, m, n) for m in context["models"] for n in range(len(chunks))}
    header = {name: context[name] for name in ("sentences", "closely", "contexts", "masks")}
    parts = in_parts(names, experiment="phrases", header=header, keep=context["keep"])
    models = {}
    for model_id in context["models"]:
        own = [parts[f"{model_id} {number + 1}"] for number in range(len(chunks))]
        by_sentence = [np.array(rows, dtype=np.float64) for part in own for rows in part["sentences"] if rows]
        models[model_id] = _correlated(by_sentence) | {"seconds": round(sum(part["seconds"] for part in own), 1)}
    return {
        "models": models,
        "data": f"{len(chosen)} test sentences of SST, {len(closely)} of them asked in contexts",
        "sentences": len(chosen),
        "seconds": round(sum(values["seconds"] for values in models.values()), 1),
        "settings": {"contexts": context["contexts"], "masks of LIME": context["masks"], "tail": TAIL},
        "versions": versions(),
    }


def _rows(model_id: str, sentence: Sentence, closely: bool, context: Context) -> list[list[float | None]]:
    """Of each phrase but the sentence: size, label, label beyond its words', the measures, Glider's joint effect."""
    instance = load_model(model_id).instance(sentence.text)
    *phrases, _ = in_features(sentence, tokens_of(instance))
    if not phrases:
        return []
    questions, d = Questions(instance), len(instance.names)
    alone = attributions(questions, phrases)
    around, lime = np.full((len(phrases), 2), np.nan), np.full(d, np.nan)
    if closely:
        around = in_contexts(questions, phrases, contexts=context["contexts"])
        lime = _lime(questions, d, context["masks"])
    labels = {phrase.start: phrase.label - NEUTRAL for phrase in phrases if phrase.size == 1}
    rows = []
    for phrase, (arch, difference), (added, joint) in zip(phrases, alone.tolist(), around.tolist(), strict=True):
        of_words = [labels.get(place, np.nan) for place in range(phrase.start, phrase.end)]
        beyond = phrase.label - NEUTRAL - sum(of_words)
        values = (phrase.label, beyond, arch, difference, added, lime[phrase.start : phrase.end].sum(), joint)
        rows.append([phrase.size, *(None if np.isnan(value) else round(float(value), 5) for value in values)])
    return rows


def attributions(questions: Questions, phrases: Sequence[Phrase]) -> Values:
    """ArchAttribute and the difference that each phrase makes to the whole sentence (phrases, 2)."""
    d = len(questions.instance.names)
    inside = np.array([[phrase.start <= place < phrase.end for place in range(d)] for phrase in phrases])
    off, whole, *answers = questions(np.concatenate([np.zeros((1, d), bool), np.ones((1, d), bool), inside, ~inside]))
    on, without = np.reshape(answers, (2, -1))
    return np.stack([on - off, whole - without], axis=1)


def in_contexts(questions: Questions, phrases: Sequence[Phrase], *, contexts: int, seed: int = _SEED) -> Values:
    """What each phrase adds, and its joint effect, the means over contexts of the other words (phrases, 2).

    Contexts are drawn, and the joint effect is defined, as for the interactions of an explanation (`engine.effects`);
    of a single word it is 0.

    Args:
        questions: to the black box.
        phrases: in its features.
        contexts: how many.
        seed: of the contexts.
    """
    d = len(questions.instance.names)
    keys = np.random.default_rng(seed).random((contexts, d + 1))
    blocks = []
    for phrase in phrases:
        members = np.arange(phrase.start, phrase.end)
        others = np.setdiff1d(np.arange(d), members)
        ranks = keys[:, others].argsort(axis=1).argsort(axis=1)
        around = np.zeros((contexts, d), dtype=bool)
        around[:, others] = ranks >= np.floor(keys[:, -1:] * (len(others) + 1))
        single = [around | (np.arange(d) == place) for place in members] if phrase.size > 1 else []
        blocks.append(np.stack([around, around | np.isin(np.arange(d), members), *single]))
    masks, which = distinct(np.concatenate([block.reshape(-1, d) for block in blocks]))
    answers = np.split(questions(masks)[which], np.cumsum([block.shape[0] * contexts for block in blocks])[:-1])
    rows = np.zeros((len(phrases), 2))
    for row, phrase, values in zip(rows, phrases, answers, strict=True):
        around, together, *alone = values.reshape(-1, contexts)
        row[0] = (together - around).mean()
        if phrase.size > 1:
            row[1] = row[0] - sum((single - around).mean() for single in alone)
    return rows


def _lime(questions: Questions, d: int, n: int) -> Values:
    """LIME's coefficients (d,) of n masks."""
    masks, which = distinct(sample_masks(d, n, np.random.default_rng(_SEED)))
    weights = lime_weights(masks, 0.25) * np.bincount(which)
    return main_effects(masks, questions(masks), weights, n)


def _correlated(by_sentence: list[Values]) -> dict[str, Any]:
    """The correlations of all phrases' values, with intervals from drawing sentences anew."""
    rng = np.random.default_rng(_SEED)
    draws = [rng.integers(len(by_sentence), size=len(by_sentence)) for _ in range(_DRAWS)]
    measured: dict[str, Any] = {}
    for group in GROUPS:
        parts = [rows[_of_group(rows, group)] for rows in by_sentence]
        measured[group] = {
            name: _told([rows[:, (column, 1)] for rows in parts], draws) for column, name in enumerate(MEASURES, 3)
        }
        closely = [rows[~np.isnan(rows[:, 5])] for rows in parts]
        measured[group][ALIKE] = _told([rows[:, (3, 1)] for rows in closely], draws)
    measured["joint"] = _told([rows[_of_group(rows, "phrases")][:, (-1, 2)] for rows in by_sentence], draws)
    return measured


def _of_group(rows: Values, group: str) -> NDArray[np.bool_]:
    single = rows[:, 0] == 1
    return np.ones(len(rows), bool) if group == "both" else single if group == "words" else ~single


def _told(parts: list[Values], draws: list[NDArray[np.intp]]) -> dict[str, Any]:
    """Correlations of estimates with labels, (phrases, 2) by sentence; phrases that lack one of them are left out."""
    parts = [rows[~np.isnan(rows).any(axis=1)] for rows in parts]
    ours, theirs = np.concatenate(parts).T
    again = [correlation(*np.concatenate([parts[i] for i in draw]).T, tail=TAIL) for draw in draws]
    return {
        "n": len(ours),
        "tails": round(correlation(ours, theirs, tail=TAIL), 4),
        "interval": np.percentile(again, (2.5, 97.5)).round(4).tolist(),
        "all": round(correlation(ours, theirs), 4),
        "ranks": round(correlation(rankdata(ours), rankdata(theirs)), 4),
    }


def correlation(estimates: Values, labels: Values, *, tail: float = 0.5) -> float:
    """Pearson's, of those with the lowest and the highest estimates, this share of all (n,) each; 0.5 takes all."""
    order, n = np.argsort(estimates, kind="stable"), len(estimates)
    if tail < 0.5:
        low = int(n * tail) + 1
        order = np.concatenate([order[:low], order[n - low :]])
    if n < 2 or np.ptp(estimates[order]) == 0 or np.ptp(labels[order]) == 0:
        return 0.0
    return float(np.corrcoef(estimates[order], labels[order])[0, 1])


def _best(result: Result, group: str, measure: str) -> str:
    told = []
    for model_id, values in result["models"].items():
        own = values[group][measure]
        low, high = own["interval"]
        told.append(f"{_title(model_id)} {own['tails']:.3f} ({low:.3f} to {high:.3f})")
    return "; ".join(told)


def _title(model_id: str) -> str:
    return {"sentiment/lstm": "LSTM", "sentiment/distilbert-small": "small DistilBERT"}.get(model_id, model_id)


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["phrases"]
    differs = (
        "Their model is BERT; a word that is off is the token _ there, a zero vector here; a word of theirs that has "
        "two word pieces counts among the phrases"
    )
    other = "MAHE reads a small network near the sentence; Glider asks the model itself. " + differs
    lines = []
    for group in GROUPS[:2]:
        for theirs, ours, why in (("ArchAttribute", "ArchAttribute", differs), ("MAHE", "in contexts", other)):
            number = paper.ARCHIPELAGO_SST[theirs][group]
            lines.append(
                Beside(
                    what=f"{theirs}, {group}: ρ" + ("" if theirs == ours else "; here what a phrase adds in contexts"),
                    paper=f"{number:.3f}",
                    ours=_best(result, group, ours),
                    differs=why,
                    met=max(values[group][ours]["tails"] for values in result["models"].values()) >= number,
                )
            )
    return lines


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    told = {f"{name}, BERT as published": values for name, values in paper.ARCHIPELAGO_SST.items()}
    for model_id, values in results["phrases"]["models"].items():
        for measure in MEASURES:
            own = {group: values[group][measure]["tails"] for group in GROUPS[:2]}
            told[f"{measure}, {_title(model_id)}"] = own
    series = [
        plots.Bars(name=group, missing="not published", values=[own.get(group) for own in told.values()])
        for group in GROUPS[:2]
    ]
    caption = "Correlation of attributions with the treebank's labels, outer tenths"
    return {caption: plots.bar_chart(list(told), series, title=caption, value="Pearson's ρ")}


def _report(results: Mapping[str, Result]) -> str:
    result = results["phrases"]
    rows = [
        (
            _title(model_id),
            measure,
            f"{values['both'][measure]['n']:,}",
            *(f"{values[group][measure]['tails']:.3f}" for group in GROUPS),
            *(f"{values[group][measure]['all']:.3f}" for group in GROUPS[:2]),
            *(f"{values[group][measure]['ranks']:.3f}" for group in GROUPS[:2]),
        )
        for model_id, values in result["models"].items()
        for measure in (*MEASURES, ALIKE)
    ]
    theirs = [
        ("BERT, published", name, "", *(f"{values[g]:.3f}" if g in values else "" for g in GROUPS[:2]), *[""] * 5)
        for name, values in paper.ARCHIPELAGO_SST.items()
    ]
    joint = "; ".join(
        f"{_title(model_id)} {values['joint']['all']:.3f} of all {values['joint']['n']:,} phrases, "
        f"{values['joint']['tails']:.3f} of the outer tenths"
        for model_id, values in result["models"].items()
    )
    ahead = "; ".join(
        f"{_title(model_id)}, {group}: {'ArchAttribute' if there > here else 'contexts'} by {abs(there - here):.3f}"
        for model_id, values in result["models"].items()
        for group in GROUPS[:2]
        for there, here in [(values[group][ALIKE]["tails"], values[group]["in contexts"]["tails"])]
    )
    first = {group: values["ArchAttribute"]["n"] for group, values in next(iter(result["models"].values())).items()
             if group in GROUPS}  # fmt: skip
    head = ("model", "measure", "n", "words", "phrases", "both", "words, all", "phrases, all", "words, ranks",
            "phrases, ranks")  # fmt: skip
    meanings = "; ".join(f"{name}: {meaning}" for name, meaning in MEASURES.items())
    return (
        f"In SST's test set people labelled every phrase of a sentence. On {result['sentences']:,} sentences, "
        f"{first['words']:,} words and {first['phrases']:,} phrases of several words, the correlation "
        "(Pearson's) of what a model makes of a phrase with its label. As published, of the tenth with the lowest and "
        f"the tenth with the highest attributions; beside it, of all, and of ranks. {meanings}.\n\n"
        f"{table(head, [*theirs, *rows])}\n\n"
        "The published ones are of BERT on all 2210 sentences. Whether single words count among their phrases their "
        "notebooks leave open: see the column of both. On the same phrases, ahead of the other "
        f"is: {ahead}.\n\n"
        "Glider's joint effect is what a phrase's words add together beyond the sum of what they add one by one. The "
        "treebank has the same: a phrase's label less those of its words, each counted from neutral. Their "
        f"correlation: {joint}.\n\n{written_by(results)}"
    )


EXPERIMENT = Experiment(
    name="phrases",
    title="Word phrases: attributions beside people's labels (SST)",
    claim="What a model makes of a phrase agrees with what people said of the phrase.",
    run=run,
    options={
        "models": Option(help="Models' ids.", kind=str, several=True, default=MODELS, choices=MODELS),
        "sentences": Option(help="So many test sentences, drawn by seed; by default all.", least=1),
        "closely": Option(help="Of these so many are asked in contexts and by LIME, too.", default=200, least=1),
        "contexts": Option(help="Contexts of the other words.", default=10, least=2),
        "masks": Option(help="Masks of LIME.", default=300, least=20),
        "keep": KEEP,
    },
    quick={"sentences": 60, "closely": 12, "contexts": 5},
    smoke={"models": ("sentiment/lstm",), "sentences": 4, "closely": 2, "contexts": 2, "masks": 50},
    paper={"Archipelago, SST": paper.ARCHIPELAGO_SST},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
