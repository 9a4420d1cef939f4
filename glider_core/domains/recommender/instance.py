"""A row as an instance: its fields are the features; off, a field's embedding is zero (Section 6.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from glider_core.domains.recommender.masked import MaskedRow
from glider_core.domains.recommender.network import AutoInt
from glider_core.domains.recommender.table import Field, Rows
from glider_core.instance import fingerprint


class RowInstance:
    """One row of a table, its fields switched on and off.

    Off, a categorical field's embedding is zero and a dense field has its mean, as in the paper; dense values are
    standardised, so that the mean's embedding is zero as well.

    Args:
        row: its values as people read them.
        rows: the same, encoded; of one row.
        fields: in order.
        network: trained on them.
        identity: of weights and fields.
        model_id: of the model.
        target: what the logit is of, such as "click".
    """

    batch = 6000  # masks of equally many fields go together, so the more at once the better

    def __init__(
        self,
        row: dict[str, str],
        rows: Rows,
        fields: Sequence[Field],
        network: AutoInt,
        identity: str,
        *,
        model_id: str,
        target: str,
    ) -> None:
        self.model_id = model_id
        self.explained = target
        self.names = tuple(field.name for field in fields)
        self.fingerprint = fingerprint(identity, rows.ids.tobytes(), rows.dense.tobytes())
        categorical = iter(rows.ids[0].tolist())
        self.payload: dict[str, Any] = {
            "row": [row[field.name] for field in fields],
            # A value that the model has not learned is read as "other".
            "known": [field.kind == "dense" or next(categorical) > 0 for field in fields],
            "kinds": [field.kind for field in fields],
        }
        with torch.inference_mode():
            vectors = network.vectors(torch.from_numpy(rows.ids), torch.from_numpy(rows.dense))[0]
            self._masked = MaskedRow(network, vectors)

    @torch.inference_mode()
    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        """Logits (n,) of the row with the masked fields (n, d) off."""
        return self._masked.logits(torch.from_numpy(masks)).double().numpy()
