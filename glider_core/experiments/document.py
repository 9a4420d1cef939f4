"""The document of what was measured: docs/results.md with its pictures, from the sections of the evidence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from glider_core.drawings.plots import alone
from glider_core.experiments.evidence import Section, chapters, summary
from glider_core.experiments.markdown import table, wrapped
from glider_core.output import write_whole
from glider_core.shipped import ASSETS

FOLDER = "pictures"  # beside the document

_HEAD = """# What Glider finds, and how it was measured

Every number on this page was measured by a command of this repository. The page, its pictures and the page *Evidence*
of the app are written by `make results` from the files in `assets/results/`; a test compares them. The terms of data
and models are in [licences.md](licences.md), speed is in [benchmarks/README.md](../benchmarks/README.md).
"""
_SIGNS = {True: "✓", False: "✗", None: "–"}


def results_page(sections: Sequence[Section]) -> str:
    """docs/results.md: the paper's numbers beside ours, then a section for each experiment; Markdown."""
    parts = [_HEAD, f"## The paper beside Glider\n\n{wrapped(in_short(sections))}\n\n{_sums(sections)}\n"]
    parts.append(f"### Every number\n\n{_overview(sections)}\n")
    for title, held in chapters(sections).items():
        told = [_section(section) for section in held if section.files]
        if told:
            parts += [f"## {title}\n", *told]
    return "\n".join([*parts, f"## The models that ship\n\n{_models()}\n"])


def in_short(sections: Sequence[Section]) -> str:
    """How far the paper's numbers are met, and what has not been measured; a paragraph."""
    counts = summary(sections)
    text = f"Of {counts.met + counts.missed} numbers of the paper or of another method that were measured again, "
    text += f"**{counts.met} are met or beaten** and {counts.missed} are not"
    text += f". {counts.beside} more stand beside ours where neither side is the better." if counts.beside else "."
    text += f" {counts.measured} of {len(sections)} experiments have results."
    if counts.unmeasured:
        text += " Not measured yet: " + ", ".join(f"`glider reproduce {name}`" for name in counts.unmeasured) + "."
    return text


def _sums(sections: Sequence[Section]) -> str:
    """How many rows of each section are met, are not, and cannot be either."""
    rows = [
        (
            f"[{section.title}](#{_anchor(section.title)})",
            *(sum(row.met is verdict for row in section.rows) or "" for verdict in _SIGNS),
        )
        for section in sections
        if section.rows
    ]
    return table(("", "met or beaten", "not met", "neither is better"), rows)


def _overview(sections: Sequence[Section]) -> str:
    """All rows of all sections; ✓ where the paper's number is met or beaten, ✗ where it is not."""
    rows: list[tuple[str, ...]] = []
    for section in sections:
        if section.rows:
            rows.append((f"**[{section.title}](#{_anchor(section.title)})**", "", "", "", ""))
            rows += _beside(section)
    return table(("", "the paper, or a peer", "Glider", "", "why they differ"), rows)


def _beside(section: Section) -> list[tuple[str, ...]]:
    return [
        tuple(text.replace("|", "\\|") for text in (row.what, row.paper, row.ours, _SIGNS[row.met], row.differs))
        for row in section.rows
    ]


def _section(section: Section) -> str:
    parts = [f"### {section.title}", f"`{section.command}`"]
    if section.claim:
        parts.append(f"*{section.claim}*")
    parts += [
        f"{caption}:\n\n![Chart]({FOLDER}/{_file(section, number)})"
        for number, (caption, _) in enumerate(section.pictures, 1)
    ]
    if section.report:
        parts.append(section.report)
    elif section.rows:
        head = ("", "the paper, or a peer", "Glider", "", "why they differ")
        parts.append(table(head, _beside(section)))  # type: ignore[arg-type]
    return wrapped("\n\n".join(parts)) + "\n"


def _anchor(title: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-")


def _file(section: Section, number: int) -> str:
    return f"{section.name}-{number}.svg"


def pictures(sections: Sequence[Section]) -> dict[str, str]:
    """The pictures of the document by the names of their files; SVG that needs no page."""
    return {
        _file(section, number): alone(svg)
        for section in sections
        for number, (_, svg) in enumerate(section.pictures, 1)
    }


def write(sections: Sequence[Section], out: Path) -> None:
    """Write the document and, in a folder beside it, its pictures; pictures that it no longer shows go."""
    write_whole(out, results_page(sections))
    folder, drawn = out.parent / FOLDER, pictures(sections)
    folder.mkdir(exist_ok=True)
    for name, text in drawn.items():
        (folder / name).write_text(text, encoding="utf-8")
    for path in folder.glob("*.svg"):
        if path.name not in drawn:
            path.unlink()


def _models() -> str:
    """What each shipped model's card says of rows that it never saw."""
    rows = []
    for card in sorted(ASSETS.glob("*/*/README.md")):
        lines = [line.strip("| \n").split(" | ", 1) for line in card.read_text(encoding="utf-8").splitlines()]
        facts = {cells[0]: cells[1] for cells in lines if len(cells) == 2}
        measure = next(name for name in ("test", "test accuracy", "accuracy", "validation") if name in facts)
        model = card.parent.relative_to(ASSETS).as_posix()
        rows.append((f"[{model}](../assets/{model}/README.md)", measure, facts[measure]))
    return table(("model, with its card", "on", "measured"), rows)
