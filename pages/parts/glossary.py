"""Every technical word that pages show, with its one definition, shown by pointer, finger or key where it stands."""

from __future__ import annotations

import re

import streamlit as st
from markupsafe import Markup

from glider_core.drawings.svg import tag

TERMS = {
    "logits": "The model's answer before it is squeezed into a probability: 0 is 50 %, +2 is 88 %, −2 is 12 %.",
    "log intensity": "The logarithm of how strongly the protein binds; +0.7 means twice as strong.",
    "LIME": "A linear model of the answers: it gives each feature one effect, and cannot say that two need each other.",
    "R²": "How much of the variation of answers that it never saw a model explains: 1 is all, 0 is none.",
    "what varies": "The variance of the model's answers as features are switched off; shares of it sum to 100 %.",
    "of how the answers vary": "The variance of the model's answers as features are switched off; shares sum to 100 %.",
    "of how its answers vary": "The variance of the model's answers as features are switched off; shares sum to 100 %.",
    "mask": "One what-if question: which features are on, and which are off.",
    "masks": "What-if questions: which features are on, and which are off.",
    "NID": "Neural Interaction Detection: trains a small network on the answers, reads sets off its weights.",
    "GradientNID": "Like NID, but reads interactions off the network's second derivatives; pairs only.",
    "Grow": "Glider's own detector: grows a sum of products, term by term, as long as unseen answers agree.",
    "strength": "The detector's own score of a set. It orders candidates and has no unit; the effect is what counts.",
    "effect": "What features do together beyond the sum of what each does alone, averaged over contexts.",
    "gain": "What a set adds to R² beside the features and the sets above it.",
    "interval": "Where the effect lies with 95 % confidence, over contexts of the other features.",
    "contexts": "Settings of the other features, on and off at random, in which an effect is measured.",
    "order": "How many features a set joins.",
    "stability": "In how many of several runs with new questions a set was found.",
    "p-value": "How often chance alone would show at least this much.",
    "significance": "How far above chance: t compares a set's coefficient with its uncertainty.",
    "fingerprint": "A number that stands for the model, the input and all settings: equal ones have equal results.",
    "superpixel": "A patch of the photo with about one colour, which is switched off as a whole.",
    "superpixels": "Patches of the photo with about one colour each, which are switched off as a whole.",
    "kappa": "How often two people agree beyond what chance would bring: 1 is always, 0 is as by chance.",
    "AUC": "How often a row with a yes is ranked above one with a no: 0.5 is guessing, 1 is always.",
    "logloss": "How surprised a model is by what happened, the mean over rows; lower is better.",
    "off state": "What stands in the place of a feature that is switched off.",
}
_FOUND = re.compile(r"(?<![\w*])(" + "|".join(map(re.escape, sorted(TERMS, key=len, reverse=True))) + r")(?!\w)")
STYLE = (
    "<style>.glider-term{border-bottom:1px dotted currentColor;cursor:help;position:relative}"
    ".glider-term:is(:hover,:focus)::after{content:attr(data-means);position:absolute;left:0;top:1.6em;z-index:999;"
    "width:max-content;max-width:min(20rem,70vw);padding:.5rem .7rem;border-radius:.4rem;font-size:.875rem;"
    "font-weight:400;line-height:1.4;white-space:normal;text-align:left;background:light-dark(#16202a,#e8eef3);"
    "color:light-dark(#fff,#16202a)}</style>"
)


def defined(text: str) -> str:
    """Markdown of ours in which the first appearance of each technical word shows its definition."""
    told: set[str] = set()

    def define(match: re.Match[str]) -> str:
        term = match[1]
        if term in told:
            return term
        told.add(term)
        return term_of(term)

    return _FOUND.sub(define, text)


def term_of(term: str) -> Markup:
    """The word itself, with its definition.

    Raises:
        KeyError: it has none.
    """
    return tag("span", term, class_="glider-term", tabindex=0, data_means=TERMS[term])


def write(text: str, *, small: bool = False) -> None:
    """Show Markdown of ours, in which texts from outside are escaped, with definitions of its technical words."""
    html = defined(text)
    if small:
        st.caption(html, unsafe_allow_html=True)
    else:
        st.markdown(html, unsafe_allow_html=True)
