"""Presenting: the deck on screen at once, its clusters behind it, and nothing left afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
import webbrowser
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from runner.board import Board
from runner.clusters.keeper import Clusters
from runner.clusters.kinds import Kind, Status, kinds
from runner.engine import is_stale
from runner.live.runs import Runs
from runner.snippets.catalog import ROOT
from runner.tunnel import tunnel
from runner.web.access import network_address
from runner.web.guests import Audience, Remote, inviting
from runner.web.server import Deck, serving

END_SECONDS = 40.0  # more than ending takes when all obey, on a busy machine, too
NO_NETWORK = (
    "This machine is in no network, so only its own browsers can use these. Join one, best the "
    "phone's own hotspot, then press q in the presenter view: its codes have the new address."
)
NO_NODE = "node is not on the PATH; present with: npm start"


class BuildError(Exception):
    """There is no deck to show; the message is what the build said."""


@dataclass(frozen=True)
class Options:
    """How the deck is presented.

    Attributes:
        browser: open it there.
        watch: build it again on every change.
        short: the short version.
        edit: the code on slides can be changed, and run so.
        remote: the port for the phone in the speaker's hand; none is not offered.
        audience: the port for the audience's own screens; none is not offered.
        ssh: the machine that has the clusters, as one gives it to `ssh`; none: this one.
    """

    port: int = 8080
    browser: bool = True
    watch: bool = False
    short: bool = False
    edit: bool = False
    remote: int | None = None
    audience: int | None = None
    ssh: str | None = None

    @property
    def page(self) -> Path:
        """What is shown."""
        return ROOT / "dist" / ("short.html" if self.short else "index.html")

    @property
    def builder(self) -> list[str]:
        """What builds it."""
        flags = {"--short": self.short, "--watch": self.watch}
        return [
            # Memory for what is short-lived, in MB: to make room in less takes a fifth of an edit.
            *("node", "--max-semi-space-size=64", "engine/build.mjs", "--html-only"),
            *(flag for flag, given in flags.items() if given),
        ]


async def present(options: Options, wanted: Sequence[Kind]) -> None:
    """Present until Ctrl-C, SIGTERM, SIGHUP or the death of the process that started us.

    Raises:
        PortTakenError: something else listens on `port`.
        BuildError: there is no deck to show.
        TunnelError: the machine that has the clusters cannot be reached.
    """
    loop = asyncio.get_running_loop()
    with Board() as board:
        work = asyncio.create_task(_present(options, wanted, board))

        def end() -> None:
            # Once: a second Ctrl-C must not cancel the clean-up of the first.
            if not ending.is_set():
                ending.set()
                board.note("Ending …")
                work.cancel()
                # Should something of ours hang, our death ends what we have started.
                loop.call_later(END_SECONDS, os._exit, 1)

        ending = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, end)
        orphaned = asyncio.create_task(_end_with_parent(end))
        try:
            with suppress(asyncio.CancelledError):
                await work
        finally:
            orphaned.cancel()


async def _present(options: Options, wanted: Sequence[Kind], board: Board) -> None:
    board.show("Deck", Status("starting", "opening"))
    async with (
        _way_to_clusters(options, wanted, board),
        Clusters(*wanted, start=not options.ssh) as clusters,
        Runs(lambda: clusters.statuses, editable=options.edit, wake=clusters.try_now) as runs,
        serving(runs, clusters, port=options.port, page=options.page, keep=ROOT / ".keys") as deck,
        AsyncExitStack() as stack,
    ):
        board.note(f"The deck is at {deck.link()}")
        for kind, port in {Remote: options.remote, Audience: options.audience}.items():
            if port:
                guests = await stack.enter_async_context(inviting(deck, kind, port))
                board.note(f"For {kind.whose}: {guests.access.link()}")
        if (options.remote or options.audience) and not network_address():
            board.note(NO_NETWORK)
        opening = asyncio.create_task(_open(options, deck, board))
        if sys.stdin.isatty():
            board.note("Enter prints a link for another browser, Ctrl-C ends.")
            asyncio.get_running_loop().add_reader(sys.stdin, _print_link, deck, board)
        statuses = asyncio.create_task(_show_statuses(clusters, board))
        try:
            if options.watch:
                await _watch(options, deck, board)
            elif await asyncio.to_thread(is_stale, options.page):
                await _build(options, deck, board)
            else:
                board.show("Deck", Status("ready", "up to date"))
            await asyncio.Event().wait()
        finally:
            opening.cancel()
            statuses.cancel()


async def _open(options: Options, deck: Deck, board: Board) -> None:
    if await deck.is_visited_again():
        board.note("The windows of the last start are back.")
    elif options.browser:
        open_browser(deck.link())


def _way_to_clusters(
    options: Options, wanted: Sequence[Kind], board: Board
) -> AbstractAsyncContextManager[None]:
    if not options.ssh:
        return nullcontext()
    ports = [port for kind in wanted for port in kind.ports]
    return tunnel(options.ssh, ports, lambda status: board.show("SSH", status))


async def _end_with_parent(end: Callable[[], None]) -> None:
    """npm, or the terminal's shell, may be killed without a word to us."""
    parent = os.getppid()
    while os.getppid() == parent:  # noqa: ASYNC110 nothing tells of it, one has to look
        await asyncio.sleep(1)
    end()


