"""Does a program wait for a line to be typed? What is typed earlier would be echoed elsewhere."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import select
import struct
import sys
import termios
from pathlib import Path

import psutil

# By the system's numbers, the calls in which one may wait for a line, where Linux tells in which a
# process is; else none. GNU Readline waits in a `select` before it reads.
CALLS = {
    "x86_64": {"0": "read", "7": "poll", "23": "select", "270": "select"},  # the last: pselect6
    "aarch64": {"63": "read", "72": "select"},
}
CALL = CALLS.get(platform.machine(), {}) if sys.platform == "linux" else {}
QUIET = 1.0  # seconds, where the system does not tell


def waits(pid: int, terminal: str, quiet: float) -> bool:
    """Does what came from a process wait for a terminal, for nothing else, and for ever?

    Args:
        pid: of the process.
        terminal: path of its device.
        quiet: for how many seconds nothing was printed after an unfinished line.
    """
    # In this order: what was typed is read, so it is the next line that is waited for.
    if not _has_read_all(terminal):
        return False
    if not CALL:
        return quiet > QUIET
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(pid).children(recursive=True)
        return any(_is_reading(process, terminal) for process in family)
    return False


def _is_reading(process: psutil.Process, terminal: str) -> bool:
    folder = Path("/proc", str(process.pid))
    with contextlib.suppress(OSError, struct.error):  # it has ended, or runs
        number, *arguments = (folder / "syscall").read_text().split()
        if number in CALL and process.status() == psutil.STATUS_SLEEPING:
            file = _awaited(CALL[number], [int(word, 16) for word in arguments], folder / "mem")
            return file is not None and _is_terminal(folder, file, terminal)
    return False


def _awaited(call: str, arguments: list[int], memory: Path) -> int | None:
    """The descriptor for which a process waits in a call, if it is the only one and for ever."""
    match call, arguments:
        case "read", [file, *_]:
            return file
        case "poll", [place, 1, timeout, *_] if timeout & 0x8000_0000:  # milliseconds; negative
            file, events = struct.unpack("=ih", _bytes_of(memory, place, 6))
            return file if events & select.POLLIN else None
        case "select", [count, place, 0, 0, 0, *_] if place:  # no others, and no timeout
            bits = int.from_bytes(_bytes_of(memory, place, (count + 7) // 8), "little")
            bits &= (1 << count) - 1
            return bits.bit_length() - 1 if bits.bit_count() == 1 else None
    return None


def _bytes_of(memory: Path, place: int, size: int) -> bytes:
    with memory.open("rb", buffering=0) as file:
        file.seek(place)
        return file.read(size)


def _is_terminal(folder: Path, file: int, terminal: str) -> bool:
    path = (folder / "fd" / str(file)).readlink()
    if path == Path("/dev/tty"):  # the one that controls the process, as `getpass` opens it
        words = (folder / "stat").read_text().rpartition(")")[2].split()
        return int(words[4]) == Path(terminal).stat().st_rdev
    return path == Path(terminal)


def _has_read_all(terminal: str) -> bool:
    """Is nothing of what was typed still to be read?"""
    try:
        theirs = os.open(terminal, os.O_RDONLY | os.O_NOCTTY)
    except OSError:  # it is gone
        return False
    try:
        unread = fcntl.ioctl(theirs, termios.FIONREAD, bytes(4))
    finally:
        os.close(theirs)
    return not any(unread)
