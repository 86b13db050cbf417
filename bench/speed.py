"""Time what people wait for, beside what it is to be compared with; writes bench/speed.json.

    npm run bench [-- --repeats 5] [-- --tests] [-- --only floods]

From the click to the first output, a fresh interpreter against one that stood by; the build of the
HTML, and an author's edit, against stock Marp CLI on the same deck, which neither imports nor
proves; a deck of a thousand slides against one of a hundred; `npm start` against starting the
clusters by hand, one after the other; what a run prints, until the projector's page has it, with a
hundred of the audience following, or fifty pages of the speaker's, against none; a hundred
megabytes of it against `/dev/null`, where a terminal alone takes longer, too. Only ratios mean
something on another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import datetime
import http.client
import json
import multiprocessing
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import asdict, dataclass
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from rich.console import Console
from rich.table import Table
from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from runner.clusters.keeper import Clusters, held, running
from runner.clusters.kinds import Kind, kinds
from runner.clusters.ports import holder
from runner.live.runs import Runs
from runner.present import Options
from runner.processes.pool import Pool
from runner.processes.process import Process
from runner.processes.workspace import Workspace, workspace
from runner.snippets.catalog import ROOT, Snippet
from runner.web.access import PROTOCOL
from runner.web.guests import Audience, inviting
from runner.web.server import serving

RESULT = ROOT / "bench" / "speed.json"
BUILD = ["node", str(ROOT / "engine" / "build.mjs"), "--html-only", "--draft"]
STOCK = ["node", "node_modules/@marp-team/marp-cli/marp-cli.js", "--no-config-file", "--html"]
IMPORTED = 4.0  # seconds after which one that stands by has done its imports


@dataclass(frozen=True)
class Row:
    """One comparison, both in seconds."""

    name: str
    compared: str
    theirs: float
    ours: float

    @property
    def ratio(self) -> float:
        """How much of the other's time it takes."""
        return self.ours / self.theirs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--repeats", type=int, default=5, help="of each timing (default: 5)")
    parser.add_argument("--tests", action="store_true", help="time a whole `npm test` as well")
    parser.add_argument(
        "--only", action="append", choices=MEASURES, help="these measures; the other rows stay"
    )
    arguments = parser.parse_args()
    console = Console()
    rows: list[Row] = []
    with console.status("") as status, tempfile.TemporaryDirectory() as name:
        for title in arguments.only or MEASURES:
            status.update(title)
            rows += MEASURES[title](Path(name), arguments.repeats)
        seconds = run(["npm", "test", "--silent"]) if arguments.tests else None
    console.print(table(rows))
    write(rows, seconds, kept=bool(arguments.only))


def table(rows: list[Row]) -> Table:
    """The rows, for people."""
    shown = Table("", "compared with", "seconds", "ours", "ratio", title="Speed")
    for row in rows:
        seconds = (f"{row.theirs:.2f}", f"{row.ours:.2f}", f"{row.ratio:.2f}")
        shown.add_row(row.name, row.compared, *seconds)
    return shown


def write(rows: list[Row], seconds: float | None, *, kept: bool) -> None:
    """Keep the rows, with where and when they were measured.

    Args:
        kept: the other rows stay, if they are of this machine and day.
    """
    machine = f"{os.cpu_count()} CPUs, {platform.machine()}, Python {platform.python_version()}"
    date = datetime.datetime.now(datetime.UTC).date().isoformat()
    shown: list[dict[str, str | float]] = [rounded(row) for row in rows]
    if kept:
        before = json.loads(RESULT.read_text(encoding="utf-8"))
        if (before["date"], before["machine"]) != (date, machine):
            print("not written: the other rows are of another day or machine; measure all of them")
            return
        measured = {row.name for row in rows}
        shown = [row for row in before["rows"] if row["name"] not in measured] + shown
    result = {
        "date": date,
        "machine": machine,
        **({"npm test": round(seconds)} if seconds else {}),
        "rows": shown,
    }
    RESULT.write_text(f"{json.dumps(result, indent=2)}\n", encoding="utf-8")


def rounded(row: Row) -> dict[str, str | float]:
    figures = {"theirs": row.theirs, "ours": row.ours, "ratio": row.ratio}
    return asdict(row) | {name: float(f"{figure:.3g}") for name, figure in figures.items()}


def median(seconds: Callable[[], float], repeats: int) -> float:
    return statistics.median(seconds() for _ in range(repeats))


def run(command: list[str], folder: Path = ROOT) -> float:
    start = time.perf_counter()
    ended = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - start
    if ended.returncode:
        raise SystemExit(f"{' '.join(command)} failed:\n{ended.stdout}{ended.stderr}")
    return seconds


