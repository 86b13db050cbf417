"""One big array is many NumPy arrays, computed chunk by chunk."""

import dask.array as da
from dask.distributed import Client

client = Client("localhost:8786")

# region array
random = da.random.default_rng(seed=42)
x = random.normal(10, 0.1, size=(6_000, 6_000), chunks=(2_000, 2_000))
y = (x + x.T).mean(axis=0)
size = x.nbytes  # 288_000_000
chunks = x.npartitions  # 9
mean = y.mean().compute()  # nothing has run before this
# endregion array

print(f"{size // 10**6} MB in {chunks} chunks")
print(f"mean: {mean:.4f}")

assert (size, chunks) == (288_000_000, 9)
assert round(float(mean), 4) == 20.0
