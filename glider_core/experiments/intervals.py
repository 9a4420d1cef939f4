"""Intervals: how often the 95 % interval of an effect holds the truth, on noisy functions whose truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from glider_core.drawings.plots import Line, line_chart
from glider_core.engine.explain import explain_many
from glider_core.engine.instance import FunctionInstance, Instance
from glider_core.experiments.base import Beside, Context, Experiment, Option, Result
from glider_core.experiments.markdown import share, table, written_by
from glider_core.provenance import versions
from glider_core.settings import Settings

SIZES = (8, 14, 20, 40)


def run(context: Context) -> dict[str, Any]:
    """Explain two products with noise; count in how many cases the interval of a found one holds its coefficient."""
    rows = []
    for kind in ("fixed for each mask", "new at every answer", "drawn with what is off"):
        for d in SIZES:
            if kind != "new at every answer" and d == min(SIZES):
                continue  # all masks are asked there, and noise that repeats itself is part of the function
            cases = [_case(kind, d, seed) for seed in range(context["cases"])]
            explanations = explain_many([instance for instance, _ in cases], Settings.with_masks(1000))
            held = [
                interaction.interval[0] <= truth[interaction.features] <= interaction.interval[1]
                for explanation, (_, truth) in zip(explanations, cases, strict=True)
                for interaction in explanation.interactions
                if interaction.features in truth and interaction.interval is not None
            ]
            rows.append({"noise": kind, "features": d, "cases": len(held), "held": float(np.mean(held))})
            context.tell(f"{kind}, {d} features: {rows[-1]['held']:.3f} of {len(held)}")
    cases = sum(row["cases"] for row in rows)
    held = sum(row["cases"] * row["held"] for row in rows) / cases
    return {"rows": rows, "cases": cases, "held": held, "versions": versions()}


class _Drawn(Instance):
    """Noise that another draw of what is off changes."""

    stochastic = True

    def __init__(self, d: int, seed: int, answer: Any, draw: int = 0) -> None:
        super().__init__([f"x{i}" for i in range(d)])
        self._made, self._answer, self._draw = (d, seed), answer, draw

    def redrawn(self, draw: int, /) -> Instance:
        return _Drawn(*self._made, self._answer, draw)

    def predict(self, masks: NDArray[np.bool_], /) -> NDArray[np.float64]:
        return self._answer(masks) + _noise(masks, [*self._made, self._draw])


def _case(kind: str, d: int, seed: int) -> tuple[Instance, dict[tuple[int, ...], float]]:
    rng = np.random.default_rng([seed, d])
    main, sizes = rng.normal(size=d), rng.uniform(2, 3, 2) * rng.choice([-1, 1], 2)
    truth = {(0, 1): float(sizes[0]), (2, 3, 4): float(sizes[1])}

    def answer(masks: NDArray[np.bool_]) -> NDArray[np.float64]:
        return masks @ main + sum(size * masks[:, list(part)].all(axis=1) for part, size in truth.items())

    if kind == "drawn with what is off":
        return _Drawn(d, seed, answer), truth
    names = [f"x{i}" for i in range(d)]
    if kind == "fixed for each mask":
        return FunctionInstance(names, lambda masks: answer(masks) + _noise(masks, [seed, d])), truth
    return FunctionInstance(names, lambda masks: answer(masks) + 0.3 * rng.normal(size=len(masks))), truth


def _noise(masks: NDArray[np.bool_], key: list[int]) -> NDArray[np.float64]:
    return 0.3 * np.array([np.random.default_rng([*key, *row]).normal() for row in np.packbits(masks, axis=1).tolist()])


def _report(results: Mapping[str, Result]) -> str:
    result = results["intervals"]
    rows = [(row["noise"], str(row["features"]), str(row["cases"]), share(row["held"])) for row in result["rows"]]
    return (
        f"A pair and a triple with known coefficients among noisy features: the 95 % interval of the mean joint effect "
        f"holds the coefficient in {share(result['held'])} of {result['cases']} cases.\n\n"
        f"{table(('noise', 'features', 'found sets', 'interval holds the truth'), rows)}\n\n{written_by(results)}"
    )


def _beside(results: Mapping[str, Result]) -> list[Beside]:
    result = results["intervals"]
    error = (result["held"] * (1 - result["held"]) / result["cases"]) ** 0.5
    return [
        Beside(
            what="95 % intervals that hold the true joint effect",
            paper="expected: 95 %",
            ours=f"{share(result['held'])} of {result['cases']}, ± {share(error)}",
            met=abs(result["held"] - 0.95) <= 2 * error,
        )
    ]


def _pictures(results: Mapping[str, Result]) -> dict[str, str]:
    rows = results["intervals"]["rows"]
    lines = []
    for noise in dict.fromkeys(row["noise"] for row in rows):
        held = [row for row in rows if row["noise"] == noise]
        errors = [(row["held"] * (1 - row["held"]) / row["cases"]) ** 0.5 for row in held]
        lines.append(
            Line(name=noise, x=[row["features"] for row in held], y=[row["held"] for row in held], error=errors)
        )
    title = "95 % intervals that hold the true joint effect, by how noisy answers are; bars are one standard error"
    return {
        title: line_chart(
            lines,
            title=title,
            x="features",
            y="share of intervals",
            percent=True,
            limits=(0.85, 1.0),
            levels={"promised: 95 %": 0.95},
        )
    }


EXPERIMENT = Experiment(
    name="intervals",
    title="Intervals: how often they hold the truth",
    claim="The 95 % interval of an effect holds the true effect in 95 of 100 cases.",
    run=run,
    options={"cases": Option(help="Random functions of each kind and size.", default=50, least=1)},
    quick={"cases": 3},
    smoke={"cases": 1},
    report=_report,
    beside=_beside,
    pictures=_pictures,
)
