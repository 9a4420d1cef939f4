"""Detectors: each ranks sets of features by how strongly a trained explainer joins them."""

DETECTORS = {"NID": None, "GradientNID": None}
