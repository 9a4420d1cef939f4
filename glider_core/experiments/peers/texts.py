"""Texts by their length in words, as SPEX's authors group them: sentences of SST's test set, longer ones of IMDB."""

from __future__ import annotations

import csv
import gzip
import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from glider_core.domains.sentiment.data import sst_sentences
from glider_core.errors import InvalidInput

# By name: the fewest and the most words, and the numbers of calls of SPEX's own experiment.
LENGTHS: dict[str, tuple[int, int, tuple[int, ...]]] = {
    "under 16 words": (8, 15, (580,)),
    "16 to 31 words": (16, 31, (672, 1344, 5376)),
    "32 to 63 words": (32, 63, (845, 3379)),
    "64 words and more": (64, 96, (1132, 4526)),
}
_REVIEWS = 400  # of IMDB's test part, the first


def texts_of_length(data: Path, model: Any, length: str, limit: int) -> list[str]:
    """The first so many texts whose words, as the model reads them, are as many as the length says.

    Raises:
        InvalidInput: the data folder lacks SST or IMDB, or has too few such texts.
    """
    least, most, _ = LENGTHS[length]
    found: list[str] = []
    for text in _sentences(data) if most < 64 else _beginnings(data, least, model):
        if least <= len(model.instance(text).names) <= most:
            found.append(text)
        if len(found) == limit:
            return found
    raise InvalidInput(f"{data.name} has {len(found)} texts of {length}; {limit} were asked for.")


def _sentences(data: Path) -> Iterator[str]:
    """Sentences of SST's test set, then whole sentences of IMDB."""
    yield from (" ".join(pieces) for pieces, _ in sst_sentences(data, "test"))
    for review in _reviews(data):
        yield from _split(review)


def _beginnings(data: Path, least: int, model: Any) -> Iterator[str]:
    """Of each review as many whole sentences from the first on as make up so many words."""
    for review in _reviews(data):
        for sentences in itertools.accumulate(_split(review), lambda a, b: f"{a} {b}"):
            if sentences and len(model.instance(sentences).names) >= least:
                yield sentences
                break


def _split(review: str) -> list[str]:
    return [sentence for sentence in re.split(r"(?<=[.!?])\s+", re.sub(r"<br\s*/?>", " ", review)) if sentence.strip()]


def _reviews(data: Path) -> list[str]:
    path = data / "imdb" / "test.tsv.gz"
    if not path.is_file():
        raise InvalidInput(f"There is no imdb/{path.name} in the data folder {data.name}.")
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [row["text"] for row in itertools.islice(rows, _REVIEWS)]
