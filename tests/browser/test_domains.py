"""Graph, recommender, image, two models and your model, as a new user meets them."""

import io
import re

import networkx
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import Browser, Page, expect

from glider_core.domains.image.picture import sample
from tests.browser.helpers import open_page, picture, see, settled

pytestmark = pytest.mark.browser


def _upload(page: Page, name: str, content: bytes) -> None:
    page.locator("input[type=file]").first.set_input_files(
        [{"name": name, "mimeType": "application/octet-stream", "buffer": content}]
    )


def test_graph_a_node_is_clicked_and_explained(page: Page, address: str, shoot) -> None:
    open_page(page, address, "graph?masks=1200")
    settled(page)
    see(page.get_by_role("heading", name=re.compile("^27: Officer's side")))
    shoot(page, "graph")
    picture(page).locator("[data-pick='33'] circle").first.click()
    see(page.get_by_role("heading", name=re.compile("^Officer: Officer's side")))
    settled(page)
    assert "node=Officer" in page.url


def test_graph_of_ones_own_is_trained(page: Page, address: str, shoot) -> None:
    graph = networkx.planted_partition_graph(2, 15, 0.5, 0.05, seed=1)
    graph.graph.clear()
    for node in graph:
        graph.nodes[node].clear()
        graph.nodes[node]["team"] = "<b>red</b>" if node < 15 else "blue"
    file = io.BytesIO()
    networkx.write_graphml(graph, file)
    open_page(page, address, "graph?source=own&masks=1200")
    _upload(page, "bad.graphml", b"<graphml>")
    see(page.get_by_text("cannot be read as GraphML"))
    _upload(page, "teams.graphml", file.getvalue())
    page.get_by_role("button", name="Train on it").click()
    see(page.get_by_text("nodes it never saw"))
    settled(page)
    expect(page.get_by_text("<b>red</b>").first).to_be_visible()  # shown as text
    shoot(page, "graph-own")


def test_recommender_shows_whether_the_truth_was_found(page: Page, address: str, shoot) -> None:
    open_page(page, address, "recommender?masks=1200")
    settled(page)
    see(page.get_by_text("The simulator planted"))
    see(picture(page).get_by_text("site_category", exact=True))
    shoot(page, "recommender")
    page.get_by_text("Matrix", exact=True).click()
    see(page.locator("svg.glider-matrix"))
    page.get_by_role("button", name="Next").click()
    settled(page)
    expect(page).to_have_url(re.compile("row=1"))


def test_recommender_learns_ones_own_table(page: Page, address: str, shoot) -> None:
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"city": rng.choice(["Rome", "Oslo"], 1500), "tier": rng.choice(["gold", "tin"], 1500)})
    table["age"] = rng.integers(18, 80, 1500)
    table["bought"] = ((table["city"] == "Rome") == (table["tier"] == "gold")).astype(int)
    open_page(page, address, "recommender?source=own&masks=1200")
    _upload(page, "short.csv", b"a,b,c\n1,2,3\n")
    see(page.get_by_text("at least 100 are needed"))
    _upload(page, "sales.csv", table.to_csv(index=False).encode())
    page.get_by_role("button", name="Train on it").click()
    see(page.get_by_text("rows it never saw"))
    settled(page)
    see(page.get_by_text(re.compile("The model reads city and tier together")))
    shoot(page, "recommender-own")


def test_image_sample_and_upload(page: Page, address: str, shoot) -> None:
    open_page(page, address, "image?masks=1000")
    see(page.get_by_text("64 superpixels, found by quickshift"))
    settled(page)
    see(page.get_by_role("heading", name=re.compile("^tabby")))
    see(page.get_by_text("Main effects", exact=True))
    shoot(page, "image")
    _upload(page, "broken.png", sample("Coffee")[:2000])
    see(page.get_by_text("damaged or cut off"))
    see(page.get_by_role("heading", name=re.compile("^tabby")))  # the former result stays


def test_image_models_that_are_not_here_say_how_to_get_them(page: Page, address: str) -> None:
    open_page(page, address, "image?masks=1000&model=image/resnet152")
    see(page.get_by_text("GLIDER_WEIGHTS"))
    see(page.get_by_role("button", name="Fetch it"))


def test_two_models_side_by_side(page: Page, address: str, shoot) -> None:
    open_page(page, address, "side_by_side?masks=1200")
    see(page.get_by_text(re.compile("sets are found in both models")))
    expect(picture(page)).to_have_count(2)
    shoot(page, "side-by-side")


def test_your_model_shows_an_example_and_the_way(page: Page, address: str, shoot) -> None:
    open_page(page, address, "your_model?source=os:getcwd&masks=1200")  # from the address nothing is loaded
    settled(page)
    see(page.get_by_text(re.compile("The model reads .*umbrella")))
    expect(page.get_by_text("GLIDER_INSTANCES").first).to_be_visible()
    shoot(page, "your-model")


@pytest.mark.parametrize("path", ["graph", "recommender", "image", "side_by_side", "your_model"])
@pytest.mark.parametrize(("width", "scheme"), [(800, "light"), (480, "dark")])
def test_narrow_and_dark(browser: Browser, address: str, shoot, path: str, width: int, scheme) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1400}, color_scheme=scheme)
    page.set_default_timeout(60_000)
    open_page(page, address, f"{path}?masks=1000")
    if path == "side_by_side":
        see(page.get_by_text(re.compile("sets are found in both models")))
    else:
        settled(page)
    # Nothing sticks out at the side.
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    shoot(page, f"{path}-{width}-{scheme}")
    page.close()


def test_a_run_that_stops_early_shows_its_looks(page: Page, address: str) -> None:
    open_page(page, address, "recommender?stop=1")
    settled(page)
    see(page.get_by_text("The simulator planted"))
