"""Measure how the talk's two problems scale, as far as the cores of this machine go.

π is computed from nothing, letters are counted in texts that are sent. Each is done by one process,
then on Dask and on Ray by 1, 2, 4 … workers, on clusters made for it. assets/plots/scaling.json
gets every value, and what a task of each problem takes without its work: with these two,
bench/talk/plot.py draws a model for more workers than there are cores.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import random
import statistics
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import cloudpickle
import ray
from dask.distributed import Client
from rich.console import Console

from bench.talk import measure as talk
from bench.talk.measure import conditions, count_hits, seconds_of
from runner.clusters.keeper import running
from runner.clusters.kinds.dask import Dask
from runner.clusters.kinds.ray import Ray
from runner.clusters.ports import free_port
from runner.processes.workspace import environment
from runner.snippets.catalog import ROOT

DATA = Path(__file__).parents[2] / "assets" / "plots" / "scaling.json"
TASKS = 48  # as many for each of 16 workers
DARTS = 200_000  # of a task of π
LETTERS = 1_000_000  # of a text
COUNTS = (1, 2, 4, 8, 16)  # of workers

# A function of a module travels as the module's name, which no worker knows; these are sent whole.
cloudpickle.register_pickle_by_value(talk)
ray.cloudpickle.register_pickle_by_value(talk)


def throw(seed: int) -> int:
    """Throw the darts of one task."""
    return count_hits(seed, DARTS)


def count_letters(text: str) -> Counter[str]:
    """Count how often each letter occurs."""
    return Counter(text)


def nothing(_: object) -> None:
    """Do no work: what is left is to send the argument."""


def texts() -> list[str]:
    """Make as many texts as there are tasks; no two are the same."""
    letters = "abcdefghijklmnopqrstuvwxyz"
    made = random.Random(42).choices(letters, k=LETTERS)  # noqa: S311 - no secret
    return ["".join(made[shift:] + made[:shift]) for shift in range(TASKS)]


@dataclass(frozen=True)
class Problem:
    """What each task does, and with which arguments."""

    name: str
    work: Callable[[Any], Any]
    arguments: Sequence[Any]


Run = Callable[[Callable[[Any], Any], Sequence[Any]], object]


@contextmanager
def on_dask(dask: Dask, workers: int) -> Iterator[Run]:
    """Have so many of its workers do it."""
    with Client(f"127.0.0.1:{dask.port}") as client:
        some = list(client.scheduler_info(n_workers=-1)["workers"])[:workers]

        def run(work: Callable[[Any], Any], arguments: Sequence[Any]) -> object:
            return client.gather(client.map(work, arguments, pure=False, workers=some))

        run(nothing, range(len(some)))
        yield run


@contextmanager
def on_ray(head: Ray, workers: int) -> Iterator[Run]:
    """Have so many at a time do it: each takes its share of the cores."""
    ray.init(head.address(), logging_level=logging.ERROR, log_to_driver=False)
    try:

        def run(work: Callable[[Any], Any], arguments: Sequence[Any]) -> object:
            task = ray.remote(num_cpus=head.cpus / workers)(work)
            return ray.get([task.remote(argument) for argument in arguments])

        run(nothing, range(workers))
        yield run
    finally:
        ray.shutdown()


def here(work: Callable[[Any], Any], arguments: Sequence[Any]) -> object:
    """Do it in this process."""
    return [work(argument) for argument in arguments]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5, help="of each measurement (default: 5)")
    parser.add_argument("--out", type=Path, default=DATA, help="the data file to write")
    arguments = parser.parse_args()

    data = conditions(arguments.repeats)
    data["settings"] = {"repeats": arguments.repeats, "tasks": TASKS, "darts": DARTS * TASKS}
    data["settings"]["letters"] = LETTERS * TASKS
    data["results"] = []
    console = Console()
    # To send much with a task is what is measured here.
    warnings.filterwarnings("ignore", "Sending large graph")
    counts = [count for count in COUNTS if count <= (os.cpu_count() or 1)]
    cores = counts[-1]
    problems = [Problem("π", throw, range(TASKS)), Problem("letters", count_letters, texts())]

    def measure(problem: Problem, way: str, workers: int, run: Run, *, empty: bool = False) -> None:
        work = nothing if empty else problem.work
        run(work, problem.arguments)  # warms up
        seconds = [
            seconds_of(lambda: run(work, problem.arguments)) for _ in range(arguments.repeats)
        ]
        what = "sent, without work" if empty else "done"
        told = f"{statistics.median(seconds):7.3f} s ({min(seconds):.3f}–{max(seconds):.3f})"
        console.print(f"{problem.name:8} {way:12} {workers:2} {what:20} {told}")
        kept = {"problem": problem.name, "way": way, "workers": workers, "empty": empty}
        data["results"].append(kept | {"seconds": [round(value, 6) for value in seconds]})

    for problem in problems:
        measure(problem, "one process", 1, here)
    dask = Dask(free_port(), free_port(), workers=cores)
    head = Ray(free_port(), free_port(), cpus=cores)
    with running(dask, head):
        for way, made in {"Dask": partial(on_dask, dask), "Ray": partial(on_ray, head)}.items():
            for workers in counts:
                with made(workers) as run:
                    for problem in problems:
                        measure(problem, way, workers, run)
                        if workers == counts[-1]:
                            measure(problem, way, workers, run, empty=True)

    arguments.out.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
    console.print(f"written: {arguments.out}; npm run bench:talk draws the plot from it")


if __name__ == "__main__":
    # As a snippet's environment has them: Ray reads its settings when it is imported.
    if any(os.environ.get(name) != value for name, value in Ray.environment.items()):
        os.execve(sys.executable, sys.orig_argv, environment(ROOT))  # noqa: S606 - this program
    main()
