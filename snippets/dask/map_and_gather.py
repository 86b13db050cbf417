"""Map a function over a list; gather the results in its order."""

# snippet: alone

from time import perf_counter, sleep

from dask.distributed import Client

client = Client("localhost:8786")


def square_slowly(num: int) -> int:
    """Square a number, half a second later."""
    sleep(0.5)
    return num * num


start = perf_counter()
# region map
futures = client.map(square_slowly, [1, 2, 3, 4])
squares = client.gather(futures)  # [1, 4, 9, 16]
# endregion map
seconds = perf_counter() - start

print(squares)
print(f"4 naps of 0.5 s on 2 workers: {seconds:.2f} s")

assert squares == [1, 4, 9, 16]
# One after the other they would take two seconds.
assert 1.0 <= seconds < 2.0
