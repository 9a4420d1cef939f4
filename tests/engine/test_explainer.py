"""The hand-written training against autograd, and one member against many."""

from itertools import pairwise

import numpy as np
import pytest
import torch

from glider_core.engine.explainer import train_explainers
from glider_core.engine.masks import split_masks
from glider_core.engine.recipe import SOFTPLUS_BETA, Recipe


def recipe(**changes) -> Recipe:
    values = {
        "hidden": (16, 8),
        "activation": "relu",
        "linear": False,
        "l1": 1e-3,
        "learning_rate": 1e-2,
        "batch_size": 25,
        "schedule": "plateau",
        "epochs": 3,
        "patience": 3,
        "max_epochs": 3,
    }
    return Recipe(**(values | changes))


def problem(members: int, d: int = 6):
    rng = np.random.default_rng(1)
    masks = rng.random((200, d)) < 0.5
    targets = np.stack([(k + 1) * masks[:, 0] * masks[:, 1] + masks[:, 2] * 1.0 for k in range(members)])
    return masks, targets, rng.uniform(0.1, 1, 200)


def by_autograd(masks, targets, weights, split, seed, recipe, *, scaled_within_batches=False):
    """The slow way: one member, torch's own layers' arithmetic, autograd and Adam."""
    generator = torch.Generator().manual_seed(seed)
    sizes = list(pairwise((masks.shape[1], *recipe.hidden, 1)))

    def uniform(*shape, fan_in):
        return ((torch.rand(int(np.prod(shape)), generator=generator) * 2 - 1) / fan_in**0.5).view(shape)

    layers = [uniform(i, o, fan_in=i) for i, o in sizes]
    biases = [uniform(o, fan_in=i) for i, o in sizes]
    linear = torch.zeros(masks.shape[1])
    parameters = [*layers, *biases, *([linear] if recipe.linear else [])]
    for parameter in parameters:
        parameter.requires_grad_()
    adam = torch.optim.Adam(parameters, lr=recipe.learning_rate)
    x, y = torch.tensor(masks).float() - 0.5, torch.tensor(targets).float()
    w = torch.tensor(weights / weights.mean()).float()

    def forward(rows):
        h = x[rows]
        for layer, bias in zip(layers[:-1], biases[:-1], strict=True):
            z = h @ layer + bias
            h = torch.relu(z) if recipe.activation == "relu" else torch.nn.functional.softplus(z, beta=SOFTPLUS_BETA)
        return (h @ layers[-1] + biases[-1])[:, 0] + (x[rows] @ linear if recipe.linear else 0)

    shuffle = torch.Generator().manual_seed(seed)
    train = torch.tensor(split.train)
    for epoch in range(recipe.most_epochs):
        batches = train[torch.randperm(len(train), generator=shuffle)].split(recipe.batch_size)
        for step, rows in enumerate(batches):
            for group in adam.param_groups:
                group["lr"] = recipe.rate((epoch + (step + 0.5) / len(batches)) / recipe.most_epochs)
            scale = w[rows].mean() if scaled_within_batches else 1.0
            loss = (w[rows] / scale * (forward(rows) - y[rows]) ** 2).mean()
            loss = loss + recipe.l1 * sum(layer.abs().sum() for layer in layers)
            adam.zero_grad()
            loss.backward()
            adam.step()
    with torch.no_grad():  # the same functions of masks of 0 and 1
        biases[0] -= 0.5 * layers[0].sum(0)
        biases[-1] -= 0.5 * linear.sum()
    return layers, biases, linear


@pytest.mark.parametrize("schedule", ["plateau", "decay"])
@pytest.mark.parametrize(("activation", "linear", "l1"), [("relu", False, 1e-3), ("softplus", True, 0.0)])
def test_training_equals_autograd(activation, linear, l1, schedule) -> None:
    masks, targets, weights = problem(1)
    split = split_masks(150, 50, 0)
    settings = recipe(activation=activation, linear=linear, l1=l1, schedule=schedule, epochs=1, max_epochs=1)
    mine = train_explainers(masks, targets, weights, [split], [5], settings)
    layers, biases, coefficients = by_autograd(masks, targets[0], weights, split, 5, settings)
    for weight, expected in zip(mine.weights, layers, strict=True):
        assert weight[0].numpy() == pytest.approx(expected.detach().numpy(), abs=2e-5)
    for bias, expected in zip(mine.biases, biases, strict=True):
        assert bias[0].numpy() == pytest.approx(expected.detach().numpy(), abs=2e-5)
    if linear:
        assert mine.linear is not None
        assert mine.linear[0].numpy() == pytest.approx(coefficients.detach().numpy(), abs=2e-5)


