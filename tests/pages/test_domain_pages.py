"""What each domain's page has of its own."""

import io

import networkx
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from glider_core.domains.image.picture import sample
from tests.pages.conftest import Visitor

SEQUENCE = "GTATCGGCTACCGCACACGTGGTACCCTATTTACGC"
CSV = "text/csv"


def graph_file(names: list[str]) -> bytes:
    """Two groups of nodes, tied within; the class is an attribute."""
    half = len(names) // 2
    graph = networkx.Graph()
    for number, name in enumerate(names):
        graph.add_node(name, team="<b>red</b>" if number < half else "blue")
    planted = networkx.planted_partition_graph(2, half, 0.5, 0.05, seed=1)
    graph.add_edges_from((names[a], names[b]) for a, b in planted.edges)
    file = io.BytesIO()
    networkx.write_graphml(graph, file)
    return file.getvalue()


def train_graph(visitor: Visitor, names: list[str]) -> Visitor:
    visitor.open("graph", masks="600")
    visitor.app.selectbox(key="graph-model").set_value("graph/own")
    visitor.draw()
    visitor.app.file_uploader(key="graph-file").set_value(("teams.graphml", graph_file(names), "text/xml"))
    visitor.draw()
    return visitor.press("Train on it").settle()


def test_dna_reads_a_pasted_sequence_and_names_its_motif(visitor) -> None:
    visitor.open("dna")
    visitor.app.text_area(key="dna-raw").set_value(f">mine\n{SEQUENCE.lower()}")
    visitor.press("Run").settle()
    assert visitor.reads("The model reads the **E-box CACGTG")
    assert visitor.reads("36 of 36 letters")
    assert "E-box CACGTG" in visitor.pictures()[0]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (SEQUENCE[:20], "The sequence has 20 letters; this model reads exactly 36"),
        (SEQUENCE[:-1] + "Z", "Z at position 36"),
    ],
)
def test_dna_refuses_other_letters_and_lengths(visitor, text: str, message: str) -> None:
    visitor.open("dna", masks="600")
    visitor.app.text_area(key="dna-raw").set_value(text)
    visitor.press("Run").settle()
    assert visitor.reads(message)
    assert sum("with main effects and interactions" in html for html in visitor.pictures()) == 1  # the former one


def test_dna_draws_random_sequences_around_the_motif(visitor) -> None:
    visitor.open("dna", masks="600")
    drawn = set()
    for _ in range(2):
        visitor.press("Random sequence with CACGTG").settle()
        drawn.add(visitor.app.text_area(key="dna-raw").value)
        assert visitor.app.query_params["text"] in drawn
    assert len(drawn) == 2
    assert all("CACGTG" in sequence for sequence in drawn)


def test_recommender_says_which_planted_sets_were_found(visitor) -> None:
    visitor.open("recommender", model="recommender/simulated", masks="1200")
    assert visitor.reads("The simulator planted in this row")
    assert "site_category" in visitor.pictures()[0]
    visitor.app.button_group(key="recommender-view").set_value("Matrix")
    visitor.draw()
    assert "glider-matrix" in visitor.pictures()[0]


def test_recommender_steps_from_row_to_row_and_around(visitor) -> None:
    visitor.open("recommender", model="recommender/simulated", masks="600", raw="0")
    for label, row in (("Next", 1), ("Previous", 0), ("Previous", 299), ("Next", 0)):
        visitor.press(label).settle()
        assert visitor.app.number_input(key="recommender-raw").value == row
        assert visitor.app.query_params["raw"] == str(row)
        assert visitor.state("glider.recommender").outcome().shown.asked.raw == row


def test_recommender_starts_anew_with_another_table(visitor) -> None:
    visitor.open("recommender", model="recommender/simulated", masks="600", raw="7")
    visitor.app.selectbox(key="recommender-model").set_value("recommender/census")
    visitor.settle()
    assert visitor.app.query_params["model"] == "recommender/census"
    assert visitor.app.query_params["raw"] == "36"  # the first example of the other table
    assert not visitor.reads("The simulator planted")
    shown = visitor.state("glider.recommender").outcome().shown
    assert shown.explanation.model_id == "recommender/census"


