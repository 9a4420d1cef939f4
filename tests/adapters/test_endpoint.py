import json
import pickle
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

import glider_core as gl
from glider_core.adapters import endpoint as module


class Service(BaseHTTPRequestHandler):
    """Rates texts and rows; `server.troubles` is what it answers first: status codes, one a request."""

    def do_POST(self) -> None:
        server: Any = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with server.lock:
            server.asked.append((self.path, body, self.headers.get("Authorization")))
            trouble = server.troubles.pop(0) if server.troubles else 200
        answer: Any = {"error": "busy"}
        if trouble == 200 and "messages" in body:
            rating = score(body["messages"][0]["content"])
            tokens = [{"token": " Yes", "logprob": rating - 3.0}, {"token": "No", "logprob": -3.0}]
            answer = {"choices": [{"logprobs": {"content": [{"top_logprobs": tokens}]}}]}
        elif trouble == 200:
            inputs = body["inputs"] if isinstance(body["inputs"], list) else [body["inputs"]]
            answer = {"predictions": [{"value": score(one)} for one in inputs]}
        content = json.dumps(answer).encode()
        self.send_response(trouble)
        self.send_header("Content-Length", str(len(content)))
        if trouble == 429:
            self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        pass


def score(one: Any) -> float:
    if isinstance(one, dict):
        return 2.0 * (one["a"] > 0 and one["b"] > 0) + 0.5 * one["c"]
    return 2.5 * ("never" in one and "fails" in one) - 1.0


@pytest.fixture
def service() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), Service)
    server.asked, server.troubles, server.lock = [], [], threading.Lock()
    server.url = f"http://127.0.0.1:{server.server_port}/rate"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)  # looks that often for its end
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_service_is_explained_in_batches_and_its_answers_are_kept(service: Any, tmp_path: Path) -> None:
    def asked() -> gl.Explanation:
        rated = gl.endpoint(service.url, request={"inputs": "{inputs}"}, answer="predictions.*.value", batch=8,
                            keep=tmp_path / "answers.sqlite")  # fmt: skip
        return gl.explain(gl.text(rated).instance("It never fails to bore."))

    explanation = asked()
    assert explanation.interactions[0].names == ("never", "fails")
    assert explanation.interactions[0].effect == pytest.approx(2.5)
    assert explanation.fingerprint is None, "what a service is, nobody knows"
    calls = len(service.asked)
    assert calls < 20, "64 masks in batches of 8, and one first answer"
    assert asked().interactions == explanation.interactions
    assert len(service.asked) == calls, "everything was kept"


def test_rows_of_a_table_are_sent_as_json(service: Any) -> None:
    table = pd.DataFrame({"a": [-1.0, 1.0, -2.0], "b": [-1.0, 2.0, -2.0], "c": [0.0, 1.0, 2.0]})
    rated = gl.endpoint(service.url, request={"inputs": "{inputs}"}, answer="predictions.*.value", batch=50)
    explanation = gl.explain(gl.tabular(rated, table).instance(1))
    assert explanation.interactions[0].names == ("a", "b")
    assert service.asked[0][1]["inputs"][0] == {"a": -1.0, "b": -1.0, "c": 0.0}
    assert pickle.loads(pickle.dumps(rated))([{"a": 1, "b": 1, "c": 1}]).tolist() == [2.5]


def test_a_chat_is_explained_by_the_log_probabilities_of_words(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY_FOR_TEST", "secret")
    rated = gl.endpoint(service.url, prompt="Is this praise? {input}", classes=["no", "yes"], model="small",
                        key_variable="KEY_FOR_TEST")  # fmt: skip
    explanation = gl.explain(gl.text(rated).instance("It never fails."))
    assert explanation.explained == "yes"
    assert explanation.prediction == pytest.approx(1.5)
    assert explanation.interactions[0].effect == pytest.approx(2.5)
    _, body, secret = service.asked[0]
    assert body["messages"][0]["content"] == "Is this praise? It never fails."
    assert (body["model"], secret) == ("small", "Bearer secret")
    other = gl.endpoint(service.url, prompt="Praise? {input}", classes=["no", "yes"],
                        request={"max_tokens": None, "max_completion_tokens": 1})  # fmt: skip
    other(["It never fails."])
    assert "max_tokens" not in service.asked[-1][1]
    assert service.asked[-1][1]["max_completion_tokens"] == 1
    monkeypatch.delenv("KEY_FOR_TEST")
    with pytest.raises(gl.ModelUnavailable, match="KEY_FOR_TEST"):
        rated(["other"])


def test_trouble_for_the_moment_is_waited_out_and_other_trouble_is_told(service: Any) -> None:
    rated = gl.endpoint(service.url, request={"inputs": "{input}"}, answer="predictions.0.value", at_once=1)
    service.troubles = [429, 429]
    assert rated(["never fails"]).tolist() == [1.5]
    assert rated.calls == 3
    service.troubles = [403]
    with pytest.raises(gl.BlackBoxFailed, match="403"):
        rated(["another"])
    wrong = gl.endpoint(service.url, request={"inputs": "{input}"}, answer="results.0")
    with pytest.raises(gl.BlackBoxFailed, match=r"nothing at 'results.0'"):
        wrong(["never fails"])


def test_requests_keep_to_a_rate(service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    now, waited = [100.0], []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    rated = gl.endpoint(service.url, request={"inputs": "{input}"}, answer="predictions.0.value", per_second=4,
                        at_once=1)  # fmt: skip
    assert len(rated([f"text {n}" for n in range(5)])) == 5
    assert waited == pytest.approx([0.25] * 4)


LONG = "I must say that this film with its long plot never once fails to bore us."  # 17 words and marks


@pytest.mark.parametrize(
    ("detector", "text", "most"),
    [("ArchDetect", "It never fails to bore.", 100), ("Spectrum", LONG, 200), ("Grow", LONG, 200)],
)
def test_few_calls_find_the_pair(service: Any, detector: str, text: str, most: int) -> None:
    rated = gl.endpoint(service.url, request={"inputs": "{inputs}"}, answer="predictions.*.value", batch=100)
    explanation = gl.explain(gl.text(rated).instance(text), gl.Settings.with_masks(110, detector=detector))
    assert explanation.interactions[0].names == ("never", "fails")
    assert sum(len(body["inputs"]) for _, body, _ in service.asked) <= most


def test_a_budget_is_kept(service: Any) -> None:
    rated = gl.endpoint(service.url, request={"inputs": "{input}"}, answer="predictions.0.value", budget=3, at_once=2)
    with pytest.raises(gl.BlackBoxFailed, match="budget of 3 calls"):
        rated([f"text {n}" for n in range(9)])
    assert len(service.asked) == 3


def test_a_request_without_a_place_for_the_input_is_refused() -> None:
    with pytest.raises(gl.InvalidInput, match="where inputs go"):
        gl.endpoint("http://localhost/", request={"text": "x"})
    with pytest.raises(gl.InvalidInput, match="begins with http"):
        gl.endpoint("file:///etc/passwd", request={"text": "{input}"})
    with pytest.raises(gl.InvalidInput, match="A batch"):
        gl.endpoint("http://localhost/", request={"text": "{input}"}, batch=4)
