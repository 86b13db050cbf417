"""Clusters are truly ready, are watched, and leave nothing behind; all on real processes."""

import asyncio
import os
import platform
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import psutil
import pytest

from runner.clusters.keeper import SCRATCH, ClusterError, Clusters, PortHeldError, must_be_free
from runner.clusters.kinds import HOST, Command, Status
from runner.clusters.kinds.dask import Dask
from runner.clusters.kinds.ray import Ray
from runner.clusters.ports import free_port, is_free, listens
from runner.processes.guard import guarded
from runner.snippets.catalog import ROOT
from tests.helpers.survivors import alive, within

USE_DASK = """
    import sys
    from dask.distributed import Client

    if __name__ == "__main__":
        with Client(f"localhost:{sys.argv[1]}", set_as_default=False) as client:
            print(client.submit(pow, 7, 2).result())
"""

USE_RAY = """
    import sys
    import time
    import ray
    from ray.job_submission import JobSubmissionClient

    client = JobSubmissionClient(f"http://localhost:{sys.argv[2]}")
    job = client.submit_job(entrypoint="python script.py && pwd")
    ray.init(f"ray://localhost:{sys.argv[1]}", log_to_driver=False)
    print(ray.get(ray.remote(lambda: 7**2).remote()))
    while not client.get_job_status(job).is_terminal():
        time.sleep(0.2)
    print(client.get_job_status(job).value, client.get_job_logs(job).splitlines()[-1])
"""

OWN_BOTH = """
    import asyncio
    import sys
    from runner.clusters.keeper import Clusters
    from runner.clusters.kinds.dask import Dask
    from runner.clusters.kinds.ray import Ray

    async def main():
        dask = Dask(int(sys.argv[1]), int(sys.argv[2]))
        async with Clusters(dask, Ray(int(sys.argv[3]), int(sys.argv[4]))) as clusters:
            await clusters.ready()
            print("ready", flush=True)
            await asyncio.sleep(600)

    asyncio.run(main())
"""


@pytest.fixture
def dask() -> Dask:
    """Dask on ports that nothing else uses."""
    return Dask(free_port(), free_port())


@pytest.fixture
def ray() -> Ray:
    """Ray on ports that nothing else uses."""
    return Ray(free_port(), free_port())


def python(program: str, *arguments: object) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(program), *map(str, arguments)]


