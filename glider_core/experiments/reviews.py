"""Film reviews (IMDB) for experiments: those that hold two words in an order, in one of their sentences."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from glider_core.domains.sentiment.data import imdb_texts

Pair = tuple[str, str]
LONGEST = 40  # words of a sentence
_WORD = re.compile(r"\w+(?:['\-./&]\w+)*")


@dataclass(frozen=True, slots=True)
class Review:
    """A review with two words in an order."""

    number: int  # its line in the file, from 1
    sentence: str  # the first one that holds both
    text: str  # all of it


def reviews_with(
    data: Path, part: str, pairs: Iterable[Pair], *, at_most: int, seed: int = 0, among: int | None = None
) -> dict[Pair, list[Review]]:
    """Of each pair of words, in lower case, so many reviews that hold them in this order in a sentence; drawn by seed.

    Args:
        data: the folder.
        part: "train" or "test".
        pairs: of words as the models read them.
        at_most: reviews of each pair; fewer where there are no more. A text that stands there twice counts once.
        seed: of the order in which reviews are looked through.
        among: so many of the part's reviews, the first ones of the file; None: all.

    Raises:
        InvalidInput: the file is missing.
    """
    texts = [sentences for _, sentences in islice(imdb_texts(data, part), among)]
    seconds: dict[str, set[str]] = defaultdict(set)
    for first, second in pairs:
        seconds[first].add(second)
    found: dict[Pair, list[Review]] = defaultdict(list)
    seen: set[str] = set()
    for place in np.random.default_rng(seed).permutation(len(texts)).tolist():
        whole = " ".join(texts[place])
        if whole in seen:
            continue
        seen.add(whole)
        told: set[Pair] = set()
        for sentence in texts[place]:
            for pair in ordered_pairs(sentence, seconds) - told:
                told.add(pair)
                if len(found[pair]) < at_most:
                    found[pair].append(Review(place + 1, sentence, whole))
    return dict(found)


def ordered_pairs(sentence: str, seconds: dict[str, set[str]]) -> set[Pair]:
    """Those of the pairs, second words by their first, that a sentence of at most `LONGEST` words holds in order."""
    words = _WORD.findall(sentence.lower().replace("’", "'"))
    if len(words) > LONGEST:
        return set()
    last = {word: place for place, word in enumerate(words)}
    first = {word: place for place, word in reversed(list(enumerate(words)))}
    return {(a, b) for a in first.keys() & seconds.keys() for b in seconds[a] & last.keys() if last[b] > first[a]}
