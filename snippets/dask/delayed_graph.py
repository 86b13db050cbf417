"""Build a graph of calls first; run all of it at once."""

from collections import Counter

from dask import delayed
from dask.distributed import Client

client = Client("localhost:8786")
sentences = ["many hands", "make", "light work"]


# region delayed
@delayed
def count_letters(text: str) -> Counter:
    return Counter(text.replace(" ", ""))


@delayed
def merge(counts: list[Counter]) -> Counter:
    return sum(counts, Counter())


letters = merge([count_letters(text) for text in sentences])
tasks = len(letters.__dask_graph__())  # 4
frequency = letters.compute()
# endregion delayed

calls = Counter(key.split("-")[0] for key in letters.dask)
print("graph:  ", dict(sorted(calls.items())))
print(f"letters: {frequency.total()}, {frequency['a']} of them a")

assert tasks == 4
assert frequency == Counter("".join(sentences).replace(" ", ""))
