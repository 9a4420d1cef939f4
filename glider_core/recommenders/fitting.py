"""How a recommender is trained and measured: early stopping by validation logloss, look by look.

A training draws from a random generator of its own, so that it neither changes nor hears of what goes on around it.
"""

from __future__ import annotations

import copy
import math
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from glider_core.errors import InvalidInput, ModelUnavailable
from glider_core.memory import give_back
from glider_core.recommenders.auc import auc_interval
from glider_core.recommenders.network import Dropout, Recommender
from glider_core.recommenders.recipes import MEDIUM
from glider_core.tables.fields import Rows

Parts = Mapping[str, tuple[Rows, NDArray[np.float32]]]  # rows and answers (n,) of train, validation and test
Network = TypeVar("Network", bound=Recommender)
ADAGRAD_RATE, ADAM_RATE = 1e-2, 1e-3  # the paper's, and AutoInt's own
SMALL_BATCH = 512  # rows up to which one core is enough; more would wait for each other, most of all on a busy machine
_INITIAL = threading.Lock()  # torch draws initial weights from the generator of the whole process
MANY_IDS = 1_000_000  # above which a step touches those vectors alone that its rows have
BLOCK = 500_000  # rows of a file that are shuffled among each other
_GIVEN_BACK = 50  # batches after which memory that is free is given back
MATTERS = 5e-4  # test logloss that another model must save to be called better: less is nothing to choose it for
WORTH = 1e-5  # validation logloss that a look must gain to count as better


@dataclass(frozen=True, slots=True)
class Scores:
    """How well logits order and fit answers."""

    auc: float
    logloss: float
    rows: int
    positives: int = 0  # rows with answer 1
    accuracy: float | None = None  # share of rows whose likelier answer is right; None where it was not measured

    @property
    def auc_interval(self) -> tuple[float, float] | None:
        """95 %, of the AUC on other rows like these; None where there is no AUC."""
        return auc_interval(self.auc, self.positives, self.rows - self.positives)


@dataclass(frozen=True, slots=True)
class Look:
    """Where a training stands."""

    epochs: float  # of training rows seen
    validation: Scores
    best: bool  # so far


@dataclass(frozen=True, slots=True)
class Beside:
    """A baseline on the rows that a network was measured on."""

    name: str
    test: Scores
    saved: float  # mean logloss that it saves against the network, on test rows
    noise: float  # standard error of that

    @property
    def better(self) -> bool:
        """Whether it is better than the network beyond chance, by as much as matters to anybody."""
        return self.saved > max(2 * self.noise, MATTERS)


@dataclass(frozen=True, slots=True)
class Fit(Generic[Network]):
    """A trained network, measured on rows that it never saw."""

    network: Network
    validation: Scores
    test: Scores
    epochs_started: int
    beside: tuple[Beside, ...] = ()  # baselines, where they were asked for


