"""The interpreters that stand by, so that a click costs no import time."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from pathlib import Path

from runner.catalog import Snippet
from runner.process import Process
from runner.workspace import Workspace

STANDBY = Path(__file__).with_name("standby.py")
ENGINES = ("dask", "ray", "plain")


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
    """One interpreter for each engine, used once. Leaving it ends those that still wait.

    If we die, whatever we die of, their pipes close and they end.
    """

    def __init__(self, where: Workspace) -> None:
        self._where = where
        self.waiting: dict[str, Standby] = {}
        self._filling = asyncio.Lock()

    async def __aenter__(self) -> Pool:
        await self.fill()
        return self

    async def __aexit__(self, *_: object) -> None:
        for engine in list(self.waiting):
            await self.waiting.pop(engine).end()

    async def fill(self) -> None:
        """Start those that are missing; returns before their imports are done."""
        async with self._filling:
            for engine in ENGINES:
                standby = self.waiting.get(engine)
                if standby and standby.process.status is not None:
                    await self.waiting.pop(engine).end()
                if engine not in self.waiting:
                    self.waiting[engine] = await self._start(engine)

    async def take(self, snippet: Snippet) -> Process | None:
        """Have a Python snippet run by the one that fits it; nothing if none waits.

        None of them has an input, for a snippet that asks.
        """
        if snippet.kind != "py" or snippet.installs or snippet.answers is not None:
            return None
        standby = self.waiting.pop(snippet.engine or "plain", None)
        if standby is None:
            return None
        standby.process.resize(snippet.declared.columns, snippet.declared.rows)
        try:
            os.write(standby.pipe, snippet.command[1].encode())
        except BrokenPipeError:  # it has died while it waited
            await standby.end()
            return None
        os.close(standby.pipe)
        standby.process.restart_clock()
        return standby.process

    async def _start(self, engine: str) -> Standby:
        orders, pipe = os.pipe()
        try:
            command = ["python", str(STANDBY), engine, str(orders)]
            return Standby(
                await Process.start(command, self._where, pass_fds=[orders]),
                pipe,
            )
        except BaseException:
            os.close(pipe)
            raise
        finally:
            os.close(orders)
