"""Trials: side by side or alone, killed and resumed, the same."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

import glider_core as gl
from glider_core.recommenders.comparison import Comparison, Trial
from glider_core.recommenders.gains import gains
from glider_core.recommenders.recipes import Recipe
from glider_core.recommenders.trials import run_beside, run_trials
from tests.recommenders.planted_tables import QUICK, dataset, table


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return Comparison(dataset(), [("shop", "day")], QUICK)


def test_trained_side_by_side_or_alone_is_the_same(comparison: Comparison) -> None:
    looks: list[tuple[str, int, float]] = []
    shares: list[float] = []
    beside, networks = run_beside(
        comparison,
        "DeepFM",
        variants=("base", "crossed", "enlarged"),
        seeds=[0, 1],
        on_look=lambda variant, seed, look: looks.append((variant, seed, look.epochs)),
        on_progress=lambda _, share: shares.append(share),
    )
    alone = run_trials(comparison, targets=["DeepFM"], seeds=[0, 1])
    assert sorted(beside, key=str) == sorted(alone, key=str)
    assert looks[:3] == [("base", 0, 1.0), ("crossed", 0, 1.0), ("enlarged", 0, 1.0)]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert set(networks) == {"base", "crossed", "enlarged"}


def test_crosses_teach_what_embeddings_do_not() -> None:
    rows = table(8000, shops=30, days=25)
    comparison = Comparison(dataset(rows), [("shop", "day")], Recipe(epochs=2, batch=128), threshold=2)
    trials = run_trials(comparison, targets=["Wide&Deep"], seeds=range(3))
    crossed, enlarged = sorted(gains(trials), key=lambda gain: gain.variant)
    assert crossed.exceeds
    assert crossed.auc[1] > 0.9
    assert enlarged.auc[1] < crossed.auc[1] - 0.05


TRIALS = """
import os, signal, sys
from glider_core.recommenders.comparison import Comparison
from glider_core.recommenders.trials import run_trials
from tests.recommenders.planted_tables import QUICK, dataset

seen = []

def die_after_three(trial):
    seen.append(trial)
    if len(seen) == 3:
        os.kill(os.getpid(), signal.SIGKILL)

run_trials(Comparison(dataset(), [("shop", "day")], QUICK), targets=["DeepFM", "AutoInt"], seeds=range(1),
           resume=sys.argv[1], on_trial=die_after_three)
"""


def test_killed_trials_resume_with_the_same_result(tmp_path: Path, comparison: Comparison) -> None:
    path, root = tmp_path / "trials.jsonl", Path(__file__).resolve().parents[2]
    process = subprocess.run([sys.executable, "-c", TRIALS, str(path)], cwd=root, check=False)
    assert process.returncode == -signal.SIGKILL
    kept = path.read_bytes()
    assert kept.count(b"\n") == 1 + 3
    with path.open("ab") as file:
        file.write(b'{"target": "Dee')  # killed while it wrote
    seen: list[Trial] = []
    trials = run_trials(comparison, targets=["DeepFM", "AutoInt"], seeds=[0], resume=path, on_trial=seen.append)
    assert trials == seen
    assert path.read_bytes().startswith(kept)
    assert path.read_bytes().count(b"\n") == 1 + 6
    assert trials == run_trials(comparison, targets=["DeepFM", "AutoInt"], seeds=[0])


def test_a_file_of_other_trials_is_refused(tmp_path: Path, comparison: Comparison) -> None:
    path = tmp_path / "trials.jsonl"
    run_trials(comparison, targets=["DeepFM"], variants=["base"], seeds=[0], resume=path)
    other = Comparison(comparison.dataset, [("shop", "age")], QUICK)
    with pytest.raises(gl.InvalidInput, match="begun with other"):
        run_trials(other, targets=["DeepFM"], seeds=[0], resume=path)
    path.write_text("something else\n")
    with pytest.raises(gl.InvalidInput, match="not a file of finished work"):
        run_trials(comparison, targets=["DeepFM"], seeds=[0], resume=path)
    with pytest.raises(gl.InvalidSettings, match="no recommender 'FM'"):
        run_trials(comparison, targets=["FM"], seeds=[0])
