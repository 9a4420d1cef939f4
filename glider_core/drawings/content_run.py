"""A run over sentences or sequences in words and bars: what was found in most of them, and how consistently."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from markupsafe import Markup

from glider_core.drawings.global_bars import TOP, top_bars
from glider_core.drawings.text import markdown
from glider_core.numerals import signed

if TYPE_CHECKING:
    from glider_core.domains.base import Content
    from glider_core.rows.content_run import ContentRun, ContentSet

__all__ = ["TOP", "bars_of", "behind", "headline", "set_sentence", "title"]


def title(each: ContentSet, content: Content) -> str:
    """What a set is called, plain text."""
    return content.joined.join(each.content)


def headline(run: ContentRun, shown: Sequence[ContentSet], content: Content) -> str:
    """What was found most often; Markdown.

    Args:
        run: of all inputs.
        shown: its sets as they are ranked.
        content: how they are told.
    """
    if not shown:
        return f"No interaction was found in any of the {content.inputs}: the model adds features up."
    first = shown[0]
    return (
        f"Most often: **{markdown(title(first, content))}**, in {first.count:,} of the {first.present:,} "
        f"{content.inputs} that have it. On average {run.per_row:.1f} sets are found in one."
    )


def behind(shown: Sequence[ContentSet], content: Content) -> str:
    """Which sets are ranked behind the others, though they were found as often; nothing where none is. Markdown."""
    quiet = [each for each in shown if content.quiet(each.content)]
    if not quiet or len(quiet) == len(shown):
        return ""
    first = quiet[0]
    return (
        f"{len(quiet):,} sets with {content.quiet_part} stand behind all others, such as "
        f"*{markdown(title(first, content))}* in {first.count:,} of {first.present:,}."
    )


def set_sentence(each: ContentSet, content: Content, unit: str) -> str:
    """How consistent a set is, and which way it goes; Markdown."""
    up = sum(effect > 0 for effect in each.effects)
    chance = "less than one in a million" if each.p_value < 1e-6 else f"{each.p_value:.2g}"
    return (
        f"Found in **{each.count:,} of {each.present:,}** {content.inputs} that have it ({each.consistency:.0%}), "
        f"raising the answer in {up:,}: {signed(each.mean_effect)} {unit} on average. Were sets drawn at random, so "
        f"many would be found with p {chance}."
    )


def bars_of(
    run: ContentRun, shown: Sequence[ContentSet], content: Content, unit: str, chosen: ContentSet | None = None
) -> Markup:
    """The first ten sets as bars of how consistently they were found, with their effects input by input."""
    ranks = {each.content: rank for rank, each in enumerate(shown, 1)}
    return top_bars(
        shown,
        run.n_rows,
        title=lambda each: title(each, content),
        chosen="" if chosen is None else title(chosen, content),
        rank_of=lambda each: ranks[each.content],
        unit=unit,
        share=lambda each: (each.consistency, f"{each.count} of {each.present}"),
        inputs=content.inputs,
    )
