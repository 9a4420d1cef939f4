"""Two explanations on one scale: the sets of either, differences first, opposite signs flagged."""

from __future__ import annotations

from markupsafe import Markup

from glider_core.comparison import Comparison, Shared
from glider_core.drawings.layers import scale_of
from glider_core.drawings.palette import NEUTRAL, by_sign, ink
from glider_core.drawings.svg import short, tag
from glider_core.numerals import signed
from glider_core.results import Explanation

SHOWN = 12  # sets that are seen at once; the rest unfolds
_WORDS = {
    "conflict": "opposite signs",
    "left": "only on the left",
    "right": "only on the right",
    "both": "in both",
}


def common_scale(left: Explanation, right: Explanation) -> float:
    """The effect that fills a tint or a bar in both pictures."""
    return max(scale_of(left), scale_of(right))


def set_table(comparison: Comparison, left: str, right: str) -> Markup:
    """All sets of either explanation as rows: left and right effect as bars of one scale, and what becomes of them.

    Args:
        comparison: of the two.
        left: a title of the left one.
        right: a title of the right one.
    """
    largest = max((abs(e) for each in comparison.sets for e in (each.left_effect, each.right_effect)), default=0.0)
    rows = [_row(each, largest or 1.0) for each in comparison.sets]
    head = tag("tr", *(tag("th", title, scope="col") for title in ("Set", left, right, "Difference", "")))
    shown = tag("table", tag("thead", head), tag("tbody", *rows[:SHOWN]), class_="glider-compared")
    parts = [shown]
    if len(rows) > SHOWN:
        more = tag("table", tag("tbody", *rows[SHOWN:]), class_="glider-compared")
        parts.append(tag("details", tag("summary", f"{len(rows) - SHOWN} more"), more))
    return _STYLE + tag("div", *parts, class_="glider-pairs")


def _row(each: Shared, largest: float) -> Markup:
    status = tag("span", _WORDS[each.status], class_=f"glider-status glider-status-{each.status}")
    return tag(
        "tr",
        tag("th", short(" · ".join(each.names), 60), scope="row", title=" · ".join(each.names)),
        tag("td", _bar(each.left_effect, each.left is not None, largest)),
        tag("td", _bar(each.right_effect, each.right is not None, largest)),
        tag("td", signed(each.difference), class_="glider-number"),
        tag("td", ("⚠ " if each.status == "conflict" else ""), status),
        class_=f"glider-is-{each.status}",
    )


def _bar(effect: float, found: bool, largest: float) -> Markup:
    """An effect as a bar from the middle, and its number; a dash where the set was not found."""
    if not found:
        return tag("span", "–", style=f"color:{NEUTRAL}", title="not found")
    width = 50 * abs(effect) / largest
    start = 50.0 if effect >= 0 else 50.0 - width
    fill = tag("i", style=f"left:{start:.1f}%;width:{max(width, 0.7):.1f}%;background:{by_sign(effect)}")
    return tag(
        "span", tag("span", fill, class_="glider-two-way"), tag("b", signed(effect), style=f"color:{ink(effect)}")
    )


_STYLE = Markup(
    "<style>.glider-pairs{container-type:inline-size}"
    ".glider-compared{border-collapse:collapse;width:100%;font-size:.95rem;margin:.4rem 0}"
    ".glider-compared th,.glider-compared td{text-align:left;padding:.25rem .6rem;border-bottom:1px solid #8883;"
    "font-weight:400}.glider-compared thead th{font-weight:600}.glider-compared tbody th{font-weight:600}"
    ".glider-two-way{display:inline-block;position:relative;width:7rem;height:.7rem;margin-right:.5rem;"
    "vertical-align:middle;background:linear-gradient(90deg,#8892 49.6%,#889a 49.6%,#889a 50.4%,#8892 50.4%)}"
    ".glider-two-way i{position:absolute;top:0;height:100%}.glider-number{font-variant-numeric:tabular-nums}"
    ".glider-is-conflict{background:#dd773022}.glider-status-conflict{font-weight:700}"
    "@container(max-width:620px){.glider-two-way{width:3rem}.glider-compared :is(th,td){padding:.25rem .3rem}"
    ".glider-compared :is(th,td):nth-child(4){display:none}}</style>"
)
