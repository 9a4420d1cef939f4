"""Technical words carry their definition, once a text, and texts from outside stay as they are."""

import re
from pathlib import Path

from pages.parts.glossary import TERMS, defined, term_of

ROOT = Path(__file__).parents[2]


def test_the_first_appearance_of_a_word_is_defined() -> None:
    told = defined("R² of masks; more masks, and 2 logits.")
    assert told.count("glider-term") == 3
    assert told.index("masks</span>") < told.index("more masks,")
    assert 'tabindex="0"' in told


def test_a_part_of_another_word_is_none() -> None:
    assert defined("unmasked reorder effective") == "unmasked reorder effective"


def test_definitions_are_escaped_and_short() -> None:
    assert all(len(means) < 125 and means[0].isupper() and means[-1] == "." for means in TERMS.values())
    assert re.fullmatch(r'<span class="glider-term" tabindex="0" data-means="[^"<>]+">NID</span>', term_of("NID"))
