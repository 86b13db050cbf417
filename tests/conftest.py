"""Tests side by side, and the real clusters that some of them use.

About as many tests run at once as there are processors (pytest-xdist). The tests of a module share
one process, with what they have set up; so do those of a folder that share a deck, and those that
use the same clusters on the default ports, and no other test uses these meanwhile. A cluster starts
once, or what runs there already is used. A test marked `alone` measures: no other runs meanwhile.
One marked `long` runs where it is asked for: by its name, or by `npm run test:long`.
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
from xdist.workermanage import WorkerController

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds
from runner.snippets.catalog import Snippet
from tests.helpers.survivors import within

# The clusters on the default ports that the tests of a module, or a single test, use.
CLUSTERS = {
    "tests/talk/test_readme.py": {"dask"},
    "tests/talk/test_service.py": {"dask", "ray"},
    "tests/tool/browser/test_clusters.py": {"dask", "ray"},
    # Ray's heads serve their clients from port 23000 on, and two of them that take the same port at
    # the same time have their clients mixed up: whoever connects to another head has Ray's turn.
    "tests/tool/runner/clusters/test_keeper.py"
    "::test_ready_clusters_take_work_on_loopback_and_leave_nothing": {"ray"},
    "tests/tool/runner/clusters/test_ray_job.py": {"ray"},
    "tests/tool/runner/live/test_runs.py": {"dask"},
    "tests/tool/test_new.py": {"dask", "ray"},
}
SNIPPETS = "tests/talk/test_snippets.py"  # each test, those that its snippet needs

# The modules of a folder that share a deck, which takes longer to record and build than most tests.
TOGETHER = ("tests/tool/browser",)

# The scopes that begin first: the longest. One whose clusters are in use waits for them, and the
# first one has what is to be alone right after its start, for which others wait least then.
FIRST = (
    "dask and ray",
    "ray",
    "dask",
    "tests/tool/runner/processes/test_standby.py",
    "tests/tool/runner/clusters/test_keeper.py",
    "tests/tool/browser",
    "tests/tool/engine/test_engine.py",
    "tests/tool/runner/test_present.py",
    "tests/talk/test_snippets.py",
)


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
    """A scope is a module, a folder, or all tests that use the same clusters, for one process."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        """Give a process the first scope whose clusters no other uses."""
        used = {
            cluster
            for other, scopes in self.assigned_work.items()
            for tests in scopes.values()
            if other is not node and not all(tests.values())
            for cluster in _clusters(next(iter(tests)))
        }
        free = (
            scope
            for scope, tests in self.workqueue.items()
            if used.isdisjoint(_clusters(next(iter(tests))))
        )
        # If there is none, who gets one waits: see _Turn.
        if scope := next(free, None):
            self.workqueue.move_to_end(scope, last=False)
        super()._assign_work_unit(node)

    def _split_scope(self, nodeid: str) -> str:
        return _scope(nodeid)


def _scope(nodeid: str) -> str:
    folder = _module(nodeid).rpartition("/")[0]
    return " and ".join(_clusters(nodeid)) or (folder if folder in TOGETHER else _module(nodeid))


@cache
def _clusters(nodeid: str) -> tuple[str, ...]:
    """The clusters on the default ports that a test uses."""
    names = CLUSTERS.get(nodeid) or CLUSTERS.get(_module(nodeid), set())
    if _module(nodeid) == SNIPPETS:
        snippet = Snippet(nodeid.partition("[")[2].rstrip("]"))
        if snippet.path.is_file():
            # While one is alone no other uses any, so that all of those come one after the other.
            names = {*kinds()} if snippet.declared.alone else {*snippet.needs}
    return tuple(sorted(names))


def _module(nodeid: str) -> str:
    return nodeid.partition("::")[0]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The longest scopes come first, and in each, after one test, what is to be alone."""
    for item in items:
        if unlisted := _used(item) - {*_clusters(item.nodeid)}:
            raise pytest.UsageError(f"{item.nodeid} uses {unlisted}; list its module in CLUSTERS")
    # A talk without programs that install, or without files that are checked, has no such tests.
    items[:] = [item for item in items if not _is_empty(item)]
    if not _is_part(config):
        known = {name for item in items for name in (item.nodeid, _module(item.nodeid))}
        if gone := [key for key in CLUSTERS if _module(key) in known and key not in known]:
            raise pytest.UsageError(f"CLUSTERS lists {gone}, which is no test any more")
        config.hook.pytest_deselected(items=[item for item in items if _is_long(item)])
        items[:] = [item for item in items if not _is_long(item)]
    order = {scope: number for number, scope in enumerate(FIRST)}
    # Clusters start for one that is not alone, so that other tests run meanwhile.
    starts = {_scope(item.nodeid): item for item in reversed(items) if not _is_alone(item)}

    def place(item: pytest.Item) -> tuple[int, bool, bool]:
        scope = _scope(item.nodeid)
        return order.get(scope, len(order)), item is not starts.get(scope), not _is_alone(item)

    items.sort(key=place)


