"""Ask the dashboard what the cluster has and whether it is well."""

import logging

from ray.util.state import list_nodes

logging.disable(logging.WARNING)  # how long it waits on a busy machine

# region state
nodes = list_nodes("http://localhost:8265", detail=True)
for node in nodes:
    role = "head" if node.is_head_node else "worker"
    cpus = node.resources_total["CPU"]
    print(f"{role}: {node.state}, {cpus:.0f} CPUs")
# endregion state

assert [node.state for node in nodes] == ["ALIVE"]
