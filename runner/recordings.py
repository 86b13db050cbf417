"""Recordings: what a snippet printed, and when, kept beside it as proof for the slide.

`engine/recordings.mjs` states the format and reads it; here it is written and compared.
"""

from __future__ import annotations

import difflib
import hashlib
import importlib.metadata
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from runner.catalog import SNIPPETS, DeclarationError, Snippet, find, runnable, sources
from runner.engine import DamagedError, read_recording, show
from runner.masks import Shown, masked
from runner.process import Output, run

# Writes closer together than this are one event: nobody sees the difference.
TOGETHER = 0.005  # seconds


class RecordingError(ValueError):
    """A recording is missing or damaged; the message names file, line and remedy."""


@dataclass(frozen=True)
class Recording:
    """What one run of a snippet printed, that ended as the snippet declares."""

    command: str
    sources: Mapping[str, str]  # id → "sha256:…", of every file that made the output
    versions: Mapping[str, str]  # of Python, Dask and Ray
    events: tuple[tuple[float, str], ...]  # seconds since the one before, text
    end: float  # seconds from the last event to the exit
    columns: int
    rows: int
    status: int

    @property
    def text(self) -> str:
        """All that was printed."""
        return "".join(text for _, text in self.events)

    def dump(self) -> str:
        """The text of its file."""
        header = {
            "version": 3,
            "term": {"cols": self.columns, "rows": self.rows},
            "command": self.command,
            "sources": self.sources,
            "versions": self.versions,
            **({"status": self.status} if self.status else {}),
        }
        events = [[interval, "o", text] for interval, text in self.events]
        lines = [header, *events, [self.end, "x", str(self.status)]]
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def load(snippet: Snippet) -> Recording:
    """Read the recording of a snippet.

    Raises:
        RecordingError: there is none, it is damaged, or not of what the snippet declares.
    """
    name = f"{snippet.root.name}/{snippet.recording.relative_to(snippet.root).as_posix()}"
    remedy = f"record it again: npm run record {snippet}"
    if not snippet.recording.is_file():
        raise RecordingError(f"{name}: there is no such recording; {remedy}")
    try:
        read = read_recording(snippet.recording, snippet.id)
    except DamagedError as error:
        raise RecordingError(f"{name}:{error.line}: damaged: {error}; {remedy}") from error
    *events, (end, _, _) = read["events"]
    recording = Recording(
        read["command"],
        read["sources"],
        read["versions"],
        tuple((interval, text) for interval, _, text in events),
        end,
        read["cols"],
        read["rows"],
        read["status"],
    )
    declared = snippet.declared
    if (recording.columns, recording.rows) != (declared.columns, declared.rows):
        size = f"{declared.columns}x{declared.rows}"
        raise RecordingError(f"{name}:1: of another terminal than {size}; {remedy}")
    if recording.status != declared.status:
        raise RecordingError(f"{name}:1: of another exit than {declared.status}; {remedy}")
    return recording


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
        snippet.declared.columns,
        snippet.declared.rows,
        snippet.declared.status,
    )


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
            try:
                outcome, lines, time = _record(snippet, console, again)
            except _NotRecordedError as error:
                failed += 1
                outcome, lines, time = f"[red]not recorded: {escape(str(error))}", "", ""
            table.add_row(snippet.id, outcome, lines, time)
            progress.advance(task)
    console.print(table)
    return 1 if failed else 0


class _NotRecordedError(Exception):
    """A snippet did not do what is to be recorded."""


def _record(snippet: Snippet, console: Console, again: bool) -> tuple[str, str, str]:
    """Run and record one snippet: what came of it, how many lines it printed, and its time."""
    try:
        status = snippet.declared.status
    except DeclarationError as error:
        raise _NotRecordedError(str(error)) from error
    result = run(snippet)
    why = result.notice
    if not why and result.status != status:
        why = f"exit status {result.status}" + (f", not {status} as it declares" if status else "")
    if why:
        console.print(f"[bold red]{snippet} failed with {why}:")
        console.out(result.text[-10_000:], highlight=False)
        raise _NotRecordedError(why)
    outcome = _write(snippet, new(snippet, result.output, result.ended), again)
    lines = len(screen(snippet, result.text).text.splitlines())
    return outcome, str(lines), f"{result.ended:.1f} s"


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
