"""No text from outside becomes markup in any picture or chart."""

from __future__ import annotations

import re
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import plotly.graph_objects as go
import pytest
from markupsafe import Markup

from glider_core.drawings import DRAWINGS, FALLBACK, charts, crosses, draw, global_run, ranks
from glider_core.drawings import image as draw_image
from glider_core.drawings.sentences import NO_INTERACTION, headline
from glider_core.recommenders.gains import Gain
from glider_core.rows.compare import RankChange
from tests.drawings.test_global_run import run_of
from tests.drawings.values import Elements, explanation, four_features, interaction

HOSTILE = (
    "<script>a</script>",
    '"><img src=x onerror=a>',
    "</style></title><b>'&lt;",
    "<a href='x'>%{hostile}",
)
PLAIN = tuple("abcd")
OURS = {"b", "br", "s", "span", "extra"}  # what Plotly reads as markup in our charts


@pytest.mark.parametrize("domain", DRAWINGS)
def test_hostile_texts_are_shown_as_text_in_every_view(domain: str) -> None:
    hostile, plain = four_features(domain, HOSTILE), four_features(domain, PLAIN)
    for view in DRAWINGS[domain].views:
        for chosen in (None, 1):
            drawn = draw(hostile, chosen, view=view)
            assert isinstance(drawn, Markup)
            shown, usual = Elements(drawn), Elements(draw(plain, chosen, view=view))
            assert shown.tags == usual.tags
            assert {name for name, _ in shown.attributes} == {name for name, _ in usual.attributes}
            assert _without_sizes(shown.values("style")) == _without_sizes(usual.values("style"))
            # Whole names stand in the hints, each in its place.
            texts = "\n".join(shown.texts)
            assert all(name in texts for name in HOSTILE)


def test_hostile_texts_are_shown_as_text_without_a_payload() -> None:
    names = [*HOSTILE, "e"]
    drawn = Elements(draw(explanation(names, [interaction(0, 1, 2, 3, names=names)])))
    assert drawn.tags == Elements(draw(explanation(list("abcde"), [interaction(0, 1, 2, 3)]))).tags
    assert all(name in "\n".join(drawn.texts) for name in HOSTILE)
    assert FALLBACK in DRAWINGS


def test_hostile_fields_are_shown_as_text_over_many_rows() -> None:
    run = run_of((HOSTILE[:2], 60, 0.5), (HOSTILE[1:], 40, -0.5))
    for html in (global_run.upset_of(run, run.interactions), global_run.bars_of(run, run.interactions, [])):
        drawn = Elements(html)
        assert drawn.tags <= {"style", "div", "i", "svg", "g", "rect", "path", "circle", "text", "title"}
        assert any(text.startswith(" × ".join(HOSTILE[1:]) + ": ") for text in drawn.texts)


def test_superpixels_before_a_run_are_numbered_by_us_alone() -> None:
    payload: Any = four_features("image", HOSTILE).payload
    drawn = Elements(draw_image.boundaries(payload.picture, []))
    assert drawn.tags == {"style", "div", "svg", "image", "g"}


def test_hostile_texts_are_shown_as_text_in_every_chart() -> None:
    for name, figure in _charts():
        for text in _rendered(figure):
            tags = set(re.findall(r"</?\s*([a-z]\w*)", text.replace("&lt;", "")))
            assert tags <= OURS, f"{name}: {text}"
        for trace in figure.data:
            assert "hostile" not in (trace.hovertemplate or ""), name  # it would be filled in


def test_hostile_names_stay_letters_in_the_headline() -> None:
    shown = explanation(HOSTILE, [interaction(0, 1, 2, 3, names=HOSTILE)])
    said = headline(shown, "logits")
    assert not re.search(r"(?<!\\)[<>&\"]", said)
    assert headline(explanation(HOSTILE), "logits") == NO_INTERACTION


def _without_sizes(styles: list[str]) -> set[str]:
    return {re.sub(r"\d+px", "", style) for style in styles}


def _charts() -> Iterator[tuple[str, go.Figure]]:
    pair = interaction(0, 1, names=HOSTILE, answers=(0.0, 1.0, 2.0, 5.0))
    shown = explanation(HOSTILE, [pair, interaction(2, 3, names=HOSTILE)])
    yield "gain_bars", _drawn(charts.gain_bars(shown, undrawn=[1]))
    yield "fidelity", charts.fidelity(shown)
    yield "factorial", _drawn(charts.factorial(pair, HOSTILE[1], HOSTILE[0]))
    run = run_of((HOSTILE[:2], 60, 0.5), (HOSTILE[1:], 40, -0.5))
    yield "by_rank", global_run.by_rank(run, run.interactions, [global_run.title(run.interactions[0])])
    yield "matrix", global_run.matrix(run, run.interactions)
    yield "orders", global_run.orders(run)
    changes = [
        RankChange(HOSTILE[:2], (1, 2), (6, 3), (0.6, 0.3)),
        RankChange(HOSTILE[2:], (None, 1), (0, 3), (0.0, 0.3)),
    ]
    yield "rank_changes", ranks.rank_changes(changes, (10, 10))
    look = SimpleNamespace(epochs=1.0, validation=SimpleNamespace(logloss=0.5, auc=0.7), best=True)
    yield "learning", crosses.learning([("base", 0, look)])  # type: ignore[list-item]
    gain = Gain(
        target=HOSTILE[1], variant="crossed", seeds=1, auc=(0.7, 0.8), logloss=(0.5, 0.4), auc_gain=0.1,
        logloss_gain=0.1, auc_deviation=None, logloss_deviation=None, growth=0.1,
    )  # fmt: skip
    yield "gains", crosses.gains([gain], "auc", {HOSTILE[1]: 0.1})
    point = {"k": 1, "logloss": 0.5, "logloss deviation": None, "parameters": 9, "AUC": 0.7}
    yield "by_k", crosses.by_k([point], HOSTILE[0])
    yield "by_buckets", crosses.by_buckets([{"cross": HOSTILE[3], "ids": 3, "buckets": 10}], width=4)


def _drawn(figure: go.Figure | None) -> go.Figure:
    assert figure is not None
    return figure


def _rendered(figure: go.Figure) -> Iterator[str]:
    """All texts of a figure that Plotly renders; of custom data, what the hover template asks for."""
    plain: dict[str, Any] = figure.to_plotly_json()
    for trace in plain["data"]:
        asked = {int(n) for n in re.findall(r"customdata\[(\d)\]", trace.get("hovertemplate") or "")}
        for row in trace.pop("customdata", None) or ():
            yield from (str(value) for n, value in enumerate(row) if n in asked)
    plain["layout"].pop("template", None)
    yield from _texts(plain)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple) or hasattr(value, "tolist"):
        for inner in value:
            yield from _texts(inner)
