"""Trains the shipped recommenders: AutoInt on a simulated click log, and on Census Income."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import numpy as np
from safetensors.torch import save_file

from glider_core.domains.recommender.data import census_dataset
from glider_core.recommenders.fitting import Fit, Parts, fit, scores
from glider_core.recommenders.network import AutoInt
from glider_core.recommenders.recipes import CENSUS, Recipe
from glider_core.recommenders.simulated import simulated, simulated_log
from glider_core.recommenders.simulator import FIELDS, PLANTED

SIMULATED_ROWS = 1_000_000
EXAMPLE_ROWS = 300  # shipped beside the weights, to be explained


def train(data: Path, out: Path, *, seed: int = 0) -> None:
    """Train from scratch and write weights, fields, example rows and model card. The folder's name tells which.

    Raises:
        InvalidInput: the data folder lacks the table.
    """
    is_simulated = out.name == "simulated"
    ceiling = None
    if is_simulated:
        dataset = simulated(SIMULATED_ROWS, seed=seed)
        answers = dataset.parts["test"][1]
        ceiling = scores(simulated_log("test", len(answers), seed=seed).logits, answers)
    else:
        dataset = census_dataset(data, seed=seed)
    title = "AutoInt on a simulated click log" if is_simulated else "AutoInt on Census Income"
    recipe = Recipe(epochs=5, patience=2, batch=1000) if is_simulated else CENSUS
    result = fit(
        lambda: AutoInt(dataset.fields, dropout=recipe.dropout),
        dataset.parts,
        seed=seed,
        on_look=lambda look: print(look, flush=True),
        **recipe.options(),
    )
    print(result.validation, result.test, ceiling, flush=True)
    out.mkdir(parents=True, exist_ok=True)
    state = result.network.state_dict()
    save_file({n: v.contiguous() for n, v in state.items() if v.is_floating_point()}, out / "weights.safetensors")
    stored = {"title": title, "target": dataset.target, "fields": [asdict(field) for field in dataset.fields]}
    (out / "fields.json").write_text(json.dumps(stored) + "\n", encoding="utf-8")
    test = dataset.tables["test"]
    chosen = np.random.default_rng(seed).permutation(len(test))[:EXAMPLE_ROWS]
    test.iloc[chosen].to_csv(out / "rows.csv", index=False)
    # What really happened in these rows, in their order.
    told = dataset.parts["test"][1][chosen].astype(int).tolist()
    (out / "answers.json").write_text(json.dumps(told) + "\n", encoding="utf-8")
    card = _SIMULATED if is_simulated else _CENSUS
    (out / "README.md").write_text(_card(card, title, dataset.parts, result, ceiling, seed, out), encoding="utf-8")


_SIMULATED = {
    "data": f"`glider_core.recommenders.simulator`: {len(FIELDS)} Avazu-like fields; planted: "
    + "; ".join(" x ".join(fields) for fields in PLANTED),
    "terms": "ours",
    "limits": "the log is made up: it shows whether known interactions are found, not what makes people click",
}
_CENSUS = {
    "data": "Census Income of 1994 (UCI Machine Learning Repository), without the sampling weight and the number of the education",
    "terms": "CC BY 4.0, Kohavi and Becker; 300 test rows are here as examples",
    "limits": "the United States of 1994; the fields hold sex and race, and the model has learned what went with them",
}


def _card(card: dict[str, str], title: str, parts: Parts, result: Fit, ceiling, seed: int, out: Path) -> str:
    sizes = " / ".join(f"{len(answers):,}" for _, answers in parts.values())
    best = (
        f"\n| true probabilities | AUC {ceiling.auc:.4f}, logloss {ceiling.logloss:.4f}: no model does better |"
        if ceiling
        else ""
    )
    report = (
        "\n| `global.json`, `counts_paper.json` | what `python -m glider_core prepare recommender` found in the example rows, by both ways of counting |"
        if out.name == "simulated"
        else ""
    )
    return f"""# {title}

AutoInt (Song et al. 2019): embeddings of 16, three attention layers of two heads with residuals, a deep part 400-400.

| | |
| --- | --- |
| data | {card["data"]} |
| terms | {card["terms"]} |
| rows | {sizes} train / validation / test |
| validation | AUC {result.validation.auc:.4f}, logloss {result.validation.logloss:.4f} (chose the epoch of {result.epochs_started}) |
| test | AUC {result.test.auc:.4f}, logloss {result.test.logloss:.4f} (looked at once) |{best}
| seed | {seed} |{report}
| size | {(out / "weights.safetensors").stat().st_size / 1e6:.2f} MB, float32 safetensors |
| recipe | `python -m glider_core train recommender/{out.name} --data $GLIDER_DATA --seed {seed}` |

Limits: {card["limits"]}.
"""
