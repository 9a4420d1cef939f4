"""The page list and the frame around every page; nothing is computed here."""

import streamlit as st

st.set_page_config(page_title="Glider", page_icon="assets/mark.svg", layout="wide")
st.logo("assets/wordmark.svg", icon_image="assets/mark.svg", size="large")
st.html(
    "<style>.stMainBlockContainer{max-width:76rem;padding-top:3.5rem;padding-bottom:4rem}"
    ".st-key-dna-text textarea{font-family:ui-monospace,'DejaVu Sans Mono',monospace;letter-spacing:.06em}</style>"
)

st.navigation(
    {
        "": [st.Page("pages/home.py", title="Start", icon=":material/home:", default=True)],
        "Explain": [
            st.Page("pages/sentiment.py", title="Sentiment", icon=":material/chat_bubble:"),
            st.Page("pages/side_by_side.py", title="Two models", icon=":material/compare:"),
            st.Page("pages/dna.py", title="DNA", icon=":material/genetics:"),
            st.Page("pages/recommender.py", title="Recommender", icon=":material/ads_click:"),
            st.Page("pages/image.py", title="Image", icon=":material/image:"),
            st.Page("pages/graph.py", title="Graph", icon=":material/hub:"),
            st.Page("pages/your_model.py", title="Your model", icon=":material/code:"),
        ],
        "Over many rows": [
            st.Page("pages/global_view.py", title="Global view", icon=":material/leaderboard:"),
            st.Page("pages/crosses.py", title="Feature crosses", icon=":material/join:"),
        ],
    }
).run()
