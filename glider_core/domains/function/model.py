"""Own functions as models: the instances that a configured function makes, and a formula that anyone can check."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from glider_core.cases import Case
from glider_core.domains.base import Progress
from glider_core.domains.function import EXAMPLE
from glider_core.domains.function.configured import is_model, load_instances
from glider_core.domains.function.payload import FunctionPayload
from glider_core.engine.instance import FunctionInstance, Instance, Masks
from glider_core.errors import InvalidInput
from glider_core.provenance import fingerprint
from glider_core.results import Scale

FEATURES = ("rain", "umbrella", "wind", "hat", "walk")


class FunctionModel:
    """The instances of one source.

    Args:
        model_id: "function/<source>".
        title: for people.
        instances: as the source made them; those with an identity of their own keep it.
    """

    def __init__(self, model_id: str, title: str, instances: Sequence[Instance]) -> None:
        self.id, self.title = model_id, title
        self.instances = tuple(instances)
        self.identity = None

    def __len__(self) -> int:
        return len(self.instances)

    def instance(self, raw: int = 0, /, *, scale: Scale | None = None) -> Instance:
        """The source's instance of this number, from 0.

        Args:
            raw: the number.
            scale: what answers are explained in, "given" or "log-odds"; None: what the source says.

        Raises:
            InvalidInput: there is no such instance or scale.
        """
        if type(raw) is not int or not 0 <= raw < len(self.instances):
            raise InvalidInput(
                f"There is no instance {raw!r:.40}; {self.title} makes {len(self.instances)}, counted from 0."
            )
        source = self.instances[raw]
        # Which source and which of its instances count, whatever identity an author copied from another.
        identity = source.identity and fingerprint("function", self.id, str(raw), source.identity)
        payload = source.payload or FunctionPayload()
        instance = FunctionInstance(
            source.names,
            source.predict,
            explained=source.explained,
            payload=payload,
            case=Case(
                domain=payload.domain,
                model=self.id,
                raw=raw,
                options={} if scale is None else {"scale": scale},
                identity=identity,
            ),
            scale=scale or source.scale,
        )
        instance.batch, instance.stochastic = source.batch, source.stochastic
        instance.redrawn = source.redrawn  # type: ignore[method-assign]
        return instance


def comfort(masks: Masks) -> Any:
    """A formula that anyone can check: two pairs and a triple, (n, 5) to (n,)."""
    rain, umbrella, wind, hat, walk = masks.T
    return 2.0 * walk - 3.0 * (rain & walk) + 2.5 * (rain & umbrella & walk) - 2.0 * (umbrella & wind) + 0.2 * hat


def load(model_id: str, *, path: Path | None = None, on_progress: Progress | None = None) -> Any:
    """The instances behind this id: the example's, or those of a function that the configuration names.

    Raises:
        InvalidInput: the configured function is not found, raised, or returned something else.
    """
    if model_id == EXAMPLE:
        instance = FunctionInstance(FEATURES, comfort, explained="comfort", fingerprint="umbrella")
        return FunctionModel(model_id, "An example: is it worth taking an umbrella?", [instance])
    name = model_id.partition("/")[2]
    if is_model(name):
        from glider_core.domains.function.named import load_model  # reads tables

        return load_model(name, model_id)
    return FunctionModel(model_id, name, load_instances(name))
