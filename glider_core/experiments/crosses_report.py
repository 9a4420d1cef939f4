"""What crosses did to models of real tables, told: the promise, each table's models, detection, others' numbers."""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from glider_core.drawings.plots import Bars, bar_chart
from glider_core.experiments.base import Beside, Result
from glider_core.experiments.crosses_parts import FOUND, Part
from glider_core.experiments.crosses_trainings import (
    beside_wider,
    cells,
    changes_of,
    deviations,
    plain,
    report_of_trainings,
    trainings,
)
from glider_core.experiments.markdown import table as markdown_table
from glider_core.experiments.markdown import written_by
from glider_core.recommenders.improvement import BASE, KEPT, WIDER

_USUAL = "DeepFM"
_PUBLISHED = "crosses_census-published"


def report(results: Mapping[str, Result]) -> str:
    """All results, those of the usual recommender first."""
    usual = {stem: result for stem, result in results.items() if result["target"] == _USUAL}
    others = {stem: result for stem, result in results.items() if result["target"] != _USUAL}
    words = [
        "“What is kept” is what `glider crosses` ships of these ways of reading crosses: chosen on rows that it was "
        "not learned from, the network without crosses where nothing exceeds its noise: on validation rows, and where "
        "a table says so on training rows that were held out in turn as well. The network without crosses has as many "
        "trials of recipes as boosted trees have, and all networks of a split its best one. Logloss decides; AUC of "
        "test parts with few negative rows can move the other way.",
        _promise(usual),
    ]
    if repeated := [result for result in usual.values() if trainings(result)]:
        words.append(report_of_trainings(repeated))
    for result in usual.values():
        words += _of_table(result)
    if others:
        words.append(_of_recommenders(others))
    return "\n\n".join([*words, written_by(results)])


def beside(results: Mapping[str, Result]) -> list[Beside]:
    """What is kept beside as large a network without crosses; others' numbers for the same test rows."""
    rows = beside_wider([r for r in results.values() if r["target"] == _USUAL and trainings(r)])
    result = results.get(_PUBLISHED)
    if result is None:
        return rows
    accuracy = statistics.fmean(split["models"][KEPT]["accuracy"] for split in result["splits"])
    seeds = len(result["splits"])
    ours = f"{result['differences'][KEPT]['auc']:.4f}, {accuracy:.4f} ({seeds} seed{'s' if seeds > 1 else ''})"
    return rows + [
        Beside(
            what=f"Census Income, published test rows: AUC, accuracy, {name}",
            paper=numbers,
            ours=f"{result['target']}: {ours}",
            differs="another model" if name != "AutoInt" else "another model; theirs without the deep part",
        )
        for name, numbers in OTHERS.items()
    ]


def pictures(results: Mapping[str, Result]) -> dict[str, str]:
    """What each model saves, for each table and recommender."""
    drawn = {}
    for result in results.values():
        changes = {name: of for name, of in result["differences"].items() if name != BASE}
        bars = Bars(
            name="saved",
            values=[-of["logloss change"] for of in changes.values()],
            errors=[of["logloss deviation"] for of in changes.values()],
        )
        of = "" if result["target"] == _USUAL else f", {result['target']}"
        title = f"{result['table']}{of}: logloss saved against the network without crosses, ± deviation over splits"
        drawn[title] = bar_chart(list(changes), [bars], title=title, value="logloss saved (more is better)")
    return drawn


# Of the published test rows (16,281): AUC and accuracy as the files in yandex-research/rtdl, output/adult/MODEL/tuned,
# have them, mean of the seeds 0 and 1 (Gorishniy et al. 2021); of boosted trees these have no AUC of chances.
OTHERS = {
    "AutoInt": ".9122, .8593",
    "DCN V2": ".9109, .8578",
    "FT-Transformer": ".9135, .8594 (seed 0)",
    "MLP": ".9059, .8519 (seed 0)",
    "CatBoost": "accuracy .8684",
    "XGBoost": "accuracy .8732 (seed 0)",
}


