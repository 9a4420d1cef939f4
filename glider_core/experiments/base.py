"""What an experiment is: a name, a run, the options that it takes, and how its result is told."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from glider_core.errors import InvalidInput

Result = Mapping[str, Any]  # JSON values

VARIABLE = "GLIDER_DATA"


@dataclass(frozen=True, slots=True, kw_only=True)
class Option:
    """A value that a run can be given; its kind is that of the default unless stated."""

    help: str
    kind: type = int  # int, float, str or Path; `several` makes it a tuple of them
    default: Any = None
    least: int | None = None
    choices: tuple[str, ...] = ()
    several: bool = False

    def check(self, name: str, value: Any) -> Any:
        """The value as the run gets it.

        Raises:
            InvalidInput: it is too small, or none of the choices.
        """
        if value is None:
            return self.default
        values = tuple(value) if self.several else (value,)
        for single in values:
            if self.choices and single not in self.choices:
                raise InvalidInput(f"{name}: there is no {single!r:.40}; choose among {', '.join(self.choices)}.")
            if self.least is not None and single < self.least:
                raise InvalidInput(f"{name}: got {single!r:.20}; give {self.least} or more.")
        return values if self.several else value


def _tell_nobody(line: str) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a run works with; `context["rows"]` is the value of the option `rows`."""

    options: Mapping[str, Any]
    data: Path | None = None  # the folder or file of data, as it was named
    tell: Callable[[str], None] = _tell_nobody  # takes a line of progress for people

    def __getitem__(self, option: str) -> Any:
        return self.options[option]

    def data_folder(self) -> Path:
        """The folder of training data.

        Raises:
            InvalidInput: none is named, or there is none.
        """
        return data_folder(self.data)


def data_folder(named: Path | None) -> Path:
    """The folder of training data: the named one, else that of the variable GLIDER_DATA.

    Raises:
        InvalidInput: neither names an existing folder.
    """
    folder = named or Path(os.environ.get(VARIABLE) or f"{VARIABLE} is not set")
    if not folder.is_dir():
        raise InvalidInput(f"No folder of training data at {folder}; give one with --data or the variable {VARIABLE}.")
    return folder


def _stem_of_name(name: str, options: Mapping[str, Any]) -> str:
    return name.replace("-", "_")


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """One quantity as the paper, or a peer, gives it and as it was measured here; texts that people read."""

    what: str  # "F2, XGBoost, NID: R-precision"
    paper: str  # its number, with where it stands when that is not the experiment's own table
    ours: str
    differs: str = ""  # why the two differ: data, model or protocol; empty where nothing does
    met: bool | None = None  # whether ours is at least as good; None where neither side is the better


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A table or figure of the paper, or a claim of ours, that a command measures anew; a module's `EXPERIMENT`."""

    name: str  # as on the command line
    title: str
    run: Callable[[Context], dict[str, Any]]  # returns JSON values; "seconds" and "data", a text, are told of
    claim: str = ""  # what the paper, or Glider, claims by it, in one sentence; `beside` says how far it holds
    options: Mapping[str, Option] = field(default_factory=dict)
    quick: Mapping[str, Any] = field(default_factory=dict)  # values of options that make it a matter of a minute
    # Values besides, with which the default tests run it: half a second, on what everyone has where that can be.
    smoke: Mapping[str, Any] = field(default_factory=dict)
    family: str = ""  # experiments of one family keep work for each other in `keep`, and are not run side by side
    paper: Mapping[str, Any] = field(default_factory=dict)  # the paper's numbers for the same
    stem: Callable[[str, Mapping[str, Any]], str] = _stem_of_name  # of a result's file, from name and options
    # Markdown that tells what was measured, from the results by their files' stems.
    report: Callable[[Mapping[str, Result]], str] | None = None
    # The paper's numbers beside ours, in its order; and SVG by caption. Both, as `report`, from results by stems.
    beside: Callable[[Mapping[str, Result]], list[Beside]] | None = None
    pictures: Callable[[Mapping[str, Result]], Mapping[str, str]] | None = None

    def context(
        self,
        *,
        quick: bool = False,
        data: Path | None = None,
        tell: Callable[[str], None] = _tell_nobody,
        **given: Any,
    ) -> Context:
        """The context of a run: what is given, then what makes it quick, then the defaults.

        Raises:
            InvalidInput: there is no such option, or its value is out of range.
        """
        unknown = sorted(set(given) - set(self.options))
        if unknown:
            raise InvalidInput(f"{self.name} has no option {unknown[0]!r:.40}; it has {', '.join(self.options)}.")
        values = {name: value for name, value in given.items() if value is not None}
        if quick:
            values = {**self.quick, **values}
        options = {name: option.check(name, values.get(name)) for name, option in self.options.items()}
        return Context(options=options, data=data, tell=tell)
