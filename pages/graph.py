"""Graph: which neighbours act together in what a network says of a node."""

from typing import cast

from glider_core.domains.graph.model import GraphModel
from pages.parts import own_graph, workbench

OWN = "graph/own"
LISTED = 3000  # up to so many nodes are offered in a list
PREDICTED = "predicted"


def pick(number: str) -> None:
    """Explain the node that was clicked in the picture."""
    if model is not None and number.isdigit() and int(number) < len(model.graph):
        page.state.ask(model.graph.nodes[int(number)])


page = workbench.open_page("graph", more={OWN: "Your own graph"}, input_per_model=True)
if page.state.model == OWN:
    with page.inputs:
        trained, model = own_graph.panel()
    if trained:
        page.state.forget()
else:
    model = cast(GraphModel | None, page.load())

if model is not None:
    nodes, classes = model.graph.nodes, model.graph.classes
    label = f"Node, one of {len(nodes):,}"
    if page.state.raw is None or (len(nodes) <= LISTED and page.state.raw not in nodes):
        page.state.raw = nodes[0]
    if page.state.options.get("target") not in classes:
        page.state.options.pop("target", None)
    if len(nodes) <= LISTED:
        page.inputs.selectbox(label, nodes, **page.tie("raw"))
    else:
        page.inputs.text_input(f"{label}, by its name", **page.tie("raw"))
    page.form.selectbox(
        "Explained class",
        [None, *classes],
        format_func=lambda name: PREDICTED if name is None else name,
        **page.state.tie_option("target", None),
    )
page.show(model=model, on_pick=pick)