def clicks(folder: Path, repeats: int) -> list[Row]:
    """From a click to the first output."""
    plain = folder / "snippets" / "hello.py"
    plain.parent.mkdir()
    plain.write_text('print("hello")\n', encoding="utf-8")
    snippets = {
        "plain": Snippet(plain.name, plain.parent),
        "Dask": Snippet("dask/client.py"),
        "Ray": Snippet("ray/actor_counter.py"),
    }
    rows = []
    with running(*kinds().values()):
        for title, snippet in snippets.items():
            cold = median(partial(click, snippet, warm=False), repeats)
            warm = median(partial(click, snippet, warm=True), repeats)
            rows.append(Row(f"first output, {title}", "a fresh interpreter", cold, warm))
    return rows


def click(snippet: Snippet, *, warm: bool) -> float:
    return asyncio.run(first_output(snippet, warm=warm))


async def first_output(snippet: Snippet, *, warm: bool) -> float:
    """Run a snippet to its end; return the seconds from the click to its first output."""
    with workspace(snippet) as where:
        if not warm:
            return await run_to_end(await Process.start(snippet.command, where))
        async with Pool(where, kinds().values()) as pool:
            await asyncio.sleep(IMPORTED)
            process = await pool.take(snippet, where)
            assert process, f"nothing stood by for {snippet}"
            return await run_to_end(process)


async def run_to_end(process: Process) -> float:
    result = await process.result()
    if result.status:
        raise SystemExit(f"exit status {result.status}\n{result.text}")
    return result.output[0].at


def builds(folder: Path, repeats: int) -> list[Row]:
    """The HTML of the deck, and an edit of it on screen, beside the same deck written out.

    The first build measures all slides in a browser, later ones those that have changed.
    """
    run(["node", "engine/build.mjs"])
    stock = median(partial(run, [*STOCK, "dist/deck.md", "-o", f"{folder}/deck.html"]), repeats)
    first = median(first_build, repeats)
    ours = median(partial(run, BUILD), repeats)
    edited = edit(project(folder / "edited"), repeats)
    return [
        Row("first build of the HTML", "stock Marp CLI", stock, first),
        Row("build of the HTML", "stock Marp CLI", stock, ours),
        Row("an edit in npm run dev", "stock Marp CLI", stock, edited),
    ]


def first_build() -> float:
    """Seconds of a build that knows nothing of one before."""
    shutil.rmtree(ROOT / "node_modules" / ".cache" / "deck", ignore_errors=True)
    return run(BUILD)


def project(folder: Path) -> Path:
    """A copy of the talk, as far as it is built."""
    for name in ("slides", "snippets", "assets", "engine"):
        shutil.copytree(ROOT / name, folder / name)
    for name in ("poetry.lock", "package-lock.json", "marp.config.mjs"):
        shutil.copy(ROOT / name, folder)
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    return folder


def edit(folder: Path, repeats: int) -> float:
    """Seconds from a save of the deck until it is built."""
    deck = folder / "slides" / "deck.md"
    text = deck.read_text(encoding="utf-8")
    watch = Options(0, watch=True).builder
    pipe = subprocess.PIPE
    with subprocess.Popen(
        watch, cwd=folder, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, text=True
    ) as builder:
        assert builder.stdin is not None
        assert builder.stdout is not None
        seconds: list[float] = []
        start = 0.0
        for number in range(repeats + 1):
            report = json.loads(builder.stdout.readline())
            if report["type"] != "built":
                raise SystemExit(str(report))
            if number:
                seconds.append(time.perf_counter() - start)
            time.sleep(5)  # it measures what it has built, in a browser
            deck.write_text(text.replace("# Motivation", f"# Motivation {number}"), "utf-8")
            start = time.perf_counter()
        builder.stdin.close()
    return statistics.median(seconds)


def sizes(folder: Path, repeats: int) -> list[Row]:
    """A thousand slides with as many imports."""
    small, large = (
        median(partial(run, BUILD, deck_of(folder / str(count), count)), min(repeats, 3))
        for count in (100, 1000)
    )
    return [Row("build of 1 000 slides", "100 slides", small, large)]


