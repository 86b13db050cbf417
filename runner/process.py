"""A command on a terminal of its own: streamed, limited, and ended with all it started."""

from __future__ import annotations

import asyncio
import codecs
import contextlib
import fcntl
import os
import platform
import pty
import signal
import struct
import sys
import tempfile
import termios
import time
import tomllib
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import psutil

from runner.catalog import COLUMNS, ROWS, Snippet

LIMIT = 120.0  # seconds a run may take
INSTALL_LIMIT = 600.0  # the same for a snippet that installs packages
CAP = 1_000_000  # bytes of output that are kept

# How long a process may take to obey each signal, in seconds. Python needs a moment to unwind an
# interrupt; Ray's client waits up to two seconds for its server to say goodbye.
STEPS = ((signal.SIGINT, 3.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0))

# The reader's settings that would change what a snippet prints, or which packages it sees.
UNWANTED = (
    "COLUMNS",
    "CONDA_PREFIX",
    "FORCE_COLOR",
    "LINES",
    "NO_COLOR",
    "PYTHONHOME",
    "PYTHONPATH",
    "PYTHONSTARTUP",
    "RAY_ADDRESS",
    "VIRTUAL_ENV",
)

# How often it is seen whether a program waits for input, and where the system does not tell, how
# long it must have been quiet.
ATTENTION, QUIET = 0.1, 1.0  # seconds

# The system's number of `read`, where Linux tells in which call a process waits; else none.
READ = {"x86_64": "0", "aarch64": "63"}.get(platform.machine()) if sys.platform == "linux" else None

# Each process of a run has this in its environment: a daemon leaves the session, not the run.
MARK = "SNIPPET_RUN"

# Makes the terminal on standard output the controlling one, so that the kernel hangs up on
# everything that runs there when we die, whatever we die of. We may have been told to ignore
# signals (`nohup`, `&` in a script); the command is not. Then it becomes the command.
CLAIM = (
    "import fcntl, os, signal as s, sys, termios; fcntl.ioctl(1, termios.TIOCSCTTY, 0);"
    "[s.signal(each, s.SIG_DFL) for each in (s.SIGHUP, s.SIGINT, s.SIGTERM)];"
    "os.execvp(sys.argv[1], sys.argv[1:])"
)


def environment(root: Path) -> dict[str, str]:
    """What a snippet's process finds in its environment; `root` is the project's folder.

    Our programs come first on the PATH, so that `python`, `ray` and `dask` are the locked ones.
    """
    env = {name: value for name, value in os.environ.items() if name not in UNWANTED}
    programs = [str(Path(sys.prefix) / "bin"), str(root / ".poetry" / "bin")]
    env["PATH"] = os.pathsep.join([*programs, env.get("PATH", os.defpath)])
    return env | {
        "TERM": "xterm-256color",
        "PYTHONUNBUFFERED": "1",
        # Without it some connections to ray:// die after 40 s (ray-project/ray#63202).
        "GRPC_ENABLE_FORK_SUPPORT": "0",
        # An explicit choice: otherwise Ray may write a token file and ask for it ever after.
        "RAY_AUTH_MODE": "disabled",
    }


@dataclass(frozen=True)
class Workspace:
    """Where a snippet runs, in which environment, and on what terminal.

    Attributes:
        answers: what is typed there, a line each time that a program waits for one, and then the
            end of the input; if none, the input is `/dev/null`.
    """

    folder: Path
    env: Mapping[str, str]
    columns: int = COLUMNS
    rows: int = ROWS
    answers: Sequence[str] | None = None


@contextlib.contextmanager
def workspace(snippet: Snippet) -> Iterator[Workspace]:
    """The folder that holds `snippets/`; for one that installs, a new Poetry project of its own.

    That project has no packages, wants the Python versions that ours wants, and is removed after.
    `snippets` is there too, as a link, so the same command works in it.

    Raises:
        DeclarationError: the snippet asks for a terminal that cannot be understood.
    """
    root = snippet.root.parent
    declared = snippet.declared
    where = Workspace(root, environment(root), declared.columns, declared.rows, snippet.answers)
    if not snippet.installs:
        yield where
        return
    # Not TMPDIR: on macOS that is too long for the lines of Poetry that name it.
    with tempfile.TemporaryDirectory(prefix="scratch-", dir="/tmp") as name:
        folder = Path(name).resolve() / "demo"
        folder.mkdir()
        (folder / snippet.root.name).symlink_to(snippet.root)
        (folder / "pyproject.toml").write_text(
            "[project]\n"
            'name = "demo"\n'
            'version = "0.1.0"\n'
            f'requires-python = "{_python_versions(root)}"\n'
            "dependencies = []\n\n"
            "[tool.poetry]\n"
            "package-mode = false\n",
            encoding="utf-8",
        )
        env = {**where.env, "POETRY_VIRTUALENVS_IN_PROJECT": "true"}
        yield replace(where, folder=folder, env=env)


