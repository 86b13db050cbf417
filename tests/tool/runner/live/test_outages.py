"""A part of Dask dies, or freezes, at rest and under a run: what becomes of both."""

import asyncio
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from runner.clusters.keeper import Clusters
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.live.runs import Runs
from tests.tool.runner.live.test_runs import end, first

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]

PROGRAM = """
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
"""

PARTS: dict[str, Callable[[psutil.Process], bool]] = {
    "scheduler": lambda process: process.cmdline()[2:3] == ["scheduler"],
    "nanny": lambda process: process.cmdline()[2:3] == ["worker"],
    "worker": lambda process: "multiprocessing.spawn" in " ".join(process.cmdline()),
}
KILLED, FROZEN = signal.SIGKILL, signal.SIGSTOP


def find(is_part: Callable[[psutil.Process], bool]) -> list[psutil.Process]:
    """The processes of this test that are such a part."""
    found = []
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            if is_part(process):
                found.append(process)
    return found


@pytest.mark.parametrize(
    ("part", "number"), [*((part, KILLED) for part in PARTS), ("scheduler", FROZEN)]
)
def test_a_cluster_that_loses_a_part_works_again(
    part: str, number: signal.Signals, tmp_path: Path
) -> None:
    dask = Dask(free_port(), free_port())
    for id, tasks in {"short.py": 1, "long.py": 60}.items():
        (tmp_path / id).write_text(PROGRAM.format(port=dask.port, tasks=tasks))

    def harm() -> None:
        parts = find(PARTS[part])
        assert parts, f"there is no {part}"
        os.kill(parts[0].pid, number)

    async def works(runs: Runs) -> bool:
        with runs.subscribe() as messages:
            last, printed = await end(messages, runs.start("short.py", restart=True))
        return last["status"] == 0 and printed.endswith("0\r\n")

    async def works_again(runs: Runs) -> None:
        async with asyncio.timeout(120):
            while not await works(runs):  # noqa: ASYNC110 nothing tells of it but to try
                await asyncio.sleep(1)

    async def main() -> None:
        async with Clusters(dask) as clusters, Runs(lambda: clusters.statuses, tmp_path) as runs:
            await clusters.ready()
            assert await works(runs)
            harm()
            await works_again(runs)
            with runs.subscribe() as messages:
                run = runs.start("long.py")
                await first(messages, run=run.id, type="output")
                harm()
                last, printed = await end(messages, run)
            assert last["status"] == 0 or last["fault"] == "cluster", (last, printed)
            await works_again(runs)

    asyncio.run(main())
