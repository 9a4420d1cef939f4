"""Additive models of a black box: a linear model and a small network for each interaction (Tsang et al. 2020, Table 5).

How much of the black box a ranking of sets accounts for shows in how well such a model, given the first k of them,
foretells answers to masks that it never saw. A network on a set's features alone is free to be any function of them,
where a product is one. Many models, of any black boxes, train as stacked networks: each layer of all of them is one
batched matrix product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glider_core import parallel
from glider_core.engine.interaction_sets import Features
from glider_core.engine.masks import Split
from glider_core.engine.recipe import Recipe
from glider_core.errors import InvalidInput

# The layers are the paper's. Its stopping rule is `schedule="plateau"`; the decay to zero reaches a lower error sooner.
RECIPE = Recipe(
    hidden=(64, 32, 16),
    activation="relu",
    linear=True,
    l1=0.0,
    learning_rate=1e-2,
    batch_size=100,
    schedule="decay",
    epochs=8,
    patience=5,
    max_epochs=100,
)
# A set is worth its network when the error on validation masks falls by this share of itself, and by so many standard
# errors of that fall: best weights are chosen on the same masks, and so noise alone lowers it a little.
MIN_FALL, MIN_SURE = 0.01, 2.5
_ROUNDING = 1e-9  # share of the answers' variance below which an error is that of float32
_STACK = 8  # models that train together on one core
_CENTER = 0.5  # masks are -1/2 and +1/2 inside, as in the explainer


@dataclass(frozen=True, slots=True)
class Subject:
    """A black box's answers to masks, and sets of its features, the strongest first."""

    masks: NDArray[np.bool_]  # (n, d)
    answers: NDArray[np.float64]  # (n,)
    sets: Sequence[Features]


@dataclass(frozen=True, slots=True)
class AdditiveFit:
    """Mean squared errors of one black box's additive models with k networks, k = 0, 1, ..., L.

    They are in squares of the answers' unit; further sets no longer lowered the one on the validation masks.
    """

    sets: tuple[Features, ...]  # those that have a network, in the order in which they came
    validation: tuple[float, ...]
    test: tuple[float, ...]
    variance: float  # of the answers to the test masks, in the same unit

    @property
    def r2(self) -> tuple[float, ...]:
        """Share of the variance on the test masks that each of the models explains; 1 of answers that do not vary."""
        return tuple(1.0 - error / self.variance if self.variance else 1.0 for error in self.test)


def fit_additive(
    subjects: Sequence[Subject],
    split: Split,
    *,
    most: int = 10,
    rejections: int = 1,
    seed: int = 0,
    recipe: Recipe = RECIPE,
    report: Callable[[int], None] = lambda k: None,
) -> list[AdditiveFit]:
    """Fit each black box by a linear model, then with a network more for each of its sets while that helps.

    The linear model is least squares. With each set its network joins, silent at first, and all of the model trains on,
    so that overlapping sets share what is theirs; the best weights on the validation masks are kept. A set that does
    not lower the error there gets no network.

    Args:
        subjects: with equally many masks.
        split: rows that train, that end the training and choose k, and that are only measured on; the same of all.
        most: networks of one black box at most.
        rejections: sets in a row without a network that end the model; the paper's first one does.
        seed: of initial weights and the order of masks.
        recipe: of the networks; its linear term is always there.
        report: called with k when the k-th sets are tried; may raise to stop.

    Returns:
        One for each subject. A subject's errors do not depend on the others beyond rounding.

    Raises:
        InvalidInput: numbers of masks differ, or a set is not of a subject's features.
    """
    _check(subjects)
    models = [_Additive.linear(subject, split) for subject in subjects]
    active, tried = models, 0
    while active := [model for model in active if model.goes_on(tried, most, rejections)]:
        tried += 1
        report(tried)
        # Models of as many networks, whose sets are about as large: a stack is as wide as its largest set.
        alike: dict[int, list[_Additive]] = defaultdict(list)
        for model in sorted(active, key=lambda model: max(map(len, model.with_next(tried)))):
            alike[len(model.networks)].append(model)
        stacks = [group[start : start + _STACK] for group in alike.values() for start in range(0, len(group), _STACK)]

        def extend(stack: list[_Additive], tried: int = tried) -> None:
            _extend(stack, tried, split, seed, recipe)

        parallel.each(extend, stacks)
    return [model.fit() for model in models]


def _check(subjects: Sequence[Subject]) -> None:
    for subject in subjects:
        n, d = subject.masks.shape
        if n != len(subjects[0].masks) or len(subject.answers) != n:
            raise InvalidInput(f"Got {n} masks and {len(subject.answers)} answers; all subjects need equally many.")
        for features in subject.sets:
            if not features or len(set(features)) < len(features) or not 0 <= min(features) <= max(features) < d:
                raise InvalidInput(f"Got the set {str(tuple(features))[:80]}; its features are of 0 to {d - 1}.")


