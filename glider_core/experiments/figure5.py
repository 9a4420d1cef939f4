"""How large do crosses with dense fields become by the number of buckets? (Figure 5)"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput
from glider_core.experiments.table3 import ROWS, SOURCES, detect
from glider_core.provenance import versions
from glider_core.recommenders.network import EMBEDDING
from glider_core.tables.crosses import cardinality

BUCKETS = (10, 30, 100, 300, 1000, 3000, 10_000, 30_000, 100_000)


def run(
    name: str,
    path: Path | None = None,
    *,
    rows: int | None = None,
    explained: int = ROWS,
    buckets: Sequence[int] = BUCKETS,
    keep: Path | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> dict[str, Any]:
    """Fit the found crosses that have a dense field with several numbers of buckets; arguments as for `table3.run`.

    Raises:
        InvalidInput: as for `table3.run`; or no found set has a dense field.
    """
    if name not in SOURCES:
        raise InvalidInput(f"There is no table {name!r:.40}; choose among {', '.join(SOURCES)}.")
    source = SOURCES[name]
    material = source.read(path, rows)
    dense = {field.name for field in material.fields if field.kind == "dense"}
    learned, _ = source.recipes(len(material.tables["train"]))
    found, _ = detect(material, learned, explained, name, keep, say)
    sets = [one for one in found.top(source.crosses, drop_subsets=True) if dense & set(one)]
    if not sets:
        raise InvalidInput(
            f"None of the {source.crosses} most frequent sets has a dense field; buckets change nothing."
        )
    table = cardinality(material.tables["train"], sets, buckets, dense=sorted(dense))
    for number in buckets:
        say(f"{number} buckets: {int(table.loc[table['buckets'] == number, 'ids'].sum()):,} ids")
    return {
        "table": source.title,
        "rows": len(material.tables["train"]),
        "embedding": EMBEDDING,
        "points": [
            {"buckets": row["buckets"], "cross": row["cross"], "combinations": row["combinations"], "ids": row["ids"]}
            for row in table.to_dict("records")
        ],
        "versions": versions(),
    }