def test_recommender_learns_ones_own_table(visitor) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 1500), "<i>tier</i>": rng.choice(["gold", "tin"], 1500)})
    table["age"] = rng.integers(18, 80, 1500)
    table["bought"] = ((table["city"] == "Rome") == (table["<i>tier</i>"] == "gold")).astype(int)
    visitor.open("recommender", masks="1200")
    visitor.app.selectbox(key="recommender-model").set_value("recommender/own")
    visitor.settle()
    (button,) = (button for button in visitor.app.button if button.label == "Run")
    assert button.disabled
    visitor.app.file_uploader[0].set_value(("short.csv", b"a,b,c\n1,2,3\n", CSV))
    visitor.draw()
    assert visitor.reads("at least 100 are needed")
    visitor.app.file_uploader[0].set_value(("sales.csv", table.to_csv(index=False).encode(), CSV))
    visitor.draw()
    visitor.press("Train on it").settle()
    assert visitor.reads("rows it never saw")
    assert visitor.reads("the model reads **city** and **<i>tier</i>** together")
    assert "<i>tier" not in visitor.pictures()[0]
    assert "model" not in visitor.app.query_params  # nobody else could open it


def test_graph_explains_the_node_that_was_picked(visitor) -> None:
    visitor.open("graph", masks="600")
    assert visitor.reads("25: Officer's side")
    visitor.app.selectbox(key="graph-raw").set_value("Officer")
    visitor.press("Run").settle()
    assert visitor.reads("Officer: Officer's side")
    assert visitor.app.query_params["text"] == "Officer"
    visitor.app.selectbox(key="graph-example").set_value("Between the sides")
    visitor.settle()
    assert visitor.reads("9: Officer's side")


def test_graph_explains_the_class_that_was_chosen(visitor) -> None:
    visitor.open("graph", masks="600")
    visitor.app.selectbox(key="graph-target").set_value("Mr. Hi's side")
    visitor.press("Run").settle()
    assert visitor.reads("25: Mr. Hi's side")
    assert visitor.app.query_params["option.target"] == '"Mr. Hi\'s side"'


def test_graph_refuses_what_is_no_graph_and_trains_on_ones_own(visitor) -> None:
    visitor.open("graph", masks="600")
    visitor.app.selectbox(key="graph-model").set_value("graph/own")
    visitor.draw()
    visitor.app.file_uploader(key="graph-file").set_value(("bad.graphml", b"<graphml>", "text/xml"))
    visitor.draw()
    assert visitor.reads("cannot be read as GraphML")
    train_graph(visitor, [f"<i>n{number}</i>" for number in range(30)])
    assert visitor.reads("nodes it never saw")
    (picture,) = visitor.pictures()
    assert "&lt;i&gt;n" in picture
    assert "<i>n" not in picture
    assert "<b>red" not in picture


def test_a_visitor_never_sees_the_names_of_anothers_graph_of_equal_shape(new_visitor) -> None:
    ours, theirs = [f"secret{number}" for number in range(30)], [f"public{number}" for number in range(30)]
    train_graph(new_visitor(), ours)
    second = train_graph(new_visitor(), theirs)
    shown = second.state("glider.graph").outcome().shown
    assert shown.explanation.fingerprint is not None
    told = [*second.texts(), *second.pictures(), *shown.explanation.names, shown.explanation.explained]
    assert not any("secret" in text for text in told)
    assert any("public" in text for text in told)


def test_image_explains_a_sample_and_refuses_a_damaged_file(visitor) -> None:
    visitor.open("image", masks="600")
    assert visitor.reads("superpixels, found by quickshift")
    assert visitor.reads("espresso: ")
    visitor.app.file_uploader(key="image-upload").set_value(("broken.png", sample("Coffee")[:2000], "image/png"))
    visitor.settle()
    assert visitor.reads("damaged or cut off")
    assert visitor.reads("espresso: ")  # the former result stays


