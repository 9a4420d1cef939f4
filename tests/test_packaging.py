"""Glider as an installed package: the wheel in a fresh environment, away from this checkout."""

import ast
import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import urllib.request
import zipfile
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import glider_core as gl

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
SENTENCE = "It never fails."
RUN_A_PAGE = """
from streamlit.testing.v1 import AppTest
from glider_core.shipped import APP
app = AppTest.from_file(str(APP), default_timeout=60).run()
assert not app.exception, app.exception
app.switch_page("pages/sentiment.py").run()
assert not app.exception, app.exception
print("title:", app.title[0].value, flush=True)
import os
os._exit(0)  # the page's run goes on; a library that is left in the middle of it may abort the process
"""


class Environment:
    """A virtual environment outside the checkout, and how its programs are called."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.away = folder, folder.with_name("away")
        self.away.mkdir()
        self.variables = {
            name: value for name, value in os.environ.items() if not name.startswith(("GLIDER", "PYTHON"))
        }

    def program(self, name: str) -> str:
        return str(self.folder / "bin" / name)

    def call(self, name: str, *given: str, timeout: float = 120) -> str:
        """What a program of the environment prints, called from another folder."""
        done = subprocess.run(
            [self.program(name), *given],
            cwd=self.away, env=self.variables, capture_output=True, text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


def pip(*given: str, timeout: float = 120) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", *given],
        cwd=ROOT, capture_output=True, text=True, timeout=timeout, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    pip("wheel", "--quiet", "--no-deps", "--no-index", "--no-build-isolation", "--wheel-dir", str(folder), ".")
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """The wheel alone in a fresh environment that sees this one's libraries, but nothing of this checkout."""
    folder = tmp_path_factory.mktemp("installed") / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    pip("--python", str(folder / "bin" / "python"), "install", "--quiet", "--no-deps", "--no-index", str(wheel))
    [site] = folder.glob("lib/python*/site-packages")
    (site / "libraries.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    return Environment(folder)


def test_the_wheel_holds_models_pages_and_the_app_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    places = {"assets": "glider_core/assets", "pages": "glider_core/_app/pages", "glider_core": "glider_core"}
    for folder, place in places.items():
        for path in (ROOT / folder).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                assert f"{place}/{path.relative_to(ROOT / folder).as_posix()}" in names
    assert {"glider_core/_app/app.py", "glider_core/_app/.streamlit/config.toml", "glider_core/py.typed"} <= names
    tops = {name.split("/")[0] for name in names}
    assert tops == {"glider_core", f"glider-{gl.__version__}.dist-info"}
    assert not [name for name in names if "__pycache__" in name]
    assert any(name.endswith("LICENSE") for name in names)


def test_a_sentence_is_explained_from_another_folder(installed: Environment) -> None:
    explanation = gl.Explanation.from_json(installed.call("glider", "explain", "sentiment/lstm", SENTENCE, "--json"))
    assert explanation.interactions[0].names == ("never", "fails")
    assert explanation.versions["glider"] == gl.__version__
    assert installed.call("glider", "--version").strip() == gl.__version__


def test_the_installed_package_is_not_the_checkout(installed: Environment) -> None:
    where = installed.call(
        "python", "-c",
        "import glider_core, importlib.metadata as m; from glider_core.shipped import APP, ASSETS, place_for; "
        "print(glider_core.__file__, APP, ASSETS, sep='\\n'); print(m.version('glider')); print(place_for('results'))",
    ).splitlines()  # fmt: skip
    assert all(Path(path).is_relative_to(installed.folder) for path in where[:3])
    assert where[3] == gl.__version__
    assert Path(where[4]) == installed.away / "results"  # nothing is written beside libraries


def test_every_shipped_model_is_found(installed: Environment) -> None:
    lines = {line.split()[0]: line.split()[1] for line in installed.call("glider", "models").splitlines()}
    assert all(lines[model.id] == "ready" for model in gl.list_models() if model.tier == "shipped")


def test_a_domain_in_the_working_folder_is_found(installed: Environment, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "tests/sixth_domain", installed.away / "tests/sixth_domain")
    try:
        monkeypatch.setitem(installed.variables, "GLIDER_DOMAINS", "tests.sixth_domain.weather")
        assert "weather/formula" in installed.call("glider", "models")
        told = installed.call("glider", "explain", "weather/formula", "clouds wind warm", "--masks", "300")
        assert "clouds · wind" in told
    finally:
        shutil.rmtree(installed.away / "tests")


def test_the_app_opens(installed: Environment) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with subprocess.Popen(
        [installed.program("glider"), "app", "--port", str(port)],
        cwd=installed.away, env=installed.variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as server:  # fmt: skip
        try:
            assert answer(f"http://localhost:{port}/_stcore/health") == "ok"
            assert "<title>" in answer(f"http://localhost:{port}/")
        finally:
            server.terminate()
        server.wait(timeout=30)
    with socket.socket() as freed:  # the server itself is gone, not only the command that began it
        assert freed.connect_ex(("127.0.0.1", port)) != 0
    assert list(installed.away.iterdir()) == []


def test_a_page_runs(installed: Environment) -> None:
    assert "title: Sentiment" in installed.call("python", "-c", RUN_A_PAGE)


def answer(address: str) -> str:
    """What a server says, once it does."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return response.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")


@pytest.mark.slow
def test_everything_is_installed_into_an_empty_environment(wheel: Path, tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True)
    environment = Environment(tmp_path / "venv")
    python = environment.program("python")
    pip("--python", python, "install", "--quiet", "--prefer-binary", str(wheel), timeout=1200)
    assert "never · fails" in environment.call("glider", "explain", "sentiment/lstm", SENTENCE)
    environment.call("glider", "explain", "dna/cnn", "CGTTAATTACTCCTCCACGTGTTGTCCTACACTACC")
    environment.call("glider", "detect-global", "recommender/census", "--limit", "2")
    pip("--python", python, "install", "--quiet", "--prefer-binary", f"{wheel}[app]", timeout=1200)
    assert "title: Sentiment" in environment.call("python", "-c", RUN_A_PAGE)
    for model, given in (
        ("image/small50", "sample:Cat"),
        ("graph/karate", "27"),
        ("sentiment/distilbert-small", SENTENCE),
    ):
        environment.call("glider", "explain", model, given, "--masks", "200")


def required(*extras: str) -> set[str]:
    """The distributions that pyproject.toml asks for, with these extras and theirs."""
    optional = PROJECT["optional-dependencies"]
    names: set[str] = set()
    for line in [*PROJECT["dependencies"], *(line for extra in extras for line in optional[extra])]:
        match = re.match(r"([\w.-]+)(?:\[([\w,-]+)\])?", line)
        assert match is not None
        names |= required(*match[2].split(",")) if match[1] == PROJECT["name"] else {canonical(match[1])}
    return names


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def imported(*folders: str) -> Iterator[tuple[str, str]]:
    """Every library that files import, with the file."""
    for path in (path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                modules = [node.module]
            for module in modules:
                top = module.split(".")[0]
                if top not in sys.stdlib_module_names and top not in ("glider_core", "pages", "tests", "benchmarks"):
                    yield top, str(path.relative_to(ROOT))


def test_what_is_imported_is_declared() -> None:
    distributions = packages_distributions()
    for folders, extras in (
        (("glider_core",), ("app", "adapters", "cluster", "polars", "train", "peers")),
        (("pages",), ("app",)),
        (("tests",), ("dev",)),
    ):
        declared = required(*extras)
        for module, path in imported(*folders):
            names = {canonical(name) for name in distributions.get(module, [module])}
            assert names & declared, f"{path} imports {module}, which pyproject.toml does not ask for"


def test_requirements_pin_all_that_is_asked_for_and_nothing_of_one_machine() -> None:
    pins: dict[str, str] = {}
    for file in ("requirements.txt", "requirements-train.txt"):
        for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
            if line.startswith("#") or line in ("--prefer-binary", "-r requirements.txt"):
                continue
            name, equals, version = line.partition("==")
            assert equals, f"{file}: {line!r} is no pin"
            assert re.fullmatch(r"[\w.-]+", name)
            assert re.fullmatch(r"[\w.]+", version)  # no local build such as +cpu, no address
            assert not canonical(name).startswith(("nvidia", "cuda", "triton"))
            assert canonical(name) not in pins, f"{name} stands twice"
            pins[canonical(name)] = version
    assert required("dev", "train") <= pins.keys()
    assert (pins["torch"], pins["torchvision"]) == ("2.13.0", "0.28.0")


def test_import_is_quick_because_heavy_parts_wait() -> None:
    heavy = ("torch", "sklearn", "pandas", "scipy", "numpy", "transformers", "streamlit", "plotly", "pydantic")
    code = f"import sys, glider_core; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_is_where_it_is_said_to_be() -> None:
    for name in gl.__all__:
        assert getattr(gl, name) is not None
        assert name in dir(gl)
    told = {}  # what editors and type checkers are told
    for node in ast.walk(ast.parse((ROOT / "glider_core" / "__init__.py").read_text(encoding="utf-8"))):
        if isinstance(node, ast.If):
            for part in node.body:
                if isinstance(part, ast.ImportFrom):
                    told |= {alias.name: part.module for alias in part.names}
    assert told == gl._HOMES
    # A module of that name would take its place as soon as anything imports it.
    modules = {path.stem for path in (ROOT / "glider_core").iterdir()}
    assert not modules & set(gl._HOMES)
    with pytest.raises(AttributeError, match="nothing"):
        _ = gl.nothing  # type: ignore[attr-defined]
