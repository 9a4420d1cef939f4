"""Explanations made by hand, and what stands in a picture of them."""

from __future__ import annotations

from collections.abc import Sequence
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import numpy as np

import glider_core as gl
from glider_core.cases import Case
from glider_core.domains.dna.payload import SequencePayload
from glider_core.domains.function.payload import FunctionPayload
from glider_core.domains.graph.payload import NeighbourhoodPayload
from glider_core.domains.image.payload import ImagePayload
from glider_core.domains.recommender.payload import RowPayload
from glider_core.domains.sentiment.payload import SentencePayload, Token
from glider_core.domains.sentiment.tokens import words
from glider_core.payload import Payload

NAMES = tuple(f"x{i}" for i in range(100))


def interaction(*features: int, names: Sequence[str] = NAMES, **values: Any) -> gl.Interaction:
    defaults: dict[str, Any] = {"strength": 1.0, "effect": 0.5, "gain": 0.1}
    defaults |= {"at_input": values.get("effect", 0.5), "adds": values.get("effect", 0.5)}
    return gl.Interaction(features=features, names=tuple(names[i] for i in features), **(defaults | values))


def explanation(
    names: Sequence[str], interactions: Sequence[gl.Interaction] = (), payload: Payload | None = None, **values: Any
) -> gl.Explanation:
    defaults: dict[str, Any] = {
        "case": Case(domain="function" if payload is None else payload.domain, model="test/test"),
        "payload": payload,
        "fingerprint": None,
        "names": tuple(names),
        "explained": "positive",
        "prediction": 1.0,
        "prediction_off": 0.0,
        "main_effects": tuple((-1) ** i * (i + 1.0) for i in range(len(names))),
        "interactions": tuple(interactions),
        "ranking": (),
        "scores": tuple(min(0.6 + 0.1 * k, 1.0) for k in range(len(interactions) + 1)),
        "explainer_score": 0.9,
        "spread": 1.0,
        "n_evaluations": 10,
        "timings": {},
        "versions": {},
    }
    return gl.Explanation(**(defaults | values))


def sentence(text: str, *sets: Sequence[int]) -> gl.Explanation:
    tokens = words(text)
    names = [word.text for word in tokens]
    payload = SentencePayload.of(text, tokens, [True] * len(tokens))
    return explanation(names, [interaction(*features, names=names) for features in sets], payload)


def four_features(domain: str, names: Sequence[str]) -> gl.Explanation:
    """Four features of these names in this domain, with two interactions; other texts are these names, too."""
    assert len(names) == 4
    payloads: dict[str, Payload] = {
        "sentiment": SentencePayload(
            text=" ".join(names),
            tokens=tuple(
                Token(text=name, start=0, end=len(name), known=name != names[1], stop=False, punctuation=False)
                for name in names
            ),
        ),
        "dna": SequencePayload(sequence="ACGT", motifs=()),
        "recommender": RowPayload(
            values=tuple(reversed(names)),
            known=(True, False, True, True),
            kinds=("dense", *["categorical"] * 3),
            planted=((0, 1),),
        ),
        "image": ImagePayload.of(
            np.zeros((8, 8, 3), dtype=np.uint8), np.arange(64).reshape(8, 8) // 16, off_state=names[0], target=0
        ),
        "graph": NeighbourhoodPayload(
            node=0,
            numbers=(3, 5, 7, 9),
            labels=(0, 1, -1, 0),
            hops=(0, 1, 1, 2),
            edges=((0, 1), (0, 2), (2, 3)),
            classes=tuple(names[:2]),
            target=0,
            probabilities=(0.75, 0.25),
            reach=6,
        ),
        "function": FunctionPayload(values=tuple(reversed(names))),
    }
    sets = [interaction(0, 1, names=names), interaction(1, 2, 3, names=names, effect=-0.25)]
    return explanation(names, sets, payloads[domain], explained=names[0])


class Elements(HTMLParser):
    """The elements of a picture as a browser reads them: names of tags, attributes, texts, and styles."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for name, value in self.attributes if name == attribute]


def svgs(html: str) -> list[ElementTree.Element]:
    """The SVG drawings of a picture, which are well-formed XML."""
    parts = html.split("<svg")[1:]
    return [ElementTree.fromstring(f"<svg{part.partition('</svg>')[0]}</svg>") for part in parts]
