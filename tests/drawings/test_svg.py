import ast
from pathlib import Path

import pytest
from markupsafe import Markup

import glider_core.drawings
from glider_core.drawings.svg import figure, join, short, tag
from tests.drawings.values import Elements

FOLDER = Path(glider_core.drawings.__file__).parent


def test_texts_and_values_are_escaped_and_markup_is_not() -> None:
    made = tag("g", "<b>", tag("title", "&"), class_='"x"', data_pick=Markup("<i>"))
    assert made == '<g class="&#34;x&#34;" data-pick="&lt;i&gt;">&lt;b&gt;<title>&amp;</title></g>'
    assert join(["<", tag("b")]) == "&lt;<b></b>"


def test_fractions_are_written_short_and_what_is_none_is_left_out() -> None:
    assert tag("rect", x=1.23456, y=2.0, width=3, rx=None) == '<rect x="1.23" y="2" width="3"></rect>'


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.py")), ids=lambda path: path.stem)
def test_only_constants_are_declared_to_be_markup(path: Path) -> None:
    """Whatever is not written down here word for word passes through `tag` or `format`, which escape it."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Markup":
            assert all(isinstance(argument, ast.Constant) for argument in node.args), f"line {node.lineno}"


def test_a_figure_describes_itself_in_each_layout() -> None:
    html = figure([("wide", 9.0, 4.0, Markup("")), ("narrow", 5.0, 8.0, Markup(""))], 'a "b"')
    assert Elements(html).values("aria-label") == ['a "b"'] * 2
    assert Elements(html).values("class")[:3] == ["glider-figure", "glider-wide", "glider-narrow"]
    assert "raises it" in html
    assert "raises it" not in figure([], "", legend=False)


def test_a_long_text_is_cut() -> None:
    assert (short("abcd", 4), short("abcde", 4)) == ("abcd", "abc…")
