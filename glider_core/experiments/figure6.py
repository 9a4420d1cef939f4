"""Figure 6: sentences, what their words do one by one and together, by both models."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from glider_core.domains import DOMAINS
from glider_core.drawings import gallery
from glider_core.engine.explain import explain
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import share, table, written_by
from glider_core.experiments.parts import KEEP, in_parts
from glider_core.models import find_entry, load_model
from glider_core.numerals import signed
from glider_core.provenance import versions
from glider_core.results import Explanation
from glider_core.settings import Settings

MODELS = ("sentiment/lstm", "sentiment/distilbert-small")
SENTENCES = DOMAINS["sentiment"].examples(MODELS[0])


def run(context: Context) -> dict[str, Any]:
    """Explain the sentences of the start page with both models, and keep what their pictures need."""
    settings = Settings.with_masks(context["masks"])
    titles = list(SENTENCES)[: context["sentences"]]

    def of(model_id: str, title: str) -> dict[str, Any]:
        started = time.perf_counter()
        explanation = explain(load_model(model_id).instance(SENTENCES[title]), settings)
        context.tell(f"{model_id}, {title}: {len(explanation.interactions)} interactions")
        return {"explanation": slim(explanation), "seconds": round(time.perf_counter() - started, 1)}

    parts = in_parts(
        {f"{model_id} {title}": partial(of, model_id, title) for model_id in context["models"] for title in titles},
        experiment="figure6",
        header={"masks": context["masks"]},
        keep=context["keep"],
    )
    return {
        "models": {
            model_id: {title: rounded(parts[f"{model_id} {title}"]["explanation"]) for title in titles}
            for model_id in context["models"]
        },
        "data": f"{len(titles)} sentences of ours, those of the start page",
        "settings": settings.model_dump(),
        "seconds": round(sum(part["seconds"] for part in parts.values()), 1),
        "versions": versions(),
    }


def slim(explanation: Explanation) -> dict[str, Any]:
    """An explanation as JSON values without what no gallery draws: candidates, and answers by combinations."""
    interactions = tuple(replace(interaction, answers=None) for interaction in explanation.interactions)
    return json.loads(replace(explanation, ranking=(), interactions=interactions).to_json())


def rounded(value: Any) -> Any:
    """JSON values with as many digits as a picture can show."""
    if isinstance(value, dict):
        return {key: rounded(own) for key, own in value.items()}
    if isinstance(value, list):
        return [rounded(own) for own in value]
    return round(value, 5) if isinstance(value, float) else value


def _explanations(result: Result) -> dict[str, dict[str, Explanation]]:
    return {
        model_id: {title: Explanation.from_json(json.dumps(values)) for title, values in by_title.items()}
        for model_id, by_title in result["models"].items()
    }


def _title(model_id: str) -> str:
    entry = find_entry(model_id)
    return model_id if entry is None else entry.title


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    drawn = {}
    for model_id, by_title in _explanations(results["figure6"]).items():
        rows = [
            gallery.Sentence(heading=DOMAINS["sentiment"].heading(explanation), explanation=explanation)
            for explanation in by_title.values()
        ]
        caption = f"{_title(model_id)}: words one by one (background) and together (brackets, in logits)"
        drawn[caption] = gallery.sentences(rows, title=caption)
    return drawn


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    found = _explanations(results["figure6"])
    every = [explanation for by_title in found.values() for explanation in by_title.values()]
    some = sum(bool(explanation.interactions) for explanation in every)
    return [
        Beside(
            what="Sentences with what their words do one by one and together",
            paper="some, as pictures",
            ours=f"{len(every)} pictures, interactions found in {some}",
            differs="Sentences of ours, since those of the treebank may not be shown; models of ours",
        )
    ]


def _report(results: Mapping[str, Result]) -> str:
    rows = [
        (
            _title(model_id),
            title,
            DOMAINS["sentiment"].heading(explanation),
            "; ".join(f"{' · '.join(i.names)} {signed(i.effect)}" for i in explanation.interactions[:2]) or "none",
            share(explanation.shares.alone),
            share(explanation.shares.together),
        )
        for model_id, by_title in _explanations(results["figure6"]).items()
        for title, explanation in by_title.items()
    ]
    head = ("model", "sentence", "its answer", "first two interactions, logits", "told one by one", "by interactions")
    return (
        "The sentences of the start page as both models read them: the first two interactions with their joint "
        "effects, and how much of what varies in the answers the words tell one by one (LIME) and the interactions "
        f"beyond.\n\n{table(head, rows)}\n\n{written_by(results)}"
    )


EXPERIMENT = Experiment(
    name="figure6",
    title="Sentences one by one and together (Figure 6)",
    claim="A sentence's words act together in ways that their effects one by one do not show.",
    run=run,
    options={
        "models": Option(help="Models' ids.", kind=str, several=True, default=MODELS, choices=MODELS),
        "sentences": Option(help="The first so many.", default=len(SENTENCES), least=1),
        "masks": Option(help="Masks at most.", default=6000, least=100),
        "keep": KEEP,
    },
    quick={"models": ("sentiment/lstm",), "sentences": 3, "masks": 2000},
    smoke={"sentences": 1, "masks": 200},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
