"""An error on a worker is raised where its result is asked for."""

import traceback

from dask.distributed import Client

client = Client("localhost:8786")


# region error
def harmonic_mean(numbers: list[int]) -> float:
    return len(numbers) / sum(1 / number for number in numbers)


mean = client.submit(harmonic_mean, [1, 0])
half = client.submit(lambda number: number / 2, mean)
try:
    half.result()
except ZeroDivisionError as error:
    print("ZeroDivisionError:", error)
# endregion error

frames = traceback.extract_tb(half.traceback())
print("raised on a worker in:", frames[-2].name)
print("states:", mean.status, half.status)

assert frames[-2].name == "harmonic_mean"
assert mean.status == half.status == "error"