def _promise(results: Mapping[str, Result]) -> str:
    """Whether what is kept is ever worse, and where it is better beyond two deviations and wider vectors are not."""
    head = (
        "", "splits", "logloss, what is kept", "in deviations", "in standard errors", "AUC, what is kept",
        "logloss, twice as wide", "in deviations", "what is kept against twice as wide", "in deviations",
    )  # fmt: skip
    rows = []
    for stem, result in results.items():
        result = _with_control(result, results.get(stem.removesuffix("_used"), result))
        kept, wider = (result["differences"].get(name) for name in (KEPT, WIDER))
        rows.append(
            (
                result["table"],
                kept["splits"],
                plain(kept, "logloss"),
                deviations(kept, "logloss"),
                deviations(kept, "logloss", of_mean=True),
                plain(kept, "auc"),
                "" if wider is None else plain(wider, "logloss"),
                "" if wider is None else deviations(wider, "logloss"),
                *_against_wider(result["splits"]),
            )
        )
    return (
        f"**In short** ({_USUAL}; changes of test rows, mean ± deviation over splits; in deviations: by how many of "
        "these the mean is better than no change; in standard errors of the mean, corrected for splits that share "
        "rows, after Nadeau and Bengio 2003):\n\n" + markdown_table(head, rows)
    )


def _with_control(result: Result, other: Result) -> Result:
    """The wider vectors of the same splits, where only another run has trained them: they read no crosses."""
    of_seed = {split["seed"]: split["models"].get(WIDER) for split in other["splits"]}
    if WIDER in result["differences"] or not all(of_seed.get(split["seed"]) for split in result["splits"]):
        return result
    splits = [{**split, "models": {**split["models"], WIDER: of_seed[split["seed"]]}} for split in result["splits"]]
    return {
        **result,
        "splits": splits,
        "differences": {**result["differences"], WIDER: other["differences"][WIDER]},
    }


def _against_wider(splits: list[Part]) -> tuple[str, str]:
    """How much less logloss what is kept has than as large a network without crosses, split by split."""
    models = [split["models"] for split in splits if WIDER in split["models"]]
    changes = [own[KEPT]["logloss"] - own[WIDER]["logloss"] for own in models]
    if len(changes) < 2:
        return "", ""
    return cells(changes_of(changes))


def _of_table(result: Result) -> Iterator[str]:
    head = ("", "AUC", "change", "better", "logloss", "change", "better", "parameters", "seconds")
    every = len(result["splits"])
    rows = [
        (
            name if own["splits"] == every else f"{name} ({own['splits']} of {every} splits)",
            f"{own['auc']:.4f}",
            *_change(own, "auc"),
            f"{own['logloss']:.4f}",
            *_change(own, "logloss"),
            f"{own['parameters']:,}",
            own["seconds"],
        )
        for name, own in result["differences"].items()
    ]
    kept = Counter(split["chosen"] for split in result["splits"])
    explain = Counter(split["explain"] for split in result["splits"])
    judges = f", training rows held out in {result['folds']} folds" if result.get("folds") else ""
    yield (
        f"**{result['table']}**: {result['rows']:,} rows, {result['fields']} fields, {result['target']}, "
        f"{len(result['splits'])} splits{judges}. Kept: {_counted(kept)}. Worth explaining: {_counted(explain)}.\n\n"
        f"{markdown_table(head, rows)}"
    )
    if found := [split for split in result["splits"] if split.get("found")]:
        yield _of_detection(found)
    if result["table"].endswith("published test rows"):
        lines = [(name, numbers) for name, numbers in OTHERS.items()]
        accuracies = {
            name: statistics.fmean(split["models"][name]["accuracy"] for split in result["splits"])
            for name in (BASE, KEPT)
        }
        lines += [
            (f"{result['target']}, {name}", f"{result['differences'][name]['auc']:.4f}, {accuracy:.4f}")
            for name, accuracy in accuracies.items()
        ]
        yield (
            "Others on the same 16,281 test rows (Gorishniy et al. 2021, tuned on 26,048 training and 6,513 validation "
            "rows and 14 fields; the files of their repository):\n\n" + markdown_table(("", "AUC, accuracy"), lines)
        )


