"""Live runs: they live here and not in the page, so that every page shows the same."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from runner.clusters.kinds import Status, kinds
from runner.engine import EditError, EngineError, edit
from runner.live.channel import Channel
from runner.live.messages import Message, OutputMessage, Reason, RunMessage, State
from runner.processes.output import plain
from runner.processes.pool import Pool
from runner.processes.process import Process, limit_of
from runner.processes.workspace import Workspace, command_of, environment, workspace
from runner.recordings.compare import compare
from runner.recordings.recording import RecordingError, load
from runner.snippets.catalog import SNIPPETS, Snippet, UnknownSnippetError, find, sources
from runner.snippets.declaration import DeclarationError

log = logging.getLogger(__name__)

TOGETHER = 4  # snippets that may run at the same time
DOWN_PATIENCE = 4.0  # seconds in which a cluster that is down may begin to start again
START_PATIENCE = 90.0  # seconds in which one that starts must be ready
LOOK = 0.1  # seconds between two looks at the statuses
LATE = 3.0  # seconds after which a light has told of what made a run fail
FORLORN = 10.0  # seconds for which a run may go on once its cluster went down
MOST_EDITED = 65536  # characters of code that may stand in place of a snippet's

# The last line of a traceback that says a connection failed; the kinds of clusters know others.
UNREACHABLE = re.compile(
    r"^(?:[\w.]+\.)?Connection(?:Refused|Reset|Aborted)?Error.*$", re.MULTILINE
)


class RefusedError(Exception):
    """A run was not started; `reason` is for the page, the message for people."""

    def __init__(self, reason: Reason, detail: str) -> None:
        super().__init__(detail)
        self.reason = reason


@dataclass
class Run:
    """One run of one snippet, from the click to its exit."""

    snippet: Snippet
    files: Mapping[str, str] = field(default_factory=dict)  # by ids, in place of the repository's
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    state: State = "waiting"
    detail: str = ""
    status: int | None = None  # exit status; none while it runs, and if it never began
    fault: Literal["cluster"] | None = None
    outage: str = ""  # that a cluster which it needs went down meanwhile; it may be back
    difference: str | None = None  # from its recording; none until, and unless, it was compared
    process: Process | None = None
    asks: str | None = None  # it waits for a line; this is the prepared one, "" if there is none
    stopped: bool = False
    printed: list[str] = field(default_factory=list)
    ended: float | None = None

    @property
    def elapsed(self) -> float:
        """Seconds since it began to run, or for which it ran."""
        if self.ended is None:
            return self.process.elapsed if self.process else 0.0
        return self.ended

    def message(self) -> RunMessage:
        """Its state, for the page."""
        return {
            "type": "run",
            "run": self.id,
            "snippet": self.snippet.id,
            "state": self.state,
            "detail": self.detail,
            "elapsed": round(self.elapsed, 3),
            "status": self.status,
            "expected": self.snippet.declared.status,
            "columns": self.snippet.declared.columns,
            "rows": self.snippet.declared.rows,
            "asks": self.asks,
            "fault": self.fault,
            "edited": bool(self.files),
            "difference": self.difference,
        }

    def output(self, text: str) -> OutputMessage:
        """Some of its output, for the page."""
        return {"type": "output", "run": self.id, "snippet": self.snippet.id, "data": text}


class Runs:
    """All runs since the start. Leaving it ends them.

        async with Runs(lambda: clusters.statuses) as runs:
            runs.start("ray/client.py")

    Args:
        statuses: how the clusters are, by name; one that is missing was not asked for.
        root: the folder of the snippets.
        editable: take code that pages send in place of the snippets' own.
        wake: called with the name of a cluster that is down when a run waits for it.
    """

    def __init__(
        self,
        statuses: Callable[[], Mapping[str, Status]],
        root: Path = SNIPPETS,
        *,
        editable: bool = False,
        wake: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.editable = editable
        self._wake = wake
        self._statuses = statuses
        self._root = root
        self._latest: dict[str, Run] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}  # of the latest run of each snippet
        self.channel = Channel()
        where = Workspace(root.parent, environment(root.parent))
        self._pool = Pool(where, [kind for kind in kinds().values() if kind.name in statuses()])

    async def __aenter__(self) -> Runs:
        await self._pool.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for run in self._latest.values():
            self._stop(run)
        await asyncio.gather(*self._tasks.values())
        await self._pool.__aexit__()
        self.channel.close()

    async def edit(self, id: str, texts: Mapping[str, str]) -> dict[str, str]:
        """The files of a snippet with other code, to `start` it with. Nothing is written.

        Args:
            texts: code in place of what slides show, by its import: `ray/client.py#connect`.

        Raises:
            RefusedError: that is not wanted, it is too long, or it is of no region of the snippet.
        """
        if not texts:
            return {}
        if not self.editable:
            raise RefusedError(
                "edit", "only what is in snippets/ runs; to edit: npm start -- --edit"
            )
        for name, text in texts.items():
            if len(text) > MOST_EDITED:
                raise RefusedError(
                    "edit", f"{name}: more than {MOST_EDITED:,} characters; shorten it"
                )
        try:
            snippet = find(id, self._root)
            files = await asyncio.to_thread(edit, texts, self._root.parent)
        except UnknownSnippetError as error:
            raise RefusedError("unknown", str(error)) from error
        except (EditError, EngineError) as error:
            raise RefusedError("edit", str(error)) from error
        for other in set(files) - set(sources(snippet)):
            raise RefusedError("edit", f"{other} is no part of {id}; edit what it runs")
        return files

    def start(
        self, id: str, *, restart: bool = False, files: Mapping[str, str] | None = None
    ) -> Run:
        """Run a snippet; returns at once.

        Args:
            restart: end the run of it that there is; otherwise that is a reason to refuse.
            files: texts, by ids, in place of the repository's.

        Raises:
            RefusedError: it runs already, it is unknown, or too many run.
        """
        try:
            snippet = find(id, self._root)
            _ = snippet.declared
        except (UnknownSnippetError, DeclarationError) as error:
            raise RefusedError("unknown", str(error)) from error
        active = {run.snippet.id for run in self._latest.values() if run.state != "exited"}
        if id in active and not restart:
            raise RefusedError("running", f"{id} runs already; stop it or start it over")
        if len(active - {id}) >= TOGETHER:
            raise RefusedError("busy", f"{TOGETHER} snippets run already; stop one of them")
        before = self._tasks.get(id)
        self.stop(id)
        run = self._latest[id] = Run(snippet, files or {})
        self._tasks[id] = asyncio.create_task(self._live(run, before))
        return run

    def stop(self, id: str) -> None:
        """Begin to end the run of a snippet, if it has one; returns at once."""
        if id in self._latest:
            self._stop(self._latest[id])

    def answer(self, id: str, line: str | None) -> None:
        """Type a line for the snippet that waits for one; none ends its input. Else do nothing."""
        run = self._latest.get(id)
        if run and run.asks is not None and run.process:
            run.asks = None
            run.process.type(line)
            self.channel.publish(run.message())

    def history(self) -> Iterator[Message]:
        """The latest run of each snippet, with all its output: what a new page must be told."""
        for run in self._latest.values():
            yield run.message()
            if run.printed:
                yield run.output("".join(run.printed))

    def subscribe(self, *, pace: float = 0.0) -> AbstractContextManager[AsyncIterator[Message]]:
        """The messages for one page, from the start; see `Channel.subscribe`."""
        return self.channel.subscribe(self.history(), pace=pace)

    def _stop(self, run: Run) -> None:
        run.stopped = True
        if run.process and run.state == "running":
            run.process.stop()

    async def _live(self, run: Run, before: asyncio.Task[None] | None) -> None:
        """A run, from its start to its end."""
        with contextlib.ExitStack() as stack:
            if before and not before.done():
                self._show(run, "waiting", "ending the run before")
                await before
            try:
                if await self._cluster_is_ready(run):
                    # In a thread, since a cluster is asked where it is.
                    entering = workspace(run.snippet, run.files)
                    where = await asyncio.to_thread(stack.enter_context, entering)
                    await self._execute(run, where)
            except Exception as error:
                # A fault of ours must not look like a run that goes on for ever.
                log.exception("%s could not be run", run.snippet)
                self._show(run, "exited", f"could not be run: {error}")
            try:
                # A folder full of packages takes a moment to remove.
                await asyncio.to_thread(stack.close)
                if all(run.state == "exited" for run in self._latest.values()):
                    # Not earlier: imports would take the processor from what runs.
                    await self._pool.fill()
            except Exception:
                log.exception(
                    "after %s: no interpreter stands by; the next run is cold", run.snippet
                )

    async def _cluster_is_ready(self, run: Run) -> bool:
        """Wait for the clusters that a snippet needs; tell why if they do not come."""
        waited = down = 0.0
        while not run.stopped:
            statuses = self._statuses()
            for name in sorted(run.snippet.needs):
                status = statuses.get(name) or Status("down", "it was not asked for at the start")
                if status.state != "ready":
                    break
            else:
                return True
            if status.state == "down" and name in statuses and not down:
                self._wake(name)
            impatient = waited >= START_PATIENCE or down >= DOWN_PATIENCE
            if impatient or name not in statuses:
                run.fault = "cluster"
                self._show(
                    run, "exited", f"{kinds()[name].title} is {status.state}: {status.detail}"
                )
                return False
            self._show(run, "waiting", f"waiting for {kinds()[name].title}: {status.detail}")
            await asyncio.sleep(LOOK)
            waited += LOOK
            down = down + LOOK if status.state == "down" else 0.0
        self._show(run, "exited", "stopped")
        return False

    async def _execute(self, run: Run, where: Workspace) -> None:
        command = await asyncio.to_thread(command_of, run.snippet)
        as_read = command == run.snippet.command
        process = await self._pool.take(run.snippet, where) if as_read else None
        run.process = process or await Process.start(command, where)
        prepared = iter(where.answers or ())

        def asked() -> None:
            if run.asks is None:
                run.asks = next(prepared, "")
                self.channel.publish(run.message())

        # The speaker answers: with what is prepared, or with something else.
        run.process.asked = asked
        # A program is silent while it connects, one that has become a job for seconds.
        needed = " and ".join(kinds()[name].title for name in sorted(run.snippet.needs))
        self._show(run, "running", f"waiting for {needed}…" if needed else "")
        if run.stopped:  # while it was started
            run.process.stop()
        watching = asyncio.create_task(self._watch(run))
        try:
            async for output in run.process.output(limit=limit_of(run.snippet)):
                self._show(run, "running", run.outage)
                run.printed.append(output.text)
                self.channel.publish(run.output(output.text))
        finally:
            watching.cancel()
        run.asks = None
        run.ended = run.process.elapsed
        run.status = run.process.status
        if run.stopped:
            self._show(run, "exited", "stopped")
        elif run.status != run.snippet.declared.status and (why := self._fault(run)):
            run.fault = "cluster"
            self._show(run, "exited", why)
        else:
            run.fault = None
            self._show(run, "exited", run.process.overdue)
            if not run.files:  # else it may print what it likes
                run.difference = await asyncio.to_thread(_difference, run)
                self.channel.publish(run.message())
            if run.snippet.needs and run.status != run.snippet.declared.status:
                await self._look_again(run)

    async def _watch(self, run: Run) -> None:
        """Tell at once that a cluster which it needs goes down, and end what then hangs."""
        while not run.outage:
            await asyncio.sleep(LOOK)
            for name in sorted(run.snippet.needs):
                status = self._statuses().get(name)
                if status and status.state == "down":
                    run.outage = f"{kinds()[name].title} is down: {status.detail}"
                    run.fault = "cluster"
                    self._show(run, "running", run.outage)
        # Ray's programs look for a head that has died for a minute.
        await asyncio.sleep(FORLORN)
        assert run.process
        run.process.stop(f"ended {FORLORN:g} s after its cluster")

    async def _look_again(self, run: Run) -> None:
        """Blame a cluster after all whose light goes out after the run that failed of it."""
        for _ in range(round(LATE / LOOK)):
            if run.stopped:
                return
            await asyncio.sleep(LOOK)
            if why := self._unready(run):
                run.fault = "cluster"
                self._show(run, "exited", why)
                return

    def _unready(self, run: Run) -> str:
        """Which of the clusters that it needs is not ready, and why; empty: all are."""
        for name in sorted(run.snippet.needs):
            status = self._statuses().get(name)
            if status and status.state != "ready":
                return f"{kinds()[name].title} is {status.state}: {status.detail}"
        return ""

    def _fault(self, run: Run) -> str:
        """Why a failed run failed, if that was its cluster's fault."""
        if why := run.outage or self._unready(run):
            return why
        text = plain("".join(run.printed[-50:]))  # tracebacks have colours since Python 3.13
        theirs = [kinds()[name].unreachable for name in run.snippet.needs]
        # What needs no cluster connects elsewhere.
        patterns = [UNREACHABLE, *theirs] if theirs else []
        said = [match for pattern in patterns for match in pattern.finditer(text)]
        if not said:
            return ""
        last = max(said, key=lambda match: match.start())
        return f"the cluster cannot be reached: {last[0].strip()}"

    def _show(self, run: Run, state: State, detail: str) -> None:
        if (run.state, run.detail) != (state, detail) or state == "exited":
            run.state, run.detail = state, detail
            self.channel.publish(run.message())


def _difference(run: Run) -> str | None:
    """How what a run printed differs from its recording, as the tests tell it."""
    try:
        recorded = load(run.snippet)
        difference = compare(run.snippet, recorded.text, "".join(run.printed))
    except (RecordingError, EngineError):
        return None
    if not difference and run.status != recorded.status:
        return f"{run.snippet} ended with {run.status}, its recording with {recorded.status}"
    return difference
