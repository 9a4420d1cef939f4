"""How the peers' results are told: a table for each ground, and in plain words where somebody else is ahead."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from glider_core.experiments.base import Beside, Result
from glider_core.experiments.markdown import table, written_by
from glider_core.experiments.peers.grounds import STEPS, TEXT_MODEL
from glider_core.experiments.peers.texts import LENGTHS

MODEL_STEP = 5  # of the first sets, whose R2 stands in the table of models
AHEAD = 0.01  # by which a mean must exceed another to be called better
REFERENCE = "Grow"  # the default, that all are compared with
EXHAUSTIVE = "Exact"  # what the app runs in place of the default where it can ask all masks
# R2 that SPEX's authors published (Kang et al. 2025): medians over 160 reviews, of another DistilBERT, words
# replaced by [UNK], with these numbers of calls.
SPEX_PUBLISHED = {
    ("under 16 words", 580): {"LIME": 0.858, "all pairs": 0.958, "all triples": 0.985, "Faith-Shap of order 2": 0.926,
                              "SPEX": 0.959},
    ("16 to 31 words", 672): {"LIME": 0.745, "all pairs": 0.856, "all triples": -0.69, "Faith-Shap of order 2": 0.35,
                              "SPEX": 0.851},
    ("16 to 31 words", 1344): {"LIME": 0.752, "all pairs": 0.917, "all triples": -0.28, "Faith-Shap of order 2": 0.79,
                               "SPEX": 0.915},
    ("16 to 31 words", 5376): {"LIME": 0.756, "all pairs": 0.938, "all triples": 0.951, "Faith-Shap of order 2": 0.88,
                               "SPEX": 0.960},
    ("32 to 63 words", 845): {"LIME": 0.673, "all pairs": -0.60, "Faith-Shap of order 2": -1.0, "SPEX": 0.685},
    ("32 to 63 words", 3379): {"LIME": 0.683, "all pairs": 0.861, "Faith-Shap of order 2": 0.58, "SPEX": 0.855},
    ("64 words and more", 1132): {"LIME": 0.444, "SPEX": 0.180},
    ("64 words and more", 4526): {"LIME": 0.588, "SPEX": 0.486},
}  # fmt: skip
# What of a peer the product has, or would have: said where the peer is ahead.
_IDEAS = {
    "ProxySPEX": "reading boosted trees as products is what the detector Spectrum does",
    "SPEX": "its coded masks are no idea for fewer than a hundred features; its sparse read-out is Spectrum's",
    "FAST": "its scan of all pairs is the first step of Grow, which names a set only if it explains a thousandth of "
    "what varies, and more than noise could; FAST ranks what is weaker, too",
    "TreeSHAP of XGBoost": "boosted trees on masks are Spectrum's surrogate",
    "all pairs": "where pairs are many and weak, a ridge on all of them says more than a short list can",
    "all triples": "where sets are many and weak, a ridge on all of them says more than a short list can",
    "Friedman's H": "switching pairs in whole contexts, the first of them the input itself, finds what shows only "
    "beside the input, as ArchDetect does at its two corners, and costs d^2 / 2 calls a context",
    "KernelSHAP-IQ": "a regression on all pairs; see there",
    "Faith-Shap of order 2": "a regression on all pairs; see there",
    "Faith-Shap of order 3": "a regression on all triples; see there",
    "exact Shapley interactions": "the detector Exact reads the same answers to all masks",
    "LIME": "it is Glider's linear part",
}


_MEASURED = {"planted": ("sets", "pairs"), "archipelago": ("pairs",), "texts": ("r2",), "models": ("r2",)}


@dataclass(frozen=True, slots=True)
class Column:
    """One group of black boxes with one number of calls, and what is measured there."""

    ground: str
    group: str
    calls: int
    what: str  # "sets", "pairs", "r2"


def merged(results: Mapping[str, Result]) -> Result:
    """One result of those of all files: methods that were measured apart, on the same black boxes, join the others."""
    first = results["peers"]
    rows = {(case["ground"], case["name"]): case["by calls"] for case in first["cases"]}
    for stem, other in results.items():
        for case in other["cases"] if stem != "peers" else ():
            known = rows.get((case["ground"], case["name"]), {})
            for calls in known.keys() & case["by calls"].keys():
                rows[case["ground"], case["name"]] |= {calls: known[calls] | case["by calls"][calls]}
    methods = {name: kind for result in results.values() for name, kind in result["methods"].items()}
    return {
        **first,
        "cases": [{**case, "by calls": rows[case["ground"], case["name"]]} for case in first["cases"]],
        "methods": methods,
        "apart": [method for method in methods if method not in first["methods"]],
        "left out": {name: why for name, why in first["left out"].items() if name not in methods},
        "libraries": {name: n for result in results.values() for name, n in result["libraries"].items()},
    }


def columns(result: Result) -> dict[Column, dict[str, float]]:
    """The mean of every method in every column; of those that played on all its black boxes."""
    values: dict[Column, dict[str, list[float]]] = {}
    cases: dict[Column, int] = {}
    for case in result["cases"]:
        for calls, row in case["by calls"].items():
            for what in _MEASURED[case["ground"]]:
                column = Column(case["ground"], case["group"], int(calls), what)
                cases[column] = cases.get(column, 0) + 1
                for method, entry in row.items():
                    if what in entry:
                        value = entry[what]
                        value = value[STEPS.index(MODEL_STEP)] if isinstance(value, list) else value
                        values.setdefault(column, {}).setdefault(method, []).append(value)
    order = sorted(values, key=lambda column: (_place(column), column.calls))
    return {
        column: {method: float(np.mean(of)) for method, of in values[column].items() if len(of) == cases[column]}
        for column in order
    }


def _place(column: Column) -> tuple[int, str]:
    """Where a reader looks for it: texts by their length, the rest by name."""
    lengths = list(LENGTHS)
    return (lengths.index(column.group) if column.group in lengths else 0, column.group)


def seconds(result: Result, ground: str, group: str, calls: int) -> dict[str, float]:
    """The mean of every method's own CPU seconds."""
    spent: dict[str, list[float]] = {}
    for case in result["cases"]:
        if (case["ground"], case["group"]) == (ground, group):
            for method, entry in case["by calls"].get(str(calls), {}).items():
                if "seconds" in entry:
                    spent.setdefault(method, []).append(entry["seconds"])
    return {method: float(np.mean(of)) for method, of in spent.items()}


