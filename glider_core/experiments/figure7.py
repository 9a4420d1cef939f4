"""How often do Avazu's sets come back, by rank and order? (Figure 7)"""

from __future__ import annotations

from glider_core.experiments.ranks import experiment

EXPERIMENT = experiment("figure7", "avazu")
