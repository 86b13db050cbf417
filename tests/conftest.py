"""Real clusters: those that run already on the default ports, or ours for as long as the tests."""

from collections.abc import Iterator

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from runner.clusters import Clusters, Dask, Ray


@pytest.fixture(scope="session")
def portal() -> Iterator[BlockingPortal]:
    """A thread with an event loop, which keeps what is asynchronous alive between tests."""
    with start_blocking_portal() as portal:
        yield portal


@pytest.fixture(scope="session")
def dask_cluster(portal: BlockingPortal) -> Iterator[Clusters]:
    """A Dask cluster that answers on 8786."""
    with portal.wrap_async_context_manager(Clusters(Dask())) as clusters:
        portal.call(clusters.ready, "dask")
        yield clusters


@pytest.fixture(scope="session")
def ray_cluster(portal: BlockingPortal) -> Iterator[Clusters]:
    """A Ray head that answers on 10001 and takes jobs on 8265."""
    with portal.wrap_async_context_manager(Clusters(Ray())) as clusters:
        portal.call(clusters.ready, "ray")
        yield clusters
