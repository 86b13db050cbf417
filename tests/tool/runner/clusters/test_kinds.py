"""A kind of cluster is one file, and all that the runner does with clusters it does with that."""

import asyncio
import textwrap
from collections.abc import Iterator
from pathlib import Path

import pytest

from runner.clusters import kinds as package
from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds, versions
from runner.clusters.ports import free_port, listens
from runner.live.runs import Runs
from runner.processes.workspace import environment
from runner.snippets.catalog import Snippet, needed
from runner.web.server import Deck

TOY = """
    import re
    import sys
    from dataclasses import dataclass
    from runner.clusters.kinds import HOST, Command, Kind, Status
    from runner.clusters.ports import ask

    @dataclass(frozen=True)
    class Toy(Kind):
        name = "toy"
        title = "The toy"
        package = "psutil"
        preload = "psutil"
        environment = {"TOY": "a toy", "HOME": None}
        unreachable = re.compile("^.*out of toys.*$", re.MULTILINE)

        def look(self):
            return Status("ready", "plays") if ask(self.dashboard, "/") else None

        def commands(self):
            server = [sys.executable, "-m", "http.server", "--bind", HOST, str(self.dashboard)]
            return self, [Command(server)]

    KIND = Toy(PORT, DASHBOARD)
"""


@pytest.fixture
def toy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """There is one more kind; yields the port of its dashboard."""
    port = free_port()
    text = textwrap.dedent(TOY).replace("PORT, DASHBOARD", f"{free_port()}, {port}")
    (tmp_path / "toy.py").write_text(text)
    monkeypatch.setattr(package, "__path__", [*package.__path__, str(tmp_path)])
    for cached in (kinds, versions):
        cached.cache_clear()
    yield port
    monkeypatch.undo()
    for cached in (kinds, versions):
        cached.cache_clear()


def test_a_kind_is_one_file(toy: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "at home")
    snippets = tmp_path / "snippets"
    (snippets / "toy").mkdir(parents=True)
    (snippets / "toy" / "play.py").write_text(
        "import os, sys\nprint(os.environ['TOY'], 'psutil' in sys.modules)\n"
        "sys.exit('out of toys')\n"
    )
    snippet = Snippet("toy/play.py", snippets)
    [kind] = needed([snippet])
    assert kind.title == "The toy"
    assert "psutil" in versions()
    assert "HOME" not in environment(tmp_path)

    async def main() -> None:
        async with (
            asyncio.timeout(60),
            Clusters(kind) as clusters,
            Runs(lambda: clusters.statuses, snippets) as runs,
        ):
            await clusters.ready("toy")
            with runs.subscribe() as messages:
                runs.start("toy/play.py")
                async for message in messages:
                    if message["type"] == "run" and message["state"] == "exited":
                        break
                assert message["type"] == "run"
                assert message["detail"] == "the cluster cannot be reached: out of toys"
            assert [*runs.history()][1]["data"] == "a toy True\r\nout of toys\r\n"  # type: ignore[typeddict-item]
            [told] = Deck(runs, clusters).clusters_message()["clusters"]
            assert (told["title"], told["state"]) == ("The toy", "ready")
            assert told["dashboard"] == f"http://127.0.0.1:{toy}"

    asyncio.run(main())
    assert not listens(toy)