async def _show_statuses(clusters: Clusters, board: Board) -> None:
    shown: dict[str, Status] = {}
    async for statuses in clusters.changes():
        for name, status in statuses.items():
            if shown.get(name) != status:
                board.show(kinds()[name].title, status)
        shown = statuses


def _print_link(deck: Deck, board: Board) -> None:
    if sys.stdin.readline():
        board.note(deck.link())
    else:
        asyncio.get_running_loop().remove_reader(sys.stdin)


def open_browser(url: str) -> None:
    """Opens the page in the reader's browser, unless that would be one inside this terminal."""
    if sys.platform != "linux" or {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & os.environ.keys():
        # A thread, since some browsers return only when they are closed.
        threading.Thread(target=webbrowser.open, args=[url], daemon=True).start()


async def _builder(options: Options) -> asyncio.subprocess.Process:
    try:
        return await asyncio.create_subprocess_exec(
            *options.builder,
            cwd=ROOT,
            stdin=asyncio.subprocess.PIPE,  # a builder that watches ends when this closes
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=2**20,
        )
    except FileNotFoundError:
        raise BuildError(NO_NODE) from None


async def _build(options: Options, deck: Deck, board: Board) -> None:
    """Builds the deck once; if that fails, the last one stays on screen."""
    board.show("Deck", Status("starting", "building"))
    builder = await _builder(options)
    try:
        output, _ = await builder.communicate()
    finally:
        await _end(builder)
    if builder.returncode == 0:
        deck.reload()
        board.show("Deck", Status("ready", "built"))
    elif options.page.exists():
        board.note(output.decode(errors="replace"))
        board.show("Deck", Status("down", "could not be built; the last one is shown"))
    else:
        raise BuildError(output.decode(errors="replace"))


async def _watch(options: Options, deck: Deck, board: Board) -> None:
    """Builds the deck on every change, and shows the result or the faults on every page."""
    last, again = "", True
    while again:
        again = False
        board.show("Deck", Status("starting", "building"))
        builder = await _builder(options)
        assert builder.stdout is not None
        try:
            async for line in builder.stdout:
                last = line.decode(errors="replace").strip()
                if last.startswith("{"):
                    report = json.loads(last)
                    again = report["type"] == "restart"
                    _tell(report, deck, board)
        finally:
            await _end(builder)
    raise BuildError(f"engine/build.mjs --watch has ended: {last}")


def _tell(report: dict[str, Any], deck: Deck, board: Board) -> None:
    match report["type"]:
        case "built":
            deck.reload()
            # With the time: one that takes as long as the one before is told apart from it.
            clock = time.strftime("%H:%M:%S")
            board.show("Deck", Status("ready", f"built in {report['ms'] / 1000:.1f} s at {clock}"))
        case "faults":
            deck.faults(report["faults"], shown=report.get("shown", False))
            board.show("Deck", Status("down", "\n".join(report["faults"])))


async def _end(builder: asyncio.subprocess.Process) -> None:
    if builder.returncode is None:
        with suppress(ProcessLookupError):
            builder.terminate()
        await builder.wait()
