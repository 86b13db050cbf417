"""`npm run record`: run snippets and keep what they print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from runner.processes.process import run
from runner.recordings.compare import compare, screen
from runner.recordings.recording import Recording, RecordingError, load, new
from runner.snippets.catalog import SNIPPETS, Snippet, find, runnable
from runner.snippets.declaration import DeclarationError


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
