"""Models that learned labels dealt out at random, one of each domain: what they have learned is noise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.models import load_model

FIELDS, VALUES = 12, 4  # of the table
_ROWS = 2000
_SEQUENCES, _SENTENCES, _WORDS = 3000, 1500, 10
_CLICKS = 20_000


def linear_model(inputs: int) -> list[Instance]:
    """Logistic regression on a table."""
    from sklearn.linear_model import LogisticRegression

    return _on_a_table(LogisticRegression(C=0.1), inputs)


def boosted_trees(inputs: int) -> list[Instance]:
    """Boosted trees on a table, as many as go on fitting the noise."""
    from sklearn.ensemble import GradientBoostingClassifier

    return _on_a_table(GradientBoostingClassifier(n_estimators=100, max_depth=3, random_state=0), inputs)


def _on_a_table(model: Any, inputs: int) -> list[Instance]:
    rng = np.random.default_rng(0)
    rows, labels = rng.integers(0, VALUES, size=(_ROWS, FIELDS)), rng.integers(0, 2, _ROWS)
    hot = np.eye(VALUES)
    model.fit(hot[rows].reshape(_ROWS, -1), labels)

    def of(row: int) -> Instance:
        def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
            return model.decision_function((masks[:, :, None] * hot[rows[row]][None]).reshape(len(masks), -1))

        return FunctionInstance([f"field {i}" for i in range(FIELDS)], answer)

    return [of(row) for row in range(inputs)]


def recommender(inputs: int) -> list[Instance]:
    """AutoInt on a simulated click log whose clicks are dealt out anew."""
    from glider_core.domains.recommender.model import RecommenderModel
    from glider_core.recommenders.fitting import fit
    from glider_core.recommenders.network import AutoInt
    from glider_core.recommenders.recipes import Recipe
    from glider_core.recommenders.simulated import simulated

    dataset = simulated(_CLICKS, n_validation=2000, n_test=1000)
    rng = np.random.default_rng(0)
    parts = {part: (rows, rng.permutation(clicks)) for part, (rows, clicks) in dataset.parts.items()}
    recipe = Recipe(epochs=3, patience=3, batch=1000)
    result = fit(lambda: AutoInt(dataset.fields), parts, seed=0, **recipe.options())
    test = dataset.tables["test"].head(inputs)
    model = RecommenderModel("recommender/shuffled", "", dataset.fields, result.network, dataset.target, test)
    return [model.instance(row) for row in range(inputs)]


def graph(inputs: int) -> list[Instance]:
    """A GCN on the karate club, whose sides are dealt out anew."""
    from glider_core.domains.graph.data import karate
    from glider_core.domains.graph.model import GraphModel
    from glider_core.domains.graph.network import fit, split_nodes

    club = karate()
    dealt = replace(club, labels=np.random.default_rng(0).permutation(club.labels))
    network = fit(dealt, split_nodes(dealt, 0, train=0.4, validation=0.2), seed=0).network.eval()
    model = GraphModel("graph/shuffled", "", dealt, network, "shuffled")
    return [model.instance(name) for name in dealt.nodes[:inputs]]


def dna(inputs: int) -> list[Instance]:
    """The DNA-CNN's network on random letters with random intensities."""
    from glider_core.domains.dna.model import DNAModel
    from glider_core.domains.dna.network import DNACNN
    from glider_core.domains.dna.sequence import LENGTH, encode, one_hot

    rng = np.random.default_rng(0)
    texts = ["".join(letters) for letters in rng.choice(list("ACGT"), size=(_SEQUENCES, LENGTH))]
    letters = torch.from_numpy(one_hot(np.stack([encode(text) for text in texts])))
    strength = torch.from_numpy(rng.normal(size=_SEQUENCES)).float()
    torch.manual_seed(0)
    network = DNACNN()
    _fit(network, letters, strength, nn.functional.mse_loss, epochs=12)
    model = DNAModel(network, (0.0, 1.0), "shuffled")
    return [model.instance(text) for text in texts[:inputs]]


def sentences(inputs: int) -> list[Instance]:
    """The Sentiment-LSTM's network with its word vectors, on words in a random order with random labels."""
    from glider_core.domains.sentiment.model import SentimentModel
    from glider_core.domains.sentiment.network import SentimentLSTM

    shipped: Any = load_model("sentiment/lstm")
    vectors = shipped.word_vectors()
    vocabulary = list(vectors)
    words = [number for number, word in enumerate(vocabulary) if word.isalpha()][:_ROWS]
    rng = np.random.default_rng(0)
    rows = rng.choice(words, size=(_SENTENCES, _WORDS))
    torch.manual_seed(0)
    network = SentimentLSTM(len(vocabulary))
    network.vectors.weight.data.copy_(torch.stack(list(vectors.values())))
    labels = torch.from_numpy(rng.integers(0, 2, _SENTENCES)).float()
    _fit(network, torch.from_numpy(rows), labels, nn.functional.binary_cross_entropy_with_logits, epochs=3)
    model = SentimentModel(network, vocabulary, "shuffled")
    return [model.instance(" ".join(vocabulary[number] for number in row)) for row in rows[:inputs]]


def _fit(network: nn.Module, x: torch.Tensor, y: torch.Tensor, loss: Any, *, epochs: int) -> None:
    optimizer = torch.optim.Adam(network.parameters(), lr=2e-3)
    network.train()
    for _ in range(epochs):
        for rows in torch.randperm(len(x)).split(50):
            optimizer.zero_grad()
            loss(network(x[rows]), y[rows]).backward()
            optimizer.step()
    network.eval()


SHUFFLED = {
    "a linear model of a table": linear_model,
    "boosted trees of a table": boosted_trees,
    "a recommender (AutoInt)": recommender,
    "a graph (GCN)": graph,
    "DNA (CNN)": dna,
    "sentences (LSTM)": sentences,
}
