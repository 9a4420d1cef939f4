"""A row as an instance: its fields are the features; off, a field's embedding is zero (Section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from glider_core import parallel
from glider_core.cases import Case
from glider_core.domains.recommender.payload import RowPayload
from glider_core.engine.instance import RESOLUTION, Instance
from glider_core.provenance import fingerprint
from glider_core.recommenders.masked import MaskedRow
from glider_core.recommenders.network import AutoInt, Recommender
from glider_core.tables.fields import Field, Rows


class RowInstance(Instance):
    """One row of a table, its fields switched on and off.

    Off, a categorical field's embedding is zero and a dense field has its mean, as in the paper; dense values are
    standardised, so that the mean's embedding is zero as well. A feature cross is no feature of its own: it is on
    where all of its fields are.

    Args:
        row: its values as people read them.
        rows: the same, encoded, with the ids of the crosses behind those of the fields; of one row.
        fields: in order.
        network: trained on them.
        crosses: the positions of each cross's fields.
        identity: of weights and fields.
        model_id: of the model.
        target: what the logit is of, such as "click".
        raw: the row as it was asked for.
        planted: the sets of fields that a simulator planted and that matter in this row.
        truth: what really happened in this row, where that is known.
    """

    resolution = RESOLUTION
    scale = "given"  # logits

    batch = 6000  # masks of equally many fields go together, so the more at once the better

    def __init__(
        self,
        row: dict[str, str],
        rows: Rows,
        fields: Sequence[Field],
        network: Recommender,
        identity: str | None,
        *,
        crosses: Sequence[tuple[int, ...]] = (),
        model_id: str,
        target: str,
        raw: Any,
        planted: tuple[tuple[int, ...], ...] | None = None,
        truth: bool | None = None,
    ) -> None:
        categorical = iter(rows.ids[0].tolist())
        super().__init__(
            [field.name for field in fields],
            explained=target,
            payload=RowPayload(
                values=tuple(row[field.name] for field in fields),
                # A value that the model has not learned is read as "other".
                known=tuple(field.kind == "dense" or next(categorical) > 0 for field in fields),
                kinds=tuple(field.kind for field in fields),
                planted=planted,
                truth=truth,
            ),
            case=Case(
                domain="recommender",
                model=model_id,
                raw=raw,
                # What the network reads of the row counts, not only how it is written; and what is shown beside it.
                identity=None
                if identity is None
                else fingerprint(
                    identity, rows.ids.tobytes(), rows.dense.tobytes(), *([] if truth is None else [f"truth {truth}"])
                ),
            ),
        )
        self._crosses = tuple(crosses)
        with torch.inference_mode():
            ids, dense = torch.from_numpy(rows.ids), torch.from_numpy(rows.dense)
            vectors, first = network.vectors(ids, dense)[0], network.first(ids, dense)
            self._answer = MaskedRow(network, vectors).logits if isinstance(network, AutoInt) else None
        self._network, self._vectors, self._first = network, vectors, first

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,) of the row with the masked fields (n, d) off."""
        inputs_on = torch.from_numpy(np.array(masks))  # a copy: what is handed out is read-only
        if self._crosses:
            inputs_on = torch.cat(
                [inputs_on, *(inputs_on[:, list(fields)].all(1, keepdim=True) for fields in self._crosses)], dim=1
            )
        if self._answer is not None:
            return self._answer(inputs_on).double().numpy()
        return torch.cat(parallel.each(self._masked, inputs_on.split(_MASKS))).double().numpy()

    @torch.inference_mode()
    def _masked(self, masks: Tensor) -> Tensor:
        on = masks.to(self._vectors.dtype)
        first = None if self._first is None else self._first * on
        return self._network.from_vectors(self._vectors * on[..., None], first)


_MASKS = 500  # at once, so that what a core works on stays in its caches
