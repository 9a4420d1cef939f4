"""The numbers in README.md and docs/*.md, each with the committed result that it comes from.

A claim is a piece of a page with the measured numbers left out, and how they follow from results. What stands in
`STATED` was not measured: settings, limits, versions, what a page defines. `python -m tests.claims` writes the numbers
of today's results into the pages; docs/results.md is written by `make results` and not treated here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from statistics import fmean
from typing import Any

from glider_core.engine.masks import lime_weights
from glider_core.experiments import paper
from glider_core.experiments.crosses_trainings import over_trainings
from glider_core.recommenders.improvement import BASE, KEPT
from glider_core.rows.chunk import PAPER_TOP
from glider_core.settings import Settings

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted(path for path in (ROOT / "docs").glob("*.md") if path.name != "results.md")]
GAP = "{}"


@dataclass(frozen=True, slots=True)
class Claim:
    """Words of a page, `{}` for each number, and the numbers as they must stand there."""

    page: str
    words: str
    numbers: Callable[[], Sequence[str]]

    @property
    def told(self) -> str:
        """The words with today's numbers."""
        return self.words.format(*self.numbers())

    @property
    def pattern(self) -> re.Pattern[str]:
        """The words with any numbers, however the lines are broken."""
        parts = [r"\s+".join(map(re.escape, part.split(" "))) for part in self.words.split(GAP)]
        return re.compile(r"([+−-]?[\d.,]+)".join(parts))


@cache
def result(stem: str) -> Any:
    """A committed result of an experiment."""
    return json.loads((ROOT / "assets/results" / f"{stem}.json").read_text(encoding="utf-8"))


@cache
def benchmark(name: str) -> Any:
    """What a benchmark measured."""
    return json.loads((ROOT / "benchmarks/results.json").read_text(encoding="utf-8"))[name]["measured"]


def family(detector: str, questions: int, what: str) -> str:
    """Of planted families of 40 features."""
    rows = result(f"planted_families_{detector}")["rows"]
    return f"{only(rows, features=40, questions=questions)[what]:.2f}"


def only(rows: Sequence[Any], **values: Any) -> Any:
    """The first row that has these values; underscores of their names stand for blanks."""
    wanted = {name.replace("_", " "): value for name, value in values.items()}
    return next(row for row in rows if all(row.get(name) == value for name, value in wanted.items()))


def percent(share: float) -> str:
    return f"{100 * share:.0f}"


def load(visitors: int, niceness: str = "10") -> Any:
    return only(benchmark("load"), visitors=visitors, niceness=niceness, workers="as usual")


def scans() -> list[str]:
    measured = benchmark("scans")
    times = [row["times faster"] for row in measured["stacked"]]
    shares = (measured[f"share of {which}"] for which in ("the scan of pairs", "all scans"))
    return [f"{min(times):.1f}", f"{max(times):.1f}", *map(percent, shares)]


