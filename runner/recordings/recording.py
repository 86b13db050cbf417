"""Recordings: what a snippet printed, and when, kept beside it as proof for the slide.

The engine states the format and reads it (`engine/read/recordings.mjs`); here it is written.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from runner.clusters import kinds
from runner.engine import DamagedError, read_recording
from runner.processes.output import Output
from runner.snippets.catalog import Snippet, sources

# Writes closer together than this are one event: nobody sees the difference.
TOGETHER = 0.005  # seconds


class RecordingError(ValueError):
    """A recording is missing or damaged; the message names file, line and remedy."""


@dataclass(frozen=True)
class Recording:
    """What one run of a snippet printed, that ended as the snippet declares."""

    command: str
    sources: Mapping[str, str]  # id → "sha256:…", of every file that made the output
    versions: Mapping[str, str]  # of Python and of the kinds of clusters
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
        # In JavaScript 0.0 is 0.
        tuple((float(interval), text) for interval, _, text in events),
        float(end),
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
    return {"python": platform.python_version(), **kinds.versions()}


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
