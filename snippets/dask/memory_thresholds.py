"""Know when a worker begins to save memory, and when it dies of it."""

# snippet: needs nothing

import dask.distributed  # its defaults

# region thresholds
thresholds = dask.config.get("distributed.worker.memory")
# endregion thresholds

for name in ["target", "spill", "pause", "terminate"]:
    print(f"{name:<10} {thresholds[name]:.0%} of the limit")

assert thresholds["terminate"] == 0.95
