"""The Stanford Sentiment Treebank for experiments: sentences as people write them, with labels for their phrases."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from glider_core.domains.sentiment.data import Tree, normal, sst_trees
from glider_core.domains.sentiment.payload import SentencePayload, Token
from glider_core.engine.instance import Instance

NEUTRAL = 2  # of the labels 0 to 4
_BEHIND = frozenset(
    [*",.!?;:%'", "-rrb-", "-rsb-", "...", "''", "n't", "'s", "'re", "'ve", "'ll", "'d", "'m"]
)  # no space before
_BEFORE = frozenset(["-lrb-", "-lsb-", "``", "`", "$", "#"])  # no space behind


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of the treebank."""

    number: int  # its line in the file, from 1
    text: str
    phrases: tuple[tuple[int, int, int], ...]  # characters from, to, and a label of 0 to 4; the whole comes last

    @property
    def positive(self) -> bool | None:
        """What people read it as; None: neutral."""
        label = self.phrases[-1][2]
        return None if label == NEUTRAL else label > NEUTRAL


@dataclass(frozen=True, slots=True)
class Phrase:
    """A labelled phrase in the features of a sentence."""

    start: int  # its first feature
    end: int  # its last feature + 1
    label: int  # of 0 to 4

    @property
    def size(self) -> int:
        """How many features it has."""
        return self.end - self.start


def sentences(data: Path, part: str) -> list[Sentence]:
    """The sentences of `part` (train, dev, test) in the order of the file, neutral ones included.

    Raises:
        InvalidInput: the file is missing.
    """
    return [_written(number, tree) for number, tree in enumerate(sst_trees(data, part), 1)]


def tokens_of(instance: Instance) -> tuple[Token, ...]:
    """The features of an instance of a sentiment model, as tokens."""
    assert isinstance(instance.payload, SentencePayload)
    return instance.payload.tokens


def in_features(sentence: Sentence, tokens: Sequence[Token]) -> list[Phrase]:
    """The labelled phrases that begin and end with a feature, each once, the sentence as a whole last.

    A clitic (does|n't) is a leaf of the treebank and no feature; a phrase that ends inside a feature has none. Of
    phrases with the same features, such as a word and the bracket around it, the larger one's label counts.

    Args:
        sentence: that was read.
        tokens: its features, with their places in its text.
    """
    starts = {token.start: place for place, token in enumerate(tokens)}
    ends = {token.end: place + 1 for place, token in enumerate(tokens)}
    found: dict[tuple[int, int], int] = {}
    for start, end, label in sentence.phrases:  # inner ones first
        if start in starts and end in ends:
            found[starts[start], ends[end]] = label
    return [Phrase(start, end, label) for (start, end), label in found.items()]


def _written(number: int, tree: Tree) -> Sentence:
    """A tree's text with spaces where people put them."""
    text, places, glued = "", [], True
    for leaf in tree.leaves:
        lowered = leaf.lower()
        if not glued and lowered not in _BEHIND:
            text += " "
        word = unicodedata.normalize("NFC", _in_its_case(leaf))
        places.append((len(text), len(text) + len(word)))
        text += word
        glued = lowered in _BEFORE
    phrases = tuple((places[start][0], places[end - 1][1], label) for start, end, label in tree.phrases)
    return Sentence(number, text, phrases)


def _in_its_case(leaf: str) -> str:
    plain = normal(leaf)
    return leaf if plain == leaf.lower() else plain
