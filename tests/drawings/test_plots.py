"""Charts: where values stand, what is said of them, and what cannot be drawn."""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from markupsafe import Markup

from glider_core.drawings.axes import SMALLEST, TYPE, apart, scale
from glider_core.drawings.palette import SERIES
from glider_core.drawings.plots import Bars, Line, Points, alone, bar_chart, histogram, line_chart, scatter
from glider_core.errors import InvalidInput

SVG = "{http://www.w3.org/2000/svg}"
BUDGETS = (100.0, 1000.0, 10_000.0)


def lines(**more: object) -> Markup:
    two = [Line(name="Grow", x=BUDGETS, y=(0.5, 0.9, 1.0)), Line(name="NID", x=BUDGETS, y=(0.4, 0.8, 0.99))]
    return line_chart(two, title="Found by budget", x="calls", y="R-precision", log_x=True, **more)  # type: ignore[arg-type]


def bars() -> Markup:
    ours = Bars(name="ours", values=(0.5, 1.0, None), errors=(0.1, None, None), marks=(0.25, None, 0.75))
    return bar_chart(("F1", "F2 & <F3>", "F4"), [ours], title="Table 10", value="R-precision")


def points() -> Markup:
    pairs = Points(name="pairs", x=(1, 2, 3), y=(100, 10, 1), texts=("2", "", "2"))
    return scatter([pairs], title="Counts", x="rank", y="rows", log_y=True, levels={"significant": 20})


ALL: tuple[Callable[[], Markup], ...] = (
    lines,
    bars,
    points,
    lambda: histogram((1.0, 2.0, 2.0, 3.0), title="Errors", x="error", bins=4, marks={"mean": 2.0}),
)


def titles(picture: str) -> dict[str, ElementTree.Element]:
    """The parts of a chart by what is told when the mouse stands on them."""
    root = ElementTree.fromstring(picture)
    return {title.text or "": part for part in root.iter() if (title := part.find(f"{SVG}title")) is not None}


def place(part: ElementTree.Element) -> tuple[float, float]:
    """Where a disc stands."""
    disc = next(part.iter(f"{SVG}circle"))
    return float(disc.attrib["cx"]), float(disc.attrib["cy"])


@pytest.mark.parametrize("draw", ALL)
def test_every_chart_is_a_named_picture_whose_type_stays_readable(draw: Callable[[], Markup]) -> None:
    root = ElementTree.fromstring(draw())
    assert root.attrib["role"] == "img"
    assert (title := root.find(f"{SVG}title")) is not None
    assert title.text
    assert (description := root.find(f"{SVG}desc")) is not None
    assert re.search(r"\d", description.text or "")  # numbers, not only what the axes are
    sizes = {float(text.attrib["font-size"]) for text in root.iter(f"{SVG}text")}
    assert sizes == {TYPE}
    narrowest = float(re.search(r"min-width:(\d+)px", root.attrib["style"])[1])  # type: ignore[index]
    assert narrowest * TYPE / float(root.attrib["width"]) == pytest.approx(SMALLEST, abs=0.05)
    ElementTree.fromstring(alone(draw()))


def test_equal_ratios_of_a_logarithmic_axis_are_equal_distances() -> None:
    told = titles(lines())
    places = [place(told[f"Grow: {value:g} at {x}"])[0] for value, x in ((0.5, "100"), (0.9, "1,000"), (1, "10,000"))]
    assert places[1] - places[0] == pytest.approx(places[2] - places[1], abs=0.3)
    assert places[1] - places[0] > 50


def test_names_at_the_ends_of_lines_do_not_cover_each_other() -> None:
    root = ElementTree.fromstring(lines(levels={"the paper": 0.985}))
    ends = [float(text.attrib["y"]) for text in root.iter(f"{SVG}text") if text.text in ("Grow", "NID", "the paper")]
    assert len(ends) == 3
    gaps = [abs(a - b) for n, a in enumerate(ends) for b in ends[:n]]
    assert min(gaps) >= TYPE
    assert apart([5.0, 5.0, 99.0], 10.0, 0.0, 100.0) == [5.0, 15.0, 99.0]
    assert apart([99.0, 100.0], 10.0, 0.0, 100.0) == [90.0, 100.0]


