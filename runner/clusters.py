"""Real Dask and Ray on this machine: used where they run already, started where they do not.

What answers as Dask or Ray on its ports is used as it is and never ended; only what is missing is
started, on loopback, and watched. Leaving `Clusters` ends all that it started and nothing else, and
so does the death of this process (see `guard`).
"""

import asyncio
import http.client
import json
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import TracebackType
from typing import ClassVar, Literal, Protocol, Self

import psutil
from anyio.from_thread import start_blocking_portal

from runner.process import Process
from runner.workspace import Workspace

log = logging.getLogger(__name__)

ROOT = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
PROBE_SECONDS = 2.0  # one probe waits this long for an answer
WATCH_SECONDS = 2.0  # between two probes of a cluster that is ready
START_SECONDS = 90.0  # a cluster that is not ready by then is ended and started again
SILENT_PROBES = 5  # a cluster that is silent for so many probes is gone

State = Literal["starting", "ready", "down"]


@dataclass(frozen=True)
class Light:
    """What a cluster's light on the slide shows: its state, and one line that says more."""

    state: State
    detail: str


class ClusterError(Exception):
    """A cluster is down; the message says why, and what to do where that is known."""


@dataclass(frozen=True)
class Command:
    """A process of a cluster: what to run, in which environment beyond ours, and where."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    directory: Path = ROOT


class Spec(Protocol):
    """One cluster: where it listens, how to tell that it is there, how to start it."""

    @property
    def name(self) -> str: ...

    @property
    def ports(self) -> tuple[int, ...]: ...

    def look(self) -> Light | None:
        """How the cluster is, or None if nothing answers as one. Blocks for seconds at most."""
        ...

    def commands(self) -> tuple["Spec", list[Command]]:
        """The processes to start, and this spec with what was chosen for them filled in."""
        ...


@dataclass(frozen=True)
class Dask:
    """A scheduler and, if we start it, worker processes of one thread each."""

    name: ClassVar[str] = "dask"
    port: int = 8786
    dashboard: int = 8787
    workers: int = 2
    expected: int = 1  # workers that make it ready; of one that we start, all

    @property
    def ports(self) -> tuple[int, ...]:
        return self.port, self.dashboard

    def look(self) -> Light | None:
        counts = ask(self.dashboard, "/json/counts.json")
        if not (isinstance(counts, dict) and "workers" in counts and listens(self.port)):
            return None
        workers = counts["workers"]
        if not isinstance(workers, int):
            return None
        detail = f"{HOST}:{self.port}, {workers} worker{'s' * (workers != 1)}"
        return Light("ready" if workers >= self.expected else "starting", detail)

    def commands(self) -> tuple["Dask", list[Command]]:
        dask = beside_python("dask")
        scheduler = [dask, "scheduler", "--host", HOST, "--port", str(self.port)]
        scheduler += ["--dashboard-address", f"{HOST}:{self.dashboard}"]
        worker = [dask, "worker", f"tcp://{HOST}:{self.port}", "--host", HOST]
        worker += ["--nworkers", str(self.workers), "--nthreads", "1"]
        worker += ["--dashboard-address", f"{HOST}:0"]
        return replace(self, expected=self.workers), [Command(scheduler), Command(worker)]


@dataclass(frozen=True)
class Ray:
    """A head with its client server, and its dashboard, which takes jobs."""

    name: ClassVar[str] = "ray"
    port: int = 10001
    dashboard: int = 8265
    cpus: int = 2
    agent: int | None = None  # known only for a head that we start

    @property
    def ports(self) -> tuple[int, ...]:
        return self.port, self.dashboard

    def look(self) -> Light | None:
        version = ask(self.dashboard, "/api/version")
        if not (isinstance(version, dict) and "ray_version" in version):
            return None
        if not speaks_http2(self.port):
            return Light("starting", f"no client server on {HOST}:{self.port} yet")
        # Jobs are refused until the head's agent is up, seconds after the dashboard.
        if self.agent and ask(self.agent, "/api/local_raylet_healthz") != "success":
            return Light("starting", "the agent that runs jobs is not ready yet")
        return Light("ready", f"{HOST}:{self.port}, Ray {version['ray_version']}")

    def commands(self) -> tuple["Ray", list[Command]]:
        agent = free_port()
        head = [beside_python("ray"), "start", "--head", "--block", "--num-cpus", str(self.cpus)]
        head += ["--ray-client-server-port", str(self.port)]
        head += ["--dashboard-host", HOST, "--dashboard-port", str(self.dashboard)]
        # Any free ports: another head on this machine, or a Redis on 6379, must not disturb ours.
        head += ["--port", "0", "--min-worker-port", "0", "--max-worker-port", "0"]
        head += ["--dashboard-agent-listen-port", str(agent)]
        environment = {
            # A job's `python` is this one, with the packages.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            # Ray replaces --node-ip-address 127.0.0.1 by the machine's outside address and listens
            # there. Told that clusters of machines are not wanted, which is its default on macOS
            # and Windows, every part of it keeps to loopback.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            # Without it, connects over ray:// die now and then (ray-project/ray#63202).
            "GRPC_ENABLE_FORK_SUPPORT": "0",
            # Explicit, or a token that some local ray.init() has left behind would be demanded.
            "RAY_AUTH_MODE": "disabled",
            "RAY_USAGE_STATS_ENABLED": "0",
            # The reader's own setting names another cluster.
            "RAY_ADDRESS": "",
        }
        # A job without --working-dir runs where the head was started: beside the slide's script.
        directory = ROOT / "snippets" / "ray"
        return replace(self, agent=agent), [Command(head, environment, directory)]


class Clusters:
    """Attaches to or starts the clusters, and keeps them up until it is left.

        async with Clusters(Dask(), Ray()) as clusters:
            await clusters.ready("dask")

    Entering does not wait. `lights` holds the newest state by name ("dask", "ray").
    """

    def __init__(self, *specs: Spec) -> None:
        self.lights = {spec.name: Light("starting", "looking for it") for spec in specs}
        self._specs = specs
        self._tasks: list[asyncio.Task[None]] = []
        self._changed = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._tasks = [asyncio.create_task(self._keep(spec)) for spec in self._specs]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks)
        for task in self._tasks:
            if not task.cancelled():
                task.result()

    async def changes(self) -> AsyncIterator[dict[str, Light]]:
        """The lights as they are, then again whenever one of them has changed."""
        while True:
            changed = self._changed
            yield dict(self.lights)
            await changed.wait()

    async def ready(self, *names: str) -> None:
        """Returns when the named clusters (none named: all) are ready.

        Raises ClusterError as soon as one of them is down.
        """
        async for lights in self.changes():
            wanted = [lights[name] for name in names or lights]
            for light in wanted:
                if light.state == "down":
                    raise ClusterError(light.detail)
            if all(light.state == "ready" for light in wanted):
                return

    def _show(self, spec: Spec, state: State, detail: str) -> None:
        light = Light(state, detail)
        if light != self.lights[spec.name]:
            self.lights[spec.name] = light
            self._changed.set()
            self._changed = asyncio.Event()

    async def _keep(self, spec: Spec) -> None:
        pause = 1.0
        while True:
            begun = asyncio.get_running_loop().time()
            try:
                if await asyncio.to_thread(spec.look):
                    await self._use(spec)
                await asyncio.to_thread(must_be_free, spec)
                await self._run(spec)
            except (ClusterError, OSError) as error:
                self._show(spec, "down", str(error))
            except Exception as error:
                # A fault of ours must not look like a cluster that is looked for for ever.
                log.exception("%s could not be watched", spec.name)
                self._show(spec, "down", f"it could not be watched: {error}")
            lived = asyncio.get_running_loop().time() - begun
            pause = 1.0 if lived > START_SECONDS else min(2 * pause, 30.0)
            await asyncio.sleep(pause)

    async def _use(self, spec: Spec) -> None:
        """Shows a cluster that others started until it has gone."""
        silent = 0
        clock = asyncio.get_running_loop().time
        was_ready = clock()
        while silent < SILENT_PROBES:
            light = await asyncio.to_thread(spec.look)
            silent = 0 if light else silent + 1
            if light and light.state == "ready":
                was_ready = clock()
            if light and clock() - was_ready > START_SECONDS:
                remedy = "start what it lacks, or end it and let us start one"
                light = Light(
                    "down", f"{light.detail}, not ready for {START_SECONDS:g} s; {remedy}"
                )
            if light:
                self._show(spec, light.state, f"attached to {light.detail}")
            await asyncio.sleep(WATCH_SECONDS)
        self._show(spec, "down", "it was started by others and has gone")

    async def _run(self, spec: Spec) -> None:
        """Starts a cluster and shows it; raises ClusterError when it has ended."""
        self._show(spec, "starting", "its processes start")
        spec, commands = spec.commands()
        async with AsyncExitStack() as stack:
            processes = [await stack.enter_async_context(_Member(command)) for command in commands]
            ends = [process.end for process in processes]
            clock = asyncio.get_running_loop().time
            was_ready, heard = False, clock()
            while True:
                light = await asyncio.to_thread(spec.look)
                if light and (light.state == "ready" or not was_ready):
                    self._show(spec, light.state, light.detail)
                    if light.state == "ready":
                        was_ready, heard = True, clock()
                patience = SILENT_PROBES * WATCH_SECONDS if was_ready else START_SECONDS
                if clock() - heard > patience:
                    why = f"is not ready: {light.detail}" if light else "does not answer"
                    raise ClusterError(f"{spec.name.title()} {why}; starting it again")
                pause = WATCH_SECONDS if was_ready else 0.25
                await asyncio.wait(ends, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                for process in processes:
                    if process.end.done():
                        why = process.last_line()
                        raise ClusterError(f"{spec.name.title()} ended{why}; starting it again")


class _Member:
    """A process of a cluster of ours; leaving the block ends it, all that came of it, its files."""

    def __init__(self, command: Command) -> None:
        self._command = command
        self._said = ""

    async def __aenter__(self) -> Self:
        command = self._command
        # Not in TMPDIR: on macOS that is too long for the sockets that Ray makes inside.
        self._scratch = tempfile.mkdtemp(prefix="talk-", dir="/tmp")
        env = os.environ | {"TMPDIR": self._scratch, "RAY_TMPDIR": self._scratch}
        where = Workspace(command.directory, env | command.environment, scratch=self._scratch)
        self._process = await Process.start(command.arguments, where, terminal=False)
        self.end = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._process.end()
        await self.end
        # Should its guard have been killed, its work is left to us.
        shutil.rmtree(self._scratch, ignore_errors=True)

    async def _listen(self) -> None:
        # Not by lines: what tasks print comes here, too, and a progress bar is a line without end.
        async for output in self._process.output(limit=None, cap=None):
            self._said = (self._said + output.text)[-4096:]

    def last_line(self) -> str:
        lines = [line.strip() for line in self._said.splitlines()]
        return next((f" ({line})" for line in reversed(lines) if line), "")


def beside_python(program: str) -> str:
    """The program that was installed with the packages of this interpreter."""
    return str(Path(sys.executable).with_name(program))


def free_port() -> int:
    with socket.create_server((HOST, 0)) as server:
        port: int = server.getsockname()[1]
        return port


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), PROBE_SECONDS):
        return True
    return False


def speaks_http2(port: int) -> bool:
    """Whether a gRPC server answers: the connection preface is met by a SETTINGS frame."""
    with suppress(OSError), socket.create_connection((HOST, port), PROBE_SECONDS) as peer:
        peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        frame = peer.recv(9)
        return len(frame) > 3 and frame[3] == 4
    return False


def ask(port: int, path: str) -> object:
    """The JSON or the text that a local HTTP server answers, None if it does not."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(1_000_000).decode()
    except (OSError, http.client.HTTPException, UnicodeDecodeError):
        return None
    finally:
        connection.close()
    if response.status != 200:
        return None
    with suppress(json.JSONDecodeError, RecursionError):
        return json.loads(body)
    return body


def holder(port: int) -> str:
    """The process that listens on the port, for people."""
    for process in psutil.process_iter(["name"]):
        with suppress(psutil.Error):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return f"{process.name()} (pid {process.pid})"
    return "a process of another user"


def must_be_free(spec: Spec) -> None:
    """Raises ClusterError if anything listens on a port of the cluster."""
    for port in spec.ports:
        if listens(port):
            raise ClusterError(
                f"{spec.name.title()} cannot start: port {port} is held by {holder(port)}, which "
                f"does not answer as {spec.name.title()}; stop that process"
            )


@contextmanager
def running(*specs: Spec) -> Iterator[Clusters]:
    """Clusters that are ready, for a program that is not asynchronous.

    Raises:
        ClusterError: one of them cannot be had.
    """
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Clusters(*specs)) as clusters,
    ):
        portal.call(clusters.ready)
        yield clusters