def test_image_explains_an_uploaded_photo_and_its_second_likeliest_class(visitor) -> None:
    pixels = np.zeros((64, 64, 3), dtype=np.uint8)
    pixels[:32, :32], pixels[32:, 32:] = (250, 30, 30), (30, 250, 30)
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    visitor.go("image", masks="600")
    visitor.app.file_uploader(key="image-upload").set_value(("mine.png", file.getvalue(), "image/png"))
    visitor.draw()
    while not any(choice.key == "image-target" for choice in visitor.app.selectbox):
        visitor.draw()
    names = [option.rpartition(" ")[0] for option in visitor.app.selectbox(key="image-target").options[:5]]
    assert len(visitor.app.selectbox(key="image-target").options) == 50  # any class can be asked for
    visitor.app.selectbox(key="image-target").set_value(names[1])
    visitor.draw()
    visitor.press("Run").settle()
    assert visitor.state("glider.image").outcome().shown.explanation.explained == names[1]
    assert "text" not in visitor.app.query_params  # a file does not fit into an address


def test_your_model_shows_an_example_and_loads_nothing_from_the_address(visitor) -> None:
    visitor.open("function", model="function/os:getcwd", masks="600")
    assert visitor.reads("Parts of the link make no sense here: model")
    assert visitor.reads("GLIDER_INSTANCES")
    assert visitor.reads("comfort: ")


def test_your_model_offers_what_the_configuration_names(new_visitor, tmp_path, monkeypatch) -> None:
    (tmp_path / "glider_pair.py").write_text(
        "import glider_core as gl\n"
        "def make():\n"
        "    return [gl.FunctionInstance(['a', 'b'], lambda masks: 1.0 * masks[:, 0] * masks[:, 1] + number, "
        "explained=f'sum {number}', fingerprint='v1') for number in range(2)]\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLIDER_INSTANCES", "glider_pair:make")
    visitor = new_visitor().open("function", masks="600")
    assert visitor.reads("sum 0")
    visitor.app.number_input(key="function-raw").set_value(1)
    visitor.press("Run").settle()
    assert visitor.reads("sum 1")


def test_your_model_offers_log_odds_of_probabilities(new_visitor, tmp_path, monkeypatch) -> None:
    (tmp_path / "glider_chance.py").write_text(
        "import numpy as np\n"
        "import glider_core as gl\n"
        "def make():\n"
        "    def chance(masks): return 1 / (1 + np.exp(-(masks @ np.array([4.0, 2.0, -3.0]) + 1)))\n"
        "    return gl.FunctionInstance(['a', 'b', 'c'], chance, explained='chance', fingerprint='v1')\n"
    )
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GLIDER_INSTANCES", "glider_chance:make")
    visitor = new_visitor().open("function", masks="600")
    assert visitor.reads("probabilities, as it seems")
    assert not visitor.reads("adds these features up")
    visitor.app.radio(key="function-scale").set_value("log-odds")
    visitor.press("Run").settle()
    assert visitor.reads("adds these features up")
    assert visitor.reads("Explained in log-odds")
    assert visitor.app.query_params["option.scale"] == '"log-odds"'
    visitor.app.session_state["glider.function"].outcome().off = [0]
    visitor.settle()
    assert visitor.app.metric[0].value.startswith("+0.000")  # 2 - 3 + 1


def test_a_run_that_stops_early_shows_its_looks(visitor) -> None:
    visitor.open("recommender", model="recommender/simulated", stop_when_stable="3")
    assert visitor.reads("The simulator planted")
    assert not visitor.reads("First look")


@pytest.mark.parametrize("row", ["300", "99999", "-1"])
def test_a_link_to_a_row_that_is_not_there_opens_none(visitor, row: str) -> None:
    visitor.open("recommender", raw=row)
    assert visitor.reads(f"Parts of the link make no sense here: row {row}, where there are rows 0 to 299")
    assert not visitor.pictures()