def report(results: Mapping[str, Result]) -> str:
    """Markdown."""
    result = merged(results)
    found = columns(result)
    parts = [_head(result)]
    for ground, tell in (("planted", _planted), ("archipelago", _archipelago), ("texts", _texts), ("models", _models)):
        own = {column: values for column, values in found.items() if column.ground == ground}
        if own:
            parts.append(tell(result, own))
    parts += [_ahead(result, found), _not_played(result), written_by(results)]
    return "\n\n".join(part for part in parts if part)


def _head(result: Result) -> str:
    libraries = ", ".join(f"{name} {number}" for name, number in result["libraries"].items())
    return (
        "Every method gets the same black box and may ask the same number of different masks; one that asks more is "
        "not told. Methods without masks of their own draw LIME's, as Glider does. Libraries run with their own "
        f"defaults ({libraries}); Friedman's H, exact Shapley interactions and regressions are written here from their "
        "definitions. Glider's detectors list first what passes their gates, then the rest of their ranking. "
        f"With at most nine features the app asks all masks, and runs {EXHAUSTIVE} in place of {REFERENCE}. "
        "A dash: it names no such thing, or cannot play on all of these black boxes with so few calls."
        + "".join(f" {method} was measured apart, on another machine." for method in result["apart"])
    )


def _grid(found: Mapping[Column, Mapping[str, float]], what: str, head: str, methods: Mapping[str, str]) -> str:
    kept = [column for column in found if column.what == what]
    heads = tuple(f"{column.group}, {column.calls}" for column in kept)
    rows = [
        (_name(method, methods), *(_number(found[column].get(method)) for column in kept))
        for method in methods
        if any(method in found[column] for column in kept)
    ]
    return table((head, *heads), rows)


def _name(method: str, methods: Mapping[str, str]) -> str:
    return f"**{method}**" if methods[method] == "ours" else method


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.3f}"


