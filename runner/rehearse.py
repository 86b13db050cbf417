"""The speaker's pre-flight: everything that the talk needs, tried once; ends with go or no-go."""

from __future__ import annotations

import asyncio
import os
import shutil
import time
import webbrowser
from collections.abc import AsyncIterator, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil
from rich.console import Console
from rich.markup import escape

from runner.clusters.keeper import SCRATCH, ClusterError, Clusters
from runner.clusters.kinds import Kind
from runner.clusters.ports import holder, is_free, listener
from runner.engine import Deck, DeckError, is_stale, read_deck
from runner.live.runs import RefusedError, Run, Runs
from runner.processes.namespaces import lacking
from runner.recordings.compare import compare, screen
from runner.recordings.recording import RecordingError, load
from runner.snippets.catalog import ROOT, Snippet, needed, runnable, sources
from runner.web.server import PAGE

DECK_PORT = 8080
FREE_DISK = 2.0  # GB, for what clusters spill and log
FREE_MEMORY = 2.0  # GB, for both clusters and a browser


@dataclass(frozen=True)
class Check:
    """One thing that was tried; if it failed, the remedy says what to do before the talk."""

    name: str
    ok: bool
    detail: str
    remedy: str = ""


def rehearse() -> int:
    """Try everything. Returns 0 for go, 1 for no-go."""
    return asyncio.run(report(checks(), Console(highlight=False)))


async def report(checks: AsyncIterator[Check], console: Console) -> int:
    """Show each result as it comes, then what there is to mend, and go or no-go."""
    begun = time.monotonic()
    failed: list[Check] = []
    with console.status("Trying …") as status:
        async for check in checks:
            mark = "[green]✓[/]" if check.ok else "[red]✗[/]"
            told = f"{escape(f'{check.name:<36}')} {escape(check.detail)}"
            console.print(mark, told, soft_wrap=True)
            status.update(f"Trying … {time.monotonic() - begun:.0f} s, after {check.name}")
            if not check.ok:
                failed.append(check)
    for check in failed:
        console.print(f"\n[red]{escape(check.name)}[/]: {escape(check.remedy)}", soft_wrap=True)
    seconds = time.monotonic() - begun
    verdict = f"[bold red]NO-GO[/], {len(failed)} to mend" if failed else "[bold green]GO[/]"
    console.print(f"\n{verdict} ({seconds:.0f} s)")
    return 1 if failed else 0


async def checks(
    wanted: Sequence[Kind] | None = None, *, deck_port: int = DECK_PORT
) -> AsyncIterator[Check]:
    """Everything that the talk needs, the quick things first.

    Args:
        wanted: clusters; if none, those that the deck's programs need.
    """
    yield await asyncio.to_thread(_port, deck_port, "deck")
    yield _disk()
    yield _memory()
    yield _browser()
    try:
        deck = await asyncio.to_thread(read_deck, ROOT)
    except DeckError as error:
        yield Check("deck", False, "it cannot be shown", str(error))
        return
    programs = shown_programs(deck.snippets)
    wanted = needed(programs) if wanted is None else wanted
    for port, id in declared_ports(deck.snippets).items():
        yield await asyncio.to_thread(_port, port, id)
    yield _deck()
    yield _dashboards(deck, wanted)
    begun = time.monotonic()
    async with Clusters(*wanted) as clusters, Runs(lambda: clusters.statuses) as runs:
        for kind in wanted:
            yield await _cluster(clusters, kind, begun)
        for snippet in programs:
            yield await try_snippet(runs, snippet)


def _port(port: int, use: str) -> Check:
    name = f"port {port}"
    if is_free(port):
        return Check(name, True, f"free for {_the(use)}")
    if _is_presentation(listener(port)):
        return Check(name, True, "in use by a presentation of this deck")
    who = holder(port)
    return Check(name, False, f"held by {who}", f"{_the(use)} needs it: end {who}")


def _the(use: str) -> str:
    return use if "." in use else f"the {use}"  # files go by their names


def _is_presentation(process: psutil.Process | None) -> bool:
    with suppress(psutil.Error):
        if process and Path(process.cwd()) == ROOT:
            return process.cmdline()[1:4] == ["-m", "runner", "present"]
    return False


