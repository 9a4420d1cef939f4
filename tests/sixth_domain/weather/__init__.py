"""Weather: what of a day's sky makes it rain, by a formula that anyone can check."""

from __future__ import annotations

from glider_core.domains.base import Domain, ModelEntry


def answer(logits: float) -> str:
    """The model's answer as a forecast."""
    return f"{'Rain' if logits >= 0 else 'Dry'} {logits:+.2f}"


DOMAIN = Domain(
    name="weather",
    title="Weather",
    icon="rainy",
    question="Which signs in the sky bring rain *together*?",
    feature="sign",
    unit="logits of rain",
    answer=answer,
    heading=lambda explanation: answer(explanation.prediction),
    examples=lambda model_id: {"A front": "clouds wind warm <b>west</b>", "A fine day": "sun warm"},
    models={
        "weather/formula": ModelEntry(
            title="A formula", tier="shipped", detail="Rain from signs in the sky", module=f"{__name__}.model"
        )
    },
)
