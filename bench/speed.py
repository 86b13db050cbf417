"""Time what a presenter waits for, beside what it is to be compared with.

From the click to the first output, a fresh interpreter against one that stood by; and the build
of the HTML against stock Marp CLI on the same deck, which neither imports nor proves. Only ratios
mean something on another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from runner.clusters.keeper import running
from runner.clusters.kinds import kinds
from runner.clusters.kinds.dask import Dask
from runner.clusters.kinds.ray import Ray
from runner.processes.pool import Pool
from runner.processes.process import Process
from runner.processes.workspace import workspace
from runner.snippets.catalog import ROOT, Snippet

BUILD = ["node", "engine/build.mjs", "--html-only", "--draft"]
STOCK = ["node", "node_modules/@marp-team/marp-cli/marp-cli.js", "--no-config-file"]
IMPORTED = 4.0  # seconds after which one that stands by has done its imports


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5, help="of each timing (default: 5)")
    repeats = parser.parse_args().repeats

    table = Table("seconds, median", "cold", "ours", "ratio", title="Speed")
    console = Console()
    with (
        console.status("clusters") as status,
        running(Dask(), Ray()),
        tempfile.TemporaryDirectory() as name,
    ):
        plain = Path(name) / "snippets" / "hello.py"
        plain.parent.mkdir()
        plain.write_text('print("hello")\n', encoding="utf-8")
        for label, snippet in {
            "first output, plain": Snippet(plain.name, plain.parent),
            "first output, Dask": Snippet("dask/client.py"),
            "first output, Ray": Snippet("ray/client.py"),
        }.items():
            status.update(label)
            cold = median(partial(click, snippet, warm=False), repeats)
            warm = median(partial(click, snippet, warm=True), repeats)
            add(table, label, cold, warm)

        status.update("build")
        stock = [*STOCK, "--theme", "slides/theme.css", "slides/deck.md", "-o", f"{name}/deck.html"]
        add(
            table,
            "build HTML (stock Marp, ours)",
            median(partial(run, stock), repeats),
            median(partial(run, BUILD), repeats),
        )
    console.print(table)


def add(table: Table, label: str, cold: float, ours: float) -> None:
    table.add_row(label, f"{cold:.2f}", f"{ours:.2f}", f"{ours / cold:.2f}")


def median(seconds: Callable[[], float], repeats: int) -> float:
    return statistics.median(seconds() for _ in range(repeats))


def click(snippet: Snippet, *, warm: bool) -> float:
    return asyncio.run(first_output(snippet, warm=warm))


async def first_output(snippet: Snippet, *, warm: bool) -> float:
    """Run a snippet to its end; return the seconds from the click to its first output."""
    with workspace(snippet) as where:
        if not warm:
            return await run_to_end(await Process.start(snippet.command, where))
        async with Pool(where, kinds().values()) as pool:
            await asyncio.sleep(IMPORTED)
            process = await pool.take(snippet)
            assert process, f"nothing stood by for {snippet}"
            return await run_to_end(process)


async def run_to_end(process: Process) -> float:
    result = await process.result()
    if result.status:
        raise SystemExit(f"exit status {result.status}\n{result.text}")
    return result.output[0].at


def run(command: list[str]) -> float:
    start = time.perf_counter()
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{ended.stderr}")
    return seconds


if __name__ == "__main__":
    main()
