import pytest

from glider_core.drawings.brackets import Group, place
from glider_core.drawings.text import markdown, plotly, signed


@pytest.mark.parametrize(
    "text", ["![x](http://a.b/c.png)", "<b onclick=x>", ":tada:", "**no**", "&lt;", "a@b.org", "$x$"]
)
def test_no_mark_of_a_text_reaches_markdown_unescaped(text: str) -> None:
    shown = markdown(text)
    assert shown.replace("\\", "") == text
    assert all(shown[i - 1] == "\\" for i, c in enumerate(shown) if c in "![]()<>:*&@$_`#|~")


def test_plotly_gets_no_tags() -> None:
    assert plotly("<b>&") == "&lt;b&gt;&amp;"


def test_signs_are_written_out() -> None:
    assert (signed(0.5), signed(-0.5), signed(1.23456, 3)) == ("+0.50", "−0.50", "+1.235")


def test_a_label_keeps_clear_of_the_tick_of_a_farther_bracket() -> None:
    near = Group("I1 +1.00", "", "#000", 1.0, False, [(0, 100.0), (0, 300.0)])
    far = Group("I2 +0.50", "", "#000", 1.0, False, [(0, 195.0), (0, 600.0)])
    labels = {segment.group.label: segment.label_x for segment in place([near, far], 700.0)[0]}
    half = len(near.label) * 6.3 / 2
    assert abs(labels["I1 +1.00"] - 195.0) > half
    assert labels["I1 +1.00"] - half >= 100.0
    assert labels["I1 +1.00"] + half <= 300.0
    assert labels["I2 +0.50"] == pytest.approx(397.5)  # nothing in its way


def test_labels_stay_inside_the_picture() -> None:
    group = Group("I1 −12.34", "", "#000", 1.0, False, [(0, 2.0), (0, 12.0)])
    assert place([group], 400.0)[0][0].label_x >= len(group.label) * 6.3 / 2
