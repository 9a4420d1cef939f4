"""Recommenders: will this user click, buy, rate high? From a row of fields."""

from glider_core.models import ModelEntry

MODELS = {
    "recommender/simulated": ModelEntry(
        title="AutoInt on a simulated click log",
        tier="shipped",
        detail="Clicks of our simulator, whose interactions are known",
        module="glider_core.domains.recommender.model",
        recipe="glider_core.domains.recommender.train",
    ),
    "recommender/census": ModelEntry(
        title="AutoInt on Census Income",
        tier="shipped",
        detail="Who earns more than 50,000 dollars a year (1994)",
        module="glider_core.domains.recommender.model",
        recipe="glider_core.domains.recommender.train",
    ),
}
