"""Charts of crossed recommenders."""

from typing import Any

from glider_core.drawings import crosses as draw_crosses
from glider_core.drawings.palette import NEGATIVE, POSITIVE
from glider_core.recommenders.comparison import Variant
from glider_core.recommenders.fitting import Look, Scores
from glider_core.recommenders.gains import Gain


def look(epochs: float, logloss: float, best: bool) -> Look:
    return Look(epochs, Scores(0.7, logloss, 100), best)


def gain(target: str, variant: Variant, auc: float, deviation: float | None) -> Gain:
    return Gain(
        target=target, variant=variant, seeds=2, auc=(0.7, 0.7 + auc), logloss=(0.5, 0.5 - auc), auc_gain=auc,
        logloss_gain=auc, auc_deviation=deviation, logloss_deviation=deviation, growth=0.1,
    )  # fmt: skip


def test_each_training_is_a_line_whose_best_look_is_marked() -> None:
    figure: Any = draw_crosses.learning(
        [
            ("base", 0, look(0.5, 0.6, True)),
            ("crossed", 0, look(0.5, 0.5, True)),
            ("base", 0, look(1.0, 0.55, True)),
            ("base", 0, look(1.5, 0.58, False)),
            ("base", 1, look(0.5, 0.61, True)),
        ]
    )
    base, crossed, again = figure.data
    assert list(base.y) == [0.6, 0.55, 0.58]
    assert base.marker.size.index(max(base.marker.size)) == 1
    assert list(crossed.y) == [0.5]
    assert (base.showlegend, again.showlegend) == (True, False)
    assert again.opacity < base.opacity


def test_gains_carry_two_deviations_and_the_papers_own() -> None:
    found = [gain("DeepFM", "crossed", 0.02, 0.001), gain("DeepFM", "enlarged", 0.0, 0.002),
             gain("Wide&Deep", "crossed", 0.01, None)]  # fmt: skip
    figure: Any = draw_crosses.gains(found, "auc", {"DeepFM": 0.0018})
    enlarged, crossed, paper = figure.data
    assert list(crossed.x) == [0.02, 0.01]
    assert set(crossed.marker.color) == {POSITIVE}
    assert {"better", "worse"} <= {note.text for note in figure.layout.annotations}
    lost: Any = draw_crosses.gains([gain("DeepFM", "crossed", -0.02, 0.001)], "auc")
    assert list(lost.data[0].marker.color) == [NEGATIVE]
    assert list(crossed.error_x.array) == [0.002, 0.0]
    assert list(enlarged.x) == [0.0]
    assert list(paper.x) == [0.0018]
    assert list(figure.layout.yaxis.ticktext) == ["DeepFM", "Wide&amp;Deep"]


def test_crosses_are_named_and_counted_as_parameters() -> None:
    figure: Any = draw_crosses.by_buckets(
        [
            {"buckets": 10, "cross": "<b>a</b> × b", "ids": 4},
            {"buckets": 100, "cross": "<b>a</b> × b", "ids": 9},
            {"buckets": 100, "cross": "a × c", "ids": 9},
            {"buckets": 100, "cross": "a × d", "ids": 99},
        ],
        width=16,
    )
    assert list(figure.data[0].y) == [80, 160]
    names = [one for one in figure.layout.annotations if one.xanchor == "right"]
    assert [one.text for one in names][1:] == ["a × c", "a × d"]
    assert "<b>a" not in names[0].text
    assert names[0].y < names[1].y < names[2].y  # two lines end together, their names do not


def test_logloss_by_k() -> None:
    points = [
        {"k": k, "logloss": 0.5 - k / 100, "logloss deviation": None, "AUC": 0.7, "parameters": 9} for k in (0, 5)
    ]
    figure: Any = draw_crosses.by_k(points, "Wide&Deep")
    assert list(figure.data[0].x) == [0, 5]
    assert "Wide&amp;Deep" in figure.layout.yaxis.title.text
