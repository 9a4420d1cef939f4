"""What a visitor trained, written down: weights as safetensors, how well it does as JSON; and back, checked."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any, TypeVar, get_type_hints

from pydantic import TypeAdapter, ValidationError
from safetensors.torch import save as save_safetensors
from torch import nn

from glider_core.errors import ModelUnavailable
from glider_core.weights import read_weights

Fit = TypeVar("Fit")
Network = TypeVar("Network", bound=nn.Module)
_NETWORK = "network"  # the field of a fit that its weights stand for


def weights_of(network: nn.Module) -> bytes:
    """All that the network has learned, as the content of a safetensors file."""
    learned = {name: value for name, value in network.state_dict().items() if value.is_floating_point()}
    return save_safetensors({name: value.detach().contiguous() for name, value in learned.items()})


def with_weights(network: Network, content: bytes) -> Network:
    """The network with what `weights_of` wrote, ready to answer.

    Raises:
        ModelUnavailable: these are not its weights.
    """
    state = network.state_dict()
    shapes = {name: tuple(value.shape) for name, value in state.items() if value.is_floating_point()}
    network.load_state_dict({**state, **read_weights(content, shapes, name="of the trained model")})
    return network.eval()


def scores_of(fit: Any) -> dict[str, Any]:
    """JSON of all that a fit, a dataclass, says besides its network."""
    types = get_type_hints(type(fit))
    return {
        field.name: TypeAdapter(types[field.name]).dump_python(getattr(fit, field.name), mode="json")
        for field in fields(fit)
        if field.name != _NETWORK
    }


def fit_of(kind: type[Fit], network: nn.Module, scores: Any) -> Fit:
    """The fit of this network that `scores_of` wrote.

    Raises:
        ModelUnavailable: the scores are of another kind, as from another version.
    """
    assert is_dataclass(kind)
    types = get_type_hints(kind)
    try:
        values = {
            field.name: TypeAdapter(types[field.name]).validate_python(scores[field.name])
            for field in fields(kind)
            if field.name != _NETWORK
        }
    except (ValidationError, KeyError, TypeError) as error:
        raise ModelUnavailable(
            f"How well the model did was written by another version of Glider ({type(error).__name__}); train it anew."
        ) from None
    return kind(**{_NETWORK: network}, **values)


def check_identity(identity: str | None, expected: Any) -> None:
    """Make sure that what was restored is what was trained.

    Raises:
        ModelUnavailable: it differs, as the version of Glider or what was uploaded has changed.
    """
    if identity is None or identity != expected:
        raise ModelUnavailable(
            "The trained model does not fit what was uploaded any more, as this version of Glider reads it in another "
            "way. Train on it again."
        )
