"""Let a cluster grow with its work, and shrink after it."""

# snippet: needs nothing, alone

import logging
import warnings
from time import sleep

from dask.distributed import Client, LocalCluster, wait

# Threads need no address, yet without a network one is missed.
warnings.filterwarnings("ignore", "Couldn't detect a suitable IP")

# Small enough to run beside another cluster: threads, a free port.
# A worker that goes may be heard of once more: no word of that.
BESIDE = {
    "processes": False,
    "dashboard_address": "localhost:0",
    "silence_logs": logging.CRITICAL,
}


def wait_for_size(cluster: LocalCluster, size: int) -> int:
    """Wait until so many workers, and no others, are running."""
    while not (
        len(cluster.scheduler_info["workers"]) == size
        and len(cluster.workers) == size
    ):
        sleep(0.05)
    return size


with (
    LocalCluster(n_workers=1, **BESIDE) as cluster,
    Client(cluster) as client,
):
    # region adapt
    cluster.adapt(minimum=1, maximum=2, target_duration="1s")
    naps = client.map(sleep, [0.5] * 8, pure=False)
    # endregion adapt
    print("work for 4 s:", wait_for_size(cluster, 2), "workers")
    wait(naps)
    print("no more work:", wait_for_size(cluster, 1), "worker")
    # Whoever goes hands its results to those that stay.
    held = sum(len(keys) for keys in client.has_what().values())
    print("results held:", held, "of", len(naps))

assert held == len(naps) == 8
