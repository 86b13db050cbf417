"""Compute on an array that is larger than all workers together."""

# snippet: needs nothing, alone

from time import perf_counter

import dask.array as da
from dask.distributed import Client, LocalCluster

if __name__ == "__main__":
    with (
        LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            memory_limit="500 MB",
            host="localhost",
            dashboard_address="localhost:0",
        ) as cluster,
        Client(cluster) as client,
    ):
        start = perf_counter()
        # region array
        random = da.random.default_rng(seed=42)
        x = random.random((20_000, 20_000), chunks=2_000)
        std = x.std().compute()
        # endregion array
        seconds = perf_counter() - start
        workers = client.scheduler_info()["workers"].values()
        limit = sum(worker["memory_limit"] for worker in workers)
    print(f"{limit // 10**6} MB: {x.nbytes / 10**6:.0f} MB of numbers")
    print(f"in {x.npartitions} chunks: std {std:.4f}, {seconds:.2f} s")

    assert x.nbytes > 3 * limit
    assert round(float(std), 4) == 0.2887  # of 0 to 1: 1 / √12
