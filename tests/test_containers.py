"""The container files: built and started where there is a container runtime, else linted, and their command started."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]


def test_the_composed_app_waits_for_its_database_and_is_not_open_to_the_network() -> None:
    services = yaml.safe_load((ROOT / "compose.yaml").read_text())["services"]
    app, database = services["app"], services["database"]
    assert app["environment"]["GLIDER_DATABASE_URL"].startswith("postgresql://glider:${GLIDER_DB_PASSWORD:?")
    assert app["depends_on"]["database"]["condition"] == "service_healthy"
    assert "ports" not in database
    assert all(port.startswith("127.0.0.1:") for port in app["ports"])
    assert (ROOT / app["build"]["dockerfile"]).is_file()
    assert "healthcheck" in database


def test_the_image_runs_as_nobody_special_and_copies_what_is_there() -> None:
    text = (ROOT / "Containerfile").read_text()
    number = re.search(r"useradd --create-home --uid (\d+) glider", text)
    assert number is not None
    assert re.search(rf"^USER {number[1]}$", text, re.MULTILINE)
    assert text.index(f"USER {number[1]}") < text.index("CMD [")
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not {"pages", "assets", "app.py", "glider_core", "pyproject.toml", "docs"} & set(ignored)


def test_hadolint_finds_nothing_wrong() -> None:
    linter = Path(sys.executable).with_name("hadolint")
    done = subprocess.run([str(linter), str(ROOT / "Containerfile")], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout + done.stderr) == (0, "")


def test_compose_names_only_what_compose_knows_and_what_is_there() -> None:
    composed = yaml.safe_load((ROOT / "compose.yaml").read_text())
    assert set(composed) == {"services", "volumes"}
    known = {"build", "image", "ports", "environment", "volumes", "depends_on", "restart", "healthcheck"}
    for name, service in composed["services"].items():
        assert set(service) <= known, name
        assert ("build" in service) != ("image" in service)
        assert service["restart"] == "unless-stopped"
        assert {volume.partition(":")[0] for volume in service["volumes"]} <= set(composed["volumes"])
        assert set(service.get("depends_on", ())) <= set(composed["services"])
    database = composed["services"]["database"]
    assert re.fullmatch(r"postgres:\d+", database["image"])  # a newer major version could not read the volume
    assert database["environment"]["POSTGRES_PASSWORD"].startswith("${GLIDER_DB_PASSWORD:?")  # none by default
    _, user, _, host, name = re.split(
        r"://|:|@|/", re.sub(r"\$\{.*?\}", "secret", composed["services"]["app"]["environment"]["GLIDER_DATABASE_URL"])
    )
    assert (user, host, name) == (
        database["environment"]["POSTGRES_USER"],
        "database",
        database["environment"]["POSTGRES_DB"],
    )


@pytest.mark.slow
def test_the_image_s_command_serves_with_the_variables_of_compose(tmp_path: Path) -> None:
    text = (ROOT / "Containerfile").read_text()
    match = re.search(r"^CMD (\[.*\])$", text, re.MULTILINE)
    assert match is not None
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    program, *given = [port if word == "8501" else word for word in json.loads(match[1])]
    assert program == "glider"
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("GLIDER_", "STREAMLIT_"))
    } | {
        "GLIDER_CACHE": str(tmp_path / "kept"),
        "PYTHONPATH": str(ROOT),
        "GLIDER_DATABASE_URL": os.environ.get("GLIDER_TEST_POSTGRESQL") or f"sqlite:///{tmp_path / 'cases.db'}",
        "STREAMLIT_SERVER_ALLOWED_HOSTS": "localhost 127.0.0.1",
    }
    with subprocess.Popen(
        [sys.executable, "-m", "glider_core", *given],  # what the program runs, also where none is installed
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as server:  # fmt: skip
        try:
            assert answered(f"http://localhost:{port}/_stcore/health") == "ok"
            assert "<title>" in answered(f"http://localhost:{port}/cases")
            foreign = urllib.request.Request(f"http://localhost:{port}/", headers={"Host": "evil.example"})
            with pytest.raises(urllib.error.HTTPError, match="403"):
                urllib.request.urlopen(foreign, timeout=10)
        finally:
            server.terminate()
        server.wait(30)


@pytest.mark.slow
def test_compose_builds_and_starts_where_there_is_a_container_runtime() -> None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True, check=False).returncode:
        pytest.skip("no container runtime is running here")
    environment = os.environ | {"GLIDER_DB_PASSWORD": "secret-of-a-test"}
    compose = [docker, "compose", "--project-name", "glider-test", "--file", str(ROOT / "compose.yaml")]
    try:
        subprocess.run([*compose, "up", "--build", "--detach", "--wait"], env=environment, check=True, timeout=1800)
        assert answered("http://localhost:8501/_stcore/health") == "ok"
        command = [*compose, "exec", "-T", "app", "glider", "store", "list"]
        subprocess.run(command, env=environment, check=True, timeout=120)
    finally:
        subprocess.run([*compose, "down", "--volumes"], env=environment, check=False, timeout=300)


def answered(address: str) -> str:
    """What a server says, once it does."""
    for _ in range(600):
        try:
            with urllib.request.urlopen(address, timeout=5) as response:
                return response.read().decode()
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {address}")
