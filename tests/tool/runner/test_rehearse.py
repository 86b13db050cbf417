"""The pre-flight tries what the talk needs, and says what to do about what fails."""

import asyncio
import io
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from runner.clusters.keeper import SCRATCH
from runner.clusters.kinds import HOST
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.engine import Deck
from runner.live.runs import Runs
from runner.recordings.record import record
from runner.rehearse import (
    Check,
    _dashboards,
    _disk,
    _port,
    checks,
    declared_ports,
    report,
    shown_programs,
    try_snippet,
)
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
    shutil.copy(ROOT / "slides" / "theme.css", tmp_path / "slides")
    shutil.copy(ROOT / "poetry.lock", tmp_path)
    for name in ("snippets", "assets"):
        (tmp_path / name).symlink_to(ROOT / name)
    deck, dask = free_port(), Dask(free_port(), free_port(), workers=1)

    async def tried() -> list[Check]:
        return [check async for check in checks([dask], deck_port=deck)]

    with socket.create_server((HOST, 0)) as holder:
        held = holder.getsockname()[1]
        monkeypatch.setattr("runner.rehearse.declared_ports", lambda _: {held: "service/app.py"})
        found = {check.name: check for check in asyncio.run(tried())}
    assert list(found) == [
        *(f"port {deck}", "disk", "memory", "browser", f"port {held}"),
        *("deck", "dashboards", "Dask", "why/threads_and_the_gil.py"),
    ]
    assert found[f"port {deck}"].ok
    assert f"(pid {os.getpid()})" in found[f"port {held}"].remedy
    assert found[f"port {held}"].remedy.startswith("service/app.py needs it: end ")
    assert not found[f"port {held}"].ok
    assert f"{HOST}:{dask.port}" in found["Dask"].detail
    assert found["Dask"].ok
    assert found["why/threads_and_the_gil.py"].ok


def test_every_program_of_which_the_deck_shows_a_part_is_tried() -> None:
    programs = shown_programs({"ray/script.py"})
    assert {str(program) for program in programs} == {"ray/script.py", *USERS}
    assert shown_programs({"install/dask.sh", "ray/script.py"})[-1].installs


def test_a_program_says_on_which_port_it_listens() -> None:
    assert declared_ports({"service/backends.py"}) == {8000: "service/app.py"}
    assert declared_ports({"why/threads_and_the_gil.py"}) == {}


USERS = {"ray/jobs_cli.sh", "ray/jobs_sdk.py", "ray/runtime_env.py"}


def test_a_deck_that_cannot_be_shown_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.rehearse.ROOT", tmp_path)
    for name in ("slides", "snippets"):
        (tmp_path / name).mkdir()
    (tmp_path / "slides" / "deck.md").write_text("# A\n\n<<< why/nothing.py\n")
    for name in ("slides/theme.css", "poetry.lock"):
        shutil.copy(ROOT / name, tmp_path / name)

    async def tried() -> list[Check]:
        return [check async for check in checks([], deck_port=free_port())]

    last = asyncio.run(tried())[-1]
    assert not last.ok
    assert last.remedy.startswith("slides/deck.md:3: no snippet 'why/nothing.py'")


def test_a_dashboard_that_no_cluster_has_is_told() -> None:
    address = "http://127.0.0.1:8788/status"
    deck = Deck([], [], [{"line": 7, "address": address}])
    check = _dashboards(deck, [Dask()])
    assert not check.ok
    assert f"slides/deck.md:7: {address}; they are on the ports [8787]" in check.remedy
    assert _dashboards(deck, [Dask(dashboard=8788)]).ok


def test_a_disk_that_is_full_where_clusters_write_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Temporary files may be elsewhere."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    free = {SCRATCH: 10**6}
    monkeypatch.setattr(
        "shutil.disk_usage", lambda folder: SimpleNamespace(free=free.get(str(folder), 10**12))
    )
    check = _disk()
    assert (check.ok, check.detail) == (False, "0.0 GB free")
    assert SCRATCH in check.remedy


def test_our_own_presentation_is_no_intruder(tmp_path: Path) -> None:
    port = free_port()
    command = [sys.executable, "-m", "runner", "present", "--no-browser", "--no-clusters"]
    with subprocess.Popen(
        [*command, "--port", str(port)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as presentation:
        try:
            assert presentation.stdout is not None
            assert any("The deck is at" in line for line in presentation.stdout)
            assert _port(port, "deck").ok
        finally:
            presentation.terminate()
            presentation.communicate(timeout=60)
