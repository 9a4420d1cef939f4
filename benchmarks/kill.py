"""kill -9 at random moments: is everything that was finished there afterwards?

    python -m benchmarks.kill --command-line 50 --server 50
    python -m benchmarks.kill --command-line 0 --server 10 --seed 1 --add   # in parts, which are summed up

First the command line, `detect-global --resume`; then the server, while a visitor trains models on tables of their own
and has sentences explained.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import os
import random
import re
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState

import glider_core as gl
from benchmarks.load_client import Visitor
from glider_core.keeping import Keeper, Limits
from pages.parts.visitor import COOKIE

ROOT = Path(__file__).parents[1]
KILLS = 50
ROWS, CHUNK = 12, 2  # of the command line's run: six chunks, each of which is kept once it is finished
# The command line with chunks of so many rows.
_COMMAND = """
import sys
from glider_core.rows import chunk, run
chunk.CHUNK = run.CHUNK = int(sys.argv.pop(1))
from glider_core.cli import app
app()
"""
PATIENCE = 180.0  # seconds for one thing
IN_USE = (0.0, 24.0)  # seconds from when a visitor has looked until the server is killed


def run() -> dict:
    """kill -9 at random moments, of the command line and of the server: what was finished and is gone"""
    return measure(KILLS, KILLS)


def measure(of_command_line: int, of_server: int, seed: int = 0) -> dict:
    """Kill each so often, at moments that the seed draws; 0 leaves it out."""
    rng, measured = random.Random(seed), {}
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        if of_command_line:
            measured["command line"] = _command_line(of_command_line, rng, Path(folder))
            print(measured["command line"], flush=True)
        if of_server:
            measured["server"] = asyncio.run(_server(of_server, rng, Path(folder) / "cache"))
            print(measured["server"], flush=True)
    return measured


# The command line.


def _command_line(kills: int, rng: random.Random, folder: Path) -> dict:
    """Begin a run over rows and kill it, so often; each goes on from the file of the one before, until one ends."""
    journal, out = folder / "run.jsonl", folder / "run.json"
    command = [sys.executable, "-c", _COMMAND, str(CHUNK), "detect-global", "recommender/census", "--limit", str(ROWS)]
    begun = time.perf_counter()
    _call([*command, "--out", str(out)])
    longest, whole = time.perf_counter() - begun, _result(out)
    counts = dict.fromkeys(["killed", "had ended before", "chunks lost", "starts refused", "results that differ"], 0)
    lines: list[bytes] = []
    while counts["killed"] < kills:
        out.unlink(missing_ok=True)
        process = subprocess.Popen(
            [*command, "--resume", str(journal), "--out", str(out)],
            cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        begun = time.perf_counter()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(rng.uniform(0.0, longest))
            longest = min(longest, time.perf_counter() - begun)  # it ended: on a machine with less to do than before
        process.send_signal(signal.SIGKILL)
        ended = process.wait()
        counts["killed"] += ended == -signal.SIGKILL
        counts["had ended before"] += ended == 0
        counts["starts refused"] += ended not in (0, -signal.SIGKILL)
        content = journal.read_bytes() if journal.exists() else b""
        now = [line for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
        counts["chunks lost"] += sum(
            before != after for before, after in itertools.zip_longest(lines, now[: len(lines)])
        )
        lines = now
        if out.exists():  # all of it, or not there
            counts["results that differ"] += _result(out) != whole
        if ended == 0:
            journal.unlink()
            lines = []
        print(counts, flush=True)
    _call([*command, "--resume", str(journal), "--out", str(out)])
    counts["results that differ"] += _result(out) != whole
    return {"rows": ROWS, "rows of a chunk": CHUNK, "seconds of an unbroken run": round(longest, 1), **counts}


def _call(command: Sequence[str]) -> None:
    subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)


def _result(path: Path) -> gl.GlobalInteractions:
    return gl.GlobalInteractions.from_json(path.read_text(encoding="utf-8"))


# The server.


@dataclass(slots=True)
class _Finished:
    """What the visitor has seen finished."""

    trained: str = ""  # target of the model that was seen
    begun: str = ""  # of the one that was being trained when the server was killed: it may be there instead
    query: dict[str, str] = field(default_factory=dict)  # of the sentence that was explained last
    explained: dict[str, Any] = field(default_factory=dict)  # its result


class _Owner(Visitor):
    """A visitor who presses buttons, too, and reads what the page says."""

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self._buttons: dict[str, str] = {}
        self.words: list[str] = []  # messages and paragraphs since the page was opened

    def reads(self, words: str) -> bool:
        """Whether the page says this."""
        return any(words in text for text in self.words)

    async def turn_to(self, page: str, query: dict[str, str]) -> None:
        """Open a page, and wait until it is drawn and nothing runs on it."""
        self.words.clear()
        await self.open(page, query)
        await self._until_idle()

    async def press(self, label: str) -> None:
        """Press a button, and wait until what it begins has ended."""
        state = ClientState(query_string=self._query, page_script_hash=self._page)
        pressed = state.widget_states.widgets.add()
        pressed.id, pressed.trigger_value = self._buttons[label], True
        self._drawn.clear()
        self._busy = True
        self.words.clear()
        await self._send(BackMsg(rerun_script=state))
        await self._until_idle()

    async def _until_idle(self) -> None:
        async with asyncio.timeout(PATIENCE):
            while True:
                await self._drawn.wait()
                self._raise_failure()
                if not self._busy:
                    return
                self._drawn.clear()

    def _look_at(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        if kind == "button":
            self._buttons[element.button.label] = element.button.id
        elif kind in ("alert", "markdown"):
            self.words.append(re.sub(r"\\([^a-zA-Z0-9\s])", r"\1", getattr(element, kind).body))
        super()._look_at(element)


async def _server(kills: int, rng: random.Random, cache: Path) -> dict:
    """Start the server, look whether all is there, use it, kill it; so often, and look once more."""
    token, finished = secrets.token_urlsafe(32), _Finished()
    keeper = Keeper(token, folder=cache / "visitors", limits=Limits())
    counts = dict.fromkeys(
        ["models trained", "models lost", "uploads lost", "sentences explained", "results lost", "workers left over"], 0
    )
    failures: list[str] = []
    for number in range(kills + 1):
        name, target = f"table{number}.csv", f"bought{number}"
        keeper.keep("table", name=name, files={"upload": _table(target)})  # as if it had been uploaded
        with _served(cache) as (address, server):
            workers: list[psutil.Process] = []
            try:
                async with _Owner.connected(address, cookie=f"{COOKIE}={token}") as owner:
                    await _look(owner, name, finished, counts)
                    if number < kills:
                        use = asyncio.create_task(_use(owner, target, finished, counts, rng))
                        await asyncio.wait([use], timeout=rng.uniform(*IN_USE))
                        workers = server.children(recursive=True)
                        server.kill()
                        use.cancel()
                        [ended] = await asyncio.gather(use, return_exceptions=True)
                        if isinstance(ended, AssertionError):
                            raise ended  # what it looked for never came; all else is the kill
            except Exception as error:  # a page that failed after a start is what is looked for
                failures.append(f"{number}: {type(error).__name__}: {error!s:.200}")
            server.kill()
            server.wait()
        counts["workers left over"] += len(psutil.wait_procs(workers, timeout=60)[1])
        print(f"{number}: {counts} {failures[-1:]}", flush=True)
    return {"kills": kills, **counts, "failures after a start": len(failures), "first failures": failures[:3]}


async def _look(owner: _Owner, upload: str, finished: _Finished, counts: dict[str, int]) -> None:
    """Count what was finished and is not there."""
    await owner.turn_to("crosses", {"source": "own"})
    counts["uploads lost"] += not owner.reads(f"{upload}**, uploaded before")
    there = [target for target in (finished.trained, finished.begun) if target and owner.reads(f"Learned **{target}**")]
    counts["models lost"] += bool(finished.trained) and not there
    finished.trained, finished.begun = "".join(there[:1]), ""
    if finished.explained:
        again = await owner.explain("sentiment", finished.query, timeout=PATIENCE)
        # The seconds that its stages took tell a result that was kept from an equal one that was worked out anew.
        counts["results lost"] += _kept_part(again) != _kept_part(finished.explained)


def _kept_part(result: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in result.items() if name != "waited"}


async def _use(owner: _Owner, target: str, finished: _Finished, counts: dict[str, int], rng: random.Random) -> None:
    """Train a model, then have sentences explained until the server is gone; now and then without the training."""
    settings = gl.Settings.with_masks(600)
    train = rng.random() < 0.8
    for number in range(1000):
        if train and number == 0:
            await owner.turn_to("crosses", {"source": "own"})
            finished.begun = target
            await owner.press("Train on it")
            assert owner.reads(f"Learned **{target}**"), owner.words
            finished.trained, finished.begun = target, ""
            counts["models trained"] += 1
        text = f"{rng.choice(['It', 'This', 'The film'])} never fails, {rng.choice(['sad', 'dull', 'fine'])} {number}"
        query = {"model": "sentiment/lstm", "text": text} | settings.model_copy(
            update={"seed": rng.randrange(2**31)}
        ).to_query()
        result = await owner.explain("sentiment", query, timeout=PATIENCE)
        finished.query, finished.explained = query, result
        counts["sentences explained"] += 1


def _table(target: str) -> bytes:
    """A table whose target is told by two fields together."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 300), "tier": rng.choice(["gold", "tin"], 300)})
    table["age"] = rng.integers(18, 80, 300)
    table[target] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    return table.to_csv(index=False).encode()


