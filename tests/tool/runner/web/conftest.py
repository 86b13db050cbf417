"""The deck of a module's `folder`, served without clusters."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from anyio.from_thread import BlockingPortal

from runner.clusters.keeper import Clusters
from runner.live.runs import Runs
from runner.web.server import Deck, serving


@pytest.fixture(scope="module")
def runs(portal: BlockingPortal, folder: Path) -> Iterator[Runs]:
    with portal.wrap_async_context_manager(Runs(dict, folder / "snippets")) as runs:
        yield runs


@pytest.fixture(scope="module")
def deck(portal: BlockingPortal, runs: Runs, folder: Path) -> Iterator[Deck]:
    """The deck, served on a free port to real sockets."""
    page = folder / "dist" / "index.html"
    with portal.wrap_async_context_manager(serving(runs, Clusters(), port=0, page=page)) as deck:
        yield deck
