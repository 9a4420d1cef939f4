"""A model behind an address: asked over HTTP with care for its limits, and never twice for the same."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from glider_core.adapters.answers import Outputs
from glider_core.adapters.predictors import Predictor
from glider_core.adapters.services import Chat, Filled, Found, Words
from glider_core.errors import BlackBoxFailed, InvalidInput, ModelUnavailable

_AGAIN = (408, 425, 429, 500, 502, 503, 504)  # answers after which asking once more may help
_LONGEST_WAIT = 60.0  # seconds before one more try
_MOST = 50_000_000  # bytes of one answer


class Endpoint:
    """A service that can be given to `gl.text`, `gl.tabular` and `gl.sequence` as a model; what `gl.endpoint` returns.

    Called with a list of inputs, or with rows of a data frame, it returns their raw answers.
    """

    own_identity: str | None = None  # what answers at an address may be another model tomorrow

    def __init__(
        self, url: str, *, body: Callable[[list[Any]], Any], read: Callable[[Any, int], Any],
        headers: Mapping[str, str], key_variable: str | None, batch: int, at_once: int, retries: int,
        per_second: float | None, budget: int | None, kept: Path | None, timeout: float, outputs: Outputs | None,
    ) -> None:  # fmt: skip
        self.url, self.calls, self.budget = url, 0, budget
        self._body, self._read, self._headers, self._key = body, read, dict(headers), key_variable
        self._batch, self._at_once, self._retries, self._timeout = batch, at_once, retries, timeout
        self._interval, self._kept_at, self._outputs = 0.0 if not per_second else 1.0 / per_second, kept, outputs
        self._start()

    @property
    def predictor(self) -> Predictor:
        """How it is asked, for adapters."""
        return Predictor(ask=self, outputs=self._outputs)

    def __call__(self, inputs: Any) -> Any:
        """Raw answers (n,) or (n, classes), in order; those kept from before are not asked for again.

        Raises:
            BlackBoxFailed: the budget is used up, the service refuses or cannot be reached, or answers something else.
        """
        values = inputs.to_dict("records") if isinstance(inputs, pd.DataFrame) else list(inputs)
        values = [_plain(value) for value in values]
        keys = [self._key_of(value) for value in values]
        known = self._kept(keys)
        new = {key: value for key, value in zip(keys, values, strict=True) if key not in known}
        wanted = list(new)
        parts = [wanted[start : start + self._batch] for start in range(0, len(wanted), self._batch)]
        with ThreadPoolExecutor(self._at_once, thread_name_prefix="glider-endpoint") as pool:
            futures = [pool.submit(self._ask, part, new) for part in parts]
            try:
                for future in futures:
                    known |= future.result()
            finally:
                for future in futures:
                    future.cancel()
        return np.array([known[key] for key in keys], dtype=np.float64)

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name not in ("_lock", "_session", "_database")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._start()

    def _start(self) -> None:
        self._lock, self._next = threading.Lock(), 0.0
        self._session: Any = None
        self._database: sqlite3.Connection | None = None
        if self._kept_at is not None:
            self._kept_at.parent.mkdir(parents=True, exist_ok=True)
            self._database = sqlite3.connect(self._kept_at, check_same_thread=False)
            self._database.execute("CREATE TABLE IF NOT EXISTS answers (key TEXT PRIMARY KEY, answer TEXT NOT NULL)")

    def _key_of(self, value: Any) -> str:
        content = json.dumps([self.url, self._body([value])], sort_keys=True, ensure_ascii=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()

    def _kept(self, keys: Sequence[str]) -> dict[str, Any]:
        if self._database is None:
            return {}
        known: dict[str, Any] = {}
        with self._lock:
            for key in dict.fromkeys(keys):
                row = self._database.execute("SELECT answer FROM answers WHERE key = ?", (key,)).fetchone()
                if row is not None:
                    known[key] = json.loads(row[0])
        return known

    def _ask(self, keys: list[str], values: Mapping[str, Any]) -> dict[str, Any]:
        answers = self._read(self._post(self._body([values[key] for key in keys])), len(keys))
        try:
            numbers = np.asarray(answers, dtype=np.float64)
        except (TypeError, ValueError):
            raise BlackBoxFailed(f"{self.url} answered with something else than numbers: {answers!r:.200}") from None
        if numbers.ndim == 0:
            numbers = numbers.reshape(1)
        if len(numbers) != len(keys):
            raise BlackBoxFailed(f"{self.url} gave {len(numbers)} answers to {len(keys)} inputs.")
        told = dict(zip(keys, numbers.tolist(), strict=True))
        if self._database is not None:
            with self._lock, self._database:
                rows = [(key, json.dumps(value)) for key, value in told.items()]
                self._database.executemany("INSERT OR REPLACE INTO answers VALUES (?, ?)", rows)
        return told

    def _post(self, body: Any) -> Any:
        """One request, tried again where that may help."""
        import requests

        problem = ""
        for attempt in range(self._retries + 1):
            self._wait_turn()
            wait = min(2.0**attempt * 0.5, _LONGEST_WAIT)
            try:
                with self._http().post(
                    self.url, json=body, headers=self._all_headers(), timeout=self._timeout, stream=True
                ) as response:
                    if response.status_code < 300:
                        return _json(response, self.url)
                    problem = f"it answered {response.status_code}: {response.raw.read(300)!r:.200}"
                    if response.status_code not in _AGAIN:
                        break
                    wait = _told_to_wait(response.headers.get("Retry-After"), wait)
            except requests.RequestException as error:
                problem = type(error).__name__
            if attempt < self._retries:
                time.sleep(min(wait, _LONGEST_WAIT))
        raise BlackBoxFailed(
            f"{self.url} cannot be asked ({problem}). Answers that it gave so far are kept, if any are."
        )

    def _wait_turn(self) -> None:
        with self._lock:
            if self.budget is not None and self.calls >= self.budget:
                raise BlackBoxFailed(
                    f"The budget of {self.budget:,} calls to {self.url} is used up. Raise it, or ask for fewer masks; "
                    "answers that are kept on disk are not paid twice."
                )
            self.calls += 1
            now = time.monotonic()
            turn = max(self._next, now)
            self._next = turn + self._interval
        if turn > now:
            time.sleep(turn - now)

    def _http(self) -> Any:
        import requests

        if self._session is None:
            self._session = requests.Session()
        return self._session

    def _all_headers(self) -> dict[str, str]:
        if self._key is None:
            return self._headers
        secret = os.environ.get(self._key)
        if not secret:
            raise ModelUnavailable(f"The variable {self._key}, which is to hold the key for {self.url}, is not set.")
        return self._headers | {"Authorization": f"Bearer {secret}"}


def endpoint(
    url: str,
    *,
    request: Any = None,
    answer: str | Callable[[Any], Any] = "",
    classes: Sequence[str] | None = None,
    probabilities: bool | None = None,
    prompt: str | None = None,
    model: str | None = None,
    headers: Mapping[str, str] | None = None,
    key_variable: str | None = None,
    batch: int = 1,
    at_once: int = 4,
    retries: int = 5,
    per_second: float | None = None,
    budget: int | None = 5000,
    keep: str | Path | None = None,
    timeout: float = 60.0,
) -> Endpoint:
    """A service as a model: `gl.text(gl.endpoint(url, request={"inputs": "{inputs}"}, answer="scores"))`.

    A service that speaks JSON gets `request`, with the text "{input}" replaced by one input, wherever it stands, or
    "{inputs}" by the list of a batch. One that speaks as OpenAI's does gets `prompt`, a question with "{input}" in it
    whose answer is one of `classes`; what is explained are the log probabilities of their first words.

    Args:
        url: where requests go; for `prompt`, that of "…/chat/completions".
        request: JSON values, for services that speak JSON; beside `prompt` what differs from the usual request, such as
            {"max_tokens": None, "max_completion_tokens": 1}, None for what is to be left out.
        answer: where the numbers stand in what comes back: names and places separated by points, such as
            "predictions" or "0.score", "*" for all of a list; or a function of the parsed JSON. One number per input,
            or a list with one per class.
        classes: their names; with `prompt`, the words to answer with.
        probabilities: whether numbers are; told by their looks if not said.
        prompt: the question, for services that speak as OpenAI's does.
        model: the name of the model there.
        headers: of each request.
        key_variable: name of the environment's variable that holds the secret key.
        batch: inputs in one request; needs "{inputs}".
        at_once: requests at the same time.
        retries: how often a request that failed for the moment is tried again.
        per_second: requests at most.
        budget: requests in all, with those that failed; None: without limit.
        keep: a file, SQLite's, that keeps answers; they are not asked for again, also in another run.
        timeout: seconds, of one request.

    Raises:
        InvalidInput: neither a request nor a prompt, or one that has no place for the input.
        ModelUnavailable: the package requests is not installed.
    """
    try:
        import requests  # noqa: F401
    except ImportError:
        raise ModelUnavailable('A service needs the package requests: `pip install "glider[endpoint]"`.') from None
    if not url.startswith(("http://", "https://")):
        raise InvalidInput(f"Got the address {url[:80]!r}; it begins with http:// or https://.")
    outputs = None
    if prompt is not None:
        if "{input}" not in prompt or not classes or len(classes) < 2:
            raise InvalidInput(
                '`prompt` needs "{input}" where the input goes, and at least two `classes` to answer with.'
            )
        batch, outputs = 1, Outputs(kind="scores", classes=tuple(classes))
        question: Callable[[list[Any]], Any] = Chat(prompt, model, request or {})
        read: Callable[[Any, int], Any] = Words(tuple(classes))
    else:
        written = json.dumps(request, default=str)
        if '"{inputs}"' not in written and "{input}" not in written:
            raise InvalidInput('`request` needs "{input}" or "{inputs}" where inputs go, such as {"text": "{input}"}.')
        if batch > 1 and '"{inputs}"' not in written:
            raise InvalidInput('A batch of several inputs needs the place "{inputs}" in `request`.')
        question, read = Filled(request), Found(answer, '"{inputs}"' in written)
        if classes is not None and probabilities is not None:
            outputs = Outputs(kind="probabilities" if probabilities else "scores", classes=tuple(map(str, classes)))
    return Endpoint(
        url, body=question, read=read, headers=headers or {}, key_variable=key_variable, batch=max(1, batch),
        at_once=max(1, at_once), retries=max(0, retries), per_second=per_second, budget=budget,
        kept=None if keep is None else Path(keep), timeout=timeout, outputs=outputs,
    )  # fmt: skip


def _json(response: Any, url: str) -> Any:
    content = response.raw.read(_MOST + 1, decode_content=True)
    if len(content) > _MOST:
        raise BlackBoxFailed(f"{url} answered with more than {_MOST:,} bytes.")
    try:
        return json.loads(content)
    except ValueError:
        raise BlackBoxFailed(f"{url} answered with something else than JSON: {content[:160]!r}") from None


def _told_to_wait(told: str | None, usual: float) -> float:
    try:
        return max(0.0, float(told)) if told else usual
    except ValueError:  # a date
        return usual


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NA or value is pd.NaT or value != value:
        return None
    return value if isinstance(value, str | bool | int | float) else str(value)
