"""Real clusters: those that run already on the default ports, or ours for as long as the tests."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds


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
