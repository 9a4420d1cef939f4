"""The container files: what can be told of them without a container runtime."""

import re
from pathlib import Path

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
    assert re.search(r"^USER glider$", text, re.MULTILINE)
    assert text.index("USER glider") < text.index("CMD [")
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists(), source
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert not {"pages", "assets", "app.py", "glider_core", "pyproject.toml", "docs"} & set(ignored)
