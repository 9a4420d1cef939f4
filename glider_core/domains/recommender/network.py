"""AutoInt (Song et al. 2019): fields attend to each other, beside a deep part; and how it is trained."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from glider_core.domains.recommender.table import Field, Rows

EMBEDDING = 16
LAYERS = 3
HEADS = 2
DEEP = (400, 400)


class Attention(nn.Module):
    """(n, fields, width) to (n, fields, width * heads / ...): multi-head self-attention with a residual."""

    def __init__(self, width: int, *, heads: int = HEADS, head_width: int = EMBEDDING) -> None:
        super().__init__()
        self.heads = heads
        self.inputs = nn.Linear(width, 4 * heads * head_width, bias=False)  # query, key, value and residual in one

    def forward(self, x: Tensor) -> Tensor:
        """(n, fields, heads * head_width)."""
        query, key, value, residual = self.inputs(x).chunk(4, dim=2)
        split = (part.unflatten(2, (self.heads, -1)).transpose(1, 2) for part in (query, key, value))
        # Without the usual division by the root of the width, as published.
        mixed = nn.functional.scaled_dot_product_attention(*split, scale=1.0)
        return (mixed.transpose(1, 2).flatten(2) + residual).relu()


class AutoInt(nn.Module):
    """Encoded rows to logits of a click.

    A categorical field's embedding is its value's row of a table; a dense field's is its own vector times the value,
    so that the mean (0) and the zero embedding are the same off state.
    """

    def __init__(self, fields: Sequence[Field], *, dropout: float = 0.0) -> None:
        super().__init__()
        categorical = [n for n, field in enumerate(fields) if field.kind == "categorical"]
        dense = [n for n, field in enumerate(fields) if field.kind == "dense"]
        sizes = [len(fields[n].values) for n in categorical]
        self.register_buffer("offsets", torch.tensor(np.cumsum([0, *sizes[:-1]])[: len(sizes)], dtype=torch.long))
        self.register_buffer("order", torch.tensor(np.argsort([*categorical, *dense]), dtype=torch.long))
        self.embedding = nn.Embedding(max(sum(sizes), 1), EMBEDDING)
        nn.init.normal_(self.embedding.weight, std=0.05)
        self.dense_vectors = nn.Parameter(torch.randn(len(dense), EMBEDDING) * 0.05)
        width = HEADS * EMBEDDING
        self.attention = nn.Sequential(
            *(Attention(EMBEDDING if layer == 0 else width) for layer in range(LAYERS)), nn.Flatten()
        )
        self.attention_out = nn.Linear(len(fields) * width, 1, bias=False)
        inputs, layers = len(fields) * EMBEDDING, []
        for size in DEEP:
            layers += [nn.Linear(inputs, size), nn.ReLU(), nn.Dropout(dropout)]
            inputs = size
        self.deep = nn.Sequential(nn.Flatten(), *layers, nn.Linear(inputs, 1))

    def vectors(self, ids: Tensor, dense: Tensor) -> Tensor:
        """Embeddings (n, fields, 16), fields in their own order."""
        offsets, order = self.get_buffer("offsets"), self.get_buffer("order")
        categorical = self.embedding(ids + offsets)
        return torch.cat([categorical, dense[:, :, None] * self.dense_vectors], dim=1)[:, order]

    def from_vectors(self, vectors: Tensor) -> Tensor:
        """Logits (n,)."""
        return (self.attention_out(self.attention(vectors)) + self.deep(vectors))[:, 0]

    def forward(self, ids: Tensor, dense: Tensor) -> Tensor:
        """Logits (n,)."""
        return self.from_vectors(self.vectors(ids, dense))


@dataclass(frozen=True, slots=True)
class Scores:
    """How well logits order and fit answers."""

    auc: float
    logloss: float
    rows: int


@dataclass(frozen=True, slots=True)
class Fit:
    """A trained network, measured on rows that it never saw."""

    network: AutoInt
    validation: Scores
    test: Scores
    epochs: int


def fit(
    fields: Sequence[Field],
    parts: dict[str, tuple[Rows, NDArray[np.float32]]],
    *,
    seed: int = 0,
    epochs: int = 20,
    patience: int = 2,
    batch: int = 512,
    learning_rate: float = 1e-3,
    weight_decay: float = 0.0,
    dropout: float = 0.0,
    on_progress: Callable[[float, str], None] | None = None,
) -> Fit:
    """Train AutoInt with Adam; the epoch with the best validation logloss is kept.

    Args:
        fields: of the rows.
        parts: rows and answers (n,) of train, validation and test.
        seed: of weights and batches.
        epochs: at most.
        patience: epochs without a better validation logloss before it stops.
        batch: rows per step.
        learning_rate: of Adam.
        weight_decay: of the embeddings.
        dropout: of the deep part.
        on_progress: called with the share done and a line about it; may raise to stop.
    """
    torch.manual_seed(seed)
    network = AutoInt(fields, dropout=dropout)
    embeddings = [network.embedding.weight, network.dense_vectors]
    others = [p for name, p in network.named_parameters() if not name.startswith(("embedding", "dense_vectors"))]
    optimizer = torch.optim.AdamW(
        [{"params": embeddings, "weight_decay": weight_decay}, {"params": others, "weight_decay": 1e-5}],
        lr=learning_rate,
    )
    rows, answers = parts["train"]
    ids, dense, target = torch.from_numpy(rows.ids), torch.from_numpy(rows.dense), torch.from_numpy(answers)
    best, best_score, waited, done = copy.deepcopy(network.state_dict()), float("inf"), 0, 0
    while done < epochs and waited < patience:
        network.train()
        batches = torch.randperm(len(target)).split(batch)
        for number, chosen in enumerate(batches):
            logits = network(ids[chosen], dense[chosen])
            loss = nn.functional.binary_cross_entropy_with_logits(logits, target[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if on_progress is not None and number % 10 == 0:
                on_progress((done + number / len(batches)) / epochs, f"epoch {done + 1}")
        done += 1
        score = measure(network, *parts["validation"])
        if on_progress is not None:
            on_progress(done / epochs, f"epoch {done}: AUC {score.auc:.4f}, logloss {score.logloss:.4f} on validation")
        if score.logloss < best_score - 1e-5:
            best, best_score, waited = copy.deepcopy(network.state_dict()), score.logloss, 0
        else:
            waited += 1
    network.load_state_dict(best)
    return Fit(network.eval(), measure(network, *parts["validation"]), measure(network, *parts["test"]), done)


@torch.inference_mode()
def logits(network: AutoInt, rows: Rows) -> NDArray[np.float64]:
    """(n,) of encoded rows."""
    network.eval()
    ids, dense = torch.from_numpy(rows.ids), torch.from_numpy(rows.dense)
    parts = [network(i, d) for i, d in zip(ids.split(4096), dense.split(4096), strict=True)]
    return torch.cat(parts).double().numpy()


def measure(network: AutoInt, rows: Rows, answers: NDArray[np.float32]) -> Scores:
    """AUC and logloss on these rows."""
    return scores(logits(network, rows), answers)


def scores(given: NDArray[np.float64], answers: NDArray[np.float32]) -> Scores:
    """AUC (ties count half) and mean logloss of logits (n,) against answers (n,) of 0 and 1."""
    from scipy.stats import rankdata

    positive = answers > 0.5
    ones, zeros = int(positive.sum()), int((~positive).sum())
    ranks = rankdata(given)
    auc = (ranks[positive].sum() - ones * (ones + 1) / 2) / (ones * zeros) if ones and zeros else float("nan")
    logloss = float(np.mean(np.logaddexp(0, given) - positive * given))
    return Scores(float(auc), logloss, len(answers))
