"""Sentiment: networks that tell whether a film review is positive."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from glider_core.domains.base import Content, Domain, ModelEntry
from glider_core.domains.sentiment.payload import SentencePayload
from glider_core.results import Explanation

# Ours. Both shipped models read words of each together, by what was measured on them; the first ones by most.
EXAMPLES = {
    "Never fails": "This charming little film never fails to delight.",
    "Hardly dull": "Hardly a dull moment.",
    "Not bad": "The story is not bad, but the jokes fall flat.",
    "Not disappointed": "If you liked the first film, you will not be disappointed.",
    "Hard to dislike": "It is impossible to dislike a comedy with this much heart.",
    "Too bad": "Too bad the ending is so predictable.",
    "A long review": (
        "I expected very little from another heist movie, yet the cast is so lively and the pacing so sharp that there "
        "is never a dull moment, and I would gladly see the whole thing again tomorrow."
    ),
}

_CONJUNCTIONS = {"and", "but", "or", "yet", "so", "because", "although", "though", "while", "if", "that", "which"}
TRUTH = {text: title not in ("Not bad", "Too bad") for title, text in EXAMPLES.items()}  # whether it is positive


def answer(logits: float) -> str:
    """The model's answer as a judgement and its probability."""
    probability = 1 / (1 + math.exp(-min(abs(logits), 50.0)))
    return f"{'Positive' if logits >= 0 else 'Negative'} {probability:.1%}"


def probability(logits: float) -> float:
    """The probability that a logit means."""
    return 1 / (1 + math.exp(-max(min(logits, 50.0), -50.0)))


def _heading(explanation: Explanation) -> str:
    return answer(explanation.prediction)


def _truth(explanation: Explanation) -> str | None:
    """What people read in our own examples, where the model reads the opposite."""
    positive = TRUTH.get(explanation.case.raw) if isinstance(explanation.case.raw, str) else None
    if positive is None or positive == (explanation.prediction >= 0):
        return None
    return f"people read it as {'positive' if positive else 'negative'}"


def _presets(payload: SentencePayload) -> Mapping[str, list[list[int]]]:
    """Phrases, which end at marks and begin at conjunctions, and sentences."""
    phrases: list[list[int]] = [[]]
    sentences: list[list[int]] = [[]]
    for place, token in enumerate(payload.tokens):
        if token.text.lower() in _CONJUNCTIONS and phrases[-1]:
            phrases.append([])
        phrases[-1].append(place)
        sentences[-1].append(place)
        if token.punctuation:
            phrases.append([])
        if token.text[:1] in ".!?…":
            sentences.append([])
    return {"phrase": [group for group in phrases if group], "sentence": [group for group in sentences if group]}


def _examples(model_id: str) -> Mapping[str, str]:
    return EXAMPLES


def _key(names: Sequence[str], features: Sequence[int]) -> tuple[str, ...]:
    """The words of a set in their order, whatever stands between them (Table 2b of Tsang et al. 2020)."""
    return tuple(names[i].lower() for i in sorted(features))


def _holds(names: Sequence[str], key: tuple[str, ...]) -> bool:
    """Whether a text has these words in this order."""
    left = iter(name.lower() for name in names)
    return all(word in left for word in key)


def _quiet(key: tuple[str, ...]) -> bool:
    """Whether a set has a stop word or a mark: such a set gets no bracket either (Section 6.1)."""
    from glider_core.domains.sentiment.tokens import is_punctuation, is_stop_word

    return any(is_stop_word(word) or is_punctuation(word) for word in key)


def _corpus() -> list[str]:
    from glider_core.domains.sentiment.corpus import sentences

    return sentences()


DOMAIN = Domain(
    name="sentiment",
    title="Sentiment",
    icon="chat_bubble",
    question="Which words does the model read *together*? Type a sentence about a film, or take one of ours.",
    feature="word",
    unit="logits",
    answer=answer,
    heading=_heading,
    probability=probability,
    truth=_truth,
    presets=_presets,
    examples=_examples,
    content=Content(
        key=_key,
        holds=_holds,
        joined=" … ",
        inputs="sentences",
        quiet=_quiet,
        quiet_part="a stop word or a mark",
    ),
    corpus=_corpus,
    off_states={"zero": "a zero vector", "mask": "[MASK]", "delete": "deleted"},
    off_label="A word that is off is",
    models={
        "sentiment/lstm": ModelEntry(
            title="Sentiment-LSTM",
            tier="shipped",
            detail="Positive or negative film reviews",
            module="glider_core.domains.sentiment.model",
            recipe="glider_core.domains.sentiment.train",
            off_states=("zero", "delete"),
        ),
        "sentiment/distilbert": ModelEntry(
            title="DistilBERT",
            tier="paper",
            detail="The paper's: distilbert-base-uncased-finetuned-sst-2-english",
            module="glider_core.domains.sentiment.distilbert",
        ),
        "sentiment/distilbert-small": ModelEntry(
            title="Small DistilBERT",
            tier="shipped",
            detail="Positive or negative film reviews, read by attention",
            module="glider_core.domains.sentiment.distilbert",
            recipe="glider_core.domains.sentiment.train_distilbert",
        ),
    },
)
