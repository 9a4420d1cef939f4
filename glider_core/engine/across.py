"""Sets over several draws of what is off: each draw is a game of its own, and strengths are joined as squares.

Where what is off is drawn at random, a joint effect has another size at every draw, and often another sign: of a
product of two numbers the mean over draws on both sides of them is as large as the product itself, and nothing is left.
Its mean square is never nothing. Squares over draws estimate by how much the answers vary with a set as a whole
(superset importance, Liu and Owen 2006); steps of a forest, which act here and there, fall behind what acts everywhere.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from glider_core.engine.explain import explain_many
from glider_core.engine.instance import FunctionInstance, Instance, as_instance
from glider_core.engine.interaction_sets import Features
from glider_core.errors import InvalidInput
from glider_core.results import Candidate
from glider_core.settings import Settings

DRAWS = 20
_PART_SAYS_IT = (
    0.9  # share of a set's square that a part of it may not reach, as in `grow`, for the set to stand for it
)
_OFTEN = 0.4  # share of the draws in which a set must be found to stand for its parts


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSet:
    """A set, and how strongly it acts over several draws."""

    features: Features
    names: tuple[str, ...]  # parallel to features
    strength: float  # root of the mean square of the detector's strengths, in the answers' unit where they are
    found: float  # share of the draws in which the set itself was found, 0..1


def rank_over_draws(
    instance: Instance, settings: Settings | None = None, *, draws: int = DRAWS
) -> tuple[SharedSet, ...]:
    """The sets of an instance by their strength over several draws of what is off, the strongest first.

    A draw costs as many answers as an explanation. Many draws of few masks tell more than few of many: usual are
    `Settings.with_masks(300)` and draws of one row each (`rows=1` of `gl.tabular` with the off state "marginal" or
    "nearby"). Within a draw nothing is random: of a few features `Exact` asks all masks.

    Args:
        instance: whose off features are drawn at random.
        settings: of each draw.
        draws: how many.

    Raises:
        InvalidInput: nothing is drawn at random, or there are fewer than two draws.
        BlackBoxFailed: as for `explain`.
    """
    instance = as_instance(instance)
    if not instance.stochastic:
        raise InvalidInput(
            "What is off is not drawn at random here, so that all draws are one; use `explain`, or another off state, "
            "such as 'marginal' or 'nearby' of `gl.tabular`."
        )
    if draws < 2:
        raise InvalidInput(f"Got {draws} draws; give 2 or more.")
    games = [_game(instance.redrawn(number)) for number in range(draws)]
    explanations = explain_many(games, settings)
    joined = joined_ranking([explanation.ranking for explanation in explanations])
    return tuple(
        SharedSet(
            features=candidate.features,
            names=tuple(instance.names[i] for i in candidate.features),
            strength=candidate.strength,
            found=sum(any(c.features == candidate.features for c in e.ranking) for e in explanations) / draws,
        )
        for candidate in joined
    )


def joined_ranking(rankings: Sequence[Sequence[Candidate]]) -> list[Candidate]:
    """One ranking of several, by the root of the mean square of each set's strengths, nothing where it is not found.

    A set that is found in two fifths of the rankings counts with all sets inside it and stands for them, unless one of
    these has nine tenths of the square. Any other counts with what it adds.
    """
    found: dict[Features, int] = defaultdict(int)
    squares: dict[Features, float] = defaultdict(float)
    for ranking in rankings:
        for candidate in ranking:
            squares[candidate.features] += candidate.strength**2 / len(rankings)
            found[candidate.features] += 1
    inside = {whole: [part for part in squares if set(part) < set(whole)] for whole in squares}
    total = {whole: squares[whole] + sum(squares[part] for part in parts) for whole, parts in inside.items()}
    stands = {
        whole for whole, parts in inside.items()
        if found[whole] >= _OFTEN * len(rankings) and all(total[p] < _PART_SAYS_IT * total[whole] for p in parts)
    }  # fmt: skip
    joined = [Candidate(features=s, strength=(total[s] if s in stands else squares[s]) ** 0.5) for s in squares]
    joined.sort(key=lambda c: (-c.strength, len(c.features), c.features))
    wholes = [set(c.features) for c in joined if c.features in stands]
    return [c for c in joined if not any(set(c.features) < whole for whole in wholes)]


def _game(drawn: Instance) -> FunctionInstance:
    """One draw as a black box in which nothing is random."""
    game = FunctionInstance(drawn.names, drawn.predict, explained=drawn.explained, scale=drawn.scale)
    game.batch, game.resolution = drawn.batch, drawn.resolution
    return game
