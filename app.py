"""The page list and the frame around every page; nothing is computed here.

`streamlit run app.py` imports this file once, for the server, and runs it again for every drawing of a page.
"""

import importlib.util
from pathlib import Path

import streamlit as st

from glider_core.domains import DOMAINS
from glider_core.plugins import domain_packages
from glider_core.shipped import ASSETS
from pages.parts import books, gate, glossary, signing_in, unknown, visitor, visitor_results
from pages.parts.case_view import ADDRESSES

PAGES = Path(__file__).parent / "pages"
ORDER = ("sentiment", "dna", "recommender", "image", "graph")  # of what people look at first; other domains follow


def page_of(name: str) -> Path:
    """The file of a domain's page: among ours, or in the domain's own package."""
    ours = PAGES / f"{ADDRESSES.get(name, name)}.py"
    package = importlib.util.find_spec(domain_packages()[name])
    return ours if ours.is_file() or package is None else Path(package.origin or "").with_name("page.py")


def draw() -> None:
    """The page of this address in its frame."""
    mark, wordmark = str(ASSETS / "mark.svg"), str(ASSETS / "wordmark.svg")
    st.set_page_config(page_title="Glider", page_icon=mark, layout="wide")
    st.logo(wordmark, icon_image=mark, size="large")
    st.html(
        "<style>.stMainBlockContainer{max-width:118rem;padding:2.6rem 2rem 3rem}"
        "@media (min-width:1800px){html{font-size:18.5px}}"
        # Contrast of small text and of the button in the dark, which the theme's own colours do not reach.
        "[data-testid=stCaptionContainer]{opacity:1}"
        "[data-testid=stCaptionContainer],[data-testid=stCaptionContainer] p{color:light-dark(#57636f,#a9b4be)}"
        "[data-testid=stBaseButton-primary]:not(:disabled) *{color:light-dark(#fff,#04181d)}"
        # The one bar of controls: title and question on a line, inputs below.
        "[class*=-place-head] h1{font-size:1.6rem;padding:0}[class*=-place-head] p{margin:0}"
        "[class*=-place-head] [data-testid=stMarkdownContainer]{margin-bottom:0}"
        "[class*=-place-head] [data-testid=stCaptionContainer]{padding:0;margin:0}"
        "@media (max-width:768px){.stMainBlockContainer{padding:3.6rem 1rem 2rem}}"
        "@media (max-width:1000px){[data-testid=stLayoutWrapper]:has(>[class*=st-key-][class*=-inputs])"
        "{flex-basis:100%;min-width:100%}"
        ".stMain [data-testid=stHorizontalBlock]:has(>[data-testid=stColumn])"
        "{flex-direction:column}.stMain [data-testid=stColumn]{width:100%;min-width:100%}}"
        ".st-key-dna-raw textarea{font-family:ui-monospace,'DejaVu Sans Mono',monospace;letter-spacing:.06em}"
        "[data-testid=stLayoutWrapper]:has(>[class*=-place-keys]){position:absolute}"
        # Choices that have no room on one line stand on two; none is out of sight.
        ".stButtonGroup>div{flex-wrap:wrap!important;overflow:visible!important;mask-image:none!important;row-gap:.3rem}"
        # While a page is drawn anew, what it shows stays as readable as it is: it has not become less true.
        "[data-stale=true]{opacity:1!important;transition:none!important}"
        # A place that holds nothing yet takes no room.
        "[data-testid=stLayoutWrapper]:has(> [class*=st-key-]:empty){display:none}</style>" + glossary.STYLE
    )

    names = sorted(DOMAINS, key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    first, *others = [
        st.Page(
            page_of(name),
            title=DOMAINS[name].title,
            icon=f":material/{DOMAINS[name].icon}:",
            url_path=ADDRESSES.get(name, name),
        )
        for name in names
    ]
    visitor_results.restore()
    lost = st.container(key="app-lost")
    page = st.navigation(
        {
            "": [
                st.Page("pages/home.py", title="Start", icon=":material/home:", default=True),
                st.Page("pages/tour.py", title="Tour", icon=":material/play_circle:"),
            ],
            "Explain": [first, *others],
            "Judge": [
                st.Page("pages/cases.py", title="Cases", icon=":material/fact_check:"),
                st.Page("pages/compare.py", title="Compare", icon=":material/compare:"),
            ],
            "Over many rows": [
                st.Page("pages/global_view.py", title="Global view", icon=":material/leaderboard:"),
                st.Page("pages/crosses.py", title="Feature crosses", icon=":material/join:"),
            ],
            "Trust": [st.Page("pages/evidence.py", title="Evidence", icon=":material/verified:")],
        },
        expanded=True,  # all pages, however many there are
    )
    page.run()
    visitor_results.keep()
    with lost:
        visitor.tell_lost()
        unknown.tell(page.url_path)
    with st.sidebar:
        signing_in.panel()
        visitor.panel(also=books.forget)


if __name__ == "__main__":
    draw()
else:
    app = st.App(__file__, middleware=gate.MIDDLEWARE)
