"""Sentiment: which words of a sentence act together in a model's judgement."""

from glider_core.domains.sentiment.tokens import words
from pages.parts import workbench

page = workbench.open_page("sentiment")
page.inputs.text_area("Sentence", height=90, **page.tie("raw"))
page.show(f"{len(words(page.state.raw)):,} words and marks", slow=page.state.model == "sentiment/distilbert")