def _counted(names: Counter[str]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in names.most_common())


def _change(own: Mapping[str, Any], measure: str) -> tuple[str, str]:
    change, deviation = own[f"{measure} change"], own[f"{measure} deviation"]
    better = f"{own[f'{measure} better']} of {own['splits']}"
    return (f"{change:+.4f}" if deviation is None else f"{change:+.4f} ± {deviation:.4f}", better)


def _of_detection(splits: list[Part]) -> str:
    """What detection brings that a scan of pairs does not."""
    candidates = [candidate for split in splits for candidate in split["found"]["candidates"]]
    larger = [candidate for candidate in candidates if len(candidate["fields"]) > 2]
    tried = [candidate for candidate in larger if not candidate["dropped"]]
    names = Counter(" × ".join(candidate["fields"]) for candidate in tried)
    pairs = [c for c in candidates if len(c["fields"]) == 2 and not c["dropped"]]
    by_scan = sum(len(split["tried"]) for split in splits)
    both = sum(
        frozenset(candidate["fields"]) in {frozenset(own["fields"]) for own in split["tried"]}
        for split in splits
        for candidate in split["found"]["candidates"]
        if not candidate["dropped"]
    )
    answer = "Larger ones" if tried else "Not here"
    return (
        f"Does detection find crosses that a scan of pairs does not? {answer}. Sets that an "
        f"AutoInt of the split was found to use in training rows, as candidates, {len(splits)} "
        f"split{'s' if len(splits) > 1 else ''}: {len(candidates)} sets, {len(larger)} "
        f"of them of three fields or more, which no scan of pairs looks at; {len(tried)} of these gain beyond noise "
        f"and beyond their parts" + (f": {_counted(names)}. " if names else ". ") +
        f"Of pairs {len(pairs)} gain beyond noise; the scan of all pairs has {by_scan} such pairs, {both} of them "
        f"among those of detection. {_with_found(splits)}"
    )  # fmt: skip


def _with_found(splits: list[Part]) -> str:
    """Test logloss with sets of detection in place of the scan's, for each way of reading them."""
    words = []
    names = [name for name in splits[0]["models"] if name.startswith("crosses as ") and FOUND not in name]
    for name in names:
        changes = [
            split["models"].get(f"{name}, {FOUND}", split["models"][BASE])["logloss"] - split["models"][name]["logloss"]
            for split in splits
            if name in split["models"]
        ]
        if changes:
            deviation = f" ± {statistics.stdev(changes):.4f}" if len(changes) > 1 else ""
            words.append(f"{name.removeprefix('crosses as ')} {statistics.fmean(changes):+.4f}{deviation}")
    return (
        f"Test logloss with them in place of the scan's pairs (lower is better): {', '.join(words)}." if words else ""
    )


def _of_recommenders(results: Mapping[str, Result]) -> str:
    head = (
        "", "", "splits", "AUC without", "AUC, what is kept", "logloss without", "logloss, what is kept",
        "logloss, twice as wide", "kept", "beside",
    )  # fmt: skip
    rows = []
    for result in results.values():
        own = result["differences"]
        trees = own.get("LightGBM")
        rows.append(
            (
                result["table"],
                result["target"],
                len(result["splits"]),
                f"{own[BASE]['auc']:.4f}",
                plain(own[KEPT], "auc"),
                f"{own[BASE]['logloss']:.4f}",
                plain(own[KEPT], "logloss"),
                "" if WIDER not in own else plain(own[WIDER], "logloss"),
                _counted(Counter(split["chosen"] for split in result["splits"])),
                "" if trees is None else f"LightGBM {trees['auc']:.4f}, {trees['logloss']:.4f}",
            )
        )
    return (
        "**The other recommenders**, each with the same search of recipes, seeds 0 and on as for the splits:\n\n"
        + markdown_table(head, rows)
    )
