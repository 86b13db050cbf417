"""Real clusters on this machine: used where they run already, started where they do not.

What answers as a cluster on its ports is used as it is and never ended; only what is missing is
started, on loopback, and watched. Leaving `Clusters` ends all that it started and nothing else, and
so does the death of this process (see `runner.processes.guard`).
"""

import asyncio
import logging
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from typing import Self

import psutil
from anyio.from_thread import start_blocking_portal

from runner.clusters.kinds import HOST, Command, Kind, State, Status, misfit
from runner.clusters.ports import holder, is_free
from runner.processes.output import plain
from runner.processes.process import Process
from runner.processes.workspace import Workspace

log = logging.getLogger(__name__)

WATCH_SECONDS = 2.0  # between two probes of a cluster that is ready
START_SECONDS = 150.0  # a cluster that is not ready by then is ended and started again
PAUSE_SECONDS = 1.0  # before what has ended is started again, and between two looks at its ports
SAID = 16384  # characters that are kept of what it says
SILENT_PROBES = 5  # a cluster that is silent for so many probes is gone
FROZEN_SECONDS = 8.0  # a process that is stopped for so long is ended: of a death clusters recover

# Not TMPDIR: on macOS that is too long for the sockets that Ray makes inside.
SCRATCH = "/tmp"  # noqa: S108 each cluster has a folder of its own there
LEAST_SPACE = 20_000_000  # bytes; with less, Ray neither starts nor runs what it is given


class ClusterError(Exception):
    """A cluster is down; the message says why, and what to do where that is known."""


class PortHeldError(ClusterError):
    """Something else listens where a cluster is to."""


