"""Runs one command and sees to it that nothing of it outlives its owner.

    guard.py GRACE REMOVE COMMAND…

The guard's standard input is its lifeline: a pipe whose other end only the owner holds. When the
owner closes it, or dies in any way, SIGKILL included, the guard ends the command with every process
that came from it. The same happens on a signal to the guard, and to what is left over once the
command has ended by itself. Ending is SIGTERM to all of them, GRACE seconds, then SIGKILL to every
survivor; then the directory REMOVE (empty: none) is deleted.

The guard leads a session of its own, so that Ctrl-C in the owner's terminal reaches the owner
alone. The command has `/dev/null` as standard input and the guard's standard output and error. Exit
status: that of the command, 128 + N if signal N ended it, 127 if it could not be started.

On Linux the guard adopts orphaned descendants (PR_SET_CHILD_SUBREAPER), so that daemons are caught
too, and the command gets SIGTERM if the guard itself is killed (PR_SET_PDEATHSIG). Elsewhere
descendants are found by ancestry and session.

It runs as a plain file and imports only what starts in a few milliseconds.
"""

import ctypes
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
KILL_SECONDS = 5  # a process in an uninterruptible wait must not hold us for ever


def guarded(command: list[str], *, grace: float = 5, remove: str = "") -> list[str]:
    """The command line that runs `command` under a guard (start it with `stdin` a pipe)."""
    # Isolated and without site: it starts fast, and no environment variable reaches it.
    guard = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    return [*guard, str(grace), remove, *command]


def prctl(option: int, value: int) -> None:
    ctypes.CDLL(None).prctl(option, value)


def parents() -> dict[int, int]:
    """The parent of every process on the machine."""
    if not LINUX:
        lister = subprocess.Popen(
            ["/bin/ps", "-A", "-o", "pid=,ppid="], stdout=subprocess.PIPE, text=True
        )
        lines, _ = lister.communicate()
        table = {int(pid): int(parent) for pid, parent in map(str.split, lines.splitlines())}
        table.pop(lister.pid, None)
        return table
    found = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The second field is the name in brackets, which may itself hold brackets.
            fields = stat.read_text(errors="replace").rpartition(")")[2]
            found[int(stat.parent.name)] = int(fields.split()[1])
    return found


def in_our_session(pid: int) -> bool:
    with suppress(OSError):
        return os.getsid(pid) == os.getsid(0) and pid != os.getpid()
    return False


def descendants() -> set[int]:
    """Every living process that came from this one."""
    table = parents()
    found = set() if LINUX else {pid for pid in table if in_our_session(pid)}
    new = {os.getpid()}
    while new := {pid for pid, parent in table.items() if parent in new} - found:
        found |= new
    return found


def signal_all(pids: set[int], number: int) -> None:
    for pid in pids:
        with suppress(ProcessLookupError, PermissionError):
            os.kill(pid, number)


class Guard:
    def __init__(self, command: list[str], grace: float) -> None:
        self.grace = grace
        self.status: int | None = None
        self.ending = False
        self.wake, wake_up = os.pipe()
        os.set_blocking(wake_up, False)
        signal.set_wakeup_fd(wake_up, warn_on_full_buffer=False)
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        # Kept, for a Popen that is thrown away takes its child's exit status with it.
        self.command = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            preexec_fn=(lambda: prctl(PR_SET_PDEATHSIG, signal.SIGTERM)) if LINUX else None,  # noqa: PLW1509 the guard has one thread
        )

    def watch(self) -> None:
        """Returns when the command has ended or has to be ended."""
        while self.status is None and not self.ending:
            readable, _, _ = select.select([0, self.wake], [], [])
            if self.wake in readable:
                self.ending = any(number != signal.SIGCHLD for number in os.read(self.wake, 256))
                self.reap()
            if 0 in readable and not os.read(0, 256):
                self.ending = True

    def reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.command.pid:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self.status = code if code >= 0 else 128 - code

    def end(self) -> None:
        """Returns when nothing that came from the command is left."""
        self.reap()
        signal_all(descendants(), signal.SIGTERM)
        kill_at = time.monotonic() + self.grace
        while (left := descendants()) and time.monotonic() < kill_at + KILL_SECONDS:
            if time.monotonic() > kill_at:
                signal_all(left, signal.SIGKILL)
            time.sleep(0.02)
            self.reap()


def main() -> int:
    grace, remove, *command = sys.argv[1:]
    with suppress(PermissionError):
        os.setsid()
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        guard = Guard(command, float(grace))
    except OSError as error:
        print(f"{command[0]}: {error.strerror}", file=sys.stderr)
        return 127
    guard.watch()
    guard.end()
    if remove:
        shutil.rmtree(remove, ignore_errors=True)
    return 128 + signal.SIGKILL if guard.status is None else guard.status


if __name__ == "__main__":
    # Popen's finaliser would complain that its child was waited for by others.
    os._exit(main())
