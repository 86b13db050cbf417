"""Questions to the engine, which draws the slides: what a recording says, what a terminal shows.

One reader of recordings and one terminal serve both languages, so that what is compared is what is
shown. The questions are stated in `engine/ask.mjs`.
"""

from __future__ import annotations

import atexit
import base64
import json
import subprocess
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from runner.snippets.catalog import ROOT

ASK = ROOT / "engine" / "ask.mjs"

Line = list[tuple[str, str]]  # runs of text, each with its look as HTML attributes; "" is plain


class EngineError(RuntimeError):
    """The engine gives no answer; the message says why, and what to do."""


class DamagedError(ValueError):
    """A file is not what the format of recordings says; `line` of it, from 1."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


def read_recording(path: Path, id: str) -> dict[str, Any]:
    """The recording in a file, as `engine/recordings.mjs` describes it.

    Raises:
        DamagedError: it is none.
    """
    answer = _ask({"read": str(path), "id": id})
    if "damaged" in answer:
        raise DamagedError(answer["line"], answer["damaged"])
    recording: dict[str, Any] = answer["recording"]
    return recording


@dataclass(frozen=True)
class Screen:
    """What a terminal shows: its lines, scrolled-off ones included, and the pictures on them.

    On its line a text stands for a picture, with its size and name.
    """

    lines: list[Line]
    pictures: list[bytes]


def show(text: str, columns: int, rows: int) -> Screen:
    """What a terminal shows once `text` was printed."""
    shown = _ask({"show": text, "cols": columns, "rows": rows})
    lines = [[(text, look) for text, look in line] for line in shown["lines"]]
    return Screen(lines, [base64.b64decode(picture) for picture in shown["pictures"]])


class DeckError(ValueError):
    """The deck cannot be shown; the message says why, a line for each fault."""


@dataclass(frozen=True)
class Slide:
    """What is on a slide, as `engine/read/deck.mjs` describes it."""

    line: int
    headings: list[str]
    words: str
    classes: list[str]
    footer: str
    terms: list[dict[str, str]]
    notes: list[dict[str, str]]

    def note(self, label: str) -> str | None:
        """The first of the speaker's notes with this label."""
        return next((note["text"] for note in self.notes if note["label"] == label), None)

    def __str__(self) -> str:
        return f"slides/deck.md:{self.line} {self.headings[0] if self.headings else ''}"


@dataclass(frozen=True)
class Deck:
    """What the deck shows: its slides, its blocks of code and output, its dashboards."""

    slides: list[Slide]
    blocks: list[dict[str, Any]]
    dashboards: list[dict[str, Any]]

    @property
    def snippets(self) -> set[str]:
        """Ids of the snippets of which it shows any part."""
        return {block["snippet"] for block in self.blocks}


def read_deck(root: Path = ROOT) -> Deck:
    """The deck of a project, as it is now.

    Raises:
        DeckError: it cannot be shown.
    """
    answer = _ask({"deck": str(root)})
    if "faults" in answer:
        raise DeckError("\n".join(answer["faults"]))
    slides = [Slide(**slide) for slide in answer["slides"]]
    return Deck(slides, answer["blocks"], answer["dashboards"])


class EditError(ValueError):
    """Code cannot stand where it is meant to; the message says why, and what to do."""


def edit(texts: Mapping[str, str], root: Path = ROOT) -> dict[str, str]:
    """Files with other text where slides show them, by their ids. Nothing is written.

    Args:
        texts: what stands in place of code, by its import as in the deck: `ray/client.py#connect`.

    Raises:
        EditError: there is no such file or region.
    """
    answer = _ask({"edit": str(root), "texts": dict(texts)})
    if "fault" in answer:
        raise EditError(answer["fault"])
    files: dict[str, str] = answer["files"]
    return files


@cache
def editor() -> str:
    """What the page has besides, as HTML, where its code may be edited."""
    html: str = _ask({"editor": True})["html"]
    return html


def is_stale(page: Path, root: Path = ROOT) -> bool:
    """Whether the deck has to be built: it is missing, or was made of other sources."""
    stale: bool = _ask({"stale": str(page), "root": str(root)})["stale"]
    return stale


def _ask(question: dict[str, Any]) -> dict[str, Any]:
    # ASCII: a lone surrogate would be no UTF-8.
    asked = json.dumps(question).encode() + b"\n"
    with _lock:
        engine = _engine()
        assert engine.stdin is not None
        assert engine.stdout is not None
        try:
            engine.stdin.write(asked)
            engine.stdin.flush()
            answered = engine.stdout.readline()
        except BrokenPipeError:
            answered = b""
        if not answered:
            _engine.cache_clear()
            raise EngineError("the engine has ended without an answer; see what it says above")
    answer: dict[str, Any] = json.loads(answered)
    return answer


_lock = threading.Lock()


@cache
def _engine() -> subprocess.Popen[bytes]:
    """The engine, started with the first question; it ends with its stdin, so with us."""
    try:
        engine = subprocess.Popen(
            ["node", str(ASK)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # Ctrl-C in our terminal is for us: there may be a question while we end.
            start_new_session=True,
        )
    except FileNotFoundError:
        raise EngineError(
            "node is not on the PATH; use the commands of package.json: npm start, npm run record"
        ) from None
    atexit.register(_end, engine)
    return engine


def _end(engine: subprocess.Popen[bytes]) -> None:
    assert engine.stdin is not None
    engine.stdin.close()
    assert engine.stdout is not None
    engine.stdout.close()
    engine.wait()