def _is_empty(item: pytest.Item) -> bool:
    """Is it parametrized with nothing?"""
    skip = item.get_closest_marker("skip")
    return skip is not None and "empty parameter set" in skip.kwargs.get("reason", "")


def _used(item: pytest.Item) -> set[str]:
    """The clusters that it asks for, or of which its module names the kinds."""
    fixtures = set(getattr(item, "fixturenames", ()))
    asked = {name for name in kinds() if f"{name}_cluster" in fixtures}
    if "cluster" in fixtures and not asked and _module(item.nodeid) != SNIPPETS:
        asked = {*kinds()}  # it may ask for any
    return asked | {kind.name for kind in getattr(getattr(item, "module", None), "KINDS", ())}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    """Nothing else uses its clusters, and if it is to be alone, no other test runs.

    Those that follow it and want the same keep the turn.
    """
    # In this order: who waits for a cluster does not hold up who waits to be alone.
    _turn.use(item)
    if not _turn.alone:
        _turn.take(item)
    try:
        return (yield)
    finally:
        if not (nextitem and _clusters(nextitem.nodeid) == _clusters(item.nodeid)):
            _turn.give_back()
            _turn.leave()
        elif not (_turn.alone and _is_alone(nextitem)):
            _turn.give_back()


def _is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None


def _is_long(item: pytest.Item) -> bool:
    return item.get_closest_marker("long") is not None


def _shared(config: pytest.Config) -> Path:
    """A folder that all processes of the tests have in common."""
    folder: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    return folder.parent if hasattr(config, "workerinput") else folder


def _lock(file: Path, how: int) -> IO[str]:
    """Wait for a lock, which lasts until the file is closed."""
    opened = file.open("a")
    fcntl.flock(opened, how)
    return opened


def _join(used: Path) -> tuple[IO[str], bool]:
    """Be one of those who use a cluster; is it the first?

    Who comes while the first ends the cluster waits until that is done, and is the first then.
    """
    while True:
        first = not used.exists()
        file = _lock(used, fcntl.LOCK_SH)
        if used.exists() and os.path.samestat(used.stat(), os.fstat(file.fileno())):
            return file, first
        file.close()


class _Turn:
    """Locks that processes of the tests share, or one of them has for itself."""

    alone = False
    _used: tuple[IO[str], ...] = ()
    _run: IO[str] | None = None

    def use(self, item: pytest.Item) -> None:
        """Have its clusters for this process."""
        if not self._used:
            folder = _shared(item.config)
            self._used = tuple(
                _lock(folder / f"{name}.lock", fcntl.LOCK_EX) for name in _clusters(item.nodeid)
            )

    def leave(self) -> None:
        for file in self._used:
            file.close()
        self._used = ()

    def take(self, item: pytest.Item) -> None:
        folder = _shared(item.config)
        self.alone = _is_alone(item)
        # Who waits to be alone holds up the queue, so that it is not overtaken for ever.
        with _lock(folder / "queue.lock", fcntl.LOCK_EX):
            self._run = _lock(folder / "run.lock", fcntl.LOCK_EX if self.alone else fcntl.LOCK_SH)

    def give_back(self) -> None:
        self.alone = False
        if self._run:
            self._run.close()


_turn = _Turn()


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """A thread with an event loop, which keeps what is asynchronous alive between tests."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def cluster(
    portal: BlockingPortal, pytestconfig: pytest.Config
) -> Iterator[Callable[[str], Clusters]]:
    """Gives the cluster of this kind, ready on its default ports; the first call starts it.

    The process that has started it ends it when no other of the tests uses it any more; if one
    wants it later, that starts it anew.
    """
    # Who waits for the others uses none of theirs any more.
    with ExitStack() as ours, ExitStack() as others:

        @cache
        def cluster(name: str) -> Clusters:
            used = _shared(pytestconfig) / f"{name}.used"
            file, first = _join(used)
            stack = ours if first else others
            stack.enter_context(file)
            if first:
                stack.callback(used.unlink)
            clusters = Clusters(kinds()[name], start=first)
            stack.enter_context(portal.wrap_async_context_manager(clusters))
            if first:
                stack.callback(fcntl.flock, file, fcntl.LOCK_EX)
                portal.call(clusters.ready)
            else:
                ready = within(60, lambda: clusters.statuses[name].state == "ready")
                assert ready, f"{name} has not been started: {clusters.statuses[name].detail}"
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
