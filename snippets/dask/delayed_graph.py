"""Build a graph of calls first; run all of it at once."""

from collections import Counter

import matplotlib.pyplot as plt
from dask import delayed
from dask.distributed import Client
from dask.highlevelgraph import HighLevelGraph
from dask.utils import key_split

client = Client("localhost:8786")
sentences = ["many hands", "make", "light work"]


def draw(graph: HighLevelGraph) -> None:
    """Draw each call beside the one that needs its result."""
    needs = graph.dependencies
    [last] = [call for call in needs if needs[call]]
    look = {"size": 16, "va": "center", "bbox": {"facecolor": "w"}}
    arrow = {"arrowstyle": "->"}
    _, axes = plt.subplots(figsize=(8, 1.7), layout="constrained")
    axes.set(xlim=(-2, 3), ylim=(-1.4, 1.4))
    axes.set_title(f"{len(graph)} tasks, and what needs what", size=16)
    axes.axis("off")
    axes.text(1, 0, key_split(last), **look)
    for row, call in enumerate(needs[last], start=-1):
        axes.annotate(
            key_split(call),
            xy=(1, 0),
            xytext=(0, row),
            ha="right",
            arrowprops=arrow,
            **look,
        )
    plt.show()


# region delayed
@delayed
def count_letters(text: str) -> Counter:
    return Counter(text.replace(" ", ""))


counts = [count_letters(text) for text in sentences]
letters = delayed(sum)(counts, Counter())
frequency = letters.compute()
# endregion delayed

draw(letters.dask)
print(f"letters: {frequency.total()}, {frequency['a']} of them a")

assert len(letters.dask) == 4
assert frequency == Counter("".join(sentences).replace(" ", ""))
