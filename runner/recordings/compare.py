"""Two outputs of a snippet, compared as the slide shows them."""

from __future__ import annotations

import difflib

from runner.engine import show
from runner.recordings.masks import Shown, masked
from runner.snippets.catalog import Snippet


def screen(snippet: Snippet, text: str) -> Shown:
    """What the snippet's terminal shows once `text` was printed."""
    declared = snippet.declared
    return Shown.of(show(text, declared.columns, declared.rows))


def compare(snippet: Snippet, recorded: str, printed: str) -> str:
    """How two outputs of a snippet differ, in text or look, once masked; empty if they do not."""
    if recorded == printed:
        return ""
    old, new = (masked(screen(snippet, text), snippet.id) for text in (recorded, printed))
    if old == new:
        return ""
    # Looks are told only where they alone differ.
    before, after = (
        (old.text.split("\n"), new.text.split("\n"))
        if old.text != new.text
        else (old.described(), new.described())
    )
    lines = difflib.unified_diff(before, after, f"{snippet}.cast", "printed now", lineterm="", n=9)
    difference = "\n".join(lines)
    return (
        f"{snippet} printed something else than its recording:\n{difference}\n"
        f"If the new output is right, accept it: npm run record {snippet}"
    )
