"""The pre-flight tries what the talk needs, and says what to do about what fails."""

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.console import Console

from runner.catalog import ROOT, Snippet
from runner.recordings import record
from runner.rehearse import OUTSIDE, Check, report, shown_programs, try_snippet
from runner.runs import Runs


@pytest.mark.parametrize(
    ("checks", "status", "said"),
    [
        ([Check("disk", True, "9 GB free")], 0, ["✓ disk", "9 GB free", "GO (0 s)"]),
        (
            [Check("disk", False, "1 GB free", "free 2 GB"), Check("memory", True, "4 GB free")],
            1,
            ["✗ disk", "1 GB free", "✓ memory", "disk: free 2 GB", "NO-GO, 1 to mend"],
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
