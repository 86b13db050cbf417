"""A command under a guard: its output streamed, its time limited, and all it started ended."""

from __future__ import annotations

import asyncio
import codecs
import fcntl
import os
import pty
import signal
import struct
import termios
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress

from runner.processes import attention
from runner.processes.guard import Steps, guarded
from runner.processes.output import Output, Result, Tail, notice
from runner.processes.workspace import Workspace, command_of, workspace
from runner.snippets.catalog import Snippet

LIMIT = 120.0  # seconds a run may take
INSTALL_LIMIT = 600.0  # the same for a snippet that installs packages
READ = 65536  # bytes that are read in one turn
CAP = 1_000_000  # bytes of output that are kept
END = 0.1  # and of its end, as a share of that

# How long all that came of a run may take to obey each signal, in seconds. Python needs a moment to
# unwind an interrupt; Ray's client waits up to two seconds for its server to say goodbye. A process
# in an uninterruptible wait must not hold us for ever.
INTERRUPT: Steps = ((signal.SIGINT, 3.0), (signal.SIGTERM, 2.0), (signal.SIGKILL, 5.0))
# The same for a daemon. Ray takes four seconds to say goodbye, and nothing of it is to be kept.
TERMINATE: Steps = ((signal.SIGTERM, 1.0), (signal.SIGKILL, 5.0))
HANG = 5.0  # seconds after all of them, in which the guard itself must have ended

ATTENTION = 0.1  # seconds between two looks at whether a program waits for input


