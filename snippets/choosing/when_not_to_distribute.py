"""Shipping documents to workers can cost more than reading them."""

# snippet: needs dask, alone

import random
from time import perf_counter

from dask.distributed import Client, wait

VOWELS, PAGE = "aeiou", "abcdefghijklmnopqrstuvwxyz      " * 50


def write_document(seed: int) -> str:
    """Write 8 million letters, the same for the same seed."""
    page = random.Random(seed).sample(PAGE, len(PAGE))
    return "".join(page) * 5_000


# region count_vowels
def count_vowels(document: str) -> int:
    return sum(map(document.count, VOWELS))


# endregion count_vowels

client = Client("localhost:8786")
client.submit(count_vowels, "warm up").result()
documents = list(map(write_document, range(12)))

start = perf_counter()
# region here
# in this process
here = sum(map(count_vowels, documents))
# endregion here
here_seconds = perf_counter() - start
print(f"in this process:      {here_seconds:.2f} s")

start = perf_counter()
# region shipped
# shipped to workers
shipped = client.scatter(documents, hash=False)
there = sum(client.gather(client.map(count_vowels, shipped)))
# endregion shipped
shipped_seconds = perf_counter() - start
print(f"shipped to workers:   {shipped_seconds:.2f} s")

# region on_workers
written = client.map(write_document, range(12))
wait(written)
# endregion on_workers
start = perf_counter()
# region stayed
# already on workers
stayed = sum(client.gather(client.map(count_vowels, written)))
# endregion stayed
stayed_seconds = perf_counter() - start
print(f"already on workers:   {stayed_seconds:.2f} s")

assert here == there == stayed
assert shipped_seconds > here_seconds
assert shipped_seconds > stayed_seconds
