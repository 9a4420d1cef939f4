"""Do crosses help on a log that streams from disk: a recommender without them and with them, trained and compared.

The same promise as for tables: the model with crosses is kept if what it saves on validation rows exceeds its noise.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from glider_core.errors import InvalidSettings
from glider_core.provenance import versions
from glider_core.recommenders.fitting import Scores, Training, logits, scores
from glider_core.recommenders.improvement import BASE
from glider_core.recommenders.network import RECOMMENDERS
from glider_core.recommenders.recipes import Recipe, log_recipe
from glider_core.recommenders.selection import DEVIATIONS
from glider_core.recommenders.streamed import StreamedLog
from glider_core.tables.cross_tables import loss_of
from glider_core.tables.crosses import title_of
from glider_core.tables.fields import Rows

CROSSED = "with crosses"


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedModel:
    """A recommender that was trained on a log, measured."""

    name: str
    validation: Scores
    test: Scores
    parameters: int
    rows_a_second: int  # of training


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamedTrial:
    """What came of it."""

    target: str
    crosses: tuple[tuple[str, ...], ...]
    sizes: tuple[int, ...]  # ids of each cross
    models: tuple[StreamedModel, ...]  # the first is without crosses
    gain: float  # logloss that crosses save on validation rows
    noise: float  # standard error of that
    kept: str  # name of a model

    @property
    def verdict(self) -> str:
        """One sentence."""
        names = ", ".join(title_of(own) for own in self.crosses[:3]) + (", …" if len(self.crosses) > 3 else "")
        base, crossed = (model.test for model in self.models)
        moved = f"logloss {base.logloss:.4f} → {crossed.logloss:.4f}, AUC {base.auc:.4f} → {crossed.auc:.4f}"
        saved = f"{self.gain:+.5f} ± {self.noise:.5f} of logloss on validation rows"
        if self.kept == BASE:
            return f"These crosses ({names}) do not help: they save {saved}. The model without crosses is kept."
        count = "1 cross" if len(self.crosses) == 1 else f"{len(self.crosses)} crosses"
        return f"{count} ({names}) {'saves' if len(self.crosses) == 1 else 'save'} {saved}. On test rows: {moved}."

    def to_dict(self) -> dict[str, Any]:
        """As JSON values."""
        return {**asdict(self), "verdict": self.verdict, "versions": versions()}


def try_crosses(
    log: StreamedLog,
    *,
    target: str = "DeepFM",
    recipe: Recipe | None = None,
    seed: int = 0,
    device: str = "cpu",
    on_stage: Callable[[str], None] | None = None,
) -> StreamedTrial:
    """Train a recommender without the log's crosses, and with them.

    Args:
        log: encoded, with crosses; its rows stay on disk.
        target: a name in RECOMMENDERS.
        recipe: of both; None: one pass, by `log_recipe`.
        seed: of weights and batches.
        device: "cpu" or a CUDA device.
        on_stage: called with what begins, in words; may raise to stop.

    Raises:
        InvalidSettings: there is no such recommender, or the log has no crosses.
    """
    if target not in RECOMMENDERS:
        raise InvalidSettings(f"There is no recommender {target!r:.40}; choose among {', '.join(RECOMMENDERS)}.")
    if not log.crosses:
        raise InvalidSettings("The log has no crosses; name sets of fields.")
    recipe = recipe or log_recipe(log.rows)
    tell, models, losses = on_stage or (lambda words: None), [], []
    answers = log.parts["validation"][1]
    width = sum(field.kind == "categorical" for field in log.fields)
    for name, sizes in ((BASE, ()), (CROSSED, log.sizes)):
        tell(f"Training {target} {name}")
        parts = {
            part: (Rows(rows.ids[:, : width + len(sizes)], rows.dense), own) for part, (rows, own) in log.parts.items()
        }
        # Both are trained before a test row is scored.
        blind = {**parts, "test": parts["validation"]}
        started = time.perf_counter()
        training = Training(
            lambda sizes=sizes: RECOMMENDERS[target](log.fields, sizes, embedding=recipe.embedding, **recipe.sizes()),
            blind, seed=seed, device=device, **recipe.options(),
        )  # fmt: skip
        passes = [look.epochs for look in training.run()]
        seconds = time.perf_counter() - started
        network = training.result().network
        own = logits(network, parts["validation"][0])
        losses.append(loss_of(own, answers))
        seen = passes[-1] * len(parts["train"][1])
        models.append((name, scores(own, answers), network, parts["test"], round(seen / seconds)))
    saved = losses[0] - losses[1]
    gain, noise = float(saved.mean()), float(saved.std() / np.sqrt(len(saved)))
    tell("Scoring test rows")
    return StreamedTrial(
        target=target,
        crosses=log.crosses,
        sizes=log.sizes,
        models=tuple(
            StreamedModel(
                name=name,
                validation=validation,
                test=scores(logits(network, rows), own),
                parameters=network.n_parameters,
                rows_a_second=speed,
            )
            for name, validation, network, (rows, own), speed in models
        ),
        gain=gain,
        noise=noise,
        kept=CROSSED if gain > DEVIATIONS * noise else BASE,
    )
