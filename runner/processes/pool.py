"""The interpreters that stand by, so that a click costs no import time."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from runner.clusters.kinds import Kind, installed, kinds
from runner.processes.process import Process
from runner.processes.workspace import Workspace
from runner.snippets.catalog import Snippet

STANDBY = Path(__file__).with_name("standby.py")
PLAIN = "os"  # what an interpreter preloads that is for no kind of cluster
STEADY = 10.0  # seconds after which one that dies is replaced; earlier, another would die, too


@dataclass(frozen=True)
class Standby:
    """One that waits: what it runs is written to its pipe."""

    process: Process
    pipe: int

    async def end(self) -> None:
        """Send it home."""
        os.close(self.pipe)
        await self.process.end()


class Pool:
    """One interpreter for each of these kinds of clusters and one for none, used once.

    Leaving it ends those that still wait; so does our death, since their pipes close.
    """

    def __init__(self, where: Workspace, kinds: Iterable[Kind] = ()) -> None:
        self._where = where
        self._preloads = (*(kind.preload for kind in kinds if kind in installed()), PLAIN)
        self.waiting: dict[str, Standby] = {}
        self._filling = asyncio.Lock()
        self._watching: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Pool:
        await self.fill()
        return self

    async def __aexit__(self, *_: object) -> None:
        waiting = list(self.waiting.values())
        self.waiting.clear()
        for task in self._watching:
            task.cancel()
        # At once: one that still imports may take seconds to obey.
        await asyncio.gather(*(standby.end() for standby in waiting))

    async def fill(self) -> None:
        """Start those that are missing; returns before their imports are done."""
        async with self._filling:
            for module in self._preloads:
                standby = self.waiting.get(module)
                if standby and standby.process.status is not None:
                    await self.waiting.pop(module).end()
                if module not in self.waiting:
                    self.waiting[module] = await self._start(module)
                    watching = asyncio.create_task(self._watch(module, self.waiting[module]))
                    self._watching.add(watching)
                    watching.add_done_callback(self._watching.discard)

    async def _watch(self, module: str, standby: Standby) -> None:
        """Replace one that dies while it waits, so that the next run is not cold."""
        await standby.process.wait()
        if self.waiting.get(module) is standby and standby.process.elapsed > STEADY:
            await self.fill()

    async def take(self, snippet: Snippet, where: Workspace) -> Process | None:
        """Have a Python snippet run by the one that fits it; nothing if none waits.

        None of them has an input, for a snippet that asks.

        Args:
            where: its folder, the size of its terminal, and what it finds in its environment
                beyond what the interpreter has.
        """
        if snippet.language != "py" or snippet.installs or snippet.answers is not None:
            return None
        standby = self.waiting.pop(_preload(snippet), None)
        if standby is None:
            return None
        standby.process.resize(where.columns, where.rows)
        orders = {
            "program": snippet.command[1],
            "folder": str(where.folder),
            "environment": dict(where.env.items() - self._where.env.items()),
        }
        try:
            os.write(standby.pipe, json.dumps(orders).encode())
        except BrokenPipeError:  # it has died while it waited
            await standby.end()
            return None
        os.close(standby.pipe)
        standby.process.restart_clock()
        return standby.process

    async def _start(self, module: str) -> Standby:
        orders, pipe = os.pipe()
        try:
            command = ["python", str(STANDBY), module, str(orders)]
            return Standby(
                await Process.start(command, self._where, pass_fds=[orders]),
                pipe,
            )
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(orders)


def _preload(snippet: Snippet) -> str:
    """The module of the kind of cluster that it is about: its folder's, or the first it needs."""
    for name in (snippet.folder, *snippet.needs):
        if name in kinds():
            return kinds()[name].preload
    return PLAIN
