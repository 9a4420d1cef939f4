"""Explanations that ship with Glider: those of the examples of every shipped model, worked out by `glider prepare`.

A page opens with them, and the start page draws them, before any model has been asked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glider_core.cases import Case
from glider_core.domains import DOMAINS, Domain
from glider_core.errors import InvalidInput
from glider_core.results import Explanation
from glider_core.rows.result import GlobalInteractions
from glider_core.settings import Settings
from glider_core.shipped import ASSETS

if TYPE_CHECKING:  # it loads the engine
    from glider_core.rows.content_run import ContentRun

FOLDER = ASSETS / "samples"


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """An example of a shipped model, as its page asks for it at first."""

    domain: str
    model: str
    title: str
    raw: Any
    settings: Settings

    @property
    def path(self) -> Path:
        """Where its explanation is stored."""
        return FOLDER / f"{slug(self.model)}-{slug(self.title)}.json"

    @property
    def case(self) -> Case:
        """What is asked."""
        return Case(domain=self.domain, model=self.model, raw=self.raw, settings=self.settings)


def slug(text: str) -> str:
    """A text as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def examples() -> Iterator[Example]:
    """Every example of every shipped model, the first of each model first."""
    for domain in DOMAINS.values():
        for model, entry in domain.models.items():
            if entry.tier == "shipped":
                for title, raw in domain.examples(model).items():
                    settings = Settings(**domain.settings)
                    yield Example(domain=domain.name, model=model, title=title, raw=raw, settings=settings)


def example(model: str, title: str = "") -> Example:
    """An example of a shipped model.

    Args:
        model: its id.
        title: as in `Domain.examples`; the model's first example by default.

    Raises:
        InvalidInput: there is none.
    """
    for known in examples():
        if known.model == model and title in ("", known.title):
            return known
    raise InvalidInput(f"{model} ships with no example {title!r:.40}; `Domain.examples` lists those that there are.")


def stored(example: Example) -> Explanation:
    """The stored explanation of an example.

    Raises:
        InvalidInput: there is none.
    """
    if not example.path.is_file():
        raise InvalidInput(
            f"No explanation of {example.title!r:.40} by {example.model} is stored; run `glider prepare`."
        )
    return _read(example.path)


def preview(model: str) -> Explanation | None:
    """A stored explanation of a model that has to be fetched first, so that people see what they would fetch; or None.

    One is made by `glider explain MODEL INPUT --out assets/samples/previews/MODEL.json`, "/" written as "-".
    """
    path = FOLDER / "previews" / f"{slug(model)}.json"
    return _read(path) if path.is_file() else None


def find(case: Case) -> Explanation | None:
    """The stored explanation of a case, if it is an example's, asked as at first; None otherwise.

    Whether it is still what a run would give, its `case.fingerprint` tells: that of today's model, input and versions
    is another one when the model has been trained anew since.
    """
    domain = DOMAINS.get(case.domain)
    if domain is None or case.settings != Settings(**domain.settings):
        return None
    titles = [title for title, raw in domain.examples(case.model).items() if raw == case.raw]
    if not titles:
        return None
    path = FOLDER / f"{slug(case.model)}-{slug(titles[0])}.json"
    if not path.is_file():
        return None
    explanation = _read(path)
    usual = _usual_options(explanation.case.options, case.options)
    return explanation if usual and explanation.case.raw == case.raw else None


def prepare(only: str = "", on_done: Callable[[Example, Explanation], None] | None = None) -> int:
    """Explain every example anew and store what comes out; how many there were.

    Args:
        only: of models whose id begins with this.
        on_done: called after each.
    """
    from glider_core.engine.explain import explain
    from glider_core.models import load_model
    from glider_core.output import write_whole

    chosen = [example for example in examples() if example.model.startswith(only)]
    for example in chosen:
        explanation = explain(load_model(example.model).instance(example.raw), example.settings)
        example.path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(example.path, _compact(explanation.to_json()))
        _read.cache_clear()
        if on_done is not None:
            on_done(example, explanation)
    return len(chosen)


def stored_run(model: str) -> GlobalInteractions:
    """What was found in all example rows of a shipped model, as the Global view asks for it at first.

    Raises:
        InvalidInput: none is stored.
    """
    path = ASSETS / model / "global.json"
    if not path.is_file():
        raise InvalidInput(f"No run over the rows of {model} is stored; run `glider prepare`.")
    return _read_run(path)


