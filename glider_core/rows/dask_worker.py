"""What runs on the workers of a dask.distributed cluster; imported only where that is installed."""

from __future__ import annotations

import threading
from typing import Any, cast
from uuid import uuid4

from distributed import WorkerPlugin, get_worker

from glider_core.rows.detect import find
from glider_core.settings import Settings

_one_at_a_time = threading.Lock()  # a chunk uses all cores of its worker by itself


class ModelPlugin(WorkerPlugin):
    """Carries a model to every worker once, and to those that join later or start anew."""

    def __init__(self, model: Any) -> None:
        self.model = model
        self.name = f"glider-{uuid4()}"

    def setup(self, worker: Any) -> None:
        """Called on each worker as it gets the plugin."""
        self.ready = True

    def teardown(self, worker: Any) -> None:
        """Nothing to undo: the model goes with the plugin."""


def work(plugin: str, raws: Any, settings: Settings) -> Any:
    """A chunk of rows on this worker."""
    model = cast(ModelPlugin, get_worker().plugins[plugin]).model
    with _one_at_a_time:
        return find(model, raws, settings, None)
