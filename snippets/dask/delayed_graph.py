"""Build a graph of calls first; run all of it at once."""

from collections import Counter

from dask import delayed
from dask.distributed import Client

client = Client("localhost:8786")
sentences = ["so shines", "a good deed", "in a weary world"]


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

print("graph:", sorted(key.split("-")[0] for key in letters.dask))
print("letters:", frequency.total(), frequency.most_common(3))

assert tasks == 4
assert frequency == Counter("".join(sentences).replace(" ", ""))