def test_a_member_does_not_depend_on_its_company() -> None:
    masks, targets, weights = problem(4)
    split = split_masks(150, 50, 0)
    settings = recipe(max_epochs=100, patience=2, hidden=(64, 32))
    together = train_explainers(masks, targets, weights, [split] * 4, [1, 2, 1, 2], settings)
    assert len(set(together.epochs.tolist())) > 1  # they stop at different times
    for k, seed in enumerate([1, 2, 1, 2]):
        alone = train_explainers(masks, targets[k : k + 1], weights, [split], [seed], settings)
        assert alone.epochs[0] == together.epochs[k]
        for one, many in zip(alone.weights, together.weights, strict=True):
            assert torch.equal(one[0], many[k])


def test_best_weights_are_kept() -> None:
    masks, targets, weights = problem(2)
    split = split_masks(150, 50, 0)
    trained = train_explainers(masks, targets, weights, [split] * 2, [0, 1], recipe(max_epochs=40, patience=4))
    outputs = trained.predict(torch.tensor(masks[split.validation])[None].float()).numpy()
    w = (weights / weights.mean())[split.validation]
    losses = (w * (outputs - targets[:, split.validation]) ** 2).mean(axis=1)
    assert losses == pytest.approx(trained.validation_loss, rel=1e-4)


def test_a_weighted_loss_does_not_depend_on_batch_composition() -> None:
    """Weights are scaled over all masks: scaled within each batch, a mask would count by its company."""
    masks, targets, _ = problem(1)
    weights = 10 ** np.random.default_rng(2).uniform(-3, 0, len(masks))
    split = split_masks(150, 50, 0)
    settings = recipe(batch_size=5, max_epochs=1, patience=1)
    mine = train_explainers(masks, targets, weights, [split], [5], settings).weights[0][0].numpy()
    overall, per_batch = (
        by_autograd(masks, targets[0], weights, split, 5, settings, scaled_within_batches=scaled)[0][0].detach().numpy()
        for scaled in (False, True)
    )
    assert mine == pytest.approx(overall, abs=2e-5)
    assert np.abs(per_batch - overall).max() > 1e-2  # so the test can tell
    other = train_explainers(masks, targets, weights * 7.5, [split], [5], settings).weights[0][0].numpy()
    assert mine == pytest.approx(other, abs=1e-5)


def test_progress_can_stop_the_training() -> None:
    masks, targets, weights = problem(1)

    def stop(share: float) -> None:
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        train_explainers(masks, targets, weights, [split_masks(150, 50, 0)], [0], recipe(), on_progress=stop)


def test_decay_ends_at_rest() -> None:
    rates = [recipe(schedule="decay", epochs=8).rate(share) for share in np.linspace(0, 1, 101)]
    assert rates[0] == 0
    assert rates[-1] == pytest.approx(0)
    assert max(rates) == rates[10] == rates[50] == 1e-2
    assert recipe().rate(0.99) == 1e-2


def test_many_stacks_train_like_one(monkeypatch) -> None:
    masks, targets, weights = problem(5)
    split = split_masks(150, 50, 0)
    settings = recipe(hidden=(64, 32), schedule="decay")
    shares: list[float] = []
    together = train_explainers(masks, targets, weights, [split] * 5, [1] * 5, settings, on_progress=shares.append)
    monkeypatch.setattr("glider_core.engine.explainer._STACK", 2)
    apart = train_explainers(masks, targets, weights, [split] * 5, [1] * 5, settings)
    for one, other in zip(together.weights, apart.weights, strict=True):
        assert torch.equal(one, other)
    assert shares == sorted(shares)