class Clusters:
    """Attaches to or starts the clusters, and keeps them up until it is left.

        async with Clusters(*kinds().values()) as clusters:
            await clusters.ready("dask")

    Entering does not wait. `statuses` holds the newest by name of the kind.

    Args:
        start: what is missing; else it is waited for.
    """

    def __init__(self, *kinds: Kind, start: bool = True) -> None:
        self._start = start
        self.statuses = {kind.name: Status("starting", "looking for it") for kind in kinds}
        self.kinds = kinds
        self._ready: dict[str, float] = {}  # when a kind was ready last
        self._asked = {kind.name: asyncio.Event() for kind in kinds}
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep(kind)) for kind in self.kinds]
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.result()

    async def changes(self) -> AsyncIterator[dict[str, Status]]:
        """The statuses as they are, then again whenever one of them has changed."""
        while True:
            changed = self._changed
            yield dict(self.statuses)
            await changed.wait()

    async def ready(self, *names: str) -> None:
        """Returns when the named clusters (none named: all) are ready.

        Raises ClusterError as soon as one of them is down.
        """
        async for statuses in self.changes():
            wanted = [statuses[name] for name in names or statuses]
            for status in wanted:
                if status.state == "down":
                    raise ClusterError(status.detail)
            if all(status.state == "ready" for status in wanted):
                return

    def try_now(self, name: str) -> None:
        """Do not wait for the next start of this one, or the next look, if it is down.

        Raises KeyError if there is none of this name.
        """
        self._asked[name].set()

    async def _pause(self, kind: Kind, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._asked[kind.name].wait(), seconds)

    def _show(self, kind: Kind, state: State, detail: str) -> None:
        if state == "ready":
            self._ready[kind.name] = asyncio.get_running_loop().time()
        status = Status(state, detail)
        if status != self.statuses[kind.name]:
            self.statuses[kind.name] = status
            self._changed.set()
            self._changed = asyncio.Event()

    async def _keep(self, kind: Kind) -> None:
        clock = asyncio.get_running_loop().time
        pause = PAUSE_SECONDS
        while True:
            begun = clock()
            self._asked[kind.name].clear()
            try:
                if await asyncio.to_thread(kind.look):
                    await self._use(kind)
                if not self._start:
                    raise ClusterError(f"nothing answers as {kind.title} on {HOST}:{kind.port}")
                await asyncio.to_thread(must_be_free, kind)
                await self._run(kind)
            except PortHeldError as error:
                self._show(kind, "down", str(error))
                await self._until_free(kind)
                continue
            except (ClusterError, OSError) as error:
                self._show(kind, "down", str(error))
            except Exception as error:
                # A fault of ours must not look like a cluster that is looked for for ever.
                log.exception("%s could not be watched", kind.name)
                self._show(kind, "down", f"it could not be watched: {error}")
            # Only what cannot be started is tried more and more seldom, not what was ended.
            steady = not self._start or self._ready.get(kind.name, begun) > begun
            pause = PAUSE_SECONDS if steady else min(2 * pause, 30.0)
            await self._pause(kind, pause)

    async def _until_free(self, kind: Kind) -> None:
        """Returns when its ports are free, or it answers there after all."""
        while await asyncio.to_thread(lambda: held(kind) and not kind.look()):  # noqa: ASYNC110
            await asyncio.sleep(PAUSE_SECONDS)  # nothing tells of it, one has to look

    async def _use(self, kind: Kind) -> None:
        """Shows a cluster that others started until it has gone."""
        told = await asyncio.to_thread(kind.told_versions)
        if why := misfit(kind, told):
            raise ClusterError(f"{kind.title} on {HOST}:{kind.port} cannot be used: {why}")
        of = "".join(f", {name.capitalize()} {version}" for name, version in told.items())
        silent = 0
        clock = asyncio.get_running_loop().time
        was_ready = clock()
        while silent < SILENT_PROBES:
            status = await asyncio.to_thread(kind.look)
            silent = 0 if status else silent + 1
            if status and status.state == "ready":
                was_ready = clock()
            if status and clock() - was_ready > START_SECONDS:
                remedy = "start what it lacks, or end it and let us start one"
                status = Status(
                    "down", f"{status.detail}, not ready for {START_SECONDS:g} s; {remedy}"
                )
            if status:
                self._show(kind, status.state, f"attached to {status.detail}{of}")
            await asyncio.sleep(WATCH_SECONDS)
        self._show(kind, "down", "it was started by others and has gone")

    async def _run(self, kind: Kind) -> None:
        """Starts a cluster and shows it; raises ClusterError when it has ended."""
        self._show(kind, "starting", "its processes start")
        kind, commands = kind.commands()
        async with AsyncExitStack() as stack:
            members = [await stack.enter_async_context(_Member(command)) for command in commands]
            ends = [member.end for member in members]
            clock = asyncio.get_running_loop().time
            was_ready, ready, heard = False, clock(), clock()
            stopped: dict[psutil.Process, float] = {}  # and since when
            while True:
                status = await asyncio.to_thread(kind.look)
                found = await asyncio.to_thread(frozen, [member.pid for member in members])
                stopped = {process: stopped.get(process, clock()) for process in found}
                if shown := lacks_space() or is_frozen(found) or status:
                    self._show(kind, shown.state, shown.detail)
                for process, since in stopped.items():
                    if clock() - since > FROZEN_SECONDS:
                        with suppress(psutil.Error):
                            process.kill()
                if status and status.state == "ready":
                    was_ready, ready = True, clock()
                # One that answers may lack what a program has killed, and start that again itself.
                if status and was_ready and (kind.heals or status.state == "ready"):
                    heard = clock()
                silence = SILENT_PROBES * WATCH_SECONDS if was_ready else START_SECONDS
                if clock() - heard > silence or clock() - ready > START_SECONDS:
                    why = f"is not ready: {status.detail}" if status else "does not answer"
                    raise self._over(kind, why)
                steady = shown is not None and shown.state == "ready"
                pause = WATCH_SECONDS if steady else 0.25
                await asyncio.wait(ends, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                for member in members:
                    if member.end.done():
                        raise self._over(kind, f"ended{member.last_words(kind)}")

    def _over(self, kind: Kind, why: str) -> ClusterError:
        """Shows it, too: to end what is left of a cluster may take seconds."""
        error = ClusterError(f"{kind.title} {why}; starting it again")
        self._show(kind, "down", str(error))
        return error


def lacks_space() -> Status | None:
    """That the disk is full on which the clusters write, if it is."""
    free = shutil.disk_usage(SCRATCH).free
    if free >= LEAST_SPACE:
        return None
    return Status(
        "down", f"{SCRATCH} is full, {free / 1e6:.1f} MB are left; remove something there"
    )


def frozen(pids: Iterable[int]) -> list[psutil.Process]:
    """What came of these processes and is stopped (SIGSTOP), so that it does nothing."""
    found = []
    for pid in pids:
        with suppress(psutil.NoSuchProcess):
            for process in psutil.Process(pid).children(recursive=True):
                with suppress(psutil.NoSuchProcess):
                    if process.status() == psutil.STATUS_STOPPED:
                        found.append(process)
    return found


def is_frozen(stopped: list[psutil.Process]) -> Status | None:
    """That a part of a cluster is, if one is."""
    for process in stopped:
        with suppress(psutil.NoSuchProcess):
            return Status("starting", f"{process.name()} is frozen")
    return None


class _Member:
    """A process of a cluster of ours; leaving the block ends it, all that came of it, its files."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._said = ""

    async def __aenter__(self) -> Self:
        command = self._command
        self._scratch = tempfile.mkdtemp(prefix="talk-", dir=SCRATCH)
        env = os.environ | {"TMPDIR": self._scratch, "RAY_TMPDIR": self._scratch}
        where = Workspace(command.directory, env | command.environment, scratch=self._scratch)
        self._process = await Process.start(command.arguments, where, terminal=False)
        self.pid = self._process.pid
        self.end = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        ending = asyncio.create_task(self._end())
        try:
            await asyncio.shield(ending)
        finally:
            await ending  # also if we are told meanwhile to end

    async def _end(self) -> None:
        await self._process.end()
        await self.end
        # Should its guard have been killed, its work is left to us.
        shutil.rmtree(self._scratch, ignore_errors=True)

    async def _listen(self) -> None:
        # Not by lines: what tasks print comes here, too, and a progress bar is a line without end.
        async for output in self._process.output(limit=None, cap=None):
            self._said = (self._said + output.text)[-SAID:]

    def last_words(self, kind: Kind) -> str:
        """What it has said of its end."""
        said = plain(self._said)
        if kind.farewell and (match := kind.farewell.search(said)):
            return f" ({match[0]})"
        lines = [line.strip() for line in said.splitlines()]
        return next((f" ({line})" for line in reversed(lines) if line), "")


def held(kind: Kind) -> int | None:
    """A port of the cluster on which something listens."""
    return next((port for port in kind.ports if not is_free(port)), None)


def must_be_free(kind: Kind) -> None:
    """Raises PortHeldError if anything listens on a port of the cluster."""
    if port := held(kind):
        raise PortHeldError(
            f"{kind.title} cannot start: port {port} is held by {holder(port)}, which "
            f"does not answer as {kind.title}; stop that process"
        )


@contextmanager
def running(*kinds: Kind) -> Iterator[Clusters]:
    """Clusters that are ready, for a program that is not asynchronous.

    Raises:
        ClusterError: one of them cannot be had.
    """
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Clusters(*kinds)) as clusters,
    ):
        portal.call(clusters.ready)
        yield clusters
