"""How well planted interactions are found, by learning rate and schedule."""

from __future__ import annotations

import numpy as np

import glider_core as gl
from glider_core.engine.planted import planted_instance, r_precision

SEEDS = 20
SIZES = (10, 20, 40)


def run() -> list[dict]:
    """R-precision on planted functions of on/off features: the mean of 20 seeds"""
    rows = []
    for detector, orders in (("NID", (2, 2, 3)), ("GradientNID", (2, 2, 2))):
        for schedule, rate in (("decay", 1e-2), ("plateau", 1e-2), ("plateau", 3e-3)):
            for d in SIZES:
                cases = [planted_instance(d, seed, orders=orders) for seed in range(SEEDS)]
                settings = gl.Settings(detector=detector, learning_rate=rate, schedule=schedule)
                found = gl.explain_many([instance for instance, _ in cases], settings)
                pairs = list(zip(found, (planted for _, planted in cases), strict=True))
                row = {
                    "detector": detector,
                    "schedule": schedule,
                    "learning rate": rate,
                    "features": d,
                    "ranking": round(float(np.mean([r_precision(e.ranking, planted) for e, planted in pairs])), 3),
                    "kept": round(float(np.mean([r_precision(e.interactions, planted) for e, planted in pairs])), 3),
                    "explainer's R2": round(float(np.mean([e.explainer_score for e, _ in pairs])), 4),
                }
                rows.append(row)
                print(row)
    return rows
