"""Recordings: what a snippet printed, and when, kept beside it as proof for the slide.

The format is asciicast v3 (https://docs.asciinema.org/manual/asciicast/v3/): a header and one
event a line, in JSON. Our header adds `sources`, the digests of the files that made the output,
and `versions`.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import json
import math
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyte
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from runner.catalog import COLUMNS, ROWS, SNIPPETS, Snippet, find, runnable, sources
from runner.masks import masked
from runner.process import Output, run

# Writes closer together than this are one event: nobody sees the difference.
TOGETHER = 0.005  # seconds


class RecordingError(ValueError):
    """A recording is missing or damaged; the message names file, line and remedy."""


@dataclass(frozen=True)
class Recording:
    """What one successful run of a snippet printed."""

    command: str
    sources: Mapping[str, str]  # id → "sha256:…", of every file that made the output
    versions: Mapping[str, str]  # of Python, Dask and Ray
    events: tuple[tuple[float, str], ...]  # seconds since the one before, text
    end: float = 0.0  # seconds from the last event to the exit

    @property
    def text(self) -> str:
        """All that was printed."""
        return "".join(text for _, text in self.events)

    def dump(self) -> str:
        """The text of its file."""
        header = {
            "version": 3,
            "term": {"cols": COLUMNS, "rows": ROWS},
            "command": self.command,
            "sources": self.sources,
            "versions": self.versions,
        }
        events = [[interval, "o", text] for interval, text in self.events]
        lines = [header, *events, [self.end, "x", "0"]]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def load(snippet: Snippet) -> Recording:
    """Read the recording of a snippet.

    Raises:
        RecordingError: there is none, or it is not what `Recording.dump` writes.
    """
    name = f"{snippet.root.name}/{snippet.recording.relative_to(snippet.root).as_posix()}"
    remedy = f"record it again: npm run record {snippet}"
    try:
        text = snippet.recording.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise RecordingError(f"{name}: there is no such recording; {remedy}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise RecordingError(f"{name}: damaged ({error}); {remedy}") from error
    lines = text.removesuffix("\n").split("\n")
    events: list[tuple[float, str]] = []
    header, end = Recording("", {}, {}, ()), 0.0
    for number, line in enumerate(lines, start=1):
        try:
            if number == 1:
                header = _header(json.loads(line))
                continue
            interval, kind, data = json.loads(line)
            if number < len(lines):
                if kind != "o" or not isinstance(data, str):
                    raise ValueError("not an output event")
                events.append((_seconds(interval), data))
            elif (kind, data) != ("x", "0"):
                raise ValueError("the last event is not an exit with status 0")
            else:
                end = _seconds(interval)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise RecordingError(f"{name}:{number}: damaged ({error}); {remedy}") from error
    if len(lines) == 1:
        raise RecordingError(f"{name}:1: damaged (no event follows the header); {remedy}")
    return replace(header, events=tuple(events), end=end)


def _seconds(interval: Any) -> float:
    if not 0 <= (seconds := float(interval)) < math.inf:
        raise ValueError(f"{interval} is no time")
    return seconds


def _header(header: dict[str, Any]) -> Recording:
    if not isinstance(header, dict) or header.get("version") != 3:
        raise ValueError("not an asciicast of version 3")
    if header["term"] != {"cols": COLUMNS, "rows": ROWS}:
        raise ValueError(f"not a terminal of {COLUMNS} × {ROWS}")
    for field in ("sources", "versions"):
        entries = header[field].items() if isinstance(header[field], dict) else [(None, None)]
        if not all(isinstance(value, str) for pair in entries for value in pair):
            raise ValueError(f"'{field}' does not map text to text")
    return Recording(str(header["command"]), header["sources"], header["versions"], ())


def digests(snippet: Snippet) -> dict[str, str]:
    """The files a snippet is made of, each with the digest of its bytes."""
    return {
        id: f"sha256:{hashlib.sha256((snippet.root / id).read_bytes()).hexdigest()}"
        for id in sources(snippet)
    }


def versions() -> dict[str, str]:
    """The versions of what the snippets run on."""
    packages = {name: importlib.metadata.version(name) for name in ("dask", "ray")}
    return {"python": platform.python_version(), **packages}


def new(snippet: Snippet, output: Sequence[Output], ended: float) -> Recording:
    """The recording of a run that printed `output` and ended after `ended` seconds."""
    events: list[tuple[float, str]] = []
    last = 0.0
    for at, text in output:
        if events and at - last < TOGETHER:
            events[-1] = (events[-1][0], events[-1][1] + text)
            continue
        events.append((round(at - last, 3), text))
        last = at
    return Recording(
        " ".join(snippet.command),
        digests(snippet),
        versions(),
        tuple(events),
        round(max(ended - last, 0), 3),
    )


class Screen(pyte.Screen):
    """A terminal that passes over the private codes of terminals newer than it is."""

    def select_graphic_rendition(self, *attributes: int, private: bool = False) -> None:
        """Take on colours; what is private is none."""
        if not private:
            super().select_graphic_rendition(*attributes)


def screen(text: str) -> list[str]:
    """The lines that a terminal shows once `text` was printed, scrolled-off ones included."""
    # A character may be two columns wide, and one of them may not fit on a line.
    height = ROWS + text.count("\n") + 2 * len(text) // (COLUMNS - 1)
    terminal = Screen(COLUMNS, height)
    pyte.Stream(terminal).feed(text)
    lines = [line.rstrip() for line in terminal.display]
    while lines and not lines[-1]:
        lines.pop()
    return lines


def compare(snippet: Snippet, recorded: str, printed: str) -> str:
    """How two outputs of a snippet differ once masked; empty if they do not."""
    if recorded == printed:
        return ""
    old, new = (
        masked("\n".join(screen(text)), snippet.id).splitlines() for text in (recorded, printed)
    )
    lines = difflib.unified_diff(old, new, f"{snippet}.cast", "printed now", lineterm="", n=9)
    difference = "\n".join(lines)
    if not difference:
        return ""
    return (
        f"{snippet} printed something else than its recording:\n{difference}\n"
        f"If the new output is right, accept it: npm run record {snippet}"
    )


def record(
    ids: Sequence[str] = (),
    root: Path = SNIPPETS,
    console: Console | None = None,
    *,
    again: bool = False,
) -> int:
    """Run snippets, all programs if no ids are given, and write their recordings.

    The clusters must be up. A snippet that fails is shown and not recorded; one that prints what
    its recording says leaves the recorded output as it was, unless it is to be recorded `again`,
    for times that were taken on a busy machine.

    Returns:
        0 if all were recorded, 1 if one failed.

    Raises:
        UnknownSnippetError: an id is not that of a program.
    """
    snippets = [find(id, root) for id in dict.fromkeys(ids)] if ids else runnable(root)
    console = console or Console()
    table = Table("snippet", "recording", "lines", "time", title="Recordings")
    failed = 0
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, TimeElapsedColumn(), console=console, transient=True) as progress:
        task = progress.add_task("", total=len(snippets))
        for snippet in snippets:
            progress.update(task, description=snippet.id)
            result = run(snippet)
            ended = result.ended
            if why := result.notice or (result.status and f"exit status {result.status}"):
                failed += 1
                console.print(f"[bold red]{snippet} failed with {why}:")
                console.out(result.text[-10_000:], highlight=False)
                outcome = f"[red]not recorded: {why}"
            else:
                outcome = _write(snippet, new(snippet, result.output, ended), again)
            table.add_row(snippet.id, outcome, str(len(screen(result.text))), f"{ended:.1f} s")
            progress.advance(task)
    console.print(table)
    return 1 if failed else 0


def _write(snippet: Snippet, recording: Recording, again: bool) -> str:
    """Write what is new in a recording, and say what that was."""
    outcome = "written"
    try:
        old = load(snippet)
    except RecordingError:
        pass
    else:
        if not (again or compare(snippet, old.text, recording.text)):
            recording = replace(recording, events=old.events, end=old.end)
            outcome = "same output, new header"
        if recording == old:
            return "unchanged"
    snippet.recording.write_text(recording.dump(), encoding="utf-8")
    return outcome
