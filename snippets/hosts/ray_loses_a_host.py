"""Cut off a host: what it held is made again, from its lineage."""

# snippet: needs namespaces, alone

import logging
import os
import subprocess
import sys
from socket import gethostname
from time import sleep

import numpy as np
import ray
from ray.experimental import get_object_locations
from three_hosts import continue_on_head

# region cluster
HEAD = "ray start --head --num-cpus 0 --include-dashboard 0 --block"
WORKER = "ray start --address head:6379 --num-cpus 1 --block"
SETTINGS = {  # how soon a node is dead, and a call to it has failed
    "RAY_health_check_period_ms": "500",
    "RAY_health_check_timeout_ms": "500",
    "RAY_grpc_client_keepalive_time_ms": "1000",
    "RAY_grpc_client_keepalive_timeout_ms": "2000",
}
# endregion cluster
CUT_OFF = "ip -n switch link set one down"
# Ray would tell of it by ids, and at various times.
SETTINGS["RAY_DEDUP_LOGS_SKIP_REGEX"] = "The node with|Task .* failed"

continue_on_head(HEAD, WORKER, SETTINGS)
logging.disable(logging.WARNING)  # Ray's chatter while it connects
# So it does outside Python: that goes nowhere, tracebacks go on.
sys.stderr = os.fdopen(os.dup(2), "w")
os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
ray.init("head:6379", log_to_driver=False)
while ray.cluster_resources().get("CPU") != 2:
    sleep(0.1)
hosts = {node["NodeManagerHostname"] for node in ray.nodes()}
print("hosts on one computer:", *sorted(hosts))


@ray.remote(scheduling_strategy="SPREAD")
def square_slowly(num: int) -> np.ndarray:
    """Fill 8 MB, which stay where they are, with a square."""
    sleep(0.1)
    return np.full(1_000_000, num * num)


def holders(numbers: list[ray.ObjectRef]) -> list[str]:
    """Return the names of the hosts that hold results."""
    hosts = {n["NodeID"]: n["NodeManagerHostname"] for n in ray.nodes()}
    places = get_object_locations(numbers).values()
    return sorted(
        {hosts[n] for place in places for n in place["node_ids"]}
    )


# region cut_off
numbers = [square_slowly.remote(num) for num in range(24)]
done, _ = ray.wait(numbers, num_returns=12, fetch_local=False)
before = holders(done)
subprocess.run(CUT_OFF.split(), check=True)
print(f"{len(done)} tasks done, host one cut off", flush=True)
total = sum(ray.get(number)[0] for number in numbers)  # 4324
# endregion cut_off
after = holders(numbers)

print(f"{len(numbers)} tasks done, sum of squares {total}")
print("held by:", ", ".join(before), "→", ", ".join(after))

assert total == sum(num * num for num in range(24)) == 4324
assert (before, after) == (["one", "two"], ["head", "two"])
assert gethostname() == "head"
