"""Glider: feature interactions that black-box models have learned (MADEX and GLIDER, Tsang et al., ICLR 2020)."""

from glider_core.domains.base import Model
from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.engine.madex import explain, explain_many
from glider_core.errors import (
    BlackBoxFailed,
    Cancelled,
    GliderError,
    InvalidInput,
    InvalidSettings,
    ModelUnavailable,
)
from glider_core.models import ModelInfo, list_models, load_model
from glider_core.results import Candidate, Explanation, Interaction
from glider_core.rows.detect import GlobalInteraction, GlobalInteractions, detect_global
from glider_core.settings import Settings
from glider_core.tables.crosses import FeatureCrosses

__version__ = "0.3.0"

__all__ = [
    "BlackBoxFailed",
    "Cancelled",
    "Candidate",
    "Explanation",
    "FeatureCrosses",
    "FunctionInstance",
    "GliderError",
    "GlobalInteraction",
    "GlobalInteractions",
    "Instance",
    "Interaction",
    "InvalidInput",
    "InvalidSettings",
    "Model",
    "ModelInfo",
    "ModelUnavailable",
    "Settings",
    "detect_global",
    "explain",
    "explain_many",
    "list_models",
    "load_model",
]