def _disk() -> Check:
    free = min(shutil.disk_usage(folder).free for folder in (ROOT, SCRATCH)) / 1e9
    remedy = f"free at least {FREE_DISK:g} GB where the project is and in {SCRATCH}"
    return Check("disk", free >= FREE_DISK, f"{free:.1f} GB free", remedy)


def _memory() -> Check:
    free = psutil.virtual_memory().available / 1e9
    remedy = f"close programs until {FREE_MEMORY:g} GB are free"
    return Check("memory", free >= FREE_MEMORY, f"{free:.1f} GB free", remedy)


def _browser() -> Check:
    remedy = "install Chrome, Edge or Firefox, or name one: BROWSER=/path/to/it npm start"
    try:
        name = str(getattr(webbrowser.get(), "name", "the system's"))
    except webbrowser.Error:
        name = os.environ.get("CHROME_PATH", "")
    return Check("browser", bool(name), name or "none found", remedy)


def _deck() -> Check:
    stale = is_stale(PAGE, ROOT)
    detail = "missing or older than its sources" if stale else "built from the sources as they are"
    return Check("deck", not stale, detail, "build it: npm run build")


def _dashboards(deck: Deck, wanted: Sequence[Kind]) -> Check:
    """Each that a slide shows must be that of a cluster, or its slide shows a still for ever."""
    ports = {kind.dashboard for kind in wanted}
    wrong = [
        f"slides/deck.md:{dashboard['line']}: {dashboard['address']}"
        for dashboard in deck.dashboards
        if urlsplit(dashboard["address"]).port not in ports
    ]
    remedy = f"no cluster has one there: {', '.join(wrong)}; they are on the ports {sorted(ports)}"
    return Check("dashboards", not wrong, f"{len(deck.dashboards)} on slides", remedy)


async def _cluster(clusters: Clusters, kind: Kind, begun: float) -> Check:
    try:
        await clusters.ready(kind.name)
    except ClusterError as error:
        return Check(kind.title, False, str(error), str(error))
    seconds = time.monotonic() - begun
    detail = f"{clusters.statuses[kind.name].detail}; ready after {seconds:.1f} s"
    return Check(kind.title, True, detail)


def shown_programs(shown: Set[str]) -> list[Snippet]:
    """The programs of which any part is among these ids; those that install packages last."""
    programs = [snippet for snippet in runnable() if shown & set(sources(snippet))]
    return sorted(programs, key=lambda snippet: (snippet.installs, snippet.id))


def declared_ports(shown: Set[str]) -> dict[int, str]:
    """The ports on which what is shown of these ids listens, and which snippet says so."""
    ids = {*shown, *(id for program in shown_programs(shown) for id in sources(program))}
    return {port: id for id in sorted(ids) for port in Snippet(id).declared.ports}


async def try_snippet(runs: Runs, snippet: Snippet) -> Check:
    """Run a snippet as a click on its slide does, and compare what it prints."""
    if snippet.declared.namespaces and lacking():
        return Check(snippet.id, True, f"not run, show its recording: {lacking()}")
    try:
        recorded = load(snippet).text
        run = await _ended(runs, snippet)
    except (RecordingError, RefusedError) as error:
        return Check(snippet.id, False, str(error), str(error))
    printed = "".join(run.printed)
    if run.status != snippet.declared.status:
        said = screen(snippet, printed).text.splitlines()[-1:]
        detail = run.detail or " ".join([f"exit status {run.status}:", *said])
        network = "it needs a network: show its recording instead; " if snippet.installs else ""
        remedy = f"{network}see what it says: {' '.join(snippet.command)}"
        return Check(snippet.id, False, detail, remedy)
    if difference := compare(snippet, recorded, printed):
        return Check(snippet.id, False, "printed something else than its recording", difference)
    return Check(snippet.id, True, f"as recorded, in {run.elapsed:.1f} s")


async def _ended(runs: Runs, snippet: Snippet) -> Run:
    answers = iter(snippet.answers or ())
    with runs.subscribe() as messages:
        run = runs.start(snippet.id)
        async for message in messages:
            if message.get("run") != run.id:
                continue
            if message.get("state") == "exited":
                break
            if message.get("asks") is not None:
                runs.answer(snippet.id, next(answers, None))
    return run
