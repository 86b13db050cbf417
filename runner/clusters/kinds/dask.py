"""Dask: https://distributed.dask.org/"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from runner.clusters.kinds import HOST, Command, Kind, Status
from runner.clusters.ports import ask, beside_python, listens

VERSIONS_SECONDS = 5.0

ENVIRONMENT = {
    # A client that ends within 10 ms of its last message leaves a waiting behind that times out
    # when nobody is there to see it (`BatchedSend._background_send` of distributed 2026.8), and
    # asyncio prints that a future's "exception was never retrieved": 3 of 60 programs on a busy
    # machine, 0 of 150 with this, which is Dask's own setting for a logger's level.
    "DASK_LOGGING__ASYNCIO": "critical",
}

# How often its processes look at themselves: how late the event loop is, and what the code is at.
# With nothing to do that takes an eighth of a processor as Dask has it, and a thirtieth so.
SEDATE = {
    "DASK_DISTRIBUTED__ADMIN__TICK__INTERVAL": "500ms",
    "DASK_DISTRIBUTED__WORKER__PROFILE__INTERVAL": "100ms",
}


@dataclass(frozen=True)
class Dask(Kind):
    """A scheduler and, if we start it, worker processes of one thread each."""

    name = "dask"
    title = "Dask"
    package = "dask"
    preload = "dask.distributed"
    environment = ENVIRONMENT
    heals = True
    unreachable = re.compile(
        r"^(?:[\w.]+\.)?(?:CommClosedError|OSError: Timed out|TimeoutError: .*scheduler).*$",
        re.MULTILINE,
    )

    port: int = 8786
    dashboard: int = 8787
    workers: int = 2
    expected: int = 1  # workers that make it ready; of one that we start, all

    def look(self) -> Status | None:
        counts = ask(self.dashboard, "/json/counts.json")
        if not (isinstance(counts, dict) and "workers" in counts and listens(self.port)):
            return None
        workers = counts["workers"]
        if not isinstance(workers, int):
            return None
        detail = f"{HOST}:{self.port}, {workers} worker{'s' * (workers != 1)}"
        hosts = counts.get("hosts", 1)
        detail += f" on {hosts} hosts" if hosts != 1 and workers else ""
        return Status("ready" if workers >= self.expected else "starting", detail)

    def told_versions(self) -> Mapping[str, str]:
        # Not earlier: it takes half a second, and only a cluster of others is asked.
        from distributed.core import rpc  # noqa: PLC0415

        async def ask() -> dict[str, str]:
            async with rpc(f"tcp://{HOST}:{self.port}", timeout=VERSIONS_SECONDS) as scheduler:
                packages = (await scheduler.versions())["packages"]
            python = ".".join(packages["python"].split(".")[:3])
            return {"python": python, self.package: packages[self.package]}

        try:
            return asyncio.run(asyncio.wait_for(ask(), VERSIONS_SECONDS))
        except (OSError, KeyError, TypeError, AttributeError):
            return {}

    def doing(self) -> str:
        counts = ask(self.dashboard, "/json/counts.json")
        tasks = counts.get("processing") if isinstance(counts, dict) else None
        return f"{tasks} task{'s' * (tasks != 1)}" if isinstance(tasks, int) and tasks else ""

    def commands(self) -> tuple[Dask, list[Command]]:
        dask = beside_python("dask")
        scheduler = [dask, "scheduler", "--host", HOST, "--port", str(self.port)]
        scheduler += ["--dashboard-address", f"{HOST}:{self.dashboard}"]
        worker = [dask, "worker", f"tcp://{HOST}:{self.port}", "--host", HOST]
        worker += ["--nworkers", str(self.workers), "--nthreads", "1"]
        # Nobody looks at pages of a worker, and what draws them is half of what it would load.
        worker += ["--no-dashboard", "--dashboard-address", f"{HOST}:0"]
        return replace(self, expected=self.workers), [
            Command(scheduler, SEDATE),
            Command(worker, SEDATE),
        ]


KIND = Dask()
