"""A runtime environment brings files and settings to the workers."""

import logging
import os
from pathlib import Path

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
HERE = str(Path(__file__).parent)

# region env
ray.init(
    runtime_env={
        "working_dir": HERE,  # zipped, and unpacked on each node
        "env_vars": {"DARTS": "3_000_000"},
    },
)


@ray.remote
def look_around() -> tuple[bool, int]:
    return Path("script.py").exists(), int(os.environ["DARTS"])


# endregion env


found, darts = ray.get(look_around.remote())
print("script.py is there:", found)
print("darts to throw:    ", darts)

assert (found, darts) == (True, 3_000_000)
