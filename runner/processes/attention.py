"""Does a program wait for a line to be typed? What is typed earlier would be echoed elsewhere."""

from __future__ import annotations

import contextlib
import fcntl
import os
import platform
import sys
import termios
from pathlib import Path

import psutil

# The system's number of `read`, where Linux tells in which call a process waits; else none.
READ = {"x86_64": "0", "aarch64": "63"}.get(platform.machine()) if sys.platform == "linux" else None
QUIET = 1.0  # seconds, where the system does not tell


def waits(pid: int, terminal: str, quiet: float) -> bool:
    """Does what came from a process wait in the system's `read` for a terminal?

    Args:
        pid: of the process.
        terminal: path of its device.
        quiet: for how many seconds nothing was printed after an unfinished line.
    """
    # In this order: what was typed is read, so it is the next line that is waited for.
    if not _has_read_all(terminal):
        return False
    if READ is None:
        return quiet > QUIET
    with contextlib.suppress(psutil.Error):
        family = psutil.Process(pid).children(recursive=True)
        return any(_is_reading(process, terminal) for process in family)
    return False


def _is_reading(process: psutil.Process, terminal: str) -> bool:
    folder = Path("/proc", str(process.pid))
    with contextlib.suppress(OSError):
        call, *arguments = (folder / "syscall").read_text().split()
        if call == READ and process.status() == psutil.STATUS_SLEEPING:
            return (folder / "fd" / str(int(arguments[0], 16))).readlink() == Path(terminal)
    return False


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
