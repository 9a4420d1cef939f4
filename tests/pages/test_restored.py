"""After a restart of the server a visitor finds again what was uploaded, trained and explained; nobody else does."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import glider_core as gl
from glider_core.cases import Case
from glider_core.keeping import Keeper, Limits
from pages.parts import evidence, run, visitor, visitor_asked
from tests.pages.conftest import Visitor
from tests.pages.test_own_table import sales

ANNA, BEN = "a" * 43, "b" * 43


class Server:
    """The disk of a server, and whose browser asks."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.token = folder, ANNA

    def keeper(self) -> Keeper | None:
        return Keeper(self.token, folder=self.folder, limits=Limits()) if self.token else None

    def restart(self) -> None:
        """As after a kill: what lay in memory is gone."""
        run.QUEUE._results.clear()
        run.QUICK._results.clear()


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Server:
    server = Server(tmp_path / "visitors")
    monkeypatch.setattr(visitor, "keeper", server.keeper)
    return server


def train_table(page: Visitor) -> Visitor:
    """Upload and train on the page of crosses, which asks for nothing else."""
    content = sales().to_csv(index=False).encode()
    page.open("crosses", source="own")
    page.app.file_uploader(key="crosses.own_table.file").set_value(("sales.csv", content, "text/csv"))
    page.draw()
    return page.press("Train on it").settle()


