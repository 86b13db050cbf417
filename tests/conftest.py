"""Tests side by side, and the real clusters that some of them use.

About as many tests run at once as there are processors (pytest-xdist). Those that use the clusters
on the default ports share one process, which starts each cluster once, or uses what runs there
already; the tests of a module share one, too, with what they have set up. A test marked `alone`
measures: no other runs meanwhile. One marked `long` runs where it is asked for: by its name, or by
`npm run test:long`.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import IO

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds
from runner.snippets.catalog import Snippet

# Modules whose tests use clusters on the default ports.
CLUSTERS = (
    "tests/talk/test_snippets.py",
    "tests/tool/browser/test_clusters.py",
    "tests/talk/test_service.py",
    "tests/tool/runner/live/test_runs.py",
    "tests/talk/test_readme.py",
    "tests/tool/test_new.py",
    "tests/tool/runner/clusters/test_ray_job.py",
)
SNIPPETS = CLUSTERS[0]
FIXTURES = {"cluster", "dask_cluster", "ray_cluster"}


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """One process more than processors, since many tests wait.

    No processes but this for what is a part of the tests: it begins at once.
    """
    if config.option.usepdb or _is_part(config):
        config.option.dist = "no"
        return 0
    return min(os.cpu_count() or 1, 4) + 1


def _is_part(config: pytest.Config) -> bool:
    """Are only some tests asked for?"""
    option = config.option
    if hasattr(config, "workerinput"):
        return False
    return bool(option.keyword or option.markexpr or config.args_source.name == "ARGS")


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> LoadScopeScheduling:
    """Give the tests of a scope to one process."""
    return Scheduling(config, log)


class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
    """A scope is a module, or all tests that use the clusters."""

    def _split_scope(self, nodeid: str) -> str:
        module = nodeid.partition("::")[0]
        if module == SNIPPETS and not _needs_cluster(nodeid):
            return f"{module} without a cluster"
        return "clusters" if module in CLUSTERS else module


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest scope comes first, and in it what is to be alone; what is long waits."""
    for item in items:
        if _uses_cluster(item) and _module(item) not in CLUSTERS:
            raise pytest.UsageError(f"{item.nodeid} uses a cluster; list its module in CLUSTERS")
    # A talk without programs that install, or without files that are checked, has no such tests.
    items[:] = [item for item in items if not _is_empty(item)]
    if not _is_part(config):
        config.hook.pytest_deselected(items=[item for item in items if _is_long(item)])
        items[:] = [item for item in items if not _is_long(item)]
    items.sort(key=lambda item: (_module(item) not in CLUSTERS, not _is_alone(item)))


def _is_empty(item: pytest.Item) -> bool:
    """Is it parametrized with nothing?"""
    skip = item.get_closest_marker("skip")
    return skip is not None and "empty parameter set" in skip.kwargs.get("reason", "")


def _needs_cluster(nodeid: str) -> bool:
    """Is it the test of a snippet that needs one?"""
    snippet = Snippet(nodeid.partition("[")[2].rstrip("]"))
    return snippet.path.is_file() and bool(snippet.needs)


def _uses_cluster(item: pytest.Item) -> bool:
    """Does it ask for one, or does its module name kinds of it?"""
    asked = set(getattr(item, "fixturenames", ())) & FIXTURES
    return bool(asked) or bool(getattr(getattr(item, "module", None), "KINDS", None))


def _module(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """While a test that is to be alone runs, no other does; those that follow it keep the turn."""
    if not _turn.alone:
        _turn.take(item)
    try:
        return (yield)
    finally:
        if not (_turn.alone and nextitem and _is_alone(nextitem)):
            _turn.give_back()


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def _is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None


class _Turn:
    """A lock of files that all processes of the tests share, or one of them has for itself."""

    alone = False
    _files: tuple[IO[str], ...] = ()

    def take(self, item: pytest.Item) -> None:
        folder: Path = item.config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
        shared = folder.parent if hasattr(item.config, "workerinput") else folder
        self.alone = _is_alone(item)
        queue, lock = self._files = tuple(
            (shared / name).open("w") for name in ("queue.lock", "run.lock")
        )
        # Who waits to be alone holds up the queue, so that it is not overtaken for ever.
        fcntl.flock(queue, fcntl.LOCK_EX)
        fcntl.flock(lock, fcntl.LOCK_EX if self.alone else fcntl.LOCK_SH)
        fcntl.flock(queue, fcntl.LOCK_UN)

    def give_back(self) -> None:
        self.alone = False
        for file in self._files:
            file.close()


_turn = _Turn()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """A thread with an event loop, which keeps what is asynchronous alive between tests."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def cluster(portal: BlockingPortal) -> Iterator[Callable[[str], Clusters]]:
    """Gives the cluster of this kind, ready on its default ports; the first call starts it."""
    with ExitStack() as stack:

        @cache
        def cluster(name: str) -> Clusters:
            clusters = Clusters(kinds()[name])
            stack.enter_context(portal.wrap_async_context_manager(clusters))
            portal.call(clusters.ready)
            return clusters

        yield cluster


@pytest.fixture(scope="session")
def dask_cluster(cluster: Callable[[str], Clusters]) -> Clusters:
    """A Dask cluster that answers on 8786."""
    return cluster("dask")


@pytest.fixture(scope="session")
def ray_cluster(cluster: Callable[[str], Clusters]) -> Clusters:
    """A Ray head that answers on 10001 and takes jobs on 8265."""
    return cluster("ray")
