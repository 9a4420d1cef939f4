"""One process in which a sixth domain is switched on: app, command line, links, JSON and picture know it at once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAME = "tests.sixth_domain.weather"


def python(*arguments: str, named: bool = True) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment.pop("GLIDER_DOMAINS", None)
    if named:
        environment["GLIDER_DOMAINS"] = NAME
    return subprocess.run(
        [sys.executable, *arguments], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=240
    )


def run(script: str) -> str:
    done = python("-c", script)
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


def test_the_command_line_lists_and_explains_it() -> None:
    assert "weather/formula" in python("-m", "glider_core", "models").stdout
    assert "weather" not in python("-m", "glider_core", "models", named=False).stdout
    done = python("-m", "glider_core", "explain", "weather/formula", "clouds wind warm west", "--masks", "600")
    assert done.returncode == 0, done.stderr
    assert "Rain +2.50" in done.stdout
    assert "clouds" in done.stdout
    assert "wind" in done.stdout


def test_its_case_goes_through_a_link_and_its_result_through_json_into_the_same_picture() -> None:
    told = run(
        "import glider_core as gl\n"
        "from glider_core.cases import Case\n"
        "from glider_core.drawings import draw\n"
        "from glider_core.results import Explanation\n"
        "instance = gl.load_model('weather/formula').instance('clouds wind warm <b>west</b>')\n"
        "explanation = gl.explain(instance, gl.Settings.with_masks(600))\n"
        "case = Case.from_query(explanation.case.to_query())\n"
        "again = gl.load_model(case.model).instance(case.raw, **case.options)\n"
        "assert again.case(case.settings).fingerprint == explanation.fingerprint is not None\n"
        "saved = Explanation.from_json(explanation.to_json())\n"
        "assert saved == explanation\n"
        "assert draw(saved) == draw(explanation)\n"
        "print(explanation.interactions[0].names, draw(saved))\n"
    )
    assert told.startswith("('clouds', 'wind') <p class=\"weather-sky\"><u>clouds <")
    assert "&lt;b&gt;west" in told


def test_its_page_stands_in_the_navigation_and_shows_its_picture() -> None:
    told = run(
        "from tests.conftest import plain_pages_folder\n"
        "from tests.pages.conftest import Visitor\n"
        "plain_pages_folder()\n"
        "visitor = Visitor().open('tests/sixth_domain/weather/page.py', text='clouds wind west', masks='600')\n"
        "assert visitor.reads('Rain +2.50'), visitor.texts()\n"
        "assert visitor.reads('Which signs in the sky bring rain')\n"
        "(picture,) = visitor.pictures()\n"
        "print(picture)\n"
        "print(visitor.app.query_params)\n"
    )
    assert "<u>clouds <" in told
    assert "'model': 'weather/formula'" in told


def test_an_installed_package_announces_it_by_an_entry_point(tmp_path: Path) -> None:
    folder = tmp_path / "glider_weather-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: glider-weather\nVersion: 1.0\n")
    (folder / "entry_points.txt").write_text(f"[glider.domains]\nweather = {NAME}\n")
    script = f"import sys; sys.path.append({str(tmp_path)!r}); import glider_core as gl; print(gl.list_models()[-1].id)"
    assert python("-c", script, named=False).stdout.strip() == "weather/formula"


@pytest.mark.parametrize("file", sorted(path.name for path in (Path(__file__).parent / "weather").glob("*.py")))
def test_a_domain_is_small(file: str) -> None:
    lines = (Path(__file__).parent / "weather" / file).read_text().splitlines()
    assert len(lines) <= 45
    assert file != "page.py" or len(lines) <= 40
