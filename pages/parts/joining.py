"""Joining features into one, by hand or as a preset, and taking them apart again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from glider_core.domains import Domain
from glider_core.drawings.text import markdown
from glider_core.grouping import LONGEST, Group, GroupedInstance
from pages.parts.state import PageState, Shown


def show(state: PageState, shown: Shown, domain: Domain) -> None:
    """What is joined now, and how to join what is off; each runs again."""
    instance, outcome = shown.instance, state.outcome()
    groups = instance.groups if isinstance(instance, GroupedInstance) else ()
    alone = instance.ungrouped if isinstance(instance, GroupedInstance) else instance
    members = instance.members if isinstance(instance, GroupedInstance) else [(i,) for i in range(len(alone.names))]

    def join(chosen: Sequence[Group]) -> None:
        outcome.off, outcome.anew = [], True
        state.join(chosen)

    def join_off() -> None:
        inside = sorted(i for place in outcome.off for i in members[place])
        kept = [group for group in groups if not set(group.features) & set(inside)]
        join([*kept, Group.of(alone.names, inside, st.session_state[f"{state.page}-group-name"])])

    st.markdown(f"**Join {domain.feature}s into one**")
    if domain.presets is not None and alone.payload is not None:
        _presets(state, domain.feature, domain.presets(alone.payload), alone.names, groups, join)
    ready = 2 <= len(outcome.off) < len(members)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(
            "Its name",
            key=f"{state.page}-group-name",
            max_chars=LONGEST,
            placeholder="Of its members, if you give none",
            disabled=not ready,
        )
        words = f"Join the {len(outcome.off)} that are off" if ready else "Join those that are off"
        st.button(words, key=f"{state.page}-join", icon=":material/join_inner:", disabled=not ready, on_click=join_off)
    for number, group in enumerate(groups[:20]):
        st.button(
            f"Take apart: {markdown(group.name[:60])}",
            key=f"{state.page}-apart-{number}",
            icon=":material/call_split:",
            type="tertiary",
            on_click=join,
            args=([other for other in groups if other != group],),
        )


def _presets(
    state: PageState,
    feature: str,
    presets: Mapping[str, Sequence[Sequence[int]]],
    names: Sequence[str],
    groups: Sequence[Group],
    join: Callable[[Sequence[Group]], None],
) -> None:
    """One feature is a word, a phrase, a sentence; those that would leave one feature only are not offered."""
    known = {feature: []} | {
        title: [Group.of(names, inside) for inside in parts if len(inside) > 1]
        for title, parts in presets.items()
        if len(parts) > 1
    }
    now = next((title for title, chosen in known.items() if list(groups) == chosen), None)
    key = f"{state.page}-grain"
    st.session_state[key] = now

    def take() -> None:
        if (title := st.session_state[key]) is not None:
            join(known[title])

    st.segmented_control("One feature is a", list(known), key=key, on_change=take)
