import numpy as np
import pytest
import torch

import glider_core as gl
from glider_core.engine.asking import Questions, ask
from tests.conftest import additive

MASKS = np.array([[True, True, False], [False, True, True], [True, True, False], [False, False, False]])


def answered(predict, masks: np.ndarray = MASKS) -> np.ndarray:
    return ask(gl.FunctionInstance(list("abc"), predict), masks)


@pytest.mark.parametrize(
    ("black_box", "message"),
    [
        (lambda m: np.full(len(m), np.nan), "finite"),
        (lambda m: np.full(len(m), np.inf), "finite"),
        (lambda m: np.zeros((len(m), 2)), "shape"),
        (lambda m: np.zeros(3), "shape"),
        (lambda m: 1.0, "shape"),
        (lambda m: "hello", "not with numbers"),
        (lambda m: None, "not with numbers|finite|shape"),
        (lambda m: 1 / 0, "ZeroDivisionError"),
    ],
)
def test_a_broken_black_box_gets_a_clear_error(black_box, message: str) -> None:
    with pytest.raises(gl.BlackBoxFailed, match=message):
        answered(black_box)


@pytest.mark.parametrize(
    "predict",
    [
        lambda m: torch.tensor(additive(m), dtype=torch.bfloat16),
        lambda m: torch.tensor(additive(m), dtype=torch.float16),
        lambda m: torch.tensor(additive(m), requires_grad=True),
        lambda m: torch.tensor(additive(m)).to(torch.int32),
        lambda m: [torch.tensor(value, requires_grad=True) for value in additive(m)],
        lambda m: additive(m).astype(np.float16),
        lambda m: additive(m)[:, None],
        lambda m: additive(m).tolist(),
        lambda m: tuple(additive(m).tolist()),
    ],
)
def test_numbers_of_every_kind_are_taken(predict) -> None:
    answers = answered(predict)
    assert answers.dtype == np.float64
    assert answers.tolist() == additive(MASKS).tolist()


@pytest.mark.parametrize(
    "predict",
    [
        lambda m: torch.zeros(len(m), device="meta"),
        lambda m: [torch.zeros((), device="meta")] * len(m),
        lambda m: additive(m) + 1j,
        lambda m: [{}] * len(m),
        lambda m: [10**400] * len(m),
    ],
)
def test_what_holds_no_numbers_is_refused(predict) -> None:
    with pytest.raises(gl.BlackBoxFailed, match="not with numbers"):
        answered(predict)


@pytest.mark.parametrize("error", [gl.Cancelled("stop"), gl.InvalidInput("mine"), gl.ModelUnavailable("gone")])
def test_an_error_of_our_own_passes_through(error: gl.GliderError) -> None:
    def predict(masks):
        raise error

    with pytest.raises(type(error)) as caught:
        answered(predict)
    assert caught.value is error


def test_a_model_that_writes_into_its_masks_fails_itself() -> None:
    def writes(masks):
        masks[:, 0] = False
        return additive(masks)

    masks = MASKS.copy()
    with pytest.raises(gl.BlackBoxFailed, match="read-only"):
        answered(writes, masks)
    assert (masks == MASKS).all()
    masks[0, 0] = False  # the caller's own masks stay theirs to write


def test_questions_ask_each_mask_once_in_the_instances_batches() -> None:
    asked: list[list[tuple[bool, ...]]] = []

    def predict(masks):
        asked.append([tuple(row.tolist()) for row in masks])
        return additive(masks)

    instance = gl.FunctionInstance(list("abc"), predict)
    instance.batch = 2
    questions = Questions(instance)
    assert questions(MASKS).tolist() == additive(MASKS).tolist()
    assert questions(MASKS[::-1]).tolist() == additive(MASKS[::-1]).tolist()
    more = np.concatenate([MASKS, [[True, True, True]]])
    assert questions(more).tolist() == additive(more).tolist()
    rows = [tuple(row.tolist()) for row in MASKS]
    assert asked == [rows[:2], rows[3:], [(True, True, True)]]
    assert len(questions) == 4


@pytest.mark.parametrize("names", ["abc", "abcde"])
@pytest.mark.parametrize("detector", ["NID", "GradientNID"])
def test_a_run_asks_each_mask_once_and_counts_them(quick: gl.Settings, names: str, detector: str) -> None:
    asked: list[bytes] = []

    def black_box(masks: np.ndarray) -> np.ndarray:
        asked.extend(row.tobytes() for row in masks)
        return additive(masks) + 3.0 * masks[:, 0] * masks[:, 1]

    settings = quick.model_copy(update={"detector": detector})
    explanation = gl.explain(gl.FunctionInstance(list(names), black_box), settings)
    assert explanation.interactions  # whose check asks, too
    assert len(set(asked)) == 2 ** len(names)
    again = min(20, 2 ** len(names))  # to see whether the black box repeats itself
    assert len(asked) == explanation.n_evaluations == 2 ** len(names) + again
