"""Negations: is the pair that a reader would name the first interaction found? (Figure 4b in spirit)"""

from __future__ import annotations

from typing import Any

from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word
from glider_core.engine.madex import explain_many
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


def run(settings: Settings | None = None) -> dict[str, Any]:
    """Explain the sentences and note for each the first interaction without stop words and marks.

    Args:
        settings: GradientNID, the paper's detector for single instances, by default.
    """
    settings = settings or Settings(detector="GradientNID")
    model = load_model("sentiment/lstm")
    explanations = explain_many([model.instance(text) for text, _ in SENTENCES], settings)
    rows = []
    for (text, pair), explanation in zip(SENTENCES, explanations, strict=True):
        found = [
            interaction
            for interaction in explanation.interactions
            if not any(is_stop_word(name) or is_punctuation(name) for name in interaction.names)
        ]
        rows.append(
            {
                "sentence": text,
                "pair": list(pair),
                "hit": bool(found) and set(found[0].names) == set(pair),
                "rank": next((n for n, i in enumerate(found, 1) if set(i.names) == set(pair)), None),
                "first": list(found[0].names) if found else [],
                "effect": round(found[0].effect, 3) if found else None,
                "prediction": round(explanation.prediction, 3),
            }
        )
    return {
        "hits": sum(row["hit"] for row in rows),
        "sentences": rows,
        "settings": settings.model_dump(),
        "versions": explanations[0].versions,
    }
