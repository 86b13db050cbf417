"""Measure what the talk's plots show: task overhead, transfer, start-up and speed-up.

Each measurement runs in a process of its own, several times, against the clusters on their default
ports (`npm start` runs them). assets/plots/talk.json gets every value, with the machine, the
versions and the date; bench/talk/plot.py draws the pictures from that file alone.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import random
import shlex
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import version
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np
import psutil
import ray
from dask.distributed import Client, LocalCluster, wait
from ray.job_submission import JobStatus, JobSubmissionClient
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

DATA = Path(__file__).parents[2] / "assets" / "plots" / "talk.json"
DASK = "localhost:8786"
RAY_CLIENT = "ray://localhost:10001"
RAY_JOBS = "http://localhost:8265"
RAY_INSIDE = None  # of a job, the address is in its environment

WORKERS = 2
TASKS = 1000
BYTES = 100_000_000
DARTS, THROWERS = 1_500_000, 8

Seconds = Iterator[float]
Part = Literal["neutral", "dask", "ray"]


def no_op(_: int) -> None:
    """Do nothing: what is left is the price of a task."""


def noise(size: int) -> Any:
    """Make an array of so many bytes that cannot be compressed."""
    return np.random.default_rng(42).integers(256, size=size, dtype=np.uint8)


def count_hits(seed: int, darts: int = DARTS) -> int:
    """Throw darts at a square; count those in the quarter circle."""
    dart = random.Random(seed).random  # noqa: S311 - no secret
    return sum(dart() ** 2 + dart() ** 2 <= 1 for _ in range(darts))


def seconds_of(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@contextmanager
def dask_client() -> Iterator[Any]:
    with Client(DASK) as client:
        client.submit(no_op, 0, pure=False).result()
        yield client


@contextmanager
def ray_at(address: str | None, **options: Any) -> Iterator[None]:
    ray.init(address, logging_level=logging.ERROR, log_to_driver=False, **options)
    try:
        task = ray.remote(no_op)
        ray.get([task.remote(0) for _ in range(WORKERS)])
        yield
    finally:
        ray.shutdown()


# Each of the following yields the seconds of one repeat after another, without end.


def overhead_of_pool(kind: Callable[..., Executor]) -> Seconds:
    with kind(WORKERS) as pool:
        while True:
            yield seconds_of(lambda: list(pool.map(no_op, range(TASKS))))


def submit_to_dask() -> Seconds:
    with dask_client() as client:

        def run() -> None:
            client.gather([client.submit(no_op, i, pure=False) for i in range(TASKS)])

        while True:
            yield seconds_of(run)


def map_on_dask() -> Seconds:
    with dask_client() as client:
        while True:
            yield seconds_of(lambda: client.gather(client.map(no_op, range(TASKS), pure=False)))


def overhead_of_ray(address: str | None) -> Seconds:
    with ray_at(address):
        task = ray.remote(no_op)
        while True:
            yield seconds_of(lambda: ray.get([task.remote(i) for i in range(TASKS)]))


def send_to_pool() -> Seconds:
    array = noise(BYTES)
    with ProcessPoolExecutor(1) as pool:
        pool.submit(no_op, 0).result()
        while True:
            yield seconds_of(lambda: pool.submit(len, array).result())


KEPT: list[Any] = []  # by the worker of fetch_from_pool


def keep(size: int) -> None:
    KEPT.append(noise(size))


def kept() -> Any:
    return KEPT[0]


def fetch_from_pool() -> Seconds:
    with ProcessPoolExecutor(1, initializer=keep, initargs=(BYTES,)) as pool:
        while True:
            yield seconds_of(lambda: pool.submit(kept).result())


def send_to_dask() -> Seconds:
    array = noise(BYTES)
    with dask_client() as client:
        while True:
            yield seconds_of(lambda: client.scatter(array, hash=False))


def fetch_from_dask() -> Seconds:
    with dask_client() as client:
        while True:
            future = client.submit(noise, BYTES, pure=False)
            wait(future)
            yield seconds_of(future.result)


def send_to_ray(address: str | None) -> Seconds:
    array = noise(BYTES)
    with ray_at(address):
        while True:
            yield seconds_of(lambda: ray.put(array))


def fetch_from_ray(address: str | None) -> Seconds:
    with ray_at(address):
        task = ray.remote(noise)
        while True:
            ref = task.remote(BYTES)
            ray.wait([ref], fetch_local=False)
            yield seconds_of(partial(ray.get, ref))


def start_pool() -> Seconds:
    while True:
        start = time.perf_counter()
        with ProcessPoolExecutor(WORKERS) as pool:
            pool.submit(no_op, 0).result()
            yield time.perf_counter() - start


def connect_to_dask() -> Seconds:
    while True:
        start = time.perf_counter()
        with dask_client():
            yield time.perf_counter() - start


def start_dask() -> Seconds:
    while True:
        start = time.perf_counter()
        with (
            LocalCluster(n_workers=WORKERS, threads_per_worker=1, dashboard_address=None) as here,
            Client(here) as client,
        ):
            client.submit(no_op, 0).result()
            yield time.perf_counter() - start


def start_ray(address: str, **options: Any) -> Seconds:
    while True:
        start = time.perf_counter()
        with ray_at(address, **options):
            yield time.perf_counter() - start


def pi_here() -> Seconds:
    while True:
        yield seconds_of(lambda: sum(map(count_hits, range(THROWERS))))


def pi_in_pool(kind: Callable[..., Executor]) -> Seconds:
    with kind(WORKERS) as pool:
        while True:
            yield seconds_of(lambda: sum(pool.map(count_hits, range(THROWERS))))


def pi_on_dask() -> Seconds:
    with dask_client() as client:

        def run() -> None:
            sum(client.gather(client.map(count_hits, range(THROWERS), pure=False)))

        while True:
            yield seconds_of(run)


def pi_on_ray() -> Seconds:
    with ray_at(RAY_CLIENT):
        task = ray.remote(count_hits)
        while True:
            yield seconds_of(lambda: sum(ray.get([task.remote(s) for s in range(THROWERS)])))


@dataclass(frozen=True)
class Measurement:
    """One bar of a figure; `str()` names it."""

    figure: str
    label: str
    part: Part
    run: Callable[[], Seconds]
    inside_ray: bool = False  # to be run as a Ray job, where its driver is on the cluster

    def __str__(self) -> str:
        return f"{self.figure}: {self.label}"


MEASUREMENTS = [
    Measurement(
        "overhead", "thread pool", "neutral", partial(overhead_of_pool, ThreadPoolExecutor)
    ),
    Measurement(
        "overhead", "process pool", "neutral", partial(overhead_of_pool, ProcessPoolExecutor)
    ),
    Measurement("overhead", "Dask, submit", "dask", submit_to_dask),
    Measurement("overhead", "Dask, map", "dask", map_on_dask),
    Measurement("overhead", "Ray Client", "ray", partial(overhead_of_ray, RAY_CLIENT)),
    Measurement("overhead", "Ray job", "ray", partial(overhead_of_ray, RAY_INSIDE), True),
    Measurement("send", "process pool", "neutral", send_to_pool),
    Measurement("send", "Dask client", "dask", send_to_dask),
    Measurement("send", "Ray Client", "ray", partial(send_to_ray, RAY_CLIENT)),
    Measurement("send", "Ray job", "ray", partial(send_to_ray, RAY_INSIDE), True),
    Measurement("fetch", "process pool", "neutral", fetch_from_pool),
    Measurement("fetch", "Dask client", "dask", fetch_from_dask),
    Measurement("fetch", "Ray Client", "ray", partial(fetch_from_ray, RAY_CLIENT)),
    Measurement("fetch", "Ray job", "ray", partial(fetch_from_ray, RAY_INSIDE), True),
    Measurement("startup", "process pool, started", "neutral", start_pool),
    Measurement("startup", "Dask, connected to", "dask", connect_to_dask),
    Measurement("startup", "Dask, started here", "dask", start_dask),
    Measurement("startup", "Ray Client, connected to", "ray", partial(start_ray, RAY_CLIENT)),
    Measurement(
        "startup",
        "Ray, started here",
        "ray",
        partial(start_ray, "local", num_cpus=WORKERS),
    ),
    Measurement("speedup", "one process", "neutral", pi_here),
    Measurement("speedup", "two threads", "neutral", partial(pi_in_pool, ThreadPoolExecutor)),
    Measurement("speedup", "two processes", "neutral", partial(pi_in_pool, ProcessPoolExecutor)),
    Measurement("speedup", "Dask", "dask", pi_on_dask),
    Measurement("speedup", "Ray Client", "ray", pi_on_ray),
]


def measure(measurement: Measurement, repeats: int, env: Mapping[str, str]) -> list[float]:
    """Return the seconds of each repeat, measured in a process of its own.

    Args:
        env: its environment.
    """
    command = [sys.executable, str(Path(__file__).resolve()), "--one", str(measurement)]
    command += ["--repeats", str(repeats)]
    output = run_as_job(command) if measurement.inside_ray else run_as_process(command, env)
    seconds = json.loads(output.splitlines()[-1])
    return [float(value) for value in seconds]


def run_as_process(command: list[str], env: Mapping[str, str]) -> str:
    ended = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    if ended.returncode:
        raise SystemExit(f"{shlex.join(command)} failed; are the clusters up?\n{ended.stderr}")
    return ended.stdout


def run_as_job(command: list[str]) -> str:
    jobs = JobSubmissionClient(RAY_JOBS)
    job = jobs.submit_job(entrypoint=shlex.join(command))
    while not jobs.get_job_status(job).is_terminal():
        time.sleep(0.5)
    logs = jobs.get_job_logs(job)
    if jobs.get_job_status(job) != JobStatus.SUCCEEDED:
        raise SystemExit(f"Ray job {job} failed: {shlex.join(command)}\n{logs}")
    return logs


def measure_one(name: str, repeats: int) -> None:
    """Print the seconds of each repeat; the first, which warms up, is left out."""
    measurement = next(m for m in MEASUREMENTS if str(m) == name)
    runs = measurement.run()
    next(runs)
    seconds = list(islice(runs, repeats))
    runs.close()  # type: ignore[attr-defined]
    print(json.dumps(seconds))


def conditions(repeats: int) -> dict[str, Any]:
    """Say what was measured where and with what; nothing that names the machine."""
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "memory_gib": round(psutil.virtual_memory().total / 2**30),
            "processor": platform.machine(),
            "system": platform.system(),
            "load_at_start": round(os.getloadavg()[0], 1),
        },
        "versions": {
            "python": platform.python_version(),
            **{package: version(package) for package in ("dask", "distributed", "ray")},
        },
        "settings": {
            "repeats": repeats,
            "workers": WORKERS,
            "tasks": TASKS,
            "bytes": BYTES,
            "darts": DARTS * THROWERS,
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=7, help="of each measurement (default: 7)")
    parser.add_argument("--out", type=Path, default=DATA, help="the data file to write")
    parser.add_argument("--one", metavar="NAME", help="print one measurement's seconds as JSON")
    arguments = parser.parse_args()
    if arguments.one:
        return measure_one(arguments.one, arguments.repeats)

    data = conditions(arguments.repeats) | {"results": []}
    columns = TextColumn("{task.description:32}"), BarColumn(), MofNCompleteColumn()
    console = Console()
    # Here, since a measurement runs this file elsewhere, in a Ray job for one.
    from runner.clusters.keeper import running  # noqa: PLC0415
    from runner.clusters.kinds.dask import Dask  # noqa: PLC0415
    from runner.clusters.kinds.ray import Ray  # noqa: PLC0415
    from runner.processes.workspace import environment  # noqa: PLC0415
    from runner.snippets.catalog import ROOT  # noqa: PLC0415

    with (
        running(Dask(), Ray()),
        Progress(*columns, TimeElapsedColumn(), console=console) as progress,
    ):
        env = environment(ROOT, ["dask", "ray"])  # as a snippet has it
        bar = progress.add_task("", total=len(MEASUREMENTS))
        for measurement in MEASUREMENTS:
            progress.update(bar, description=str(measurement))
            seconds = measure(measurement, arguments.repeats, env)
            middle, low, high = statistics.median(seconds), min(seconds), max(seconds)
            progress.print(f"{measurement!s:32} {middle:8.4f} s  ({low:.4f}–{high:.4f})")
            fields = asdict(measurement)
            kept = {name: fields[name] for name in ("figure", "label", "part")}
            data["results"].append(kept | {"seconds": [round(value, 6) for value in seconds]})
            progress.advance(bar)

    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    arguments.out.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    console.print(f"written: {arguments.out}; npm run bench:talk draws the plots from it")


if __name__ == "__main__":
    main()
