"""Sentences of ours about films, made from patterns, to count over which words a model reads together."""

from __future__ import annotations

import numpy as np

_THINGS = ("story", "acting", "ending", "music", "script", "cast", "dialogue", "second half", "camera work", "humour")
_GOOD = ("good", "funny", "clever", "moving", "exciting", "original", "memorable", "convincing")
_BAD = ("bad", "dull", "boring", "predictable", "annoying", "slow", "silly", "confusing")
_PATTERNS = (
    "The {thing} is never {bad}.",
    "The {thing} is not {good}.",
    "The {thing} is not {bad} at all.",
    "The {thing} is hardly {bad}.",
    "The {thing} is neither {good} nor {other}.",
    "The {thing} is too {bad} to enjoy.",
    "There is nothing {good} about the {thing}.",
    "I expected a {bad} film, but the {thing} is {good}.",
    "I expected a {good} film, but the {thing} is {bad}.",
    "The {thing} is {good}, yet the film never fails to be {bad}.",
    "The {thing} never fails to be {good}.",
    "You will not be disappointed by the {thing}, which is {good}.",
    "It is too bad that the {thing} is so {bad}.",
    "The {thing} could not be more {good}.",
    "The {thing} is {good} and {other}.",
    "The {thing} is very {bad}.",
)


def sentences(n: int = 160, *, seed: int = 0) -> list[str]:
    """So many sentences, each pattern as often as the others; the same for the same seed.

    Args:
        n: how many.
        seed: of the words that are filled in.
    """
    rng = np.random.default_rng(seed)
    made = []
    for number in range(n):
        good, other = rng.choice(_GOOD, size=2, replace=False)
        made.append(
            _PATTERNS[number % len(_PATTERNS)].format(
                thing=rng.choice(_THINGS), good=good, other=other, bad=rng.choice(_BAD)
            )
        )
    return made
