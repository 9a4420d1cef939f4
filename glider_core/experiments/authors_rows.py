"""Sets counted over rows of one recommender by the authors' own NID and by Glider's, on the same masks of each row."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from functools import partial
from typing import Any

from glider_core.engine.asking import Questions
from glider_core.engine.beside import AS_PUBLISHED
from glider_core.engine.instance import Instance
from glider_core.engine.plan import Plan
from glider_core.experiments.base import Context
from glider_core.experiments.checkout import AGAIN, OURS, PUBLISHED, THEIRS, Detect, Ranking, ours, theirs
from glider_core.experiments.markdown import table
from glider_core.experiments.parts import in_parts
from glider_core.experiments.source_model import kept_model, unseen_rows
from glider_core.experiments.sources import SOURCES, read_source
from glider_core.rows.run import PAPER

COUNTED = 100  # sets of a row that their code counts, the strongest of NID's pruned ranking
SHOWN = 20  # most frequent sets that are likened


def counted(context: Context, detect: Detect | None, identity: str | None) -> dict[str, Any]:
    """The most frequent sets of a recommender's rows by whose ranking is counted, and how alike these are.

    Raises:
        InvalidInput: the data is missing or cannot be learned from.
    """
    source, dataset = read_source(context)
    recipe, _ = source.recipes(len(dataset.tables["train"]))
    stem = f"{context['table']}-{dataset.fingerprint[:12]}"
    model, auc = kept_model(dataset, recipe, context["table"], context["keep"], stem)
    instances = model.instances(unseen_rows(dataset, context["explained"]))
    rows = in_parts(
        {
            f"row {number}": partial(_row, detect, instance, context["masks"])
            for number, instance in enumerate(instances)
        },
        experiment=f"authors' code, rows of {context['table']}",
        header={"masks": context["masks"], "checkout": identity, "rows": dataset.fingerprint},
        keep=context["keep"],
    )
    names = [field.name for field in dataset.fields]
    counts = {
        who: Counter(tuple(features) for row in rows.values() for features in row[who])
        for who in next(iter(rows.values()))
    }
    reference = _first(next(iter(counts.values())))
    told = {who: _told(count, names, len(rows), reference) for who, count in counts.items()}
    for who, values in told.items():
        context.tell(f"{source.title}, {who}: {values['most frequent']}")
    return {"table": context["table"], "rows": len(rows), "fields": len(names), "test AUC": round(auc, 4), "ways": told}


def _row(detect: Detect | None, instance: Instance, masks: int) -> dict[str, Any]:
    """Of one row the sets that count, by whose ranking they are of."""
    d = len(instance.names)
    settings = PAPER.with_masks(masks, **PAPER.model_dump(include={"detector", "kernel_width", "counting"}))
    look = Plan.draw(d, settings).look(masks)
    answers = Questions(instance)(look.masks)
    rankings: dict[str, Ranking] = {}
    if detect is not None:
        rankings = {who: theirs(detect, "NID", look, answers, seed)[0] for seed, who in enumerate((THEIRS, AGAIN))}
    rankings[PUBLISHED] = ours(settings.model_copy(update=AS_PUBLISHED), look, answers)[0]
    rankings[OURS] = ours(settings, look, answers)[0]
    # As theirs does: the first hundred, of which the set of all fields is left out.
    return {
        who: [list(features) for features, _ in ranking[:COUNTED] if len(features) < d]
        for who, ranking in rankings.items()
    }


Set = tuple[int, ...]


def _first(count: Counter[Set]) -> set[Set]:
    return {features for features, _ in count.most_common(SHOWN)}


def _told(count: Counter[Set], names: list[str], rows: int, reference: set[Set]) -> dict[str, Any]:
    (features, most), *_ = count.most_common(1)
    return {
        "sets per row": round(sum(count.values()) / rows, 2),
        "different sets": len(count),
        "most frequent": {"fields": [names[place] for place in features], "count": most},
        f"of the first {SHOWN}": round(len(_first(count) & reference) / SHOWN, 4),
        "orders": {str(order): number for order, number in sorted(Counter(map(len, _first(count))).items())},
    }


def report(result: Mapping[str, Any], names: Mapping[str, str], masks: int) -> str:
    """A paragraph and a table of what was counted, Markdown."""
    title, n = SOURCES[result["table"]].title, result["rows"]
    lines = []
    for who, values in result["ways"].items():
        most = values["most frequent"]
        lines.append(
            (
                names[who],
                f"{values['sets per row']:.1f}",
                f"{values['different sets']:,}",
                f"{most['count']} of {n}: {' × '.join(most['fields'])}",
                f"{values[f'of the first {SHOWN}']:.2f}",
            )
        )
    head = ("whose NID", "sets a row", "different sets", "most frequent", f"of the first {SHOWN} as in the first line")
    return (
        f"**Over rows**, as Figures 2 and 7 count: {n} rows of {title} that AutoInt (test AUC "
        f"{result['test AUC']:.4f}) did not learn from, {result['fields']} fields, the same {masks} masks and "
        f"answers of each row for all. Of every row the first {COUNTED} sets of the ranking count.\n\n"
        f"{table(head, lines)}"
    )