def deck_of(folder: Path, count: int) -> Path:
    """A deck of so many slides, each of which imports a snippet of its own."""
    for name in ("slides", "snippets"):
        (folder / name).mkdir(parents=True)
    for name in ("poetry.lock", "marp.config.mjs"):
        shutil.copy(ROOT / name, folder)
    shutil.copy(ROOT / "slides" / "theme.css", folder / "slides")
    (folder / "engine").symlink_to(ROOT / "engine")
    slides = []
    for number in range(count):
        (folder / "snippets" / f"s{number}.py").write_text(
            f"for n in range({number}):\n    print(n)\n"
        )
        slides.append(f"# Slide {number}\n\n<<< s{number}.py\n")
    text = "\n---\n\n".join(slides)
    (folder / "slides" / "deck.md").write_text(f"---\ntheme: distributed\n---\n\n{text}")
    return folder


def starts(_: Path, repeats: int) -> list[Row]:
    """Until a slide is shown, and until all clusters are ready."""
    by_hand = median(lambda: asyncio.run(start_by_hand(*kinds().values())), min(repeats, 3))
    times = [present() for _ in range(min(repeats, 3))]
    shown, ready = (statistics.median(column) for column in zip(*times, strict=True))
    return [
        Row("npm start, first slide", "clusters started by hand", by_hand, shown),
        Row("npm start, all clusters ready", "clusters started by hand", by_hand, ready),
    ]


async def start_by_hand(*wanted: Kind) -> float:
    """Seconds to start clusters one after the other, each once the one before is ready.

    Raises SystemExit if one of their ports is in use: what runs already would be found at once.
    """
    for kind in wanted:
        if port := held(kind):
            sys.exit(f"{kind.title}'s port {port} is held by {holder(port)}; end that, and measure")
    start = time.perf_counter()
    async with AsyncExitStack() as stack:
        for kind in wanted:
            ours, commands = kind.commands()
            for command in commands:
                scratch = stack.enter_context(tempfile.TemporaryDirectory(dir="/tmp"))
                env = os.environ | {"TMPDIR": scratch, "RAY_TMPDIR": scratch} | command.environment
                where = Workspace(command.directory, env)
                process = await Process.start(command.arguments, where, terminal=False)
                stack.push_async_callback(process.end)
            while not ((status := ours.look()) and status.state == "ready"):  # noqa: ASYNC110
                await asyncio.sleep(0.1)
        return time.perf_counter() - start


def present() -> tuple[float, float]:
    """Seconds until a presentation answers, and until all its clusters are ready."""
    command = [sys.executable, "-m", "runner", "present", "--no-browser", "--port", "8099"]
    start = time.perf_counter()
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as presentation:
        assert presentation.stdout is not None
        try:
            shown, ready = seen(presentation.stdout, [*kinds().values()])
        finally:
            presentation.terminate()
    return shown - start, ready - start


def seen(lines: Iterable[str], wanted: Sequence[Kind]) -> tuple[float, float]:
    """When a presentation told that it answers, and when that all its clusters are ready.

    Raises SystemExit if it ends before, as where its port is taken.
    """
    shown, waiting = 0.0, {f"{kind.title} ready" for kind in wanted}
    for line in lines:
        if line.startswith("The deck is at"):
            shown = time.perf_counter()
        waiting = {beginning for beginning in waiting if not line.startswith(beginning)}
        if shown and not waiting:
            return shown, time.perf_counter()
    sys.exit("the presentation ended before all was ready; mend what it says above, and measure")


TICKS = """
import time
for _ in range(500):
    time.sleep(0.01)
    print(time.time(), flush=True)
"""
AUDIENCE = 100
PAGES = 50


def crowds(folder: Path, repeats: int) -> list[Row]:
    """From a line that a run prints to the projector's page, for all but the slowest twentieth."""
    snippets = folder / "crowd"
    snippets.mkdir()
    (snippets / "ticks.py").write_text(TICKS, encoding="utf-8")
    alone, followed, among = (
        median(lambda: asyncio.run(delivery(snippets, *counts)), min(repeats, 3))  # noqa: B023
        for counts in ((0, 0), (AUDIENCE, 0), (0, PAGES - 1))
    )
    return [
        Row(f"output at the projector, {AUDIENCE} follow", "nobody follows", alone, followed),
        Row(f"output at the last of {PAGES} pages", "one page", alone, among),
    ]