def _python_versions(root: Path) -> str:
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    versions: str = project["project"]["requires-python"]
    return versions


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


class Process:
    """A command in a session and on a terminal of its own.

    Attributes:
        asked: called while the command waits for a line, until `type` gives it one; at first this
            types the workspace's answers.
    """

    def __init__(
        self, child: asyncio.subprocess.Process, terminal: int, name: str, mark: str
    ) -> None:
        self._child = child
        self._terminal = terminal
        self._name = name  # of the terminal's other end, such as /dev/pts/7
        self._mark = mark
        self._attending: asyncio.Task[None] | None = None
        self._readable = asyncio.Event()
        self._stopping: asyncio.Task[None] | None = None
        self._over = False
        self._line = ""  # what stands on the line that is being written
        self._heard = 0.0  # when it was written to
        self.asked: Callable[[], None] = lambda: None
        self.started = time.monotonic()
        self.stopped = ""  # the notice, once it is to end before its time
        self.overdue = ""  # the same, if that is because it took too long
        self.cut = ""  # the notice, once it has printed too much

    @classmethod
    async def start(
        cls, command: Sequence[str], where: Workspace, *, pass_fds: Sequence[int] = ()
    ) -> Process:
        """Start a command; its program is looked for on the workspace's PATH."""
        mark = uuid.uuid4().hex
        terminal, theirs = pty.openpty()
        resize(theirs, where.columns, where.rows)
        name = os.ttyname(theirs)
        try:
            child = await asyncio.create_subprocess_exec(
                *(sys.executable, "-I", "-S", "-c", CLAIM),
                *command,
                cwd=where.folder,
                env={**where.env, MARK: mark},
                stdin=asyncio.subprocess.DEVNULL if where.answers is None else theirs,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except BaseException:
            os.close(terminal)
            raise
        finally:
            os.close(theirs)
        process = cls(child, terminal, name, mark)
        if where.answers is not None:
            answers = iter(where.answers)
            process.asked = lambda: process.type(next(answers, None))
            process._attending = asyncio.create_task(process._attend())
        return process

    @property
    def pid(self) -> int:
        """Process id of the command, which leads its session and its process group."""
        return self._child.pid

    @property
    def status(self) -> int | None:
        """Its exit status, 128 + n if signal n ended it; nothing while it runs."""
        status = self._child.returncode
        return 128 - status if status is not None and status < 0 else status

    @property
    def elapsed(self) -> float:
        """Seconds since it started."""
        return time.monotonic() - self.started

    def restart_clock(self) -> None:
        """Count its time from now: until now it only stood by."""
        self.started = time.monotonic()

    async def output(self, *, limit: float = LIMIT, cap: int = CAP) -> AsyncGenerator[Output, None]:
        """Yield what it prints as it prints it, until it has ended with all it started.

        What it prints once it was told to stop, mostly a traceback of each of its processes, is
        left out for a notice. Reading may be given up at any time: the process is ended then.

        Args:
            limit: seconds after which it is ended, with a notice in the output.
            cap: bytes of output after which the rest is dropped, with a notice; it runs on.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        deadline = self.started + limit
        left = cap
        watch = asyncio.create_task(self._end_what_it_leaves())
        chunks = self._chunks()
        try:
            while True:
                rest = None if self._stopping else deadline - time.monotonic()
                try:
                    chunk = await asyncio.wait_for(anext(chunks), rest)
                except TimeoutError:
                    self.overdue = f"ended after {limit:g} s, its limit"
                    self.stop(self.overdue)
                    chunks = self._chunks()
                    continue
                except StopAsyncIteration:
                    break
                if not left or self.stopped:
                    continue
                text = decoder.decode(chunk[:left])
                left -= min(len(chunk), left)
                if text:
                    self._line = (self._line + text).rpartition("\n")[2]
                    self._heard = time.monotonic()
                    yield Output(self.elapsed, text)
                if not left:
                    self.cut = f"output cut after {cap:,} bytes"
                    yield Output(self.elapsed, notice(self.cut, self._line))
            if self.stopped:
                yield Output(self.elapsed, notice(self.stopped, self._line))
        finally:
            await self.end()
            await watch

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size."""
        if self._terminal >= 0:
            resize(self._terminal, columns, rows)

    def type(self, line: str | None) -> None:
        """Type a line on its terminal, which echoes it; none is the end of the input (Ctrl-D)."""
        if self._terminal >= 0:
            os.write(self._terminal, b"\x04" if line is None else f"{line}\n".encode())

    async def _attend(self) -> None:
        """Tell while it waits for a line."""
        while self.status is None and not self.stopped:
            await asyncio.sleep(ATTENTION)
            # In this order: what was typed is read, so it is the next line that is waited for.
            if self._has_read_all() and self._reads():
                self.asked()

    def _has_read_all(self) -> bool:
        try:
            theirs = os.open(self._name, os.O_RDONLY | os.O_NOCTTY)
        except OSError:  # it is gone
            return False
        try:
            unread = fcntl.ioctl(theirs, termios.FIONREAD, bytes(4))
        finally:
            os.close(theirs)
        return not any(unread)

    def _reads(self) -> bool:
        """Does it, or what it started, wait in the system's `read` for our terminal?"""
        if READ is None:
            # No other way to know: it has asked for something, and all is quiet since.
            return bool(self._line) and time.monotonic() - self._heard > QUIET
        with contextlib.suppress(psutil.Error):
            command = psutil.Process(self.pid)
            return self._is_reading(command) or any(
                map(self._is_reading, command.children(recursive=True))
            )
        return False

    def _is_reading(self, process: psutil.Process) -> bool:
        folder = Path("/proc", str(process.pid))
        with contextlib.suppress(OSError):
            call, *arguments = (folder / "syscall").read_text().split()
            if call == READ and process.status() == psutil.STATUS_SLEEPING:
                return (folder / "fd" / str(int(arguments[0], 16))).readlink() == Path(self._name)
        return False

    async def result(self, *, limit: float = LIMIT, cap: int = CAP) -> Result:
        """Wait for its end and return what it printed."""
        output = [output async for output in self.output(limit=limit, cap=cap)]
        assert self.status is not None
        return Result(tuple(output), self.status, self.elapsed, self.overdue or self.cut)

    def stop(self, notice: str = "stopped") -> None:
        """Begin to end it before its time, which the notice says in its output."""
        self.stopped = self.stopped or notice
        self._begin_to_end()

    def _begin_to_end(self) -> None:
        """Interrupt, terminate, kill, each a moment after the other."""
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop())

    async def end(self) -> None:
        """End it and everything it started, and free its terminal. Safe to call again."""
        if not self._over:
            self._begin_to_end()
        if self._stopping:
            await asyncio.shield(self._stopping)
        await self._child.wait()
        if self._attending:
            await self._attending
        if self._terminal >= 0:
            os.close(self._terminal)
            self._terminal = -1

    async def _stop(self) -> None:
        for sign, patience in STEPS:
            family = self._family()
            if not family:
                return
            # The group at once, as Ctrl-C does: a child that is just being forked gets it, too.
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.pid, sign)
            for process in family:
                with contextlib.suppress(psutil.NoSuchProcess, ProcessLookupError):
                    if os.getpgid(process.pid) != self.pid:
                        process.send_signal(sign)
            deadline = time.monotonic() + patience
            # Polled: grandchildren are not ours to wait for, and the child is asyncio's.
            while any(map(_runs, family)) and time.monotonic() < deadline:  # noqa: ASYNC110
                await asyncio.sleep(0.02)

    async def _end_what_it_leaves(self) -> None:
        """Once the command itself has ended, end what it left running in the background."""
        await self._child.wait()
        if self._family():
            self._begin_to_end()
        if self._stopping:
            await asyncio.shield(self._stopping)
        self._over = True
        self._readable.set()

    def _family(self) -> list[psutil.Process]:
        """All that runs of the command, and of what it started: children, daemons, orphans."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def _is_ours(self, process: psutil.Process) -> bool:
        with contextlib.suppress(psutil.Error, OSError):
            if not _runs(process):
                return False
            if os.getsid(process.pid) == self.pid:
                return True
            return process.environ().get(MARK) == self._mark
        return False

    async def _chunks(self) -> AsyncIterator[bytes]:
        """Bytes from the terminal, until nothing has it open any more."""
        loop = asyncio.get_running_loop()
        os.set_blocking(self._terminal, False)
        loop.add_reader(self._terminal, self._readable.set)
        try:
            while True:
                await self._readable.wait()
                if not self._over:
                    self._readable.clear()
                try:
                    chunk = os.read(self._terminal, 65536)
                except BlockingIOError:
                    if self._over:
                        return
                    continue
                except OSError:  # EIO: the last process that had it open has closed it
                    return
                if not chunk:
                    return
                yield chunk
        finally:
            loop.remove_reader(self._terminal)


def resize(terminal: int, columns: int, rows: int) -> None:
    """Give the terminal of this descriptor a size."""
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def notice(text: str, line: str) -> str:
    """A line of ours in the output of a run, told apart by its brackets and colour.

    Args:
        line: what stands on the line that is being written; nothing if that is a new one.
    """
    new = "\r\n" if line else ""
    return f"\x1b[0m{new}\x1b[33m[{text}]\x1b[0m\r\n"


def limit_of(snippet: Snippet) -> float:
    """Seconds that a run of this snippet may take."""
    return INSTALL_LIMIT if snippet.installs else LIMIT


def run(snippet: Snippet) -> Result:
    """Run a snippet as a reader does, and wait for its end."""

    async def main() -> Result:
        with workspace(snippet) as where:
            process = await Process.start(snippet.command, where)
            return await process.result(limit=limit_of(snippet))

    return asyncio.run(main())
