"""An actor keeps state on one worker; all others call its methods."""

from dask.distributed import Client, wait

client = Client("localhost:8786")


# region actor
class Tally:
    count = 0

    def add(self, text: str) -> int:
        self.count += len(text)
        return self.count


future = client.submit(Tally, actor=True)
tally = future.result()
first = tally.add("dask").result()
last = tally.add("actor").result()  # 9
# endregion actor


def add_from_a_task(tally: Tally, text: str) -> int:
    """Call the actor from wherever the task runs."""
    return tally.add(text).result()


texts = ["task", "task", "task"]
wait(client.map(add_from_a_task, [tally] * 3, texts, pure=False))
grand_total = tally.add("").result()

print(f"after two calls:   {last} letters")
print(f"after three tasks: {grand_total} letters")

assert (first, last) == (4, 9)
assert grand_total == last + 3 * len("task")
