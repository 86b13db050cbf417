"""Shipping documents to workers can cost more than reading them."""

# snippet: needs dask, alone

from random import Random
from time import perf_counter

from dask.distributed import Client, wait

VOWELS, PAGE = "aeiou", "abcdefghijklmnopqrstuvwxyz      " * 50


# region work
def write_document(seed: int) -> str:
    return "".join(Random(seed).sample(PAGE, len(PAGE))) * 5_000


def count_vowels(document: str) -> int:
    return sum(map(document.count, VOWELS))


# endregion work

client = Client("localhost:8786")
client.submit(count_vowels, "warm up").result()
documents = list(map(write_document, range(12)))

start = perf_counter()
# region here
here = sum(map(count_vowels, documents))  # in this process
# endregion here
here_seconds = perf_counter() - start
print(f"in this process:      {here_seconds:.2f} s")

start = perf_counter()
# region shipped
shipped = client.scatter(documents, hash=False)  # shipped to workers
there = sum(client.gather(client.map(count_vowels, shipped)))
# endregion shipped
shipped_seconds = perf_counter() - start
print(f"shipped to workers:   {shipped_seconds:.2f} s")

# region on_workers
written = client.map(write_document, range(12))
wait(written)  # already on workers
# endregion on_workers
start = perf_counter()
# region stayed
stayed = sum(client.gather(client.map(count_vowels, written)))
# endregion stayed
stayed_seconds = perf_counter() - start
print(f"already on workers:   {stayed_seconds:.2f} s")

assert here == there == stayed
assert shipped_seconds > here_seconds
assert shipped_seconds > stayed_seconds