def _planted(result: Result, found: Mapping[Column, Mapping[str, float]]) -> str:
    groups = list(dict.fromkeys((column.group, column.calls) for column in found))
    counts = {group: sum(case["group"] == group for case in result["cases"]) for group, _ in groups}
    spent = {group: seconds(result, "planted", *group) for group in groups}
    rows = [
        (_name(method, result["methods"]), *(f"{s[method]:.2f}" if method in s else "–" for s in spent.values()))
        for method in result["methods"]
        if any(method in s for s in spent.values())
    ]
    head = tuple(f"{group}, {calls}" for group, calls in groups)
    return (
        f"**Planted functions**, {', '.join(f'{n} of {group}' for group, n in counts.items())}: six families of the "
        "section on families, and as *other shapes* majorities, a tanh and small networks, which no few products make "
        "up; every other one with 10 % of noise. R-precision of whole sets (methods of pairs cannot "
        "name the larger ones) by features and calls:\n\n"
        f"{_grid(found, 'sets', 'sets found', result['methods'])}\n\nThe chance that a pair inside a planted set "
        "stands above one that is in none (AUC), which is fair to methods of pairs:\n\n"
        f"{_grid(found, 'pairs', 'pairs, AUC', result['methods'])}\n\nCPU seconds of the method "
        f"itself, on one core:\n\n{table(('seconds', *head), rows)}"
    )


def _archipelago(result: Result, found: Mapping[Column, Mapping[str, float]]) -> str:
    return (
        "**Archipelago's functions** of 40 features (Tsang et al., NeurIPS 2020): AUC of pairs. In F2 to F4 twenty "
        "features must be on together, which uniform masks never show and LIME's do, and each feature alone moves the "
        "answer by as much as a whole set: a detector that names only what explains a good part of what varies names "
        "little here, while the AUC asks for the order of all pairs, however weak. 1642 calls are ArchDetect's own "
        f"number.\n\n{_grid(found, 'pairs', 'pairs, AUC', result['methods'])}"
    )


def _texts(result: Result, found: Mapping[Column, Mapping[str, float]]) -> str:
    texts = max(sum(case["group"] == length for case in result["cases"]) for length in LENGTHS)
    published = [
        (method, *(_number(SPEX_PUBLISHED.get((column.group, column.calls), {}).get(method)) for column in found))
        for method in ("LIME", "all pairs", "all triples", "Faith-Shap of order 2", "SPEX")
    ]
    heads = tuple(f"{column.group}, {column.calls}" for column in found)
    return (
        f"**Texts, by the protocol of SPEX's authors** (Kang et al. 2025): R2 of each surrogate on 1000 uniform masks "
        f"that nobody asked, mean over {texts} texts of each length, by length and calls; {TEXT_MODEL}, words off as "
        "zero vectors, sentences of SST's test set and beginnings of IMDB reviews. Masks are drawn uniformly by all "
        f"that have none of their own:\n\n{_grid(found, 'r2', 'R2', result['methods'])}\n\nWhat SPEX's authors "
        "published for other reviews and another DistilBERT, medians:\n\n"
        f"{table(('published R2', *heads), published)}"
    )


def _models(result: Result, found: Mapping[Column, Mapping[str, float]]) -> str:
    inputs = max(sum(case["group"] == column.group for case in result["cases"]) for column in found)
    spent = {column: seconds(result, "models", column.group, column.calls) for column in found}
    times = [
        (_name(method, result["methods"]), *(f"{s[method]:.2f}" if method in s else "–" for s in spent.values()))
        for method in result["methods"]
        if any(method in s for s in spent.values())
    ]
    heads = tuple(f"{column.group}, {column.calls}" for column in found)
    return (
        f"**Black boxes of every domain**, {inputs} examples each: R2, weighted, on 1000 fresh LIME masks, of the "
        f"features and each method's first {MODEL_STEP} sets, all fitted on the same 1000 others:\n\n"
        f"{_grid(found, 'r2', f'R2 at k = {MODEL_STEP}', result['methods'])}\n\nCPU seconds of the method itself:\n\n"
        f"{table(('seconds', *heads), times)}"
    )


_WHAT: Mapping[str, str] = {"sets": "sets found", "pairs": "AUC of pairs", "r2": "R2"}


