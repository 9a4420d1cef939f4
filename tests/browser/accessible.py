"""What axe, the engine of Deque, finds wrong with a page: rules of WCAG 2 at level A and AA."""

from __future__ import annotations

import json

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

# Of Streamlit's own widgets, which nothing of ours draws.
THEIRS = [
    ".stTextArea",
    ".stSelectbox",
    ".stSidebar",
    ".stPopover",
    ".stTabs [role=tablist]",
    ".stMultiSelect",
    ".js-plotly-plot",
    ".stDataFrame",
    ".stTable",
    ".stAppHeader",
    ".stNumberInput",
    ".stFileUploader",
]


def violations(page: Page) -> list[str]:
    """Each rule that is broken, with the elements that break it."""
    context = json.dumps({"exclude": [[selector] for selector in THEIRS]})
    options = {"runOnly": ["wcag2a", "wcag2aa"]}
    found = Axe().run(page, context=json.loads(context), options=options).response["violations"]
    return [
        f"{rule['id']}: {node['target']} {node['failureSummary'][:200]}" for rule in found for node in rule["nodes"]
    ]