class Training(Generic[Network]):
    """A training that can be watched, look by look, beside others; each gives the same result as alone.

    The look with the best validation logloss is kept.

    Args:
        build: makes the network.
        parts: rows and answers (n,) of train, validation and test.
        seed: of weights and batches.
        epochs: at most.
        patience: looks without a better validation logloss before it stops.
        looks: per epoch.
        batch: rows per step.
        weight_decay: of the embeddings, for AdamW in place of the network's own optimizer; 0: its own.
        l2: penalty on the embeddings' squares, for Adam in its place.
        rate: of learning; None: the optimizer's usual one.
        average: epochs over which weights are averaged, exponentially; looks and the result are at that average. 0:
            the weights as they are.
        device: "cpu" or a CUDA device; the trained network comes back to the CPU.
        on_progress: called within an epoch with the share done; may raise to stop.
    """

    def __init__(
        self,
        build: Callable[[], Network],
        parts: Parts,
        *,
        seed: int = 0,
        epochs: int = 20,
        patience: int = 2,
        looks: int = 1,
        batch: int = 512,
        weight_decay: float = 0.0,
        l2: float = 0.0,
        rate: float | None = None,
        average: float = 0.0,
        device: str = "cpu",
        on_progress: Callable[[float], None] | None = None,
    ) -> None:
        self._random = torch.Generator()
        with _INITIAL, torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(seed)
            self.network = build()
            self._random.set_state(torch.get_rng_state())
        self._device = torch.device(device)
        self.network.to(self._device)  # drawn on the CPU: the same initial weights everywhere
        of_dropout = self._random
        if self._device.type != "cpu":
            of_dropout = torch.Generator(self._device).manual_seed(seed)
        for dropout in self._dropouts():
            dropout.generator = of_dropout
        self._optimizer = _optimizer(self.network, weight_decay, l2, rate)
        steps = average * math.ceil(len(parts["train"][1]) / batch)
        self._mean = _Mean(self.network, steps) if steps else None
        self._parts, self._epochs, self._patience, self._looks = parts, epochs, patience, looks
        self._batch, self._on_progress = batch, on_progress
        self._best: dict[str, Any] | None = None
        self._done = 0

    def run(self) -> Iterator[Look]:
        """Train; a look each time part of an epoch is done."""
        (rows, answers), lowest, waited = self._parts["train"], float("inf"), 0
        # Rows that lie in a file stay there, and come batch by batch.
        place = torch.device("cpu") if isinstance(rows.ids, np.memmap) else self._device
        ids, dense, target = (torch.from_numpy(array).to(place) for array in (rows.ids, rows.dense, answers))
        while self._done < self._epochs:
            count, batches = self._batches(rows, len(target))
            ends = {round(count * part / self._looks) for part in range(1, self._looks + 1)}
            self._done += 1
            for number, chosen in enumerate(batches, 1):
                with self._threads():
                    self._step(*(array[chosen].to(self._device) for array in (ids, dense, target)))
                if self._on_progress is not None and number % 10 == 1:
                    self._on_progress((self._done - 1 + number / count) / self._epochs)
                if isinstance(rows.ids, np.memmap) and number % _GIVEN_BACK == 0:
                    give_back(collect=False)  # sparse gradients leave holes, more with every batch
                if number not in ends:
                    continue
                with self._threads(), self._averaged():
                    score = measure(self.network, *self._parts["validation"])
                    better = score.logloss < lowest - WORTH
                    if better:
                        self._best, lowest, waited = copy.deepcopy(self.network.state_dict()), score.logloss, 0
                    else:
                        waited += 1
                self.network.train()
                yield Look(self._done - 1 + number / count, score, better)
                if waited >= self._patience:
                    return

    def result(self) -> Fit[Network]:
        """The best network so far, measured."""
        if self._best is not None:
            self.network.load_state_dict(self._best)
        self.network.cpu()
        for dropout in self._dropouts():
            dropout.generator = None
        scores = {part: measure(self.network, *self._parts[part]) for part in ("validation", "test")}
        return Fit(self.network.eval(), scores["validation"], scores["test"], self._done)

    def _batches(self, rows: Rows, n: int) -> tuple[int, Iterator[torch.Tensor]]:
        """How many batches an epoch has, and their rows; of a file block by block, so that it is read in large bits."""
        if not isinstance(rows.ids, np.memmap):
            batches = torch.randperm(n, generator=self._random).to(self._device).split(self._batch)
            return len(batches), iter(batches)
        starts = torch.randperm(-(-n // BLOCK), generator=self._random).mul(BLOCK).tolist()
        count = sum(-(-min(BLOCK, n - start) // self._batch) for start in starts)

        def of_blocks() -> Iterator[torch.Tensor]:
            for start in starts:
                own = torch.randperm(min(BLOCK, n - start), generator=self._random) + start
                yield from own.split(self._batch)

        return count, of_blocks()

    def _step(self, ids: torch.Tensor, dense: torch.Tensor, target: torch.Tensor) -> None:
        loss = nn.functional.binary_cross_entropy_with_logits(self.network(ids, dense), target)
        self._optimizer.zero_grad()
        loss.backward()
        self._optimizer.step()
        if self._mean is not None:
            self._mean.take(self.network)

    @contextmanager
    def _averaged(self) -> Iterator[None]:
        """The network at the average of its weights, where that is kept."""
        if self._mean is None:
            yield
            return
        self._mean.swap(self.network)
        try:
            yield
        finally:
            self._mean.swap(self.network)

    def _dropouts(self) -> Iterator[Dropout]:
        return (module for module in self.network.modules() if isinstance(module, Dropout))

    @contextmanager
    def _threads(self) -> Iterator[None]:
        """Small batches on one core; the number of threads is as before afterwards."""
        outer = torch.get_num_threads()
        if self._batch > SMALL_BATCH or outer == 1:
            yield
            return
        torch.set_num_threads(1)
        try:
            yield
        finally:
            torch.set_num_threads(outer)


def device_for(asked: str, rows: int) -> str:
    """Where to train: as asked, or for "auto" on a GPU where there is one and rows are many.

    The small batches of small tables are done on one core before a GPU has been told of them.

    Raises:
        InvalidInput: there is no such device.
        ModelUnavailable: a GPU is asked for, and there is none.
    """
    there = torch.cuda.is_available()
    if not re.fullmatch(r"auto|cpu|cuda(:\d+)?", asked):
        raise InvalidInput(f"There is no device {asked!r:.40}; give auto, cpu or cuda.")
    if asked.startswith("cuda") and not there:
        raise ModelUnavailable("There is no CUDA device here; leave --device out, or give cpu.")
    if asked != "auto":
        return asked
    return "cuda" if there and rows >= MEDIUM else "cpu"


class _Mean:
    """The exponential average of a network's weights over the latest steps."""

    def __init__(self, network: nn.Module, steps: float) -> None:
        self._weights = [parameter.detach().clone() for parameter in network.parameters()]
        self._share, self._taken = 1 / max(steps, 1.0), 0

    @torch.no_grad()
    def take(self, network: nn.Module) -> None:
        """One more step's weights; the first ones, which are far off, are soon forgotten."""
        share = max(self._share, 10 / (10 + self._taken))
        self._taken += 1
        for mean, parameter in zip(self._weights, network.parameters(), strict=True):
            mean.lerp_(parameter, share)

    def swap(self, network: nn.Module) -> None:
        """Exchange the network's weights and the average."""
        for position, parameter in enumerate(network.parameters()):
            parameter.data, self._weights[position] = self._weights[position], parameter.data


def fit(
    build: Callable[[], Network],
    parts: Parts,
    *,
    on_look: Callable[[Look], None] | None = None,
    **options: Any,
) -> Fit[Network]:
    """Train to the end; the options are those of `Training`."""
    training = Training(build, parts, **options)
    for look in training.run():
        if on_look is not None:
            on_look(look)
    return training.result()


def _optimizer(network: Recommender, weight_decay: float, l2: float, rate: float | None) -> torch.optim.Optimizer:
    if network.optimizer == "adagrad" and not weight_decay and not l2:
        # Of millions of ids a batch reads few: only these are touched. Adagrad leaves others as they are either way.
        embeddings = [module for module in network.modules() if isinstance(module, nn.Embedding)]
        many = max(module.num_embeddings for module in embeddings) > MANY_IDS
        for module in embeddings:
            module.sparse = many
        on_cpu = next(network.parameters()).device.type == "cpu"
        ways: dict[str, Any] = {"fused": not many, "foreach": False} if on_cpu else {}  # fused is made for the CPU
        return torch.optim.Adagrad(network.parameters(), lr=rate or ADAGRAD_RATE, **ways)
    tables = {"embedding", "dense_vectors", "weights", "dense_weights", "curve_vectors", "curve_weights"}
    embeddings = [p for name, p in network.named_parameters() if not tables.isdisjoint(name.split("."))]
    others = [p for name, p in network.named_parameters() if tables.isdisjoint(name.split("."))]
    if l2:
        penalized: list[Any] = [{"params": embeddings, "weight_decay": l2}, {"params": others}]
        return torch.optim.Adam(penalized, lr=rate or ADAM_RATE, fused=True)
    groups = [{"params": embeddings, "weight_decay": weight_decay}, {"params": others, "weight_decay": 1e-5}]
    return torch.optim.AdamW(groups, lr=rate or ADAM_RATE, fused=True)


@torch.inference_mode()
def logits(network: Recommender, rows: Rows) -> NDArray[np.float64]:
    """(n,) of encoded rows."""
    network.eval()
    device = next(network.parameters()).device
    ids, dense = torch.from_numpy(rows.ids), torch.from_numpy(rows.dense)
    parts = [network(i.to(device), d.to(device)).cpu() for i, d in zip(ids.split(4096), dense.split(4096), strict=True)]
    return torch.cat(parts).double().numpy()


def measure(network: Recommender, rows: Rows, answers: NDArray[np.float32]) -> Scores:
    """AUC and logloss on these rows."""
    return scores(logits(network, rows), answers)


def scores(logits: NDArray[np.float64], answers: NDArray[np.float32]) -> Scores:
    """AUC (ties half; NaN if all answers are alike) and mean logloss of logits (n,) against answers (n,) of 0 and 1."""
    from sklearn.metrics import roc_auc_score

    positive = answers > 0.5
    auc = float(roc_auc_score(positive, logits)) if 0 < positive.sum() < len(positive) else float("nan")
    # From logits, and not by scikit-learn from probabilities, which it clips: a sure mistake costs what it costs.
    logloss = float(np.mean(np.logaddexp(0, logits) - positive * logits))
    return Scores(auc, logloss, len(answers), int(positive.sum()), float(np.mean((logits > 0) == positive)))
