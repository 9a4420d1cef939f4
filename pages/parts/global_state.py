"""The state of the Global view: the run that is asked for, what is listed of it, and the runs of the visit."""

from __future__ import annotations

from dataclasses import dataclass, field

from glider_core.rows.significance import NULL_ORDER
from pages.parts.global_filters import ALL_ORDERS, ORDERS, RowSlice, SetFilter
from pages.parts.global_run import COUNTINGS, SIMULATED, Reading, Visit
from pages.parts.linked import LinkedState, Texts, choice_of, linked, switch, text, texts, whole_number

TABLE = "table"
OVER = {TABLE: "Rows of a table", "sentiment": "Sentences", "dna": "DNA sequences"}
NULL_ORDERS = (2, 3, 4, 5)  # largest sets that p-values may be taken against
_OF_CONTENT = ("over", "reader", "listed", "set")  # those that a run over sentences or sequences has
_OF_A_RUN = ("model", "rows", "seed", "counting", "slice", "in")  # names in the address that say what is run


@dataclass
class GlobalState(LinkedState):
    """What the Global view asks and shows."""

    PAGE = "global"

    over: str = linked("over", TABLE, choice_of(OVER))  # what sets are counted over
    reader: str = linked("reader", "", text)  # the model that reads sentences or sequences
    listed: str = linked("listed", "", text)  # the visitor's own of them, one a line, whose result is shown
    model: str = linked("model", SIMULATED, text, always=True)  # a key of `model_titles`
    rows: int = linked("rows", 300, whole_number(1, 10**9), always=True)  # at most
    seed: int = linked("seed", 0, whole_number(0, 2**31), always=True)
    counting: str = linked("counting", "gates", choice_of(COUNTINGS))  # what counts in a row
    slice_field: str | None = linked("slice", None, text)
    slice_values: tuple[str, ...] = linked("in", (), texts)
    order: str = linked("order", ALL_ORDERS, choice_of(ORDERS))
    any_fields: tuple[str, ...] = linked("field", (), texts)
    significant: bool = linked("significant", False, switch)
    no_subsets: bool = linked("nosubsets", False, switch)
    null_order: int = linked("null", NULL_ORDER, choice_of(NULL_ORDERS))
    selected: str = linked("set", "", text)  # title of the set that is looked into
    asked: dict[str, list[str]] = field(default_factory=dict)  # of the address: the run that was started last
    wanted: bool = False  # whether to start the run when the page is drawn
    pressed: bool = False  # Run, and no drawing of the page has started it yet
    lost: bool = False  # the model of the address is not in this visit
    chart_clicks: int = 0
    visit: Visit = field(default_factory=Visit)
    own_inputs: dict[str, str] = field(default_factory=dict)  # by what is counted over, what the visitor typed
    read: dict[str, Reading] = field(default_factory=dict)  # the latest run over sentences, and over sequences
    opened: bool = False  # by an address that holds inputs, which are to be run

    def take(self, query: Texts) -> list[str]:
        """Become what an address says; run it unless it is what was run last."""
        unread = super().take(query)
        self.wanted = self._of_a_run() != self.asked
        if self.over != TABLE and self.listed:
            self.own_inputs[self.over], self.opened = self.listed, True
        return unread

    def press(self) -> None:
        """Run what the widgets say, at this drawing or, where it is stopped early, at the next."""
        self.pressed, self.lost = True, False

    def ask(self) -> None:
        """Note that the run of the widgets is started."""
        self.asked, self.wanted, self.pressed = self._of_a_run(), False, False

    def link_run(self) -> None:
        """Put the run that was started last into the address, and what is listed of it."""
        listed = {
            name: values for name, values in self.to_query().items() if name not in (*_OF_A_RUN, *_OF_CONTENT[:3])
        }
        self.link(self.asked | listed)

    def of_content(self) -> dict[str, list[str]]:
        """What the address says of a run over sentences or sequences."""
        return {name: values for name, values in self.to_query().items() if name in _OF_CONTENT}

    def row_slice(self) -> RowSlice:
        """The rows that are asked for."""
        return RowSlice(field=self.slice_field, values=self.slice_values)

    def set_filter(self) -> SetFilter:
        """The sets that are listed."""
        return SetFilter(
            order=self.order, fields=self.any_fields, significant=self.significant, no_subsets=self.no_subsets
        )

    def select(self, title: str) -> None:
        """Look into this set."""
        self.selected = title

    def _of_a_run(self) -> dict[str, list[str]]:
        return {name: values for name, values in self.to_query().items() if name in _OF_A_RUN}
