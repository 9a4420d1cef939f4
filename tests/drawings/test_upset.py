from glider_core.drawings.palette import NEGATIVE, POSITIVE
from glider_core.drawings.upset import Column, upset
from tests.drawings.values import svgs

NAMES = ["age", "city <b>", "hour", "plan"]


def column(*features: int, effect: float, **values) -> Column:
    return Column(features=features, height=0.5, told="50%", effect=effect, hover="told", **values)


def test_a_set_is_a_bar_over_its_members_in_the_colour_of_its_sign() -> None:
    sets = [column(0, 1, effect=1.0, marked=True), column(1, 3, effect=-2.0)]
    wide, _ = svgs(upset(sets, NAMES, described="Sets"))
    groups = [group for group in wide.iter("g") if group.get("data-set") is not None]
    for group, color, number in zip(groups, (POSITIVE, NEGATIVE), ("+1.00", "−2.00"), strict=True):
        dots = [dot for dot in group.iter("circle") if dot.get("r") == "7"]
        assert [dot.get("fill") for dot in dots] == [color] * 2
        assert number in [text.text for text in group.iter("text")]  # sign is not by colour alone
    assert "50% ✓" in [text.text for text in groups[0].iter("text")]
    # Fields that no set has take no row, and a name stays text.
    names = [text.text for text in wide.iter("text")]
    assert "city <b>" in names
    assert "hour" not in names
    assert wide.get("aria-label") == "Sets: age with city <b> +1.00; city <b> with plan −2.00"


def test_where_there_is_little_room_five_sets_are_drawn() -> None:
    wide, narrow = svgs(upset([column(0, 1, effect=1.0)] * 20, NAMES, described="Sets"))
    drawn = [sum(group.get("data-set") is not None for group in svg.iter("g")) for svg in (wide, narrow)]
    assert drawn == [12, 5]


def test_no_set_no_picture() -> None:
    assert upset([], NAMES, described="Sets") == ""