async def delivery(snippets: Path, guests: int, pages: int) -> float:
    """Seconds within which 95 of 100 lines have come to the page that was there first.

    Args:
        guests: so many of the audience follow.
        pages: so many of the speaker's are opened after it, which are told before it.
    """
    async with (
        Runs(dict, snippets) as runs,
        serving(runs, Clusters(), port=0) as deck,
        inviting(deck, Audience, 0) as audience,
        seat(deck.link()) as projector,
    ):
        spawn = multiprocessing.get_context("spawn")
        seated, leave = spawn.Event(), spawn.Event()
        links = [audience.access.link()] * guests + [deck.link() for _ in range(pages)]
        room = spawn.Process(target=attend, args=(links, seated, leave), daemon=True)
        room.start()
        await asyncio.to_thread(seated.wait)
        await projector.send(json.dumps({"type": "run", "snippet": "ticks.py"}))
        late: list[float] = []
        async for data in projector:
            message = json.loads(data)
            if message["type"] == "output":
                late += [time.time() - float(line) for line in message["data"].split()]
            elif message.get("state") == "exited":
                break
        leave.set()
        await asyncio.to_thread(room.join)
    return statistics.quantiles(late, n=20)[-1]


@asynccontextmanager
async def seat(link: str) -> AsyncGenerator[ClientConnection]:
    """The connection of a page that has opened a link."""
    host, path = link.removeprefix("http://").split("/", 1)
    http_connection = http.client.HTTPConnection(host)
    http_connection.request("GET", f"/{path}")
    answer = await asyncio.to_thread(http_connection.getresponse)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]
    key = re.search(r"'key', '(.+?)'", answer.read().decode())
    http_connection.close()
    assert key, "the link should have let us in"
    async with connect(
        f"ws://{host}/ws",
        origin=Origin(f"http://{host}"),
        additional_headers={"Cookie": cookie},
        subprotocols=[Subprotocol(PROTOCOL), Subprotocol(f"key.{key[1]}")],
        proxy=None,
    ) as socket:
        yield socket


def attend(links: list[str], seated: Event, leave: Event) -> None:
    """Follow by all these links at once, as another process."""

    async def follow(link: str, stack: AsyncExitStack) -> None:
        socket = await stack.enter_async_context(seat(link))
        listeners.append(asyncio.create_task(listen(socket)))

    async def listen(socket: ClientConnection) -> None:
        async for _ in socket:
            pass

    async def room() -> None:
        async with AsyncExitStack() as stack:
            for link in links:
                await follow(link, stack)
            seated.set()
            await asyncio.to_thread(leave.wait)
        await asyncio.gather(*listeners)

    listeners: list[asyncio.Task[None]] = []
    asyncio.run(room())


FLOOD = """
line = "x" * 99 + "\\n"
for _ in range(100):
    print(line * 10_000, end="")
"""


def floods(folder: Path, repeats: int) -> list[Row]:
    """A hundred megabytes, from the click until the page knows of their end."""
    snippets = folder / "flood"
    snippets.mkdir()
    (snippets / "flood.py").write_text(FLOOD, encoding="utf-8")
    command = [sys.executable, str(snippets / "flood.py")]
    nowhere = median(partial(run_into, command, os.devnull), repeats)
    terminal = median(partial(run_on_terminal, command), repeats)
    ours = median(lambda: asyncio.run(flood(snippets)), repeats)
    return [
        Row("100 MB, a terminal alone", "> /dev/null", nowhere, terminal),
        Row("100 MB of output", "> /dev/null", nowhere, ours),
    ]


def run_into(command: list[str], path: str) -> float:
    """Seconds until a program has ended whose output goes into a file."""
    start = time.perf_counter()
    with Path(path).open("wb") as file:
        subprocess.run(command, stdout=file, check=True)
    return time.perf_counter() - start


def run_on_terminal(command: list[str]) -> float:
    """The same, on a terminal whose other end drops all that comes: nobody can be faster."""
    ours, theirs = os.openpty()
    start = time.perf_counter()
    with subprocess.Popen(command, stdout=theirs):
        os.close(theirs)
        with suppress(OSError):  # EIO: nothing has it open any more
            while os.read(ours, 65536):
                pass
    os.close(ours)
    return time.perf_counter() - start


async def flood(snippets: Path) -> float:
    """Seconds from the click until a page knows that the run has ended."""
    async with (
        Runs(dict, snippets) as runs,
        serving(runs, Clusters(), port=0) as deck,
        seat(deck.link()) as page,
    ):
        await asyncio.sleep(IMPORTED)
        start = time.perf_counter()
        await page.send(json.dumps({"type": "run", "snippet": "flood.py"}))
        async for data in page:
            message = json.loads(data)
            if message.get("state") == "exited":
                break
        return time.perf_counter() - start


MEASURES: dict[str, Callable[[Path, int], list[Row]]] = {
    "clicks": clicks,
    "builds": builds,
    "sizes": sizes,
    "starts": starts,
    "crowds": crowds,
    "floods": floods,
}

if __name__ == "__main__":
    main()
