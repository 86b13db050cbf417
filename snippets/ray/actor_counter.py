"""An actor keeps state in one process; its calls run one by one."""

import logging

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects
ray.init()


# region actor
@ray.remote
class Tally:
    count = 0

    def add(self, text: str) -> int:
        self.count += len(text)
        return self.count


tally = Tally.remote()
first = tally.add.remote("ray")
last = tally.add.remote("actor")
totals = ray.get([first, last])  # [3, 8]
# endregion actor


@ray.remote
def add_from_a_task(tally: Tally, text: str) -> int:
    """Call the actor from wherever the task runs."""
    return ray.get(tally.add.remote(text))


ray.get([add_from_a_task.remote(tally, "task") for _ in range(3)])
grand_total = ray.get(tally.add.remote(""))

print(f"after two calls:   {totals[-1]} letters")
print(f"after three tasks: {grand_total} letters")

assert totals == [3, 8]
assert grand_total == totals[-1] + 3 * len("task")