class Process:
    """A command under a guard (`guard.py`), which ends with all it started when we do.

    Attributes:
        asked: called while the command waits for a line, until `type` gives it one; at first this
            types the workspace's answers.
    """

    def __init__(self, guard: asyncio.subprocess.Process, end: int, steps: Steps) -> None:
        self._guard = guard
        self._end = end  # ours, of its terminal or pipe
        self._patience = sum(seconds for _, seconds in steps) + HANG
        self._readable = asyncio.Event()
        self._over = False
        self._amid = False  # in a line, which a bar that moves never ends: it is not kept
        self._heard = 0.0  # when that was written to
        self._waited = 0.0  # seconds for which it has waited for a line
        self._attending: asyncio.Task[None] | None = None
        self.asked: Callable[[], None] = lambda: None
        self.started = time.monotonic()
        self.stopped = ""  # the notice, once it is to end before its time
        self.overdue = ""  # the same, if that is because it took too long
        self.cut = ""  # the notice, once it has printed too much

    @classmethod
    async def start(
        cls,
        command: Sequence[str],
        where: Workspace,
        *,
        terminal: bool = True,
        pass_fds: Sequence[int] = (),
    ) -> Process:
        """Start a command; its program is looked for on the workspace's PATH.

        Args:
            terminal: give it one of the workspace's size, and end it as from a shell; else a pipe.
            pass_fds: descriptors for it.
        """
        steps = INTERRUPT if terminal else TERMINATE
        ours, theirs = pty.openpty() if terminal else os.pipe()
        if terminal:
            _resize(theirs, where.columns, where.rows)
        asks = terminal and where.answers is not None
        name = os.ttyname(theirs) if asks else ""
        # Before it: on a busy machine it may have ended by the time that we are told of its start.
        started = time.monotonic()
        try:
            guard = await asyncio.create_subprocess_exec(
                *guarded(list(command), steps, remove=where.scratch, input=asks),
                cwd=where.folder,
                env=where.env,
                stdin=asyncio.subprocess.PIPE,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except BaseException:
            os.close(ours)
            raise
        finally:
            os.close(theirs)
        process = cls(guard, ours, steps)
        process.started = started
        if where.answers is not None:
            answers = iter(where.answers)
            process.asked = lambda: process.type(next(answers, None))
            process._attending = asyncio.create_task(process._attend(name))
        return process

    @property
    def pid(self) -> int:
        """Process id of the guard, from which all processes of the command come."""
        return self._guard.pid

    @property
    def status(self) -> int | None:
        """The command's exit status, 128 + n if signal n ended it; nothing until all has ended."""
        status = self._guard.returncode
        return 128 - status if status is not None and status < 0 else status

    @property
    def elapsed(self) -> float:
        """Seconds since it started."""
        return time.monotonic() - self.started

    def restart_clock(self) -> None:
        """Count its time from now: until now it only stood by."""
        self.started = time.monotonic()

    async def output(
        self, *, limit: float | None = LIMIT, cap: int | None = CAP
    ) -> AsyncGenerator[Output, None]:
        """Yield what it prints as it prints it, until it has ended with all it started.

        What it prints once it was told to stop, mostly a traceback of each of its processes, is
        left out for a notice. Reading may be given up at any time: the process is ended then.

        Args:
            limit: seconds after which it is ended, with a notice in the output; those in which it
                waits for a line do not count.
            cap: bytes of output after which the rest is dropped but for its end, with a notice; it
                runs on.
        """
        decoder = codecs.getincrementaldecoder("utf-8")(errors="replace")
        left = cap
        tail = Tail(int((cap or 0) * END))
        chunks = self._chunks()
        watch = asyncio.create_task(self._wait())
        # Beside the reading: a timer for each chunk would take longer than to read it.
        limiting = asyncio.create_task(self._limit(limit)) if limit is not None else None
        try:
            async for chunk in chunks:
                if self.stopped:
                    continue
                if text := decoder.decode(chunk[:left]):
                    yield self._printed(text)
                if left is None:
                    continue
                tail.add(chunk[left:])
                if len(chunk) > left and not self.cut:
                    self.cut = f"output cut after {cap:,} bytes"
                    yield self._printed(notice(f"{self.cut}; its end follows", amid=self._amid))
                left -= min(len(chunk), left)
            lost, end = tail.end()
            if lost:
                decoder.reset()
                yield self._printed(notice(f"{lost:,} bytes are left out", amid=self._amid))
            if text := decoder.decode(end):
                yield self._printed(text)
            if self.stopped:
                yield Output(self.elapsed, notice(self.stopped, amid=self._amid))
        finally:
            if limiting:
                limiting.cancel()
            await chunks.aclose()  # it must be off the terminal before that is closed
            await self.end()
            await watch

    def _printed(self, text: str) -> Output:
        self._amid = not text.endswith("\n")
        self._heard = time.monotonic()
        return Output(self.elapsed, text)

    async def result(self, *, limit: float | None = LIMIT, cap: int | None = CAP) -> Result:
        """Wait for its end and return what it printed."""
        output = [output async for output in self.output(limit=limit, cap=cap)]
        assert self.status is not None
        return Result(tuple(output), self.status, self.elapsed, self.overdue or self.cut)

    async def wait(self) -> None:
        """Returns when all has ended."""
        await self._guard.wait()

    def resize(self, columns: int, rows: int) -> None:
        """Give its terminal another size."""
        if self._end >= 0:
            _resize(self._end, columns, rows)

    def type(self, line: str | None) -> None:
        """Type a line on its terminal, which echoes it; none is the end of the input (Ctrl-D)."""
        if self._end >= 0:
            os.write(self._end, b"\x04" if line is None else f"{line}\n".encode())

    def stop(self, notice: str = "stopped") -> None:
        """Begin to end it before its time, which the notice says in its output."""
        self.stopped = self.stopped or notice
        self._let_go()

    async def end(self) -> None:
        """End it and everything it started, and free its terminal. Safe to call again."""
        self._let_go()
        assert self._guard.stdin is not None
        with suppress(ConnectionError):
            await self._guard.stdin.wait_closed()
        try:
            await asyncio.wait_for(self._guard.wait(), self._patience)
        except TimeoutError:
            self._guard.kill()
        if self._attending:
            await self._attending
        if self._end >= 0:
            os.close(self._end)
            self._end = -1

    def _let_go(self) -> None:
        """Of the lifeline: the guard then does its work."""
        assert self._guard.stdin is not None
        self._guard.stdin.close()

    async def _wait(self) -> None:
        await self._guard.wait()
        self._over = True
        self._readable.set()

    async def _limit(self, seconds: float) -> None:
        """End it once it has taken so long."""
        while (rest := seconds + self._waited - self.elapsed) > 0:  # noqa: ASYNC110 it grows
            await asyncio.sleep(rest)
        if not self.stopped:
            self.overdue = f"ended after {seconds:g} s, its limit"
            self.stop(self.overdue)

    async def _chunks(self) -> AsyncGenerator[bytes, None]:
        """Bytes that are printed, until all has ended and all is read."""
        loop = asyncio.get_running_loop()
        os.set_blocking(self._end, False)
        loop.add_reader(self._end, self._readable.set)
        try:
            while True:
                await self._readable.wait()
                if not self._over:
                    self._readable.clear()
                chunk, more = self._read()
                if chunk:
                    yield chunk
                elif not more or self._over:
                    return
        finally:
            loop.remove_reader(self._end)

    def _read(self) -> tuple[bytes, bool]:
        """What it has printed by now, and whether there may be more.

        A terminal hands over 4 KB at a time, and each turn of the event loop costs more than that.
        """
        read = bytearray()
        try:
            while len(read) < READ and (piece := os.read(self._end, READ)):
                read += piece
        except BlockingIOError:
            return bytes(read), True
        except OSError:  # EIO: nothing has the terminal open any more
            return bytes(read), False
        return bytes(read), bool(read)

    async def _attend(self, terminal: str) -> None:
        """Tell while it waits for a line."""
        before = time.monotonic()
        while self.status is None and not self.stopped:
            await asyncio.sleep(ATTENTION)
            quiet = time.monotonic() - self._heard if self._amid else 0.0
            before, passed = time.monotonic(), time.monotonic() - before
            if attention.waits(self.pid, terminal, quiet):
                self._waited += passed
                self.asked()


def _resize(terminal: int, columns: int, rows: int) -> None:
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def limit_of(snippet: Snippet) -> float:
    """Seconds that a run of this snippet may take."""
    return INSTALL_LIMIT if snippet.installs else LIMIT


def run(snippet: Snippet) -> Result:
    """Run a snippet as a reader does, and wait for its end."""

    async def main() -> Result:
        with workspace(snippet) as where:
            process = await Process.start(command_of(snippet), where)
            return await process.result(limit=limit_of(snippet))

    return asyncio.run(main())
