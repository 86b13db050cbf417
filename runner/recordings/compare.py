"""Two outputs of a snippet, compared as the slide shows them."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from runner.engine import Screen, show
from runner.recordings.masks import Shown, masked
from runner.recordings.pictures import differ
from runner.snippets.catalog import Snippet


def screen(snippet: Snippet, text: str) -> Shown:
    """What the snippet's terminal shows once `text` was printed."""
    return Shown.of(_show(snippet, text).lines)


def _show(snippet: Snippet, text: str) -> Screen:
    declared = snippet.declared
    return show(text, declared.columns, declared.rows)


def compare(snippet: Snippet, recorded: str, printed: str) -> str:
    """How two outputs of a snippet differ, in text or look, once masked; empty if they do not."""
    if recorded == printed:
        return ""
    screens = [_show(snippet, text) for text in (recorded, printed)]
    old, new = (masked(Shown.of(screen.lines), snippet.id) for screen in screens)
    if old == new:
        return _compare_pictures(snippet, *(screen.pictures for screen in screens))
    # Looks are told only where they alone differ.
    before, after = (
        (old.text.split("\n"), new.text.split("\n"))
        if old.text != new.text
        else (old.described(), new.described())
    )
    lines = difflib.unified_diff(before, after, f"{snippet}.cast", "printed now", lineterm="", n=9)
    return _told(snippet, "\n".join(lines))


def _compare_pictures(snippet: Snippet, old: Sequence[bytes], new: Sequence[bytes]) -> str:
    """The same of as many pictures, which stand at the same places."""
    differences = [
        f"picture {number}: {difference}"
        for number, (before, after) in enumerate(zip(old, new, strict=True), start=1)
        if (difference := differ(before, after))
    ]
    return _told(snippet, "\n".join(differences)) if differences else ""


def _told(snippet: Snippet, difference: str) -> str:
    return (
        f"{snippet} printed something else than its recording:\n{difference}\n"
        f"If the new output is right, accept it: npm run record {snippet}"
    )
