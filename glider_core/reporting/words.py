"""Our own Markdown as HTML: bold, italics, and letters that stand as they are; nothing else has a meaning."""

from __future__ import annotations

from markupsafe import Markup, escape


def html_of(text: str) -> Markup:
    """A sentence of `drawings.sentences` as HTML, everything in it escaped."""
    parts: list[Markup] = []
    open_tags: list[str] = []
    position = 0
    while position < len(text):
        letter = text[position]
        if letter == "\\" and position + 1 < len(text):
            parts.append(escape(text[position + 1]))
            position += 2
            continue
        name = "b" if text.startswith("**", position) else "i" if letter == "*" else ""
        if not name:
            parts.append(escape(letter))
            position += 1
            continue
        if open_tags and open_tags[-1] == name:
            open_tags.pop()
            parts.append(Markup(f"</{name}>"))
        else:
            open_tags.append(name)
            parts.append(Markup(f"<{name}>"))
        position += 2 if name == "b" else 1
    closing = (Markup(f"</{name}>") for name in reversed(open_tags))
    return Markup("").join([*parts, *closing])
