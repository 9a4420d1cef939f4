"""Negations: is the pair that a reader would name the first interaction found? (Figure 4b in spirit)"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word
from glider_core.drawings.plots import Bars, bar_chart
from glider_core.engine.explain import explain_many
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.models import load_model
from glider_core.settings import Settings

# Twenty sentences of our own, written before any was run, each with the pair that a reader would name.
SENTENCES = (
    ("This charming little film never fails to delight.", ("never", "fails")),
    ("The jokes never fail.", ("never", "fail")),
    ("The second act is not good.", ("not", "good")),
    ("The ending is not bad at all.", ("not", "bad")),
    ("It is hardly boring.", ("hardly", "boring")),
    ("Nothing works in this sequel.", ("Nothing", "works")),
    ("The lead actor lacks charm.", ("lacks", "charm")),
    ("The story is never dull.", ("never", "dull")),
    ("The director did not disappoint.", ("not", "disappoint")),
    ("The plot doesn't work.", ("doesn't", "work")),
    ("There is no fun in this adventure.", ("no", "fun")),
    ("You will not miss a thing by staying home.", ("not", "miss")),
    ("It is too clever for a summer comedy.", ("too", "clever")),
    ("The songs are far from terrible.", ("far", "terrible")),
    ("The finale isn't convincing.", ("isn't", "convincing")),
    ("I could not enjoy the noise and the chases.", ("not", "enjoy")),
    ("Without wit or tension, the hours crawl.", ("Without", "wit")),
    ("The villain is barely interesting.", ("barely", "interesting")),
    ("It never becomes tedious.", ("never", "tedious")),
    ("No one will regret this trip to the cinema.", ("No", "regret")),
)


def run(context: Context) -> dict[str, Any]:
    """Explain the sentences and note for each the first interaction without stop words and marks."""
    settings = Settings(detector=context["detector"])
    model = load_model("sentiment/lstm")
    sentences = SENTENCES[: context["sentences"]]
    explanations = explain_many([model.instance(text) for text, _ in sentences], settings)
    rows = []
    for (text, pair), explanation in zip(sentences, explanations, strict=True):
        telling = [
            interaction
            for interaction in explanation.interactions
            if not any(is_stop_word(name) or is_punctuation(name) for name in interaction.names)
        ]
        rows.append(
            {
                "sentence": text,
                "pair": list(pair),
                "hit": bool(telling) and set(telling[0].names) == set(pair),
                "rank": next((n for n, i in enumerate(telling, 1) if set(i.names) == set(pair)), None),
                "first": list(telling[0].names) if telling else [],
                "effect": round(telling[0].effect, 3) if telling else None,
                "prediction": round(explanation.prediction, 3),
            }
        )
    return {
        "hits": sum(row["hit"] for row in rows),
        "sentences": rows,
        "settings": settings.model_dump(),
        "versions": explanations[0].versions,
    }


def _report(results: Mapping[str, Result]) -> str:
    result = results["negations"]
    rows = [
        (
            row["sentence"],
            " · ".join(row["pair"]),
            " · ".join(row["first"]),
            "" if row["effect"] is None else f"{row['effect']:+.2f}",
            "first" if row["rank"] == 1 else "not found" if row["rank"] is None else f"number {row['rank']}",
        )
        for row in result["sentences"]
    ]
    others = "".join(
        f"; with {other['settings']['detector']}, the paper's for single instances, in {other['hits']}"
        for stem, other in sorted(results.items())
        if stem != "negations"
    )
    return (
        f"{len(rows)} sentences of our own, written before any was run, each with the pair that a reader would name. "
        f"In {result['hits']} of {len(rows)} the pair is the first interaction ({result['settings']['detector']}, stop "
        f"words and marks left out){others}:\n\n"
        f"{table(('sentence', 'pair', 'top interaction', 'its joint effect, logits', 'the pair is'), rows)}\n\n"
        f"{written_by(results)}"
    )


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    ours = results["negations"]
    return [
        Beside(
            what="sentences with a negation whose pair is the first interaction",
            paper=f"its detector for single instances, {other['settings']['detector']}: "
            f"{other['hits']} of {len(other['sentences'])}",
            ours=f"{ours['hits']} of {len(ours['sentences'])}",
            differs="The paper shows single sentences; these twenty are ours, written before any was run.",
            met=ours["hits"] >= other["hits"],
        )
        for stem, other in sorted(results.items())
        if stem != "negations" and len(other["sentences"]) == len(ours["sentences"])
    ]


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    told = [row for row in results["negations"]["sentences"] if row["effect"] is not None]
    bars = Bars(name="joint effect", values=[row["effect"] for row in told])
    title = "Joint effect of the first interaction in each sentence, logits: above 0 it raises the answer “positive”"
    return {title: bar_chart([" · ".join(row["first"]) for row in told], [bars], title=title, value="logits")}


EXPERIMENT = Experiment(
    name="negations",
    title="Negations: twenty sentences (Figure 4b in spirit)",
    claim="A negation and the word that it turns are found together, as a reader would name them.",
    run=run,
    options={
        "sentences": Option(help="The first so many sentences.", default=len(SENTENCES), least=1),
        "detector": Option(
            help="Detector.",
            kind=str,
            default="Grow",
            choices=("Grow", "NID", "GradientNID", "Spectrum", "ArchDetect"),
        ),
    },
    stem=lambda name, options: name if options["detector"] == "Grow" else f"{name}_{options['detector'].lower()}",
    quick={"sentences": 4},
    smoke={"sentences": 1},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