@dataclass(slots=True)
class _Additive:
    """One black box's model as it grows; answers are standardised inside."""

    subject: Subject
    split: Split
    target: NDArray[np.float64]  # (n,) standardised by the training rows
    unit: float  # their deviation
    linear_term: Tensor  # (d,) of centred masks
    bias: Tensor  # ()
    sets: list[Features] = field(default_factory=list)  # that have a network
    networks: list[list[Tensor]] = field(default_factory=list)  # of each its layers' weights and biases
    rejected: int = 0  # sets in a row
    validation: list[Tensor] = field(default_factory=list)  # per k squared errors, (rows,)
    test: list[Tensor] = field(default_factory=list)

    @classmethod
    def linear(cls, subject: Subject, split: Split) -> _Additive:
        """The model without sets."""
        level = float(subject.answers[split.train].mean())
        unit = float(subject.answers[split.train].std())
        target = (subject.answers - level) / (unit or 1.0)
        columns = np.hstack([subject.masks - _CENTER, np.ones((len(target), 1))])
        coefficients = np.linalg.lstsq(columns[split.train], target[split.train], rcond=None)[0]
        terms = torch.from_numpy(coefficients).float()
        model = cls(subject, split, target, unit, terms[:-1], terms[-1])
        errors = torch.from_numpy((columns @ coefficients - target) ** 2)
        model.validation.append(errors[split.validation])
        model.test.append(errors[split.test])
        return model

    def goes_on(self, tried: int, most: int, rejections: int) -> bool:
        """Whether another set is tried after so many."""
        left = tried < len(self.subject.sets) and len(self.sets) < most
        return left and self.rejected < rejections and float(self.validation[-1].mean()) > _ROUNDING

    def with_next(self, tried: int) -> list[Features]:
        """Its sets, and the one that is tried now, when so many are with it."""
        return [*self.sets, self.subject.sets[tried - 1]]

    def helped(self, errors: Tensor) -> bool:
        """Whether squared errors (rows,) on the validation masks are lower than before, beyond chance."""
        before = self.validation[-1]
        fall = before - errors.double()
        sure = MIN_SURE * float(fall.std()) / len(fall) ** 0.5
        enough = max(MIN_FALL * float(before.mean()), sure)
        return float(fall.mean()) >= enough

    def fit(self) -> AdditiveFit:
        scale = self.unit**2
        return AdditiveFit(
            sets=tuple(self.sets),
            validation=tuple(scale * float(errors.mean()) for errors in self.validation),
            test=tuple(scale * float(errors.mean()) for errors in self.test),
            variance=float(self.subject.answers[self.split.test].var()),
        )