def visitors() -> list[str]:
    found = []
    for number in (5, 20, 50):
        row = load(number)
        seconds = row["results, p50 and p90, seconds"][0]
        found += [f"{row['results a minute']:.0f}", f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"]
    return found


def memory() -> list[str]:
    each = [row["MB of each process at the end"] for row in benchmark("load")]
    return [f"{max(server for server, *_ in each) / 1000:.1f}", f"{max(max(rest) for _, *rest in each) / 1000:.1f}"]


def kept(table: str) -> str:
    """Logloss that kept crosses save on a real table, beyond the luck of one training."""
    means = [over_trainings(split) for split in result(f"crosses_{table}")["splits"]]
    return f"{fmean(own[KEPT] - own[BASE] for own in means):+.3f}".replace("-", "−")


def gpu_training() -> list[str]:
    """Quality by rows of a step, how far apart devices are, and seconds of a pass in steps of 512 rows, GPU first."""
    aucs, rows = "test AUC, by seed", benchmark("gpu_training")  # of each network three batches, from the smallest on
    there, here = ([row for row in rows if (row["device"] == "cpu") == cpu] for cpu in (False, True))
    pairs = [zip(*(row[aucs] for row in both), strict=True) for both in zip(there, here, strict=True)]
    apart = [abs(one - other) for pair in pairs for one, other in pair]
    seconds = [row["seconds of a pass"] for first in (0, 3) for row in (there[first], here[first])]
    return [*[f"{row[aucs][0]:.3f}" for row in here[:3]], f"{max(apart):.4f}", *[f"{value:.1f}" for value in seconds]]


def trees() -> list[str]:
    found = benchmark("tree_shap")
    quiet, acting = found["quiet"], found["rows"] - found["quiet"]
    assert found["first"] == found["held"] == 1.0, "all of Glider's are no longer all; write the page anew"
    return [f"{quiet}", f"{acting}", percent(found["shap_first"]), percent(found["shap_held"])]


CLAIMS = [
    Claim(
        "README.md",
        "40 features: R-precision {} with 300 questions, {} with 500; NID with 6000: {}",
        lambda: [
            family("grow", 300, "r_precision"), family("grow", 500, "r_precision"), family("nid", 6000, "r_precision")
        ],
    ),
    Claim(
        "README.md",
        "where nothing is, {} interactions in {} explanations",
        lambda: [str(result("negative_controls")[name]) for name in ("kept", "explanations")],
    ),
    Claim(
        "README.md",
        "95 % intervals hold the truth in {} % of {} cases",
        lambda: [percent(result("intervals")["held"]), str(result("intervals")["cases"])],
    ),
    Claim(
        "README.md",
        "the six positions of CACGTG in {} % of unseen probes (the paper, on its own probes: {} % \"detected\")",
        lambda: [
            percent(result("dna")["runs"]["Grow, as on the page"]["exactly the six positions"]),
            percent(paper.DNA_DETECTED),
        ],
    ),
    Claim(
        "README.md",
        "comes first in {} of {} sentences",
        lambda: [str(result("negations")["hits"]), str(len(result("negations")["sentences"]))],
    ),
    Claim(
        "README.md",
        "(logloss on Frappe {}, Amazon {}, 5 splits)",
        lambda: [kept("frappe"), kept("amazon")],
    ),
    Claim(
        "README.md",
        "{} of the whole sets come first at 6000 questions",
        lambda: [family("grow", 6000, "outside r_precision")],
    ),
    Claim(
        "README.md",
        "with 40 features {} s at 300 questions, NID {} s at 6000",
        lambda: [
            f"{only(benchmark('thrift'), run=run)['seconds alone']:.2f}"
            for run in ("Grow, 300 questions", "NID, 6000 questions")
        ],
    ),
    Claim(
        "docs/adapters.md",
        "In {} rows no pair's joint effect exceeds 0.3, since the values are typical already. In the other {} the "
        "strongest pair stands in Glider's first set in all of them, and is SHAP's first pair (TreeSHAP interaction "
        "values, whose off state is another) in {} %; of all pairs beyond 0.3 Glider's sets hold all, as many of "
        "SHAP's first hold {} %.",
        trees,
    ),
    Claim(
        "docs/adapters.md",
        "Effects of the {} pairs differ from the exact ones by {} on average, {} at most, with {} masks a row.",
        lambda: [
            str(benchmark("tree_shap")["pairs"]),
            f"{benchmark('tree_shap')['error']:.2f}",
            f"{benchmark('tree_shap')['largest_error']:.2f}",
            f"{benchmark('tree_shap')['questions'] + 0.5:.0f}",
        ],
    ),
    Claim(
        "docs/reference.md",
        "give DeepFM a test AUC of {}, {} and {}; an H100 gives the same to {} and takes {} s for the first of these "
        "passes, four cores take {} s; for AutoInt's {} and {} s",
        gpu_training,
    ),
    Claim(
        "docs/cluster.md",
        "1000 rows of 40 fields take {} s with all stages, {} s a row",
        lambda: [f"{benchmark('global')['1000 rows'][what]:{spec}}" for what, spec in _OF_ROWS],
    ),
    Claim(
        "docs/cluster.md",
        "a million rows on 100 such machines should take about {} minutes",
        lambda: [f"{benchmark('global')['1000 rows']['a million rows on 100 such machines, minutes']:.1f}"],
    ),
    Claim(
        "docs/departures.md",
        "small ReLU networks of 40 features R-precision is {} at 6000 questions",
        lambda: [family("grow", 6000, "outside r_precision")],
    ),
    Claim("docs/departures.md", "adds {} to R2 on unseen masks", lambda: [f"{Settings().min_gain:.3f}"]),
    Claim(
        "docs/departures.md",
        "the scan of pairs {} to {} times faster, but that is {} % of the seconds over many rows (all scans: {} %",
        scans,
    ),
    Claim("docs/departures.md", "less than the {} of R2 that", lambda: [f"{Settings().min_gain:.3f}"]),
    Claim("docs/departures.md", "\"none on\" a weight of {}", lambda: [f"{_weight_of_nothing_on():.4f}"]),
    Claim(
        "docs/departures.md",
        "first {} of NID's pruned ranking in each row, from {} masks without weights",
        lambda: [str(PAPER_TOP), str(Settings().n_masks)],
    ),
    Claim("docs/departures.md", "about {} sets a row, from", lambda: [str(paper.SETS_A_ROW)]),
    Claim(
        "docs/departures.md",
        "it is {} (Criteo) and {} (Avazu) here, where Glider counts {} and {}.",
        lambda: [
            f"{result(stem)['ways'][way]['sets per row']:.1f}"
            for way in ("paper", "gates")
            for stem in ("figure2_criteo", "figure7_avazu")
        ],
    ),
    Claim(
        "docs/departures.md",
        "thresholds of significance ({} and {})",
        lambda: [str(paper.SIGNIFICANT[log]) for log in ("criteo", "avazu")],
    ),
    Claim(
        "docs/deployment.md",
        "5 visitors get {} results a minute (half of them within {} s), 20 get {} ({} s), 50 get {} ({} s), without",
        visitors,
    ),
    Claim(
        "docs/deployment.md",
        "the start page takes {} s in place of {} s while 20 wait",
        lambda: [f"{load(20, nice)['start page, p50 and p90, seconds'][1]:.1f}" for nice in ("0", "10")],
    ),
    Claim("docs/deployment.md", "{} GB for the server and {} GB for a worker at most", memory),
]  # fmt: skip
_OF_ROWS = (("seconds", ".1f"), ("seconds per row", ".3f"))


def _weight_of_nothing_on() -> float:
    import numpy as np

    return float(lime_weights(np.array([[False, False]]), 0.25)[0])


# What no measurement stands behind: settings, limits, versions, and what an experiment was made with. By page, pieces
# of its text, each of which must be there.
STATED: dict[str, Sequence[str]] = {
    "README.md": (
        "ICLR 2020", "Python 3.11 or newer", "36 letters", "six families of planted functions, 40 features",
        "where nothing is, 0", "a page of 40 lines",
    ),
    "docs/adapters.md": (
        "the values of 25 other rows", "of more than 80 words", "40 rows, against the exact answer of all 1024 masks",
        "waits out 429 and 5xx", "60 seconds to load, 30 for a batch", "2 GB of memory", "up to 40 MB",
        "the paper's 0.6 of numbers uniform in [-1, 1] are 1.04", "The mean over 25 draws",
    ),
    "docs/cluster.md": ("chunks of 64",),
    "docs/departures.md": (
        "ICLR 2020", "95 % interval", "The ridge penalty is 1.0", "in the authors' code it is 0.01", "from 500 masks",
        "NID's top 100", "must exceed 100 rows", "on the simulated log 200", "at most 40 words",
        "error falls by 1 %", "2.5 standard errors",
    ),
    "docs/deployment.md": (
        "neither a page (403)", "32 random bytes", "SHA-256", "| 14 | days", "| 300 | of one visitor",
        "| 5000 | of all visitors", "50 files and 14 days at most", "22 random bytes", "beyond 500;", "port 8501",
        "more than 5 seconds", "long runs at 15", "up to 6000 questions", "over 500 results",
        "50 MB ( ¤ ); pictures 10, GraphML 20, a tokenizer.json 40", "| 20,000 and 10, also by link",
    ),
    "docs/licences.md": (
        "Zachary's karate club (1977)", "50 classes of Tiny", "Apache-2.0", "Census Income (1994)", "CC BY 4.0",
        "300 of its test rows", "its 300 rows too", "MovieLens 100K",
    ),
    "docs/reference.md": (
        "tables of 200,000 training rows", "more than 100 rows of a million", "of 20 rows at least",
        "With 50,000 training rows", "processes, 0 to 19", "UAX 29", "more than 300 words", "01234 is a code",
        "50 MB are read of a file, 200 MB of what was packed in it, and 500 MB of values", "its 95 % interval",
        "(Newcombe 2006", "Over 100,000 rows of a simulated log, batches of 512, 4096 and 32,768 rows",
        "interactions explain 5 % or more", "less than 1 %",
    ),
}  # fmt: skip

# A number worth a source: a fraction, a share, a time, a size, or a count above a dozen.
NUMBER = re.compile(r"(?<![\w.,^])[+−-]?\d(?:[\d.,]*\d)?(?P<unit> ?%| (?:s|ms|GB|MB|kB|minutes?|hours?|seconds?)\b)?")
SMALL = 12


def prose(text: str) -> str:
    """A page's words on one line, without code, comments and the targets of links."""
    for pattern in (r"```.*?```", r"<!--.*?-->", r"`[^`]*`"):
        text = re.sub(pattern, " ¤ ", text, flags=re.DOTALL)
    return re.sub(r"\s+", " ", re.sub(r"\]\([^)]*\)", "]", text))


def unclaimed(page: str, text: str) -> list[str]:
    """Numbers of a page that have no source, each with the words around it."""
    rest = prose(text)
    for claim in CLAIMS:
        if claim.page == page:
            rest = rest.replace(prose(claim.told), " … ")
    for piece in STATED[page]:
        rest = rest.replace(piece, " … ")
    found = []
    for match in NUMBER.finditer(rest):
        digits = match.group().removesuffix(match["unit"] or "").replace(",", "").lstrip("+−-")
        if match["unit"] or "." in digits or int(digits) > SMALL:
            found.append(f"{match.group()} in “{rest[max(0, match.start() - 30) : match.end() + 20]}”")
    return found


def written(page: str, text: str) -> str:
    """The page with today's numbers in its claims."""
    for claim in CLAIMS:
        if claim.page == page:
            text = claim.pattern.sub(_with(claim.numbers()), text)
    return text


def _with(numbers: Sequence[str]) -> Callable[[re.Match[str]], str]:
    def replaced(match: re.Match[str]) -> str:
        whole, end = "", match.start()
        for place, number in enumerate(numbers, 1):
            whole += match.string[end : match.start(place)] + number
            end = match.end(place)
        return whole + match.string[end : match.end()]

    return replaced


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(written(path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")), encoding="utf-8")
