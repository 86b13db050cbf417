"""Compute on an array that is larger than the memory there is."""

# snippet: needs nothing

import resource

import numpy as np

MEMORY = 1_500_000_000  # bytes that this process may use
resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))

try:
    # region array
    random = np.random.default_rng(seed=42)
    x = random.random((20_000, 20_000))
    std = x.std()
    # endregion array
except MemoryError as error:
    memory, _ = resource.getrlimit(resource.RLIMIT_AS)
    reason = str(error).partition(" for ")[0]
    print(f"{memory // 10**6} MB of memory: {reason}")
else:
    raise AssertionError("the array fits; make it larger")