def test_names_too_long_for_the_side_stand_above_with_the_marks_of_their_lines() -> None:
    long = "a detector whose name would take half of the whole chart"
    picture = line_chart([Line(name=long, x=(1, 2), y=(3, 4))], title="t", x="x", y="y", levels={"the paper": 3.5})
    shown = {text.text: text for text in ElementTree.fromstring(picture).iter(f"{SVG}text")}
    assert float(shown["y"].attrib["y"]) > TYPE  # the key is above the axis
    assert long[:40] in "".join(text or "" for text in shown)
    assert "the paper" in shown


def test_bars_are_as_long_as_their_values_and_say_what_is_compared_and_what_is_missing() -> None:
    told = titles(bars())
    half, whole, missing = (part for title, part in told.items() if ", ours:" in title)
    assert [title for title in told if ", ours:" in title] == [
        "F1, ours: 0.5 ± 0.1 (the paper: 0.25)",
        "F2 & <F3>, ours: 1",
        "F4, ours: not measured (the paper: 0.75)",
    ]
    lengths = [float(next(part.iter(f"{SVG}rect")).attrib["width"]) for part in (half, whole)]
    assert lengths[1] == pytest.approx(2 * lengths[0], abs=0.1)
    assert not list(missing.iter(f"{SVG}rect"))
    assert "not measured" in [text.text for text in missing.iter(f"{SVG}text")]
    diamond = float(re.match(r"M([\d.]+)", list(half.iter(f"{SVG}path"))[-1].attrib["d"])[1])  # type: ignore[index]
    start = float(next(half.iter(f"{SVG}rect")).attrib["x"])
    assert diamond - start == pytest.approx(lengths[0] / 2, abs=0.2)


def test_a_histogram_counts_every_value_once() -> None:
    told = titles(histogram((0.0, 0.1, 0.5, 1.0), title="Shares", x="share", bins=2, limits=(0.0, 1.0)))
    assert [title.split(" ")[0] for title in told if "from" in title] == ["2", "2"]


def test_points_have_their_texts_beside_them() -> None:
    told = titles(points())
    assert {"pairs, 2: 100 at 1", "pairs: 10 at 2"} <= set(told)
    heights = [place(told[name])[1] for name in ("pairs, 2: 100 at 1", "pairs: 10 at 2", "pairs, 2: 1 at 3")]
    assert heights[1] - heights[0] == pytest.approx(heights[2] - heights[1], abs=0.3)
    assert [text.text for text in ElementTree.fromstring(points()).iter(f"{SVG}text")].count("2") >= 2


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [(0.0, 1.0, [0, 0.2, 0.4, 0.6, 0.8, 1]), (0.814, 0.826, [0.814, 0.816, 0.818, 0.82, 0.822, 0.824, 0.826])],
)
def test_ticks_are_round(low: float, high: float, ticks: list[float]) -> None:
    axis = scale((low, high), 0.0, 100.0)
    assert axis.ticks() == pytest.approx(ticks)
    assert max(len(axis.told(tick)) for tick in axis.ticks()) <= 5


def test_what_cannot_be_drawn_is_refused() -> None:
    line = Line(name="a", x=(1.0, 2.0), y=(0.0, 1.0))
    with pytest.raises(InvalidInput, match="above 0"):
        line_chart([line], title="t", x="x", y="y", log_y=True)
    with pytest.raises(InvalidInput, match="parallel"):
        line_chart([Line(name="a", x=(1.0, 2.0), y=(1.0,))], title="t", x="x", y="y")
    with pytest.raises(InvalidInput, match="nothing to draw"):
        scatter([], title="t", x="x", y="y")
    with pytest.raises(InvalidInput, match="finite"):
        line_chart([Line(name="a", x=(1.0,), y=(float("nan"),))], title="t", x="x", y="y")
    with pytest.raises(InvalidInput, match="at most"):
        line_chart([line] * (len(SERIES) + 1), title="t", x="x", y="y")
    with pytest.raises(InvalidInput, match="between"):
        histogram((0.0, 2.0), title="t", x="x", limits=(0.0, 1.0))


@pytest.mark.parametrize("colour", SERIES)
def test_series_stand_out_on_light_and_dark_ground(colour: str) -> None:
    for ground in ("#ffffff", "#10161d"):
        low, high = sorted((luminance(colour), luminance(ground)))
        assert (high + 0.05) / (low + 0.05) >= 3.0


def luminance(colour: str) -> float:
    """Relative luminance as WCAG defines it."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
