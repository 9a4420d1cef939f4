"""Numbers of Tsang et al. 2020, as printed there, to stand beside ours."""

from __future__ import annotations

Pair = tuple[float, float]  # without crosses, with crosses

# Table 3: AUC and logloss on the full logs, by log and recommender.
TABLE3: dict[str, dict[str, tuple[Pair, Pair]]] = {
    "criteo": {
        "Wide&Deep": ((0.8069, 0.8080), (0.4446, 0.4436)),
        "DeepFM": ((0.8079, 0.8097), (0.4436, 0.4420)),
        "Deep&Cross": ((0.8076, 0.8086), (0.4438, 0.4428)),
        "xDeepFM": ((0.8084, 0.8097), (0.4433, 0.4421)),
        "AutoInt": ((0.8083, 0.8090), (0.4434, 0.4426)),
    },
    "avazu": {
        "Wide&Deep": ((0.7794, 0.7795), (0.3804, 0.3802)),
        "DeepFM": ((0.7792, 0.7795), (0.3804, 0.3802)),
        "Deep&Cross": ((0.7791, 0.7792), (0.3805, 0.3803)),
        "xDeepFM": ((0.7785, 0.7787), (0.3808, 0.3806)),
        "AutoInt": ((0.7774, 0.7773), (0.3811, 0.3811)),
    },
}
TABLE4 = {"criteo": (0.048, 0.172), "avazu": (0.006, 0.025)}  # share of parameters more, least and most
# Figures 2 and 7: rows of 1000 in which the most frequent set came back, and the count above which one is significant.
TOP_COUNT = {"criteo": 691, "avazu": 525}
SIGNIFICANT = {"criteo": 25, "avazu": 71}
SETS_A_ROW = 87  # that give these thresholds; no other whole number gives both
# Table 2a: Avazu's most frequent sets, with their counts of 1000 rows.
TABLE2A: tuple[tuple[tuple[str, ...], int], ...] = (
    (("device_ip", "hour"), 525),
    (("device_id", "device_ip", "hour"), 235),
    (("device_id", "app_id"), 217),
    (("device_ip", "device_model", "hour"), 203),
    (("site_id", "site_domain"), 194),
    (("site_id", "hour"), 190),
    (("device_ip", "site_id", "hour"), 187),
    (("site_id", "site_domain", "hour"), 183),
    (("device_id", "hour"), 179),
    (("device_id", "device_ip", "device_model", "hour"), 179),
)
DNA_DETECTED = 0.973  # Section 6.3: of the appearances of CACGTG in the test set
LSTM_ACCURACY = 0.87  # on the test sentences of SST
# Table 5: test mean squared error of additive models with the first k interactions, 40 instances, 5 trials.
TABLE5 = {
    "DNA-CNN": {"0": 10e-3, "1": 8e-3, "L": 5.0e-3},
    "Sentiment-LSTM": {"0": 8.0e-2, "1": 3.8e-2, "L": 0.4e-2},
    "ResNet152": {"0": 1.9, "1": 1.7, "L": 0.9},
    "GCN": {"0": 7.1e3, "1": 5.7e3, "L": 2e3},
}
WITH_INTERACTIONS = 0.94  # of the instances of Table 5, at least
LARGEST_ORDERS = {"image": 24, "sentence": 10}  # Figure 8, over 1000 instances; of sentences about

# Table 2b: of 40 reviews that hold both words in this order, those in which they are detected together.
TABLE2B: dict[tuple[str, str], int] = {
    ("never", "fails"): 36,
    ("suspend", "disbelief"): 30,
    ("too", "bad"): 30,
    ("very", "funny"): 29,
    ("neither", "nor"): 29,
    ("not", "miss"): 28,
    ("recent", "memory"): 27,
    ("not", "good"): 27,
    ("no", "denying"): 26,
    ("not", "bad"): 25,
}
TABLE2B_REVIEWS = 40
# Of Archipelago (Tsang et al. 2020b), from its authors' notebook: correlation with SST's labels, by method, of words
# and of phrases; of the tenth with the lowest and the tenth with the highest attributions.
ARCHIPELAGO_SST: dict[str, dict[str, float]] = {
    "ArchAttribute": {"words": 0.809, "phrases": 0.836},
    "SOC": {"words": 0.768, "phrases": 0.794},
    "SCD": {"words": 0.709, "phrases": 0.742},
    "IG": {"words": 0.568, "phrases": 0.737},
    "MAHE": {"words": 0.673, "phrases": 0.702},
    "difference": {"words": 0.427, "phrases": 0.639},
    "STI": {"words": 0.754, "phrases": 0.286},
    "SI": {"words": 0.168, "phrases": -0.018},
    "IH": {"phrases": 0.128},
}

# Table 10: R-precision by function, black box and detector; what is not there finds pairs only, and F4 holds a triple.
TABLE10: dict[str, dict[str, dict[str, float]]] = {
    "F1": {
        "XGBoost": {"Tree-SHAP": 1.0, "NID": 1.0, "GradientNID": 0.96},
        "MLP": {"ACD+": 0.63, "NID": 1.0, "GradientNID": 1.0},
        "LSTM": {"ACD+": 0.3, "NID": 1.0, "GradientNID": 1.0},
    },
    "F2": {
        "XGBoost": {"Tree-SHAP": 1.0, "NID": 0.3, "GradientNID": 0.6},
        "MLP": {"ACD+": 0.41, "NID": 1.0, "GradientNID": 0.95},
        "LSTM": {"ACD+": 0.01, "NID": 0.99, "GradientNID": 0.95},
    },
    "F3": {
        "XGBoost": {"Tree-SHAP": 1.0, "NID": 1.0, "GradientNID": 1.0},
        "MLP": {"ACD+": 0.3, "NID": 1.0, "GradientNID": 1.0},
        "LSTM": {"ACD+": 0.05, "NID": 1.0, "GradientNID": 1.0},
    },
    "F4": {"XGBoost": {"NID": 1.0}, "MLP": {"NID": 1.0}, "LSTM": {"NID": 1.0}},
}
