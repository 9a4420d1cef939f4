"""How often do Criteo's sets come back, by rank and order? (Figure 2)"""

from __future__ import annotations

from glider_core.experiments.ranks import experiment

EXPERIMENT = experiment("figure2", "criteo")
