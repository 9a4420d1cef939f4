"""Glider: feature interactions that black-box models have learned (MADEX and GLIDER, Tsang et al., ICLR 2020).

Public names load their modules when they are first used, so that `import glider_core` takes no time.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from glider_core._version import __version__
from glider_core.errors import (
    BlackBoxFailed,
    Cancelled,
    GliderError,
    InvalidInput,
    InvalidSettings,
    ModelUnavailable,
)

if TYPE_CHECKING:  # for editors and type checkers; `_HOMES` says the same to Python, a test compares them
    from glider_core.adapters.endpoint import endpoint
    from glider_core.adapters.graphs import graph
    from glider_core.adapters.pictures import image
    from glider_core.adapters.sandbox.file_model import open_model
    from glider_core.adapters.sandbox.pictures import Pixels
    from glider_core.adapters.sequences import sequence
    from glider_core.adapters.tabular import tabular
    from glider_core.adapters.text import text
    from glider_core.cases import Case
    from glider_core.domains.base import Domain, Model
    from glider_core.engine.across import SharedSet, rank_over_draws
    from glider_core.engine.explain import explain, explain_many, measure_stability
    from glider_core.engine.instance import FunctionInstance, Instance
    from glider_core.models import ModelInfo, list_models, load_model
    from glider_core.payload import Payload
    from glider_core.reporting.page import report
    from glider_core.results import Candidate, Explanation, Interaction
    from glider_core.rows.by_content import detect_by_content
    from glider_core.rows.content_run import ContentRun
    from glider_core.rows.result import GlobalInteraction, GlobalInteractions
    from glider_core.rows.run import detect_global
    from glider_core.settings import Settings
    from glider_core.store.store import Store
    from glider_core.tables.assumptions import Assumptions
    from glider_core.tables.cross_numbers import CrossNumbers
    from glider_core.tables.crosses import FeatureCrosses
    from glider_core.tables.read import read_table

_HOMES = {
    "Assumptions": "glider_core.tables.assumptions",
    "Candidate": "glider_core.results",
    "Case": "glider_core.cases",
    "ContentRun": "glider_core.rows.content_run",
    "CrossNumbers": "glider_core.tables.cross_numbers",
    "Domain": "glider_core.domains.base",
    "Explanation": "glider_core.results",
    "FeatureCrosses": "glider_core.tables.crosses",
    "FunctionInstance": "glider_core.engine.instance",
    "GlobalInteraction": "glider_core.rows.result",
    "GlobalInteractions": "glider_core.rows.result",
    "Instance": "glider_core.engine.instance",
    "Interaction": "glider_core.results",
    "Model": "glider_core.domains.base",
    "ModelInfo": "glider_core.models",
    "Payload": "glider_core.payload",
    "Pixels": "glider_core.adapters.sandbox.pictures",
    "Settings": "glider_core.settings",
    "SharedSet": "glider_core.engine.across",
    "Store": "glider_core.store.store",
    "detect_by_content": "glider_core.rows.by_content",
    "detect_global": "glider_core.rows.run",
    "endpoint": "glider_core.adapters.endpoint",
    "explain": "glider_core.engine.explain",
    "explain_many": "glider_core.engine.explain",
    "graph": "glider_core.adapters.graphs",
    "image": "glider_core.adapters.pictures",
    "list_models": "glider_core.models",
    "load_model": "glider_core.models",
    "measure_stability": "glider_core.engine.explain",
    "open_model": "glider_core.adapters.sandbox.file_model",
    "read_table": "glider_core.tables.read",
    "rank_over_draws": "glider_core.engine.across",
    "report": "glider_core.reporting.page",
    "sequence": "glider_core.adapters.sequences",
    "tabular": "glider_core.adapters.tabular",
    "text": "glider_core.adapters.text",
}

__all__ = [
    "Assumptions",
    "BlackBoxFailed",
    "Cancelled",
    "Candidate",
    "Case",
    "ContentRun",
    "CrossNumbers",
    "Domain",
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
    "Payload",
    "Pixels",
    "Settings",
    "SharedSet",
    "Store",
    "__version__",
    "detect_by_content",
    "detect_global",
    "endpoint",
    "explain",
    "explain_many",
    "graph",
    "image",
    "list_models",
    "load_model",
    "measure_stability",
    "open_model",
    "rank_over_draws",
    "read_table",
    "report",
    "sequence",
    "tabular",
    "text",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(_HOMES[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
