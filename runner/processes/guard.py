"""Runs one command and sees to it that nothing of it outlives its owner.

    guard.py STEPS REMOVE INPUT COMMAND…

The guard's standard input is its lifeline: a pipe whose other end only the owner holds. When the
owner closes it, or dies in any way, SIGKILL included, the guard ends the command with every process
that came from it. The same happens on a signal to the guard, and to what is left over once the
command has ended by itself. Ending goes by STEPS such as `2:3,15:2,9:5`: a signal to all of them,
and how many seconds they may take to obey it. Then the directory REMOVE (empty: none) is deleted.

The guard leads a session of its own, so that Ctrl-C in the owner's terminal reaches the owner
alone. The command has the guard's standard output and error; if that is a terminal, it leads a
session of its own there, as from a shell. Its standard input is `/dev/null`, or with INPUT
(`input`, not empty) the terminal. Exit status: that of the command, 128 + N if signal N ended it,
127 if it could not be started.

On Linux the guard adopts orphaned descendants (PR_SET_CHILD_SUBREAPER), so that daemons are caught
too, and the command gets SIGTERM if the guard itself is killed (PR_SET_PDEATHSIG). Elsewhere
descendants are found by ancestry and session.

It runs as a plain file and imports only what starts in a few milliseconds.
"""

import ctypes
import fcntl
import os
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from contextlib import suppress
from pathlib import Path

LINUX = sys.platform == "linux"
PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
OOM_SCORE = 900  # of 1000: where memory runs out, what we run goes first, and not the deck

Steps = tuple[tuple[int, float], ...]  # signals, and seconds to obey each


def guarded(
    command: list[str], steps: Steps, *, remove: str = "", input: bool = False
) -> list[str]:
    """The command line that runs `command` under a guard (start it with `stdin` a pipe)."""
    # Isolated and without site: it starts fast, and no environment variable reaches it.
    guard = [sys.executable, "-I", "-S", str(Path(__file__).resolve())]
    order = ",".join(f"{int(number)}:{seconds}" for number, seconds in steps)
    return [*guard, order, remove, "input" if input else "", *command]


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


class Guard:
    def __init__(self, command: list[str], steps: Steps, *, input: bool) -> None:
        self.steps = steps
        self.input = input
        self.status: int | None = None
        self.alone = False  # no child is left, so on Linux nothing that came from one
        self.ending = False
        self.wake, wake_up = os.pipe()
        os.set_blocking(wake_up, False)
        signal.set_wakeup_fd(wake_up, warn_on_full_buffer=False)
        # Handled here, though we were told to ignore them (`nohup`), so the command does not.
        for number in (signal.SIGCHLD, signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, lambda *_: None)
        # Kept, for a Popen that is thrown away takes its child's exit status with it.
        self.command = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            close_fds=False,  # what we were given is for it
            preexec_fn=self.prepare,  # noqa: PLW1509 the guard has one thread
        )

    def prepare(self) -> None:
        """In the process that becomes the command."""
        if LINUX:
            prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
            with suppress(OSError):
                Path("/proc/self/oom_score_adj").write_text(str(OOM_SCORE), encoding="ascii")
        if os.isatty(1):
            os.setsid()
            fcntl.ioctl(1, termios.TIOCSCTTY, 0)
            if self.input:
                os.dup2(1, 0)

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
        try:
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if ended[0] == self.command.pid:
                    code = os.waitstatus_to_exitcode(ended[1])
                    self.status = code if code >= 0 else 128 - code
        except ChildProcessError:
            self.alone = True

    def left(self) -> set[int]:
        """Every living process that came from the command."""
        self.reap()
        if self.alone and LINUX:
            return set()
        table = parents()
        found = set() if LINUX else {pid for pid in table if self.in_our_sessions(pid)}
        new = {os.getpid()}
        while new := {pid for pid, parent in table.items() if parent in new} - found:
            found |= new
        return found

    def in_our_sessions(self, pid: int) -> bool:
        with suppress(OSError):
            return pid != os.getpid() and os.getsid(pid) in (os.getpid(), self.command.pid)
        return False

    def end(self) -> None:
        """Returns when nothing that came from the command is left."""
        for number, seconds in self.steps:
            left = self.left()
            self.send(number, left)
            deadline = time.monotonic() + seconds
            while left and time.monotonic() < deadline:
                time.sleep(0.01)
                left = self.left()
                if number == signal.SIGKILL:  # and what they have started meanwhile
                    self.send(number, left)
            if not left:
                return

    def send(self, number: int, left: set[int]) -> None:
        # To the group at once, as Ctrl-C does: a child that is just being forked gets it, too.
        group = self.command.pid if os.isatty(1) and self.status is None else None
        with suppress(ProcessLookupError, PermissionError):
            if group:
                os.killpg(group, number)
        for pid in left:
            with suppress(ProcessLookupError, PermissionError):
                if group is None or os.getpgid(pid) != group:
                    os.kill(pid, number)


def main() -> int:
    order, remove, asks, *command = sys.argv[1:]
    steps = tuple((int(n), float(s)) for n, s in (step.split(":") for step in order.split(",")))
    with suppress(PermissionError):
        os.setsid()
    if LINUX:
        prctl(PR_SET_CHILD_SUBREAPER, 1)
    try:
        guard = Guard(command, steps, input=bool(asks))
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