@contextlib.contextmanager
def _served(cache: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The app on a free port, with this cache: its address and its process."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    address = f"http://localhost:{port}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    # Without repeats behind a result, which would replace it: what was seen is compared to the letter.
    environment = {**os.environ, "GLIDER_CACHE": str(cache), "GLIDER_STABILITY": "1"}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, env=environment) as app:
        try:
            deadline = time.monotonic() + PATIENCE
            while time.monotonic() < deadline and app.poll() is None:
                with contextlib.suppress(OSError):
                    urllib.request.urlopen(f"{address}/_stcore/health", timeout=2)
                    break
                time.sleep(0.1)
            yield address, psutil.Process(app.pid)
        finally:
            app.kill()


def main(words: list[str]) -> None:
    """What the command line asks for."""
    from benchmarks.__main__ import RESULTS, keep

    parser = argparse.ArgumentParser(prog="python -m benchmarks.kill", description=__doc__)
    parser.add_argument("--command-line", type=int, default=KILLS, help="how often it is killed; 0 leaves it out")
    parser.add_argument("--server", type=int, default=KILLS, help="how often it is killed; 0 leaves it out")
    parser.add_argument("--seed", type=int, default=0, help="of the moments; another one for each part")
    parser.add_argument("--save", action="store_true", help="put what was measured into results.json")
    parser.add_argument("--add", action="store_true", help="add it there to what was measured before")
    given = parser.parse_args(words)
    measured = measure(given.command_line, given.server, given.seed)
    if given.add:
        measured = _summed(json.loads(RESULTS.read_text()).get("kill", {}).get("measured", {}), measured)
    if given.save or given.add:
        keep("kill", measured)


def _summed(before: dict, now: dict) -> dict:
    """Two parts of a measurement as one: counts are added, what was set stays."""
    parts = {}
    for name in before | now:
        old, new = before.get(name, {}), now.get(name, {})
        parts[name] = {what: _sum(what, old[what], new[what]) if what in old and what in new else (old | new)[what]
                       for what in old | new}  # fmt: skip
    return parts


def _sum(what: str, old: Any, new: Any) -> Any:
    if isinstance(old, list):
        return [*old, *new][:3]
    return new if what in _SET else old + new


_SET = ("rows", "rows of a chunk", "seconds of an unbroken run")


if __name__ == "__main__":
    main(sys.argv[1:])
