"""Let a cluster grow with its work, and shrink after it."""

# snippet: needs nothing, alone

import warnings
from time import sleep

from dask.distributed import Client, LocalCluster

# Threads need no address, yet without a network one is missed.
warnings.filterwarnings("ignore", "Couldn't detect a suitable IP")

# Small enough to run beside another cluster: threads, a free port.
BESIDE = {"processes": False, "dashboard_address": "localhost:0"}


def wait_for_size(cluster: LocalCluster, size: int) -> int:
    """Wait until so many workers, and no others, are running."""
    while not (
        len(cluster.scheduler_info["workers"]) == size
        and len(cluster.workers) == size
    ):
        sleep(0.05)
    return size


# region adapt
with (
    LocalCluster(n_workers=1, **BESIDE) as cluster,
    Client(cluster) as client,
):
    cluster.adapt(minimum=1, maximum=2, target_duration="1s")
    naps = client.map(sleep, [0.5] * 8, pure=False)
    # endregion adapt
    sizes = [1, wait_for_size(cluster, 2)]
    print("4 s of naps to do: 1 → 2 workers")
    client.gather(naps)
    del naps  # a worker that holds results is not dismissed
    sizes.append(wait_for_size(cluster, 1))
    print("nothing to do:     2 → 1 workers")

assert sizes == [1, 2, 1]
