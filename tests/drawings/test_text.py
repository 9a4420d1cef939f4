import pytest

from glider_core.drawings.text import markdown, plotly


@pytest.mark.parametrize(
    "text", ["![x](http://a.b/c.png)", "<b onclick=x>", ":tada:", "**no**", "&lt;", "a@b.org", "$x$"]
)
def test_no_mark_of_a_text_reaches_markdown_unescaped(text: str) -> None:
    shown = markdown(text)
    assert shown.replace("\\", "") == text
    assert all(shown[i - 1] == "\\" for i, c in enumerate(shown) if c in "![]()<>:*&@$_`#|~")


def test_plotly_gets_no_tags() -> None:
    assert plotly("<b>&") == "&lt;b&gt;&amp;"