def ahead(result: Result, found: Mapping[Column, Mapping[str, float]]) -> Iterator[tuple[str, str, bool]]:
    """Peers ahead of the default: who, where in words, and whether of all of ours."""
    ours = [method for method, kind in result["methods"].items() if kind == "ours"]
    for column, values in found.items():
        known = [values[method] for method in ours if method in values]
        for method, value in values.items():
            if method not in ours and REFERENCE in values and value >= values[REFERENCE] + AHEAD:
                where = (
                    f"{column.group} at {column.calls} calls ({_WHAT[column.what]} {value:.3f} against "
                    f"{values[REFERENCE]:.3f})"
                )
                yield method, where, value >= max(known) + AHEAD


def _ahead(result: Result, found: Mapping[Column, Mapping[str, float]]) -> str:
    by_method: dict[str, tuple[list[str], list[str]]] = {}
    compared = {
        method: sum(method in values and REFERENCE in values for values in found.values())
        for method in result["methods"]
    }
    for method, where, all_of_ours in ahead(result, found):
        by_method.setdefault(method, ([], []))[all_of_ours].append(where)
    if not by_method:
        return (
            f"**Where a peer is ahead of {REFERENCE}**, the default, by {AHEAD} or more: nowhere in what was measured."
        )
    lines = []
    for method, (of_default, of_all) in by_method.items():
        parts = [f"{method}, in {len(of_default) + len(of_all)} of {compared[method]} comparisons:"]
        if of_all:
            parts.append(f"Ahead of every detector of Glider on {'; '.join(of_all)}.")
        if of_default:
            parts.append(f"Ahead of {REFERENCE} alone on {'; '.join(of_default)}.")
        if method in _IDEAS:
            parts.append(f"Its idea: {_IDEAS[method]}.")
        lines.append(" ".join(parts))
    return f"**Where a peer is ahead of {REFERENCE}**, the default, by {AHEAD} or more:\n\n" + "\n\n".join(lines)


def beside(results: Mapping[str, Result]) -> list[Beside]:
    """The default beside the best of the peers, where they met: in most of the columns that the tables have."""
    result = merged(results)
    told = []
    for column, values in columns(result).items():
        others = {method: value for method, value in values.items() if result["methods"][method] != "ours"}
        if REFERENCE not in values or not others:
            continue
        first = max(others, key=lambda method: others[method])
        told.append(
            Beside(
                what=f"{column.group}, {column.calls} calls: {_WHAT[column.what]}",
                paper=f"{first} {others[first]:.3f}, the best of {len(others)} peers, measured here",
                ours=f"{REFERENCE} {values[REFERENCE]:.3f}",
                differs=_remark(values, others[first]),
                met=values[REFERENCE] > others[first] - AHEAD,
            )
        )
    return told


def _remark(values: Mapping[str, float], other: float) -> str:
    """What is to be known of the default beside the best of the others."""
    told = []
    if 0 < other - values[REFERENCE] < AHEAD:
        told.append(f"Behind by less than {AHEAD}, which counts as equal.")
    if EXHAUSTIVE in values:
        told.append(f"The app asks all masks of so few features, by {EXHAUSTIVE}: {values[EXHAUSTIVE]:.3f}.")
    return " ".join(told)


def _not_played(result: Result) -> str:
    """Why methods did not play, once for each reason."""
    reasons: dict[str, set[str]] = {}
    for case in result["cases"]:
        for calls, row in case["by calls"].items():
            for method, entry in row.items():
                if "raised" in entry.get("not", ""):
                    reasons.setdefault(f"{method}: {entry['not']}", set()).add(f"{case['group']} at {calls} calls")
    lines = [f"{name} was left out: it {why}." for name, why in result["left out"].items()]
    lines += [f"{case['name']} was left out: {case['not']}." for case in result["cases"] if "not" in case]
    lines += [f"{why} ({', '.join(sorted(where))})." for why, where in reasons.items()]
    return " ".join(lines)


def best(values: Mapping[str, Any], methods: Mapping[str, str], most: int) -> list[str]:
    """The names of so many methods to draw: the default first, then the best."""
    order = sorted((method for method in values if method != REFERENCE), key=lambda method: -values[method])
    return [REFERENCE, *order][:most] if REFERENCE in values else order[:most]