def prepare_runs(only: str = "", on_done: Callable[[str, GlobalInteractions], None] | None = None) -> int:
    """Explain all example rows of every shipped model of rows anew, and store what is counted; how many there were.

    Args:
        only: of models whose id begins with this.
        on_done: called after each.
    """
    from glider_core.rows.run import detect_global

    def run(domain: Domain, model: Any) -> GlobalInteractions | None:
        return detect_global(model, model.rows) if hasattr(model, "rows") else None

    return _store_runs(only, "global.json", run, _read_run.cache_clear, on_done)


def stored_counts(model: str) -> GlobalInteractions | None:
    """The same rows counted as the paper's authors do, for the Global view to show beside; None where none is stored.

    Of its sets only the most frequent are kept, without the rows in which they were found.
    """
    path = ASSETS / model / _COUNTS
    return _read_run(path) if path.is_file() else None


def prepare_counts(only: str = "", on_done: Callable[[str, GlobalInteractions], None] | None = None) -> int:
    """Count all example rows of every shipped model of rows as the paper's authors do; how many models there were.

    Args:
        only: of models whose id begins with this.
        on_done: called after each.
    """
    from glider_core.rows.run import PAPER, detect_global

    def run(domain: Domain, model: Any) -> GlobalInteractions | None:
        if not hasattr(model, "rows"):
            return None
        counted = detect_global(model, model.rows, PAPER)
        frequent = [replace(each, rows=(), effects=()) for each in counted.interactions[:_COUNTED_SETS]]
        return replace(counted, interactions=tuple(frequent))

    return _store_runs(only, _COUNTS, run, _read_run.cache_clear, on_done)


_COUNTS = "counts_paper.json"
_COUNTED_SETS = 200


def stored_content_run(model: str) -> ContentRun:
    """What was found in the corpus of a shipped model's domain, by words or letters.

    Raises:
        InvalidInput: none is stored.
    """
    path = ASSETS / model / "content.json"
    if not path.is_file():
        raise InvalidInput(f"No run over the inputs of {model} is stored; run `glider prepare`.")
    return _read_content_run(path)


def prepare_content_runs(only: str = "", on_done: Callable[[str, ContentRun], None] | None = None) -> int:
    """Explain the corpus of every domain that has one, by each of its shipped models; how many runs there were.

    Args:
        only: of models whose id begins with this.
        on_done: called after each.
    """
    from glider_core.rows.by_content import detect_by_content

    def run(domain: Domain, model: Any) -> ContentRun | None:
        if domain.corpus is None or domain.content is None:
            return None
        return detect_by_content(model, domain.corpus(), domain.content, content_settings(domain))

    return _store_runs(only, "content.json", run, _read_content_run.cache_clear, on_done)


def _store_runs(
    only: str,
    file: str,
    run: Callable[[Domain, Any], Any],  # of a domain and a model of it; None where it has no such run
    forget: Callable[[], None],  # what was read of the files before
    on_done: Callable[[str, Any], None] | None,
) -> int:
    from glider_core.models import load_model
    from glider_core.output import write_whole

    done = 0
    for domain in DOMAINS.values():
        for model, entry in domain.models.items():
            if entry.tier != "shipped" or not model.startswith(only):
                continue
            result = run(domain, load_model(model))
            if result is None:
                continue
            write_whole(ASSETS / model / file, _compact(result.to_json()))
            forget()
            done += 1
            if on_done is not None:
                on_done(model, result)
    return done


def content_settings(domain: Domain, *, seed: int = 0) -> Settings:
    """How an input is explained where there are many: as a row is, with the questions that the domain needs."""
    from glider_core.rows.run import ROWS

    return ROWS.model_copy(update={**domain.settings, "seed": seed})


def _compact(text: str) -> str:
    """JSON without line breaks and blanks, which would be most of the file."""
    return json.dumps(json.loads(text), ensure_ascii=False, separators=(",", ":"))


def _usual_options(stored: Mapping[str, Any], asked: Mapping[str, Any]) -> bool:
    """Whether the options that are asked for are those of the stored explanation, which has all of them."""
    return all(stored.get(name) == value for name, value in asked.items())


@lru_cache(maxsize=64)
def _read(path: Path) -> Explanation:
    return Explanation.from_json(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _read_run(path: Path) -> GlobalInteractions:
    return GlobalInteractions.from_json(path.read_text(encoding="utf-8"))


@lru_cache(maxsize=8)
def _read_content_run(path: Path) -> ContentRun:
    from glider_core.rows.content_run import ContentRun

    return ContentRun.from_json(path.read_text(encoding="utf-8"))
