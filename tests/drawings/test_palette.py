from glider_core.drawings.palette import tint


def test_a_tint_deepens_with_the_effect() -> None:
    assert tint(0.0, 1.0).endswith("00")
    assert tint(1.0, 1.0)[-2:] > tint(0.5, 1.0)[-2:]
    assert tint(-1.0, 1.0)[:7] != tint(1.0, 1.0)[:7]
    assert tint(1.0, 0.0).endswith("00")
