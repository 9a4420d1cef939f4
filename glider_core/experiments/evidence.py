"""The evidence: what every experiment measured, beside the paper's numbers, for the page and the document that tell it.

Gathering loads every experiment, and with them PyTorch. So `glider results` stores what it gathers under
assets/evidence, a file for each experiment, and a page reads that; an experiment whose results are newer is gathered
anew when they are asked for.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from glider_core.experiments import EXPERIMENTS
from glider_core.experiments.base import Beside
from glider_core.experiments.measured import RESULTS, files_of, measured
from glider_core.provenance import fingerprint
from glider_core.shipped import ASSETS

STORED = ASSETS / "evidence"

OWN = "What Glider adds"
# In the order in which a reader asks for them; what is not named here stands in the last chapter, by its name.
CHAPTERS: Mapping[str, tuple[str, ...]] = {
    "Tables and figures of the paper": (
        "table2a", "table2b", "table3", "table4", "table5", "table6", "table7", "table8", "table10", "figure2",
        "figure3", "figure4", "figure5", "figure6", "figure7", "figure8", "dna", "dna-motif", "negations",
    ),
    "Other methods, on the same questions": (
        "authors-code", "peers", "peers-planted", "peers-archipelago", "peers-spex", "peers-models", "phrases",
        "detectors-compared", "surrogate-fit",
    ),
    "Controls: what must not be found, and how sure it is": (
        "negative-controls", "false-findings", "stability", "intervals",
    ),
    OWN: (),
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """An experiment as it is told: what is claimed, what was measured, and how to measure it again."""

    name: str
    title: str
    claim: str
    rows: tuple[Beside, ...]
    pictures: tuple[tuple[str, str], ...]  # caption and SVG
    report: str  # Markdown; empty where nothing was measured
    versions: tuple[str, ...]  # of Glider and the libraries, each set of them once
    seconds: float | None  # of all its runs; None where they did not note it
    data: tuple[str, ...]  # what it was measured on, as far as the results say
    files: tuple[str, ...]  # of assets/results; none: not measured yet
    identity: str  # of the contents of these files

    @property
    def command(self) -> str:
        """The command that measures it again."""
        return f"glider reproduce {self.name}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """How many of the paper's numbers are met, and what has not been measured."""

    met: int  # or beaten
    not_met: tuple[tuple[str, int], ...]  # sections with their numbers of rows
    beside: int  # rows of which neither side is the better
    measured: int  # experiments
    unmeasured: tuple[str, ...]  # names of experiments

    @property
    def missed(self) -> int:
        """How many of the paper's numbers are not met."""
        return sum(number for _, number in self.not_met)


def gather() -> tuple[Section, ...]:
    """Every experiment's section, from the results in assets/results, in the order of the chapters."""
    return ordered(section_of(name) for name in EXPERIMENTS)


def section_of(name: str) -> Section:
    """The section of one experiment."""
    experiment, results = EXPERIMENTS[name], measured(name)
    pictures = experiment.pictures(results) if results and experiment.pictures is not None else {}
    return Section(
        name=name,
        title=experiment.title,
        claim=experiment.claim,
        rows=tuple(experiment.beside(results)) if results and experiment.beside is not None else (),
        pictures=tuple((caption, str(svg)) for caption, svg in pictures.items()),
        report=experiment.report(results) if results and experiment.report is not None else "",
        versions=_versions(results.values()),
        seconds=_seconds(results.values()),
        data=tuple(dict.fromkeys(told for result in results.values() if (told := _data(result)))),
        files=tuple(path.name for path in files_of(name)),
        identity=_identity(name),
    )


def _versions(results: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """Each set of versions once: "Glider 0.5.0, Python 3.11.7, torch 2.13.0+cpu, …"."""
    sets = [result.get("versions") or {} for result in results]
    names = {"glider": "Glider", "python": "Python"}
    told = [", ".join(f"{names.get(name, name)} {version}" for name, version in each.items()) for each in sets]
    return tuple(sorted({each for each in told if each}))


def _seconds(results: Iterable[Mapping[str, Any]]) -> float | None:
    noted = [result.get("seconds") for result in results]
    whole = [float(each) for each in noted if isinstance(each, int | float)]
    return sum(whole) if whole and len(whole) == len(noted) else None


def _data(result: Mapping[str, Any]) -> str:
    data = result.get("data") or result.get("table") or ""
    if isinstance(data, Mapping):
        return ", ".join(f"{name}: {value}" if isinstance(value, str) else str(name) for name, value in data.items())
    return ", ".join(map(str, data)) if isinstance(data, list) else str(data)


def _identity(name: str) -> str:
    return fingerprint(*(part for path in files_of(name) for part in (path.name, path.read_bytes())))


def ordered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections in the order of the chapters."""
    places = {name: place for place, name in enumerate(name for names in CHAPTERS.values() for name in names)}
    return tuple(sorted(sections, key=lambda section: (places.get(section.name, len(places)), section.name)))


def chapters(sections: Sequence[Section]) -> dict[str, list[Section]]:
    """The sections by the titles of their chapters; only chapters that have some."""
    known = {name: title for title, names in CHAPTERS.items() for name in names}
    told: dict[str, list[Section]] = {title: [] for title in CHAPTERS}
    for section in ordered(sections):
        told[known.get(section.name, OWN)].append(section)
    return {title: held for title, held in told.items() if held}


def summary(sections: Sequence[Section]) -> Summary:
    """What all of them come to."""
    rows = [row for section in sections for row in section.rows]
    missed = ((section.name, sum(row.met is False for row in section.rows)) for section in sections)
    return Summary(
        met=sum(row.met is True for row in rows),
        not_met=tuple((name, number) for name, number in missed if number),
        beside=sum(row.met is None for row in rows),
        measured=sum(bool(section.files) for section in sections),
        unmeasured=tuple(section.name for section in sections if not section.files),
    )


def rows_as_csv(sections: Iterable[Section]) -> str:
    """Every row of every section, with the experiment that measures it."""
    written = io.StringIO()
    table = csv.writer(written, lineterminator="\n")
    table.writerow(("experiment", "what", "the paper, or a peer", "Glider", "met", "why they differ"))
    told = {True: "yes", False: "no", None: ""}
    for section in sections:
        table.writerows(
            (section.name, row.what, row.paper, row.ours, told[row.met], row.differs) for row in section.rows
        )
    return written.getvalue()


_SECTION = TypeAdapter(Section)


def store(sections: Iterable[Section], folder: Path = STORED) -> None:
    """Write a file for each section, and take away those of experiments that are no more."""
    folder.mkdir(parents=True, exist_ok=True)
    texts = {f"{section.name}.json": _SECTION.dump_json(section, indent=1).decode() + "\n" for section in sections}
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    for path in folder.glob("*.json"):
        if path.name not in texts:
            path.unlink()


def stored(folder: Path = STORED) -> tuple[Section, ...]:
    """The sections as they were stored; those whose results are others by now are gathered anew."""
    read = [_SECTION.validate_json(path.read_bytes()) for path in sorted(folder.glob("*.json"))]
    return ordered(
        section_of(section.name) if section.identity != _identity(section.name) else section for section in read
    )


def state_of_results() -> str:
    """Changes when a result or what is stored of one does; cheap, to be asked for at every drawing of a page."""
    paths = sorted([*RESULTS.glob("*.json"), *STORED.glob("*.json")])
    noted = [(path.name, status.st_size, status.st_mtime_ns) for path in paths if (status := path.stat())]
    return fingerprint(repr(noted))