def test_a_table_and_its_model_are_there_after_a_restart(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    first = train_table(new_visitor())
    assert first.reads("Kept for this browser alone")
    trained = first.state("own_table")
    server.restart()
    again = new_visitor().open("crosses", source="own")
    restored = again.state("own_table")
    assert restored.model.identity == trained.model.identity
    assert restored.fit.test == trained.fit.test
    assert again.reads("Learned **bought**")
    assert again.reads("sales.csv**, uploaded before")
    assert any(button.label == "Train on it" for button in again.app.button)  # on the upload that is kept
    assert new_visitor().go("global_view").app.selectbox(key="global.model").options[-1] == "AutoInt on your table"


def test_another_browser_finds_nothing(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    train_table(new_visitor())
    server.token = BEN
    other = new_visitor().open("crosses", source="own")
    assert other.state("own_table") is None
    assert not other.reads("Learned")
    assert not other.reads("uploaded before")
    server.token = ""  # a browser without cookies
    assert new_visitor().open("crosses", source="own").reads("Nothing is kept here")


def test_all_goes_with_one_button(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    page = train_table(new_visitor())
    assert page.reads("Kept for this browser: sales.csv")
    page.open("global_view", model="own", rows="8")
    assert len(list(server.folder.rglob("runs/*.jsonl"))) == 1  # what the run has finished
    page.press("Delete all of it").draw()
    assert not page.reads("Kept for this browser: ")
    assert page.state("own_table") is None
    assert [path.name for path in server.folder.iterdir()] == [".lock"]
    server.restart()
    assert not new_visitor().open("crosses", source="own").reads("Learned")


@pytest.mark.parametrize("damage", ["weights", "record", "upload"])
def test_what_cannot_be_restored_is_said(server: Server, new_visitor: Callable[[], Visitor], damage: str) -> None:
    train_table(new_visitor())
    kept = server.keeper().kept("table.model")  # type: ignore[union-attr]
    assert kept is not None
    name = "table.model.json" if damage == "record" else kept.files[damage][0]
    (path,) = server.folder.rglob(name)
    path.write_bytes(path.read_bytes()[:-20])
    server.restart()
    again = new_visitor().open("crosses", source="own")
    assert again.state("own_table") is None
    assert again.reads("The model that was trained on")
    assert again.reads("cannot be restored: ")
    if damage != "upload":  # what else there is can be used
        train_table(again)
        assert again.reads("Learned **bought**")
        assert not again.reads("cannot be restored")


def test_an_own_table_is_explained_again_at_the_bare_address(
    server: Server, new_visitor: Callable[[], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    page = train_table(new_visitor()).open("recommender")
    page.state("glider.recommender").model = "recommender/own"
    page.state("glider.recommender").forget()
    page.draw()
    page.state("glider.recommender").ask(7)
    page.settle()
    shown = page.state("glider.recommender").outcome().shown
    assert shown is not None
    assert shown.explanation.model_id == "recommender/own"
    server.restart()
    asked: list[Any] = []
    monkeypatch.setattr("glider_core.explain", lambda *given, **options: asked.append(given))
    again = new_visitor().open("recommender")  # the address says nothing
    state = again.state("glider.recommender")
    assert (state.model, state.raw) == ("recommender/own", 7)
    assert state.outcome().shown.explanation == shown.explanation
    assert asked == []  # it was kept, not worked out again


def club() -> bytes:
    import networkx

    return "\n".join(networkx.generate_graphml(networkx.karate_club_graph())).encode()


def test_a_graph_and_its_network_are_there_after_a_restart(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    page = new_visitor().open("graph")
    page.state("glider.graph").model = "graph/own"
    page.state("glider.graph").forget()
    page.draw()
    page.app.file_uploader(key="graph-file").set_value(("club.graphml", club(), "text/xml"))
    page.draw()
    page.press("Train on it").settle()
    model, fit = page.state("graph.own")
    node = model.graph.nodes[3]
    page.state("glider.graph").ask(node)
    page.settle()
    shown = page.state("glider.graph").outcome().shown
    server.restart()
    again = new_visitor().open("graph")
    restored, fit_again = again.state("graph.own")
    assert restored.identity == model.identity
    assert (fit_again.accuracy, fit_again.sizes) == (fit.accuracy, fit.sizes)
    assert again.reads("club.graphml**, uploaded before")
    assert again.state("glider.graph").raw == node
    assert again.state("glider.graph").outcome().shown.explanation == shown.explanation
    again.press("Remove").draw()
    assert not again.reads("uploaded before")
    assert again.state("graph.own") is not None  # what was trained stays
    server.restart()
    (names,) = server.folder.rglob("graph.model.json")
    names.write_bytes(b"{")
    assert new_visitor().open("graph").reads("The network that was trained on a graph cannot be restored")


def test_a_picture_is_explained_again_at_the_bare_address(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    content = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)).save(content, "PNG")
    settings = gl.Settings.with_masks(600)
    asked = Case(domain="image", model="image/small50", raw=content.getvalue(), settings=settings)
    visitor_asked.keep("image", asked, in_address=False)
    server.restart()
    state = new_visitor().go("image").state("glider.image")
    assert (state.raw, state.settings.n_masks) == (content.getvalue(), 600)
    visitor_asked.keep("image", replace(asked, raw="sample:Cat"), in_address=True)  # a sample stands in the address
    assert isinstance(new_visitor().go("image").state("glider.image").raw, str)


def test_a_result_in_the_address_is_not_worked_out_again(server: Server, new_visitor: Callable[[], Visitor]) -> None:
    query = {"model": "sentiment/lstm", "text": "It never fails.", "masks": "600"}
    first = new_visitor().open("sentiment", **query)
    shown = first.state("glider.sentiment").outcome().shown
    server.restart()
    second = new_visitor()
    assert list(run.QUEUE._results) == [shown.explanation.fingerprint]
    assert second.open("sentiment", **query).state("glider.sentiment").outcome().shown.explanation == shown.explanation
    bare = new_visitor().open("sentiment")
    assert bare.state("glider.sentiment").raw != "It never fails."  # a new page begins as ever


def test_what_is_shown_is_kept_already(
    server: Server, new_visitor: Callable[[], Visitor], monkeypatch: pytest.MonkeyPatch
) -> None:
    # A server that is killed while the page is drawn has shown the picture, and must find it again.
    kept: list[str] = []

    def look(state: Any, domain: Any, shown: Any, *others: Any) -> None:
        if not shown.first_look:
            kept.extend(thing.kind for thing in server.keeper().everything())  # type: ignore[union-attr]

    monkeypatch.setattr(evidence, "show", look)
    new_visitor().open("sentiment", model="sentiment/lstm", text="It never fails to please.", masks="600")
    assert "result.sentiment" in kept


def test_pages_work_where_nothing_can_be_written(
    server: Server, new_visitor: Callable[[], Visitor], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    server.folder = tmp_path / "file" / "visitors"
    page = train_table(new_visitor())
    assert page.reads("Learned **bought**")
    assert page.reads("cannot be kept on this server")
    assert page.reads("It is gone when the server restarts")
    assert not page.reads("Kept for this browser: ")


def test_the_global_view_works_where_the_cache_cannot_be_written(
    visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GLIDER_CACHE", "/proc/nowhere")
    visitor.open("global_view", model="recommender/census", rows="2")
    assert not visitor.app.error
    assert visitor.reads("2 rows, ")
