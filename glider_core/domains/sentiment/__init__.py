"""Sentiment: networks that tell whether a film review is positive."""

from glider_core.models import ModelEntry

MODELS = {
    "sentiment/lstm": ModelEntry(
        title="Sentiment-LSTM",
        tier="shipped",
        detail="Positive or negative film reviews",
        module="glider_core.domains.sentiment.model",
        recipe="glider_core.domains.sentiment.train",
    ),
}
