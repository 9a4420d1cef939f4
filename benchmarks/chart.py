"""Draws docs/speed.svg from results.json: run with `python -m benchmarks.chart`."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from benchmarks.__main__ import RESULTS

OUT = RESULTS.parent.parent / "docs" / "speed.svg"
OURS, THEIRS, GREY = "#1691a8", "#dd7730", "#66727d"
WIDTH, PANEL = 920, 400


def main() -> None:
    """Two panels: the explainer's seconds by size of the stack, and where a row's time goes."""
    results: dict[str, Any] = json.loads(RESULTS.read_text())
    explainer = results["explainer"]["measured"]
    bars = [("the paper's, written plainly", explainer["reference"]["seconds"], THEIRS, "")]
    for row in explainer["ours"]:
        if row["schedule"] == "decay":
            name = "one instance" if row["B"] == 1 else f"{row['B']} at once, each"
            bars.append((name, row["seconds"], OURS, f"{row['times faster']:.1f}×"))
    stages = [
        (f"{row['model']}, {row['detector']}", list(row["stages in bulk"].items()))
        for row in results["stages"]["measured"]
    ]
    whole = results["global"]["measured"]["1000 rows"]
    stages.append((f"AutoInt, {whole['fields']} fields, NID", list(whole["stages, seconds per row"].items())))
    parts = [
        _text(
            0,
            20,
            "Training the explainer and reading it, seconds per instance (40 features, 6000 masks)",
            size=15,
            bold=True,
        ),
        *_bars(bars, 44),
        _text(
            0, 44 + 34 * len(bars) + 34, "Where the time of an instance goes, 32 at once, seconds", size=15, bold=True
        ),
        *_stacks(stages, 44 + 34 * len(bars) + 58),
    ]
    height = 44 + 34 * len(bars) + 58 + 34 * len(stages) + 44
    machine = results["explainer"]["machine"]
    parts.append(_text(0, height - 6, f"{machine['processor']}, {machine['cores']} cores", size=12, fill=GREY))
    OUT.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-16 -8 {WIDTH + 32} {height + 16}" '
        f'font-family="system-ui, sans-serif"><rect x="-16" y="-8" width="{WIDTH + 32}" height="{height + 16}" '
        f'fill="white"/>{"".join(parts)}</svg>\n',
        encoding="utf-8",
    )
    print(f"Wrote {OUT.relative_to(Path.cwd())}")


def _bars(bars: list[tuple[str, float, str, str]], top: float) -> list[str]:
    longest, drawn = max(seconds for _, seconds, _, _ in bars), []
    for number, (name, seconds, color, note) in enumerate(bars):
        y, width = top + 34 * number, (WIDTH - PANEL) * seconds / longest
        drawn.append(_text(210, y + 16, name, anchor="end"))
        drawn.append(f'<rect x="220" y="{y}" width="{width:.1f}" height="22" rx="3" fill="{color}"/>')
        drawn.append(_text(228 + width, y + 16, f"{seconds:.2f} s {'  ' + note if note else ''}"))
    return drawn


def _stacks(rows: list[tuple[str, list[tuple[str, float]]]], top: float) -> list[str]:
    shades = {"ask": "#4c78d8", "train": OURS, "detect": "#c9a227", "select": "#a05fc4", "check": "#8c6d4f"}
    longest, drawn = max(sum(s for _, s in stages) for _, stages in rows), []
    for number, (name, stages) in enumerate(rows):
        y, x = top + 34 * number, 220.0
        drawn.append(_text(210, y + 16, name, anchor="end"))
        for stage, seconds in stages:
            width = (WIDTH - PANEL) * seconds / longest
            drawn.append(f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="22" fill="{shades[stage]}"/>')
            x += width
        drawn.append(_text(x + 8, y + 16, f"{sum(s for _, s in stages):.2f} s"))
    x = 220.0
    for stage, shade in shades.items():
        y = top + 34 * len(rows)
        drawn.append(f'<rect x="{x}" y="{y}" width="12" height="12" rx="2" fill="{shade}"/>')
        drawn.append(_text(x + 18, y + 11, stage, size=13))
        x += 34 + 9 * len(stage)
    return drawn


def _text(
    x: float, y: float, text: str, *, size: int = 14, anchor: str = "start", bold: bool = False, fill: str = "#1c2733"
) -> str:
    weight = ' font-weight="600"' if bold else ""
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" fill="{fill}"'
    return f"<text {place}{weight}>{escape(text)}</text>"


if __name__ == "__main__":
    main()
