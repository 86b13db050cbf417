"""A part of a cluster dies, or freezes, at rest and under a run: what becomes of both."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import Kind
from runner.clusters.kinds.dask import Dask
from runner.clusters.kinds.ray import Ray
from runner.clusters.ports import free_port
from runner.live.runs import Runs
from tests.tool.runner.live.test_runs import end, first

pytestmark = [pytest.mark.long, pytest.mark.timeout(900)]

PROGRAMS = {
    "dask": """
# snippet: needs dask
import time
from dask.distributed import Client

def slow(number):
    time.sleep(0.2)
    return number

if __name__ == "__main__":
    client = Client("localhost:{port}")
    print("begun", flush=True)
    print(sum(client.gather(client.map(slow, range({tasks})))))
""",
    "ray": """
# snippet: needs ray
import logging
import time
import ray

@ray.remote
def slow(number):
    time.sleep(0.2)
    return number

ray.init(log_to_driver=False, logging_level=logging.ERROR)
print("begun", flush=True)
print(sum(ray.get([slow.remote(number) for number in range({tasks})])))
""",
}

Part = Callable[[psutil.Process], bool]
PARTS: dict[str, dict[str, Part]] = {
    "dask": {
        "scheduler": lambda process: process.cmdline()[2:3] == ["scheduler"],
        "nanny": lambda process: process.cmdline()[2:3] == ["worker"],
        "worker": lambda process: "multiprocessing.spawn" in " ".join(process.cmdline()),
    },
    "ray": {
        "raylet": lambda process: process.name() == "raylet",
        "GCS": lambda process: process.name() == "gcs_server",
        "dashboard": lambda process: process.cmdline()[1:2][0].endswith("dashboard/dashboard.py"),
        "agent": lambda process: process.name() == "ray::DashboardAgent",
    },
}
KILLED, FROZEN = signal.SIGKILL, signal.SIGSTOP


BYSTANDERS: set[psutil.Process] = set()


@pytest.fixture(autouse=True)
def bystanders() -> None:
    """What ran before the test, such as the clusters of the whole session, is none of its own."""
    BYSTANDERS.clear()
    BYSTANDERS.update(psutil.Process().children())


def find(is_part: Part) -> list[psutil.Process]:
    """The processes of this test that are such a part."""
    found = []
    for child in set(psutil.Process().children()) - BYSTANDERS:
        with suppress(psutil.Error):  # it may end meanwhile
            for process in child.children(recursive=True):
                with suppress(psutil.Error, IndexError):
                    if is_part(process):
                        found.append(process)
    return found


@pytest.mark.parametrize(
    ("name", "part", "number"),
    [
        *((name, part, KILLED) for name, parts in PARTS.items() for part in parts),
        ("dask", "scheduler", FROZEN),
        ("dask", "worker", FROZEN),
        ("ray", "raylet", FROZEN),
        ("ray", "GCS", FROZEN),
    ],
)
def test_a_cluster_that_loses_a_part_works_again(
    name: str,
    part: str,
    number: signal.Signals,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ports = free_port(), free_port()
    kind: Kind = Ray(*ports) if name == "ray" else Dask(*ports)
    # By which a program finds this one, and not that of the default ports.
    monkeypatch.setattr("runner.processes.workspace.kinds", lambda: {name: kind})
    for id, tasks in {"short.py": 1, "long.py": 100}.items():
        (tmp_path / id).write_text(PROGRAMS[name].format(port=kind.port, tasks=tasks))

    def harm() -> None:
        parts = find(PARTS[name][part])
        assert parts, f"there is no {part}"
        os.kill(parts[0].pid, number)

    async def works(runs: Runs) -> bool:
        with runs.subscribe() as messages:
            last, printed = await end(messages, runs.start("short.py", restart=True))
        return last["status"] == 0 and printed.endswith("0\r\n")

    async def come_to_work(runs: Runs) -> None:
        async with asyncio.timeout(240):
            while not await works(runs):  # noqa: ASYNC110 nothing tells of it but to try
                await asyncio.sleep(1)

    async def main() -> None:
        async with Clusters(kind) as clusters, Runs(lambda: clusters.statuses, tmp_path) as runs:
            await come_to_work(runs)  # on a busy machine Ray's first start may fail
            harm()
            if name == "ray":  # Dask's parts are back before its light has looked
                await until_not_ready(clusters, name)
            await come_to_work(runs)
            with runs.subscribe() as messages:
                run = runs.start("long.py")
                while "begun" not in (await first(messages, run=run.id, type="output"))["data"]:
                    pass
                harm()
                last, printed = await end(messages, run)
                if last["status"] and not last["fault"]:  # sooner than the light
                    last = await first(messages, run=run.id, type="run", fault="cluster")
            assert last["status"] == 0 or last["fault"] == "cluster", (last, printed)
            assert last["elapsed"] < 60, "it hangs"
            await come_to_work(runs)

    asyncio.run(main())


async def until_not_ready(clusters: Clusters, name: str) -> None:
    """Returns when the light says that something is wrong."""
    async with asyncio.timeout(60):
        async for statuses in clusters.changes():
            if statuses[name].state != "ready":
                return
