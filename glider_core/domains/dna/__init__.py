"""DNA: a convolutional network that reads binding strength off 36 letters."""

from glider_core.models import ModelEntry

MODELS = {
    "dna/cnn": ModelEntry(
        title="DNA-CNN",
        tier="shipped",
        detail="Binding strength of 36 letters around an E-box",
        module="glider_core.domains.dna.model",
        recipe="glider_core.domains.dna.train",
    ),
}
