"""Experiments in parts: what is finished is not measured again, and runs side by side share the work."""

from pathlib import Path
from typing import Any

import pytest

from glider_core.errors import InvalidInput
from glider_core.experiments.parts import in_parts
from glider_core.experiments.planted_families import EXPERIMENT


def run(keep: Path | None, measured: list[str], names: str, seeds: int = 1, **more: Any) -> dict[str, dict[str, Any]]:
    def part(name: str) -> dict[str, Any]:
        measured.append(name)
        return {"value": f"{name}{len(measured)}"}

    parts = {name: lambda name=name: part(name) for name in names}
    return in_parts(parts, experiment="letters", header={"seeds": seeds}, keep=keep, **more)


def test_what_is_finished_is_not_measured_again(tmp_path: Path) -> None:
    measured: list[str] = []
    run(tmp_path, measured, "ba")
    found = run(tmp_path, measured, "abc")
    assert measured == ["b", "a", "c"]
    assert found == {"a": {"value": "a2"}, "b": {"value": "b1"}, "c": {"value": "c3"}}
    assert list(found) == ["a", "b", "c"]  # in the order asked for
    run(None, measured, "a")
    assert measured[-1] == "a"


def test_what_another_run_is_at_comes_last_and_is_taken_from_it(tmp_path: Path) -> None:
    measured: list[str] = []
    run(tmp_path, [], "a")
    path = next(tmp_path.iterdir())
    first = path.read_text().splitlines(keepends=True)
    path.write_text(first[0])  # begun, not finished
    waited: list[float] = []
    with path.open("ab") as held:
        import fcntl

        fcntl.flock(held, fcntl.LOCK_EX)

        def finish(seconds: float) -> None:
            waited.append(seconds)
            assert measured == ["b", "c"]
            held.write(first[1].encode())
            held.close()  # and so the lock

        found = run(tmp_path, measured, "abc", pause=finish)
    assert len(waited) == 1
    assert measured == ["b", "c"]
    assert found["a"] == {"value": "a1"}


def test_another_runs_parts_are_refused(tmp_path: Path) -> None:
    run(tmp_path, [], "a")
    with pytest.raises(InvalidInput, match="begun with other seeds"):
        run(tmp_path, [], "a", seeds=2)


def test_planted_families_are_put_together_from_parts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("glider_core.experiments.planted_families.FAMILIES", ("products",))
    monkeypatch.setattr("glider_core.experiments.planted_families.OUTSIDE", ("majorities",))

    def rows(**options: Any) -> list[dict[str, Any]]:
        return EXPERIMENT.run(EXPERIMENT.context(seeds=1, sizes=(12,), **options))["rows"]

    apart = [rows(questions=(n,), keep=tmp_path)[0] for n in (300, 200)]
    monkeypatch.setattr("glider_core.experiments.planted_families.explain_many", lambda *_: pytest.fail("it ran"))
    assert rows(questions=(200, 300), keep=tmp_path) == apart[::-1]
    assert apart[0]["r_precision"] == 1.0
    assert apart[0]["by family"].keys() == {"products", "majorities"}
    assert len(list(tmp_path.iterdir())) == 4
