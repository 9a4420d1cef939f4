"""The Stanford Sentiment Treebank and the Large Movie Review Dataset, as lists of pieces with labels."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from glider_core.domains.sentiment.tokens import pieces, words
from glider_core.errors import InvalidInput

Labelled = list[tuple[tuple[str, ...], int]]  # pieces, and 1 for positive or 0 for negative

_BRACKETS = {"-lrb-": "(", "-rrb-": ")", "-lsb-": "[", "-rsb-": "]", "``": '"', "''": '"', "`": "'"}
_MARKUP = re.compile(r"<br\s*/?>")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Tree:
    """A sentence of the treebank with a label for every phrase of it."""

    leaves: tuple[str, ...]  # as they stand there
    phrases: tuple[tuple[int, int, int], ...]  # first leaf, last leaf + 1, label of 0 to 4; the sentence is the last


def sst_trees(data: Path, part: str) -> list[Tree]:
    """All sentences of `part` (train, dev, test), the neutral ones included, in the order of the file.

    Raises:
        InvalidInput: the file is missing.
    """
    return [_parsed(tree) for tree in _trees(data, part)]


def sst_sentences(data: Path, part: str) -> Labelled:
    """The binary task: whole sentences of `part` (train, dev, test) that are not neutral."""
    return [
        (phrase, int(label > 2))
        for tree in _trees(data, part)
        for phrase, label, is_root in _phrases(tree)
        if is_root and label != 2
    ]


def sst_phrases(data: Path) -> Labelled:
    """Every distinct phrase of the training trees, sentences included, that is not neutral."""
    return list(
        {
            phrase: (phrase, int(label > 2))
            for tree in _trees(data, "train")
            for phrase, label, _ in _phrases(tree)
            if label != 2
        }.values()
    )


def imdb_texts(data: Path, part: str) -> Iterator[tuple[int, list[str]]]:
    """The 25,000 reviews of `part` (train, test), in the order of the file: the rating (1 to 10) and the sentences.

    Raises:
        InvalidInput: the file is missing.
    """
    with _open(data / "imdb" / f"{part}.tsv.gz") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            yield int(row["rating"]), _SENTENCE_END.split(_MARKUP.sub(" ", row["text"]))


def imdb_reviews(data: Path) -> Iterator[tuple[int, list[tuple[str, ...]]]]:
    """All 50,000 reviews: the rating (1 to 10) and the sentences."""
    for part in ("train", "test"):
        for rating, sentences in imdb_texts(data, part):
            yield (
                rating,
                [tuple(p for word in words(sentence) for p in _whole(word.text)) for sentence in sentences],
            )


def _whole(word: str) -> list[str]:
    # Joined words stay whole here: the vocabulary is yet to be made, and frequent ones deserve a vector of their own.
    return pieces(word, _Everything())


class _Everything:
    def __contains__(self, item: object) -> bool:
        return True


def _open(path: Path):
    if not path.is_file():
        raise InvalidInput(f"There is no {path.name} in {path.parent.name}/ of the data folder; see the model card.")
    return gzip.open(path, "rt", encoding="utf-8")


def _trees(data: Path, part: str) -> Iterator[str]:
    with _open(data / "sst" / f"{part}.txt.gz") as lines:
        yield from (line for line in lines if line.strip())


def _phrases(tree: str) -> Iterator[tuple[tuple[str, ...], int, bool]]:
    """Each node of a bracketed tree as its pieces, its label and whether it is the root."""
    parsed = _parsed(tree)
    pieces = [normal(leaf) for leaf in parsed.leaves]
    for place, (start, end, label) in enumerate(parsed.phrases, 1):
        yield tuple(pieces[start:end]), label, place == len(parsed.phrases)


def normal(leaf: str) -> str:
    """A leaf as models read it: in lower case, brackets and quotation marks as people write them."""
    lowered = leaf.lower().replace("\\/", "/").replace("\\*", "*").replace("\xa0", " ")
    return _BRACKETS.get(lowered, lowered)


def _parsed(tree: str) -> Tree:
    leaves: list[str] = []
    open_nodes: list[tuple[int, int]] = []  # label, number of leaves before the node
    phrases: list[tuple[int, int, int]] = []
    # Split at the ordinary space only: three leaves hold a no-break space.
    for token in tree.rstrip("\n").replace("(", " ( ").replace(")", " ) ").split(" "):
        if not token:
            continue
        if token == "(":
            open_nodes.append((-1, len(leaves)))
        elif token == ")":
            label, start = open_nodes.pop()
            phrases.append((start, len(leaves), label))
        elif open_nodes[-1][0] < 0:
            open_nodes[-1] = (int(token), open_nodes[-1][1])
        else:
            leaves.append(token)
    return Tree(tuple(leaves), tuple(phrases))
