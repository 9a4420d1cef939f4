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
    "sentiment/distilbert": ModelEntry(
        title="DistilBERT",
        tier="paper",
        detail="The paper's: distilbert-base-uncased-finetuned-sst-2-english",
        module="glider_core.domains.sentiment.distilbert",
    ),
    "sentiment/distilbert-small": ModelEntry(
        title="Small DistilBERT",
        tier="shipped",
        detail="Positive or negative film reviews, read by attention",
        module="glider_core.domains.sentiment.distilbert",
        recipe="glider_core.domains.sentiment.train_distilbert",
    ),
}
