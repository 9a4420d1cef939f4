"""Pictures and graphs as people have them, through the pages: read and said, or refused beside the input."""

import io
import os
from pathlib import Path

import networkx
import numpy as np
import pytest
from PIL import Image

from glider_core.domains.image.picture import sample
from tests.pages.conftest import Visitor

CASES = Path(os.environ.get("GLIDER_CASES", Path(__file__).parents[3] / "shared" / "cases"))
BLOCKS = np.random.default_rng(0).random((4, 4)).repeat(24, axis=0).repeat(24, axis=1)


def saved(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def case(name: str) -> bytes:
    if not CASES.is_dir():
        pytest.skip("the shelf of cases is not here")
    return (CASES / name).read_bytes()


def give_photo(visitor: Visitor, name: str, content: bytes) -> Visitor:
    visitor.app.file_uploader(key="image-upload").set_value((name, content, "application/octet-stream"))
    return wait(visitor.draw())


def wait(visitor: Visitor) -> Visitor:
    """Draw until what the page looks at is there; runs are not waited for."""
    for _ in range(50):
        if not visitor.state("glider.pending", {}):
            return visitor
        for job in visitor.state("glider.pending", {}).values():
            job.wait(60)
        visitor.draw()
    raise AssertionError("the page looks at the photo without end")


def blocks_as(kind: str) -> bytes:
    frames = [Image.fromarray((255 * blocks).astype(np.uint8)).convert("RGB") for blocks in (BLOCKS, 1 - BLOCKS)]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def test_image_says_what_it_assumed_and_lets_it_be_changed(visitor) -> None:
    visitor.go("image", masks="600")  # the sample's preview need not be there yet
    give_photo(visitor, "scan.tif", saved(Image.fromarray((4095 * BLOCKS).astype(np.uint16)), "TIFF"))
    assert visitor.reads("The picture is 16-bit grey; its values, ")
    assert visitor.reads("superpixels, found by quickshift")
    visitor.app.radio(key="image-reading-levels").set_value("type")
    wait(visitor.draw())
    assert visitor.reads("all values that it can hold, 0 to 65,535, are shown from black to white")
    give_photo(visitor, "moves.gif", blocks_as("GIF"))
    assert visitor.reads("of its 2 frames, the first is read")
    assert visitor.app.radio(key="image-reading-levels").value == "own"  # of another file
    visitor.app.number_input(key="image-reading-frame").set_value(2)
    wait(visitor.draw())
    assert visitor.reads("of its 2 frames, frame 2 is read")
    visitor.app.number_input(key="image-reading-frame").set_value(3)
    wait(visitor.draw())
    assert visitor.reads("The file has no frame 3; it has 2.")
    visitor.app.selectbox(key="image-example").set_value("Coffee")
    wait(visitor.draw())
    assert not visitor.reads("has no frame")


def test_image_names_what_it_cannot_read_and_never_crashes(visitor) -> None:
    visitor.go("image", masks="600")
    for name, content, sentence in (
        ("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(50), "a HEIC picture"),
        ("drawing.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "an SVG drawing"),
        ("paper.pdf", b"%PDF-1.7\n", "a PDF document"),
        ("empty.png", b"", "The file is empty"),
        ("white.png", saved(Image.new("L", (64, 64), 255)), "64 x 64 pixels have one colour"),
        ("clear.png", saved(Image.new("RGBA", (64, 64), (9, 9, 9, 0))), "is transparent throughout"),
        ("tiny.png", saved(Image.fromarray(BLOCKS[:8, :8] > 0.5)), "8 x 8 pixels; each side needs 16"),
        ("cut.jpg", saved(Image.effect_noise((200, 200), 90), "JPEG")[:3000], "damaged or cut off"),
    ):
        give_photo(visitor, name, content)
        assert visitor.reads(sentence), (name, visitor.texts())
        assert visitor.app.button(key="image-run").disabled
    give_photo(visitor, "fine.png", sample("Coffee"))
    assert not visitor.app.button(key="image-run").disabled


@pytest.mark.slow
def test_image_explains_the_deep_picture_of_the_shelf_and_says_how_it_was_read(visitor) -> None:
    visitor.go("image", masks="600")
    give_photo(visitor, "gray16.png", case("gray16.png"))
    assert visitor.reads("16-bit grey; its values, 1,028 to 49,601, are shown from black to white")
    visitor.press("Run").settle()
    result = visitor.pictures()[-1]
    assert "1,028 to 49,601" in result
    shown = visitor.state("glider.image").outcome().shown.explanation
    assert shown.payload.picture.std() > 30


def test_image_refuses_a_sample_that_is_not_there_and_opens_no_other(visitor) -> None:
    visitor.go("image", masks="600", model="image/small50", text="sample:Dragon")
    assert visitor.reads("There is no sample 'Dragon'")
    assert visitor.app.button(key="image-run").disabled
    assert not visitor.pictures()
    visitor.go("image", masks="600", model="image/small50", text="/etc/passwd")
    assert visitor.reads("There is no sample '/etc/passwd'")


@pytest.mark.parametrize("name", ["nobody", "#²", "#34", "Mr. Hi "])
def test_graph_refuses_a_node_that_is_not_there_and_opens_no_other(visitor, name: str) -> None:
    visitor.go("graph", masks="600", model="graph/karate", text=name)
    if name.strip() == "Mr. Hi":  # but for blanks, it is there
        assert visitor.settle().reads("Mr. Hi: Mr. Hi's side")
        return
    visitor.settle()
    assert visitor.reads(f"There is no node '{name}' in this graph of 34")
    assert not visitor.pictures()
    assert visitor.app.button(key="graph-run").disabled
    visitor.app.selectbox(key="graph-raw-anew").set_value("9")
    visitor.settle()
    assert not visitor.reads("There is no node")
    assert visitor.app.selectbox(key="graph-raw").value == "9"
    assert visitor.reads("9: ")
    assert visitor.pictures()


def test_graph_takes_a_node_by_its_number_and_says_that_a_class_is_not_there(visitor) -> None:
    visitor.open("graph", masks="600", model="graph/karate", text="#33", **{"option.target": '"nobody"'})
    assert visitor.reads("Officer: Officer's side")
    assert visitor.reads("Parts of the link make no sense here: the class nobody.")


def own_graph(visitor: Visitor) -> Visitor:
    visitor.go("graph", masks="600")
    visitor.app.selectbox(key="graph-model").set_value("graph/own")
    return visitor.draw()


def give_graph(visitor: Visitor, content: bytes, key: str = "graph-file") -> Visitor:
    visitor.app.file_uploader(key=key).set_value(("graph.graphml", content, "text/xml"))
    return visitor.draw()


@pytest.mark.parametrize(
    ("file", "node", "classes"),
    [
        ("leak_graph_A.graphml", "patient-03", ("ill", "healthy")),
        ("leak_graph_B.graphml", "bob-03", ("left", "right")),
        ("node_names_with_spaces.graphml", " n3 ", ("red", "blue")),
    ],
)
def test_graph_explains_the_files_of_the_shelf(visitor, file: str, node: str, classes: tuple[str, str]) -> None:
    give_graph(own_graph(visitor), case(file))
    visitor.press("Train on it").settle()
    assert visitor.reads("nodes it never saw")
    visitor.app.selectbox(key="graph-raw").set_value(node)
    visitor.press("Run").settle()
    shown = visitor.state("glider.graph").outcome().shown.explanation
    assert shown.names[shown.payload.node] == node
    assert shown.explained in classes
    assert not visitor.app.error


def test_graph_shows_what_it_assumed_and_lets_it_be_changed(visitor) -> None:
    own_graph(visitor)
    first = networkx.planted_partition_graph(2, 10, 0.6, 0.05, seed=1)
    names = {number: f"n{number}" for number in first}
    table = "node;kind;size\n" + "".join(f"{name};{'xy'[n // 10]};{n},5\n" for n, name in names.items())
    listed = "person friend\n" + "".join(f"{names[a]} {names[b]}\n" for a, b in first.edges)
    visitor.app.radio(key="graph-format").set_value("Edge list and table of features")
    visitor.draw()
    visitor.app.file_uploader(key="graph-edges").set_value(("edges.txt", listed.encode(), "text/plain"))
    visitor.app.file_uploader(key="graph-table").set_value(("nodes.csv", table.encode(), "text/csv"))
    visitor.draw()
    for sentence in (
        "The edge list is split at every blank.",
        "The first line of the edge list (person, friend) is read as its header.",
        "Features: size (number).",
        "size: the comma is read as the decimal mark.",
    ):
        assert visitor.reads(sentence), visitor.texts()
    visitor.app.selectbox(key="graph-edges-header").set_value("no")
    visitor.draw()
    assert visitor.reads("The edge person - friend in line 1 names a node")
    visitor.app.selectbox(key="graph-edges-header").set_value("yes")
    visitor.draw()
    assert visitor.reads("20 nodes and")


def test_graph_lets_one_of_several_graphs_be_chosen_and_never_crashes(visitor) -> None:
    own_graph(visitor)

    def part(title: str, letter: str) -> str:
        nodes = "".join(f'<node id="{letter}{n}"><data key="k">{"xy"[n % 2]}</data></node>' for n in range(8))
        return f'<graph id="{title}">{nodes}<edge source="{letter}0" target="{letter}1"/></graph>'

    key = '<key id="k" for="node" attr.name="kind"/>'
    give_graph(visitor, f"<graphml>{key}{part('one', 'a')}{part('two', 'b')}</graphml>".encode())
    assert visitor.reads("The file holds 2 graphs: the first, one, is read.")
    visitor.app.selectbox(key="graph-part").set_value(1)
    visitor.draw()
    assert visitor.reads("graph 2, two, is read")
    for content, sentence in (
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><graphml/>", "document type or entities"),
        (b"[" * 100_000, "looks like JSON"),
        (b"<graphml>" + b"<graph>" * 100_000, "deep within each other"),
        (b"\xff\xfe\x00", "GraphML"),
        (b"PK\x03\x04", "a ZIP file"),
    ):
        give_graph(visitor, content)
        assert visitor.reads(sentence), visitor.texts()


def test_a_model_that_has_to_be_fetched_shows_what_it_would_show(visitor, monkeypatch, tmp_path) -> None:
    monkeypatch.setenv("GLIDER_DATA", str(tmp_path))
    monkeypatch.setattr("glider_core.domains.graph.model.cora_folder", lambda: None)
    visitor.open("graph", model="graph/cora", masks="600")
    assert visitor.reads("What it shows, for example: **paper 8: Neural networks")
    assert "paper 1996" in visitor.pictures()[0]