async def output(command: list[str]) -> list[str]:
    """What the command prints, a line each; it must succeed within a minute."""
    environment = os.environ | {"RAY_AUTH_MODE": "disabled", "GRPC_ENABLE_FORK_SUPPORT": "0"}
    done = await asyncio.to_thread(
        subprocess.run, command, env=environment, capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


BYSTANDERS: set[psutil.Process] = set()


@pytest.fixture(autouse=True)
def bystanders() -> None:
    """What ran before the test, such as the clusters of the whole session, is none of its own."""
    BYSTANDERS.clear()
    BYSTANDERS.update(psutil.Process().children())


def guards() -> list[psutil.Process]:
    """The processes that this test has started itself."""
    return [child for child in psutil.Process().children() if child not in BYSTANDERS]


def children() -> list[psutil.Process]:
    """All processes that came from this test."""
    found = guards()
    for guard in guards():
        with suppress(psutil.NoSuchProcess):
            found += guard.children(recursive=True)
    return found


def scratch(processes: Iterable[psutil.Process]) -> set[Path]:
    """The directories for temporary files of those that are guards."""
    found = set()
    for process in processes:
        with suppress(psutil.NoSuchProcess):
            command = process.cmdline()
            if command[3:4] == guarded([], ())[3:4]:
                found.add(Path(command[5]))
    return found


async def until(clusters: Clusters, name: str, state: str) -> None:
    async with asyncio.timeout(120):
        async for statuses in clusters.changes():
            if statuses[name].state == state:
                return


def test_ready_clusters_take_work_on_loopback_and_leave_nothing(dask: Dask, ray: Ray) -> None:
    """A Dask task, a Ray task and a Ray job run the moment that the statuses are green."""

    async def main() -> tuple[list[psutil.Process], set[Path]]:
        async with Clusters(dask, ray) as clusters:
            await clusters.ready("ray")
            task, job = await output(python(USE_RAY, *ray.ports))
            assert (task, job) == ("49", f"SUCCEEDED {ROOT / 'snippets' / 'ray'}")
            await clusters.ready("dask")
            assert await output(python(USE_DASK, dask.port)) == ["49"]
            processes = children()
            for process in processes:
                # Helpers come and go: one that has ended listens nowhere.
                with suppress(psutil.NoSuchProcess):
                    for connection in process.net_connections("tcp"):
                        if connection.status == psutil.CONN_LISTEN:
                            assert connection.laddr.ip.removeprefix("::ffff:") == HOST, process
            return processes, scratch(processes)

    processes, directories = asyncio.run(main())
    assert len(processes) > 10
    assert not alive(processes)
    assert not any(map(listens, (*dask.ports, *ray.ports)))
    assert len(directories) == 3
    assert not any(directory.exists() for directory in directories)


def test_what_runs_already_is_used_and_not_ended(dask: Dask) -> None:
    async def main() -> None:
        async with Clusters(dask) as owner:
            await owner.ready()
            processes = guards()
            async with Clusters(dask) as guest:
                await guest.ready()
                told = f"Python {platform.python_version()}, Dask {version('dask')}"
                detail = f"attached to {HOST}:{dask.port}, 2 workers, {told}"
                assert guest.statuses["dask"].detail == detail
                assert guards() == processes
            assert len(alive(processes)) == len(processes)
            assert await output(python(USE_DASK, dask.port)) == ["49"]

    asyncio.run(main())


@dataclass(frozen=True)
class Foreign(Dask):
    """A Dask that was installed otherwise."""

    def told_versions(self) -> dict[str, str]:
        return {**super().told_versions(), "python": "3.9.1"}


def test_what_runs_already_with_another_python_is_refused_with_the_remedy(dask: Dask) -> None:
    """A program would fail there, when what it sends is unpickled."""

    async def main() -> None:
        async with Clusters(dask) as owner:
            await owner.ready()
            async with Clusters(Foreign(*dask.ports)) as guest:
                await guest.ready()

    ours = platform.python_version()
    with pytest.raises(ClusterError) as caught:
        asyncio.run(main())
    assert str(caught.value) == (
        f"Dask on {HOST}:{dask.port} cannot be used: it has Python 3.9.1, "
        f"its programs here Python {ours}; start it with Python {ours}"
    )


@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_port_held_by_something_else_is_named_with_its_holder(
    name: str, dask: Dask, ray: Ray
) -> None:
    spec = dask if name == "dask" else ray

    async def main() -> str:
        async with Clusters(spec) as clusters:
            with pytest.raises(ClusterError) as caught:
                await clusters.ready()
            assert clusters.statuses[name].state == "down"
            return str(caught.value)

    with socket.create_server((HOST, spec.port)):
        message = asyncio.run(main())
    me = psutil.Process()
    assert f"port {spec.port} is held by {me.name()} (pid {me.pid})" in message
    assert "stop that process" in message


def test_a_port_is_watched_until_it_is_free(dask: Dask) -> None:
    """Who has freed it does not wait for us to look again."""

    async def main() -> float:
        async with Clusters(dask) as clusters:
            with socket.create_server((HOST, dask.port)):
                await until(clusters, "dask", "down")
                await asyncio.sleep(8)
            freed = asyncio.get_running_loop().time()
            await until(clusters, "dask", "starting")
            return asyncio.get_running_loop().time() - freed

    assert asyncio.run(main()) < 3


@dataclass(frozen=True)
class Failing(Dask):
    """A Dask that ends as soon as it is started."""

    def look(self) -> None:
        return None

    def commands(self) -> tuple[Dask, list[Command]]:
        BEGUN.append(self.name)
        return self, [Command(["false"])]


def test_one_that_waits_for_its_next_start_is_started_at_once_when_asked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("runner.clusters.keeper.PAUSE_SECONDS", 600.0)
    BEGUN.clear()

    async def main() -> None:
        async with Clusters(Failing(free_port(), free_port())) as clusters:
            for _ in range(3):
                await until(clusters, "dask", "down")
                clusters.try_now("dask")
                await until(clusters, "dask", "starting")
            with pytest.raises(KeyError):
                clusters.try_now("spark")

    asyncio.run(asyncio.wait_for(main(), 60))
    assert len(BEGUN) >= 3


def test_one_who_listens_but_lets_nobody_in_holds_its_port(dask: Dask) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(socket.socket())
        server.bind((HOST, dask.port))
        server.listen(0)
        while listens(dask.port):
            waiting = stack.enter_context(socket.socket())
            waiting.setblocking(False)
            waiting.connect_ex((HOST, dask.port))
        with pytest.raises(PortHeldError, match=f"port {dask.port} is held by"):
            must_be_free(dask)


def test_looking_whether_a_port_is_free_does_not_take_it() -> None:
    """Nor does a process that another thread starts meanwhile, which has our sockets at first."""
    port = free_port()
    done = threading.Event()

    def start_processes() -> None:
        while not done.is_set():
            subprocess.run([sys.executable, "--version"], stdout=subprocess.DEVNULL, check=True)

    with ThreadPoolExecutor() as pool:
        starting = pool.submit(start_processes)
        try:
            assert all(is_free(port) for _ in range(5_000))
        finally:
            done.set()
        starting.result()


@pytest.mark.long
def test_clusters_that_die_are_started_again(dask: Dask, ray: Ray) -> None:
    async def main() -> None:
        async with Clusters(dask, ray) as clusters:
            await clusters.ready()
            for process in children():
                with suppress(psutil.NoSuchProcess):  # helpers come and go
                    if process.name() == "raylet" or "scheduler" in process.cmdline()[2:3]:
                        process.kill()
            await asyncio.gather(until(clusters, "dask", "down"), until(clusters, "ray", "down"))
            await asyncio.gather(until(clusters, "dask", "ready"), until(clusters, "ray", "ready"))
            assert await output(python(USE_DASK, dask.port)) == ["49"]

    asyncio.run(main())


@dataclass(frozen=True)
class Plain(Dask):
    """A Dask that only listens, at once."""

    def look(self) -> Status | None:
        return Status("ready", "listens") if listens(self.port) else None

    def commands(self) -> tuple[Dask, list[Command]]:
        return self, [
            Command([sys.executable, "-m", "http.server", "--bind", HOST, str(self.port)])
        ]


def test_one_that_is_killed_again_and_again_is_started_again_at_once() -> None:
    kind = Plain(free_port(), free_port())

    async def main() -> float:
        async with Clusters(kind) as clusters:
            for _ in range(5):
                await until(clusters, "dask", "ready")
                begun = asyncio.get_running_loop().time()
                for child in children():
                    with suppress(psutil.NoSuchProcess):
                        child.kill()
                await until(clusters, "dask", "down")
            await until(clusters, "dask", "ready")
            return asyncio.get_running_loop().time() - begun

    assert asyncio.run(main()) < 8


def test_a_part_that_freezes_is_told_and_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("runner.clusters.keeper.FROZEN_SECONDS", 0.5)
    kind = Plain(free_port(), free_port())

    async def main() -> None:
        async with Clusters(kind) as clusters, asyncio.timeout(60):
            await until(clusters, "dask", "ready")
            [server] = [child for child in children() if "http.server" in child.cmdline()[:3]]
            name = server.name()
            server.suspend()
            await until(clusters, "dask", "starting")
            assert clusters.statuses["dask"].detail == f"{name} is frozen"
            await until(clusters, "dask", "down")
            await until(clusters, "dask", "ready")

    asyncio.run(main())


@pytest.mark.long
def test_the_light_is_not_green_while_ray_takes_no_jobs(ray: Ray) -> None:
    async def main() -> str:
        async with Clusters(ray) as clusters:
            await clusters.ready()
            [agent] = [child for child in children() if is_agent(child)]
            agent.kill()
            async with asyncio.timeout(8):
                await until(clusters, "ray", "starting")
                return clusters.statuses["ray"].detail

    assert asyncio.run(main()) == "the agent that runs jobs is not ready yet"


def is_agent(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return process.name() == "ray::DashboardAgent"
    return False


@pytest.mark.long
def test_killing_the_owner_leaves_nothing(dask: Dask, ray: Ray) -> None:
    """SIGKILL gives the owner no chance to end anything; its guards do."""
    command = python(OWN_BOTH, *dask.ports, *ray.ports)
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout is not None
            assert owner.stdout.readline() == "ready\n"
            processes = children()
            directories = scratch(processes)
        finally:
            owner.kill()
    assert len(processes) > 10
    assert len(directories) == 3
    assert within(60, lambda: not alive(processes))
    assert not any(map(listens, (*dask.ports, *ray.ports)))
    assert not any(directory.exists() for directory in directories)


STUBBORN = """
    import signal
    import subprocess
    import sys

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    if sys.argv[1:]:
        subprocess.Popen([sys.executable, *sys.orig_argv[1:-1]], start_new_session=True)
    print("deaf", flush=True)
    signal.pause()
"""


@pytest.mark.parametrize("end", ["close the lifeline", "terminate the guard"])
def test_a_guard_ends_processes_that_ignore_it_and_left_the_group(end: str) -> None:
    command = guarded(python(STUBBORN, "twice"), ((15, 0.2), (9, 5)))
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as guard:
        assert guard.stdin is not None
        assert guard.stdout is not None
        assert [guard.stdout.readline() for _ in "12"] == [b"deaf\n"] * 2
        processes = psutil.Process(guard.pid).children(recursive=True)
        assert len(processes) == 2
        if end == "close the lifeline":
            guard.stdin.close()
        else:
            guard.terminate()
        assert guard.wait(60) == 128 + signal.SIGKILL
        assert not alive(processes)


def test_a_guard_ends_when_its_command_does_with_what_that_leaves(tmp_path: Path) -> None:
    command = guarded(
        ["sh", "-c", "sleep 600 & exit 3"], ((15, 1), (9, 5)), remove=str(tmp_path / "scratch")
    )
    (tmp_path / "scratch").mkdir()
    with subprocess.Popen(command, stdin=subprocess.PIPE) as guard:
        assert guard.wait(60) == 3
    assert not (tmp_path / "scratch").exists()


def test_a_cluster_of_others_may_be_smaller_than_ours() -> None:
    ports = free_port(), free_port()

    async def main() -> Status:
        async with Clusters(Dask(*ports, workers=1)) as owner:
            await owner.ready()
            async with Clusters(Dask(*ports)) as guest:
                await guest.ready()
                return guest.statuses["dask"]

    assert ", 1 worker, Python " in asyncio.run(main()).detail


@dataclass(frozen=True)
class Half(Dask):
    """A Dask whose answer never is that it is ready, of ours or of others."""

    others: bool = False

    def look(self) -> Status | None:
        return Status("starting", "no worker") if self.others or BEGUN else None

    def commands(self) -> tuple[Dask, list[Command]]:
        BEGUN.append(self.name)
        return self, [Command(python("import time; time.sleep(600)"))]


BEGUN: list[str] = []


@pytest.mark.parametrize(
    ("others", "said"),
    [
        (True, "attached to no worker, not ready for 0.3 s; start what it lacks, or end it"),
        (False, "Dask is not ready: no worker; starting it again"),
    ],
)
def test_a_cluster_that_does_not_get_ready_is_down(
    others: bool, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that whoever waits for it does not wait for ever."""
    monkeypatch.setattr("runner.clusters.keeper.START_SECONDS", 0.3)
    monkeypatch.setattr("runner.clusters.keeper.WATCH_SECONDS", 0.1)
    BEGUN.clear()

    async def main() -> None:
        async with Clusters(Half(free_port(), free_port(), others=others)) as clusters:
            await clusters.ready()

    with pytest.raises(ClusterError, match=said):
        asyncio.run(main())


@dataclass(frozen=True)
class Lacking(Half):
    """A Dask that is ready, then lacks its workers for twenty looks, and is ready again."""

    def look(self) -> Status | None:
        if not BEGUN:
            return None
        BEGUN.append("look")
        lacks = 2 < BEGUN.count("look") <= 22
        return Status("starting", "0 workers") if lacks else Status("ready", f"{len(BEGUN)} looks")


def test_a_cluster_that_answers_may_start_its_workers_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A program that kills them all is no reason to end the scheduler under it."""
    monkeypatch.setattr("runner.clusters.keeper.WATCH_SECONDS", 0.02)
    BEGUN.clear()

    async def main() -> None:
        async with Clusters(Lacking(free_port(), free_port())) as clusters, asyncio.timeout(60):
            async for statuses in clusters.changes():
                assert statuses["dask"].state != "down"
                if BEGUN.count("look") > 24:
                    return

    asyncio.run(main())
    assert BEGUN.count("dask") == 1


@dataclass(frozen=True)
class Frail(Lacking):
    """The same of a kind that starts nothing again itself."""

    heals = False


def test_a_cluster_that_cannot_heal_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Soon, and not only once it has not been ready for as long as a start may take."""
    monkeypatch.setattr("runner.clusters.keeper.WATCH_SECONDS", 0.02)
    BEGUN.clear()

    async def main() -> str:
        async with Clusters(Frail(free_port(), free_port())) as clusters, asyncio.timeout(60):
            await until(clusters, "dask", "down")
            return clusters.statuses["dask"].detail

    assert asyncio.run(main()) == "Dask is not ready: 0 workers; starting it again"


@dataclass(frozen=True)
class Chatty(Dask):
    """A Dask whose tasks print a progress bar: a line without end."""

    done: Path = Path()

    def look(self) -> Status | None:
        return Status("ready", "fine") if self.done.exists() else None

    def commands(self) -> tuple[Dask, list[Command]]:
        program = f"""
            import pathlib, time
            print("x" * 1_000_000, end="", flush=True)
            pathlib.Path({str(self.done)!r}).touch()
            time.sleep(600)
        """
        return self, [Command(python(program))]


def test_a_cluster_may_print_what_it_likes(tmp_path: Path) -> None:
    async def main() -> Status:
        async with Clusters(Chatty(free_port(), free_port(), done=tmp_path / "done")) as clusters:
            await clusters.ready()
            return clusters.statuses["dask"]

    assert asyncio.run(main()) == Status("ready", "fine")


def test_a_full_disk_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """While it starts, and later; and no longer, once there is room."""
    kind = Plain(free_port(), free_port())

    async def main() -> None:
        async with Clusters(kind) as clusters:
            await until(clusters, "dask", "ready")
            monkeypatch.setattr("runner.clusters.keeper.LEAST_SPACE", 1 << 62)
            await until(clusters, "dask", "down")
            assert clusters.statuses["dask"].detail.partition(",")[0] == f"{SCRATCH} is full"
            monkeypatch.undo()
            await until(clusters, "dask", "ready")
            monkeypatch.setattr("runner.clusters.keeper.LEAST_SPACE", 1 << 62)
        async with Clusters(kind) as clusters:
            with pytest.raises(ClusterError, match="MB are left; remove something there"):
                await clusters.ready()

    asyncio.run(main())


@dataclass(frozen=True)
class Farewell(Dask):
    """A Dask that says why it ends, and then more."""

    farewell = re.compile(r"\w+ \[exit code=-?\d+\]")

    def look(self) -> Status | None:
        return None

    def commands(self) -> tuple[Dask, list[Command]]:
        said = "gcs_server [exit code=-9]\nBEGIN log\nsomething\nRemaining processes are killed.\n"
        return self, [Command(["printf", "%s", said])]


def test_of_an_end_its_reason_is_told(ray: Ray) -> None:
    assert Farewell.farewell == ray.farewell

    async def main() -> None:
        async with Clusters(Farewell(free_port(), free_port())) as clusters:
            await clusters.ready()

    with pytest.raises(ClusterError) as caught:
        asyncio.run(main())
    assert str(caught.value) == "Dask ended (gcs_server [exit code=-9]); starting it again"


@dataclass(frozen=True)
class Colourful(Dask):
    """A Dask that ends with a word in red."""

    def look(self) -> Status | None:
        return None

    def commands(self) -> tuple[Dask, list[Command]]:
        said = "\x1b[31m\x1b]8;;https://dask.org\x1b\\no\x1b]8;;\x07 memory\x1b[0m\r\n\x1b[0m\r\n"
        return self, [Command(["printf", "%s", said])]


def test_what_is_told_of_an_end_has_no_colours() -> None:
    async def main() -> None:
        async with Clusters(Colourful(free_port(), free_port())) as clusters:
            await clusters.ready()

    with pytest.raises(ClusterError) as caught:
        asyncio.run(main())
    assert str(caught.value) == "Dask ended (no memory); starting it again"


class Broken(Dask):
    """A Dask whose answer nobody has foreseen."""

    def look(self) -> Status | None:
        raise RuntimeError("what is this?")


def test_an_answer_that_nobody_foresaw_is_told() -> None:
    async def main() -> None:
        async with Clusters(Broken(free_port(), free_port())) as clusters:
            await clusters.ready()

    with pytest.raises(ClusterError, match=r"it could not be watched: what is this\?"):
        asyncio.run(main())
