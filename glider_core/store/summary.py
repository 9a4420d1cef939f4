"""What a line of the case book says of an explanation: its columns, its fields, and the words that find it."""

from __future__ import annotations

import hashlib
import json
import math
import re
from typing import Any

from glider_core.domains import DOMAINS
from glider_core.domains.base import plain_heading
from glider_core.drawings.thumbnail import thumbnail
from glider_core.results import Explanation

LONGEST_TITLE, LONGEST_SEARCHED, MOST_FIELDS = 300, 20_000, 200
_YES = {"1", "1.0", "true", "yes", "y", "positive", "pos", "t", "click"}
_NO = {"0", "0.0", "false", "no", "n", "negative", "neg", "f", "-1"}
_UNKNOWN = 0.5  # share of features that the model has never met, from which a line says so
_NEAR = 0.4  # logits around 0, which is a probability between 0.4 and 0.6
_TOLD_BY_SIGN = ("sentiment", "recommender")  # domains whose answer is yes above 0 logits


def columns_of(explanation: Explanation, *, title: str = "", label: str | None = None) -> dict[str, Any]:
    """The columns of `tables.CASES` that an explanation and its true label say; texts as a database takes them."""
    top = explanation.interactions[0] if explanation.interactions and explanation.verdict != "unreadable" else None
    low, high = (None, None) if top is None or top.interval is None else top.interval
    shares, label = explanation.shares, plain(label) if label else known_label(explanation)
    wrong = is_wrong(explanation, label)
    title = plain(title or title_of(explanation))[:LONGEST_TITLE]
    return {
        "digest": digest_of(explanation),
        "domain": plain(explanation.domain),
        "model": plain(explanation.model_id),
        "title": title,
        "answer": explanation.prediction,
        "answered": plain(answered(explanation)),
        "label": label,
        "wrong": wrong,
        "state": explanation.verdict,
        "alone": shares.alone,
        "together": shares.together,
        "rest": shares.rest,
        "top": "" if top is None else plain(" · ".join(top.names))[:LONGEST_TITLE],
        "effect": None if top is None else top.effect,
        "low": low,
        "high": high,
        "sets": len(explanation.interactions),
        "flag": flag_of(explanation, wrong),
    }


def searched(title: str, explanation: Explanation, *more: str) -> str:
    """The words that find a case: its input, the names in its sets, its model, label, tags and note."""
    fields = fields_of(explanation)
    raw = explanation.case.raw
    names = [name for interaction in explanation.interactions for name in interaction.names]
    values = [f"{name}={value}" for name, value in fields.items()]
    texts = [title, raw if isinstance(raw, str) else "", *names, *values, explanation.model_id, *more]
    return plain("\n".join(dict.fromkeys(filter(None, texts))))[:LONGEST_SEARCHED]


def digest_of(explanation: Explanation) -> str:
    """Equal for equal results: the case's fingerprint, or, where the model has no identity, what was measured."""
    if explanation.fingerprint is not None:
        return plain(explanation.fingerprint)
    values = json.loads(explanation.to_json())
    for name in ("timings", "versions", "runs", "n_evaluations"):  # stability is measured behind a result
        values.pop(name, None)
    for interaction in values["interactions"]:
        for name in ("stability", "family_stability"):
            interaction.pop(name, None)
    return hashlib.sha256(json.dumps(values, sort_keys=True).encode()).hexdigest()[:32]


def answered(explanation: Explanation) -> str:
    """The model's answer as its domain says it."""
    domain = DOMAINS.get(explanation.domain)
    if domain is None or (explanation.payload is None and domain.name == "graph"):
        return plain_heading(explanation)
    return domain.heading(explanation)


def title_of(explanation: Explanation) -> str:
    """The input in a few words."""
    raw, payload = explanation.case.raw, explanation.payload
    if isinstance(raw, int) and (explanation.domain == "recommender" or fields_of(explanation)):
        return f"Row {raw}"
    if explanation.domain == "recommender":
        return " · ".join(f"{name}={value}" for name, value in list(fields_of(explanation).items())[:6])
    if isinstance(raw, str):
        return raw.removeprefix("sample:")
    if isinstance(raw, bytes):
        return f"A file of {len(raw) / 1000:,.0f} kB"
    name = getattr(payload, "name", "")
    return str(name or ("" if raw is None else raw) or explanation.explained)


def fields_of(explanation: Explanation) -> dict[str, str]:
    """Values by field, where the input is a row."""
    values = getattr(explanation.payload, "values", ())
    if not isinstance(values, tuple) or len(values) != len(explanation.names):
        return {}
    pairs = zip(explanation.names, values, strict=True)
    return {plain(name)[:LONGEST_TITLE]: plain(str(value))[:LONGEST_TITLE] for name, value in list(pairs)[:MOST_FIELDS]}


def number_of(value: str) -> float | None:
    """A field's value where it is a number."""
    try:
        number = float(value.replace(",", ""))
    except ValueError:
        return None
    return number if math.isfinite(number) else None


def known_label(explanation: Explanation) -> str | None:
    """The true class of a node, which its picture knows."""
    payload = explanation.payload
    labels, classes = getattr(payload, "labels", None), getattr(payload, "classes", None)
    if explanation.domain != "graph" or not isinstance(labels, tuple) or not classes:
        return None
    label = labels[getattr(payload, "node", 0)]
    return plain(classes[label]) if label >= 0 else None


def is_wrong(explanation: Explanation, label: str | None) -> bool | None:
    """Whether the model's answer is another than the true label; None: one of the two cannot be told."""
    if not label:
        return None
    said = label.strip().casefold()
    if explanation.domain in _TOLD_BY_SIGN and (yes := is_yes(label)) is not None:
        return (explanation.prediction >= 0) != yes
    probabilities = getattr(explanation.payload, "probabilities", None)
    if probabilities and explanation.domain == "graph":
        classes = getattr(explanation.payload, "classes", ())
        return said != str(classes[probabilities.index(max(probabilities))]).casefold()
    if explanation.domain == "image" and "target" not in explanation.case.options:  # its own first class is explained
        names = {name.strip().casefold() for name in explanation.explained.split(",")}
        return not names & {name.strip() for name in said.split(",")}
    return None


def is_yes(label: str) -> bool | None:
    """What a label of two says, such as "1", "positive" or "no"; None: neither."""
    said = label.strip().casefold()
    return True if said in _YES else False if said in _NO else None


def flag_of(explanation: Explanation, wrong: bool | None) -> str:
    """What a reader must know before all else, in a few words."""
    unknown = 0 if explanation.payload is None else len(explanation.payload.unknown())
    flags = [
        ("wrong answer", wrong is True),
        ("could not be read", explanation.verdict == "unreadable"),
        ("unknown words", unknown >= max(_UNKNOWN * len(explanation.names), 1)),
        ("near 50 %", explanation.domain in _TOLD_BY_SIGN and abs(explanation.prediction) < _NEAR),
    ]
    return ", ".join(words for words, is_so in flags if is_so)


def thumbnail_of(explanation: Explanation) -> str:
    """The thumbnail as HTML of ours."""
    return plain(str(thumbnail(explanation)))


def plain(text: str) -> str:
    """A text as every database takes it: no NUL, no half pairs of surrogates."""
    return re.sub(r"[\x00\ud800-\udfff]", "\ufffd", text)
