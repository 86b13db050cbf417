"""What a command has printed, and how it ended."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

# Control sequences (ECMA-48), those that carry a string, and controls that are no end of a line.
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)|\x1b[ -/]*.?"
    r"|[\x00-\x08\x0e-\x1a\x7f]",
    re.DOTALL,
)


class Output(NamedTuple):
    """Text as it was printed, and how many seconds after the start."""

    at: float
    text: str


@dataclass(frozen=True)
class Result:
    """A command that has ended."""

    output: tuple[Output, ...]
    status: int  # 128 + n if signal n ended it, as a shell says
    ended: float  # seconds after the start
    notice: str = ""  # why the output is not all that it would have printed

    @property
    def text(self) -> str:
        """All that it printed."""
        return "".join(output.text for output in self.output)


class Tail:
    """The end of an output that is too long to be kept; `size` is in bytes."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = bytearray()
        self._seen = 0

    def add(self, data: bytes) -> None:
        """What comes next."""
        self._seen += len(data)
        self._kept += data
        if len(self._kept) > 2 * self._size:
            del self._kept[: -self._size]

    def end(self) -> tuple[int, bytes]:
        """How many bytes are left out, and what is kept: whole lines, if it has any."""
        kept = bytes(self._kept[-self._size :])
        if len(kept) < self._seen:
            kept = kept.partition(b"\n")[2] or kept
        return self._seen - len(kept), kept


def notice(text: str, *, amid: bool) -> str:
    """A line of ours in the output of a run, told apart by its brackets and colour.

    Args:
        amid: something stands on the line that is being written.
    """
    new = "\r\n" if amid else ""
    return f"\x1b[0m{new}\x1b[33m[{text}]\x1b[0m\r\n"


def plain(text: str) -> str:
    """What was printed, less its colours and all else that is for a terminal."""
    return ESCAPES.sub("", text)
