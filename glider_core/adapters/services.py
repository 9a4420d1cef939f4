"""What is sent to a service, and where the numbers stand in what comes back."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from glider_core.errors import BlackBoxFailed


class Filled:
    """A request with inputs in it."""

    def __init__(self, request: Any) -> None:
        self._request = request

    def __call__(self, inputs: list[Any]) -> Any:
        """The request for these inputs."""
        return self._fill(self._request, inputs)

    def _fill(self, value: Any, inputs: list[Any]) -> Any:
        if value == "{inputs}":
            return inputs
        if value == "{input}":
            return inputs[0]
        if isinstance(value, str):
            return value.replace("{input}", inputs[0] if isinstance(inputs[0], str) else json.dumps(inputs[0]))
        if isinstance(value, Mapping):
            return {name: self._fill(inner, inputs) for name, inner in value.items()}
        return [self._fill(inner, inputs) for inner in value] if isinstance(value, list | tuple) else value


class Found:
    """The numbers in what a service answered."""

    def __init__(self, path: str | Callable[[Any], Any], many: bool) -> None:
        self._path, self._many = path, many

    def __call__(self, answered: Any, count: int) -> Any:
        """Numbers, or a list of them, for each of `count` inputs."""
        path = self._path
        found = path(answered) if callable(path) else _at(answered, path.split(".") if path else [], path)
        return found if self._many else [found]


class Chat:
    """A request as services that speak as OpenAI's does take it: one word, with the likeliest ones beside it."""

    def __init__(self, prompt: str, model: str | None, more: Mapping[str, Any]) -> None:
        self._prompt, self._model, self._more = prompt, model, more

    def __call__(self, inputs: list[Any]) -> Any:
        """The request for the first of these inputs."""
        given = inputs[0] if isinstance(inputs[0], str) else json.dumps(inputs[0], ensure_ascii=False)
        body = {
            "messages": [{"role": "user", "content": self._prompt.replace("{input}", given)}],
            "max_tokens": 1, "temperature": 0, "logprobs": True, "top_logprobs": 20,
        }  # fmt: skip
        body |= {} if self._model is None else {"model": self._model}
        return {name: value for name, value in (body | dict(self._more)).items() if value is not None}


class Words:
    """Log probabilities of the words that may be answered; the least of all told for one that is not among them."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self._classes = classes

    def __call__(self, answered: Any, count: int) -> Any:
        """Numbers, or a list of them, for each of `count` inputs."""
        tokens = _at(answered, ["choices", "0", "logprobs", "content", "0", "top_logprobs"], "logprobs")
        try:
            told = [(str(token["token"]).strip().casefold(), float(token["logprob"])) for token in tokens]
        except (TypeError, KeyError, ValueError):
            raise BlackBoxFailed("The service answered without log probabilities; it must offer `logprobs`.") from None
        least = min((value for _, value in told), default=-20.0)
        rows = []
        for name in self._classes:
            wanted = name.strip().casefold()
            fitting = [value for token, value in told if token and wanted.startswith(token)]
            rows.append(float(np.logaddexp.reduce(fitting)) if fitting else least)
        return [rows]


def _at(value: Any, path: list[str], whole: str) -> Any:
    for place, step in enumerate(path):
        if step == "*":
            return [_at(inner, path[place + 1 :], whole) for inner in value]
        try:
            value = value[int(step)] if isinstance(value, list) else value[step]
        except (KeyError, IndexError, ValueError, TypeError):
            raise BlackBoxFailed(
                f"The service's answer has nothing at {whole!r:.80} (no {step!r:.40}): {value!r:.160}"
            ) from None
    return value
