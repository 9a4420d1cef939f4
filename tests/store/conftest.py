"""Stores to test on: SQLite, and PostgreSQL where GLIDER_TEST_POSTGRESQL names a server that may hold databases."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

import glider_core as gl
from glider_core.store import Store

ASSETS = Path(__file__).parents[2] / "assets" / "samples"


@pytest.fixture(scope="session")
def sentence() -> gl.Explanation:
    return gl.Explanation.from_json((ASSETS / "sentiment-lstm-never-fails.json").read_text())


@pytest.fixture(scope="session")
def sequence() -> gl.Explanation:
    return gl.Explanation.from_json((ASSETS / "dna-cnn-e-box-in-the-centre.json").read_text())


def postgresql(tmp: str = "postgres") -> sa.URL:
    """The server's address; skips where there is none, unless there must be one."""
    server = os.environ.get("GLIDER_TEST_POSTGRESQL", "")
    if not server:
        if os.environ.get("GLIDER_REQUIRE_POSTGRESQL") == "1":
            pytest.fail("Tests on PostgreSQL are required here, but GLIDER_TEST_POSTGRESQL names no server.")
        pytest.skip("GLIDER_TEST_POSTGRESQL names no PostgreSQL server")
    return sa.make_url(server).set(drivername="postgresql+psycopg", database=tmp)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Of an empty database."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'cases.db'}"
        return
    server = sa.create_engine(postgresql(), isolation_level="AUTOCOMMIT")
    name = f"glider_{uuid.uuid4().hex}"
    with server.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    try:
        yield postgresql(name).render_as_string(hide_password=False)
    finally:
        with server.connect() as connection:
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
        server.dispose()


@pytest.fixture
def store(url: str) -> Iterator[Store]:
    store = Store(url)
    yield store
    store.close()
