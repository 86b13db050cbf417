"""Tasks on a Ray cluster; npm start has one."""

import logging

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects

# region squares
ray.init()


@ray.remote
def square(number):
    return number**2


futures = [square.remote(number) for number in range(5)]
print(ray.get(futures))
# endregion squares

ray.shutdown()
