"""The pre-flight tries what the talk needs, and says what to do about what fails."""

import asyncio
import io
import os
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from runner.clusters.kinds import HOST
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.live.runs import Runs
from runner.recordings.record import record
from runner.rehearse import OUTSIDE, Check, checks, report, shown_programs, try_snippet
from runner.snippets.catalog import ROOT, Snippet


@pytest.mark.parametrize(
    ("checks", "status", "said"),
    [
        ([Check("disk", True, "9 GB free")], 0, ["✓ disk", "9 GB free", "GO ("]),
        (
            [Check("disk", False, "1 GB free", "free 2 GB"), Check("memory", True, "4 GB free")],
            1,
            ["✗ disk", "1 GB free", "✓ memory", "disk: free 2 GB", "NO-GO, 1 to mend"],
        ),
        (
            [Check("why/a.py", False, "exit status 1: no file [/tmp/x]", "-[bold]\n+[red]")],
            1,
            ["✗ why/a.py", "no file [/tmp/x]", "why/a.py: -[bold]\n+[red]", "NO-GO"],
        ),
    ],
)
def test_ends_with_go_or_with_what_to_mend(
    checks: list[Check], status: int, said: list[str]
) -> None:
    async def results() -> AsyncIterator[Check]:
        for check in checks:
            yield check

    console = Console(file=io.StringIO(), width=100)
    assert asyncio.run(report(results(), console)) == status
    text = console.file.getvalue()  # type: ignore[attr-defined]
    places = [text.find(part) for part in said]
    assert -1 not in places
    assert places == sorted(places)


def test_a_snippet_must_print_what_its_recording_says(tmp_path: Path) -> None:
    program = tmp_path / "snippets" / "greet.py"
    program.parent.mkdir()
    program.write_text('print("hello")\n')
    assert record(["greet.py"], program.parent, Console(file=io.StringIO())) == 0

    async def rehearsed() -> Check:
        async with Runs(dict, program.parent) as runs:
            return await try_snippet(runs, Snippet("greet.py", program.parent))

    assert asyncio.run(rehearsed()).ok
    program.write_text('print("goodbye")\n')
    check = asyncio.run(rehearsed())
    assert not check.ok
    assert "-hello\n+goodbye" in check.remedy
    program.write_text('raise SystemExit("no greeting")\n')
    check = asyncio.run(rehearsed())
    assert not check.ok
    assert check.detail == "exit status 1: no greeting"


def test_a_snippet_that_asks_is_answered_as_prepared(tmp_path: Path) -> None:
    asking = Snippet("ask.py", tmp_path)
    asking.path.write_text("# snippet: exit 3, terminal 40x10\nraise SystemExit(len(input()))\n")
    asking.input.write_text("Ada\n")
    assert record(["ask.py"], tmp_path, Console(file=io.StringIO())) == 0

    async def rehearsed() -> Check:
        async with Runs(dict, tmp_path) as runs:
            return await try_snippet(runs, asking)

    assert asyncio.run(rehearsed()).ok


def test_everything_is_tried_in_its_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ports, machine, deck, clusters, snippets; here of a deck that shows one snippet."""
    monkeypatch.setattr("runner.rehearse.ROOT", tmp_path)
    (tmp_path / "slides").mkdir()
    (tmp_path / "slides" / "deck.md").write_text("<<< why/threads_and_the_gil.py\n")
    deck, dask = free_port(), Dask(free_port(), free_port(), workers=1)

    async def tried(held: int) -> list[Check]:
        ports = {"deck_port": deck, "service_port": held}
        return [check async for check in checks([dask], **ports)]

    with socket.create_server((HOST, 0)) as holder:
        held = holder.getsockname()[1]
        found = {check.name: check for check in asyncio.run(tried(held))}
    assert list(found) == [
        *(f"port {deck}", f"port {held}", "disk", "memory", "browser"),
        *("deck", "deck without a network", "Dask", "why/threads_and_the_gil.py"),
    ]
    assert found[f"port {deck}"].ok
    assert f"(pid {os.getpid()})" in found[f"port {held}"].remedy
    assert not found[f"port {held}"].ok
    assert f"{HOST}:{dask.port}" in found["Dask"].detail
    assert found["Dask"].ok
    assert found["why/threads_and_the_gil.py"].ok


def test_every_program_of_which_the_deck_shows_a_part_is_tried() -> None:
    programs = shown_programs("<<< ray/script.py#job\n\n`<<< dask/client.py` is how\n")
    assert {str(program) for program in programs} >= {"ray/script.py", "ray/jobs_cli.sh"}
    assert "dask/client.py" not in map(str, programs)
    deck = (ROOT / "slides" / "deck.md").read_text(encoding="utf-8")
    assert shown_programs(deck)[-1].installs


@pytest.mark.parametrize(
    ("html", "fetched"),
    [
        ('<img src="https://example.org/a.png">', "https://example.org/a.png"),
        ("<p style=\"background: url('http://example.org/b')\">", "http://example.org/b"),
        ('<link rel="stylesheet" href="https://example.org/c.css">', "https://example.org/c.css"),
        ('<a href="https://example.org">a link to click</a>', None),
        ('<figure data-src="http://127.0.0.1:8787/status">', None),
    ],
)
def test_what_the_deck_would_fetch_is_found(html: str, fetched: str | None) -> None:
    found = OUTSIDE.search(html)
    assert (found and found[1]) == fetched
