"""Connect to the Ray of this machine; were there none, start one."""

import logging

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects

# region init
ray.init()
# endregion init

nodes, resources = ray.nodes(), ray.cluster_resources()
print(f"nodes: {len(nodes)}, CPUs: {resources['CPU']:.0f}")

assert ray.is_initialized()
