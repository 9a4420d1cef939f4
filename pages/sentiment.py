"""Sentiment: which words of a sentence act together in a model's judgement."""

import glider_core as gl
from glider_core.domains.sentiment.reading import in_another_script, read_sentence
from pages.parts import workbench


def told(raw: str) -> str:
    """What the models make of a text before they judge it: how many words, and whether they can know them."""
    try:
        sentence = read_sentence(raw)
    except gl.InvalidInput:
        return "No words and marks"
    count = f"{len(sentence.words) + sentence.unread:,} words and marks"
    if sentence.unread:
        count += f", of which the first {len(sentence.words):,} are read"
    return f"{count} · **the models know English only**" if in_another_script(sentence.text) else count


page = workbench.open_page("sentiment")
page.inputs.text_area("Sentence", height=68, **page.tie("raw"))
page.show(told(page.state.raw), slow=page.state.model == "sentiment/distilbert")