def _extend(models: Sequence[_Additive], tried: int, split: Split, seed: int, recipe: Recipe) -> None:
    """Train these models, of as many networks each, with the one of their next set; those that it helps keep it."""
    stack = _Stack(models, tried, seed, recipe)
    train, validation, test = (torch.as_tensor(rows) for rows in (split.train, split.validation, split.test))
    shuffle = torch.Generator().manual_seed(seed + tried)
    optimizer = torch.optim.Adam(stack.parameters, lr=recipe.learning_rate, fused=True)
    best = stack.copied()
    best_loss = torch.tensor([float(model.validation[-1].mean()) for model in models])
    waited = torch.zeros(len(models), dtype=torch.long)
    n_steps = -(-len(train) // recipe.batch_size)
    for epoch in range(recipe.most_epochs):
        rows = train[torch.randperm(len(train), generator=shuffle)]
        for step, batch in enumerate(rows.split(recipe.batch_size)):
            optimizer.param_groups[0]["lr"] = recipe.rate((epoch + (step + 0.5) / n_steps) / recipe.most_epochs)
            optimizer.zero_grad()
            stack.errors(batch).mean(1).sum().backward()  # a sum: each model's gradient is its own
            optimizer.step()
        with torch.no_grad():
            loss = stack.errors(validation).mean(1)
        going = waited < recipe.patience if recipe.schedule == "plateau" else torch.ones_like(waited, dtype=torch.bool)
        better = going & (loss < best_loss)
        for kept, value in zip(best, stack.parameters, strict=True):
            kept[better] = value.detach()[better]
        best_loss = torch.where(better, loss, best_loss)
        waited = torch.where(better, 0, waited + 1)
        if not bool((waited < recipe.patience).any()) and recipe.schedule == "plateau":
            break
    with torch.no_grad():
        stack.parameters = best
        validated, tested = stack.errors(validation).cpu(), stack.errors(test).cpu()
    for place, model in enumerate(models):
        if model.helped(validated[place]):
            model.sets, model.rejected = model.with_next(tried), 0
            model.linear_term, model.bias, model.networks = stack.taken(place)
            model.validation.append(validated[place].double())
            model.test.append(tested[place].double())
        else:
            model.rejected += 1


class _Stack:
    """Models with k networks each that train together: every parameter has their number first."""

    def __init__(self, models: Sequence[_Additive], tried: int, seed: int, recipe: Recipe) -> None:
        sets = [model.with_next(tried) for model in models]
        self._orders = [[len(features) for features in own] for own in sets]
        self._widths = [model.subject.masks.shape[1] for model in models]
        self._k = k = len(sets[0])
        n, members = len(models[0].target), len(models)
        widest = max(map(max, self._orders))
        # (members, n, d): centred masks, zero where a model has fewer features; as bytes, twice their value.
        masks = np.zeros((members, n, max(self._widths)), dtype=np.int8)
        # What each network sees, likewise: (members, k, rows, widest). Of few features there are fewer patterns than a
        # batch has rows, so that networks answer each pattern once, and `which` has the number of every mask's.
        few = 2**widest <= recipe.batch_size
        inputs = np.zeros((members, k, 2**widest if few else n, widest), dtype=np.int8)
        which = np.zeros((members, k, n), dtype=np.int64)
        patterns = np.where(np.arange(2**widest)[:, None] >> np.arange(widest) & 1, 1, -1) if few else None
        for member, model in enumerate(models):
            signs = np.where(model.subject.masks, 1, -1)
            masks[member, :, : signs.shape[1]] = signs
            for place, features in enumerate(sets[member]):
                own = model.subject.masks[:, list(features)]
                if patterns is None:
                    inputs[member, place, :, : len(features)] = np.where(own, 1, -1)
                else:
                    inputs[member, place, :, : len(features)] = patterns[:, : len(features)]
                    which[member, place] = own @ (1 << np.arange(len(features)))
        self._masks, self._inputs = (torch.from_numpy(table) for table in (masks, inputs))
        self._which = torch.from_numpy(which) if few else None
        targets = np.stack([model.target for model in models])
        self._targets = torch.as_tensor(targets, dtype=torch.float32)
        networks = [
            [*model.networks, _initial(len(own[-1]), tried, seed, recipe.hidden)]
            for model, own in zip(models, sets, strict=True)
        ]
        layers = [
            torch.stack([torch.stack([_padded(network[part], widest if part == 0 else 0)
                                      for network in own]) for own in networks])
            for part in range(len(networks[0][0]))
        ]  # fmt: skip
        linear = torch.stack([_padded(model.linear_term, masks.shape[2]) for model in models])
        bias = torch.stack([model.bias for model in models])
        self.parameters = [value.requires_grad_() for value in (linear, bias, *layers)]

    def errors(self, rows: Tensor) -> Tensor:
        """Squared errors (members, rows)."""
        linear, bias, *layers = self.parameters
        masks = self._masks[:, rows].float().mul_(_CENTER)
        seen = self._inputs if self._which is not None else self._inputs[:, :, rows]
        hidden = seen.float().mul_(_CENTER).flatten(0, 1)  # (members * k, patterns or rows, widest)
        for weight, shift in zip(layers[:-1:2], layers[1:-1:2], strict=True):
            hidden = torch.baddbmm(shift.flatten(0, 1)[:, None], hidden, weight.flatten(0, 1)).relu()
        joint = torch.bmm(hidden, layers[-1].flatten(0, 1)[:, :, None]).view(len(linear), self._k, -1)
        if self._which is not None:
            joint = joint.gather(2, self._which[:, :, rows])
        output = torch.bmm(masks, linear[:, :, None]).squeeze(2) + bias[:, None] + joint.sum(1)
        return (output - self._targets[:, rows]).square()

    def copied(self) -> list[Tensor]:
        """The parameters as they are now."""
        return [value.detach().clone() for value in self.parameters]

    def taken(self, member: int) -> tuple[Tensor, Tensor, list[list[Tensor]]]:
        """A member's linear term, bias and networks, without padding, on the processor."""
        linear, bias, *layers = (value[member].cpu() for value in self.parameters)
        networks = [
            [layer[place][:order] if part == 0 else layer[place] for part, layer in enumerate(layers)]
            for place, order in enumerate(self._orders[member])
        ]
        return linear[: self._widths[member]], bias, networks


def _initial(order: int, tried: int, seed: int, hidden: Sequence[int]) -> list[Tensor]:
    """Weights and biases of a new network by layer, and its last layer's weights, which are zero: it begins silent."""
    generator = torch.Generator().manual_seed(seed * 1009 + tried)
    parts, fan_in = [], order
    for width in hidden:
        for shape in ((fan_in, width), (width,)):
            parts.append((torch.rand(shape, generator=generator) * 2 - 1) / fan_in**0.5)
        fan_in = width
    return [*parts, torch.zeros(fan_in)]


def _padded(value: Tensor, rows: int) -> Tensor:
    """With rows of zeros below, so many in all."""
    missing = rows - len(value)
    return value if missing <= 0 else torch.cat([value, value.new_zeros(missing, *value.shape[1:])])
