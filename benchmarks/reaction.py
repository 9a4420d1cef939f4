"""How long a page takes to react to what asks no model: another layer, a chosen set, pairs only, another view."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[1]
TIMES = 7
FLAGS = ("--headless", "--no-sandbox", "--disable-gpu")
PAGES = ("sentiment", "dna", "recommender", "image", "graph", "your_model")
# Searches the shadow roots in which pictures stand.
FIND = """(selector) => [...document.querySelectorAll("*")]
  .flatMap((host) => [...(host.shadowRoot?.querySelectorAll(selector) ?? [])]).length"""
# Stability may still be refined beside what is measured, as it is for people.
IDLE = """() => document.querySelector("[data-test-script-state=notRunning]")
  && !document.querySelector("[data-stale=true]")
  && document.querySelector(".glider-runs")?.dataset.busy !== "true" """


def run() -> list[dict]:
    """seconds from a click to the picture that follows from it, in Chromium, median and slowest of 7"""
    from playwright.sync_api import sync_playwright

    rows = []
    with _served() as address, sync_playwright() as playwright:
        path = os.environ.get("GLIDER_CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.set_default_timeout(300_000)
        for name in PAGES:
            page.goto(f"{address}/{name}")
            page.wait_for_function(f"() => ({IDLE})() && ({FIND})('.glider-layer') > 0")
            lime, together = (page.get_by_role("radio", name=words, exact=True) for words in ("LIME", "Together"))
            layers = [(lime, ".glider-layers > div", 1), (together, ".glider-layers > div", 1)]
            taken = []
            for _ in range(TIMES):
                for button, selector, count in layers:
                    start = time.perf_counter()
                    button.click()
                    words = "One by one" if button is lime else "Together"
                    page.wait_for_function(
                        f"""() => ({IDLE})() && ({FIND})('{selector}') === {count}
                        && [...document.querySelectorAll('*')].some((host) => host.shadowRoot
                          ?.querySelector('.glider-layer')?.textContent.startsWith('{words}'))"""
                    )
                    taken.append(time.perf_counter() - start)
            rows.append({"page": name, "act": "another layer", "seconds": median(taken), "slowest": max(taken)})
            taken = []
            for _ in range(TIMES):
                start = time.perf_counter()
                page.locator(".glider-row:not(.glider-step)").first.click()
                page.wait_for_function(f"() => ({FIND})('.glider-row.is-lit') > 0")
                taken.append(time.perf_counter() - start)
                page.locator(".glider-row:not(.glider-step)").first.click()
                page.mouse.move(2, 2)
                page.wait_for_function(f"() => ({FIND})('.glider-row.is-lit') === 0")
            rows.append({"page": name, "act": "choose a set", "seconds": median(taken), "slowest": max(taken)})
            for row in rows[-2:]:
                print(f"{name:12} {row['act']:14} {row['seconds']:.3f} s, slowest {row['slowest']:.3f} s")
        browser.close()
    return rows


@contextmanager
def _served() -> Iterator[str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    app = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2)
                break
            except OSError:
                if app.poll() is not None:
                    raise SystemExit("The app did not start.") from None
                time.sleep(0.2)
        yield f"http://localhost:{port}"
    finally:
        app.terminate()
        app.wait(20)
