# Start a cluster by hand: one scheduler, two workers of one thread.
# snippet: needs nothing
set -euo pipefail
# Both would log what they do, and what they miss while they end.
export DASK_LOGGING__DISTRIBUTED=critical DASK_LOGGING__ASYNCIO=critical
# The workers first: they say goodbye to their scheduler.
trap 'set +e; kill %2; wait %2; kill %1; wait' EXIT

# Ports of its own, so that it runs beside the cluster of the talk.
# region start
dask scheduler --host localhost --port 9786 \
  --dashboard-address localhost:9787 &
dask worker localhost:9786 --nworkers 2 --nthreads 1 &
# endregion start

python - <<'PYTHON'
from dask.distributed import Client

with Client("localhost:9786") as client:
    client.wait_for_workers(2)
    threads = sorted(client.nthreads().values())
    print("workers:", len(threads), "with threads:", threads)
    assert threads == [1, 1]
PYTHON
