"""Whether processes are gone, or are going to be."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress

import psutil


def alive(processes: Iterable[psutil.Process]) -> list[psutil.Process]:
    """Those that still run; a zombie does not."""
    return [process for process in processes if _runs(process)]


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it comes to hold in so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def gone(pids: Iterable[int]) -> bool:
    """Whether the processes of these ids have ended, or end soon; a minute is soon enough."""
    processes = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            processes.append(psutil.Process(pid))
    return within(60, lambda: not alive(processes))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:  # it ended between the two looks
        return False
