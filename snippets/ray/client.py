"""Connect to a Ray cluster from afar and let it square a number."""

import logging

import ray

logging.disable(logging.WARNING)  # Ray's chatter while it connects


def square_number(num: int) -> int:
    """Return the square of a number."""
    return num * num


# region connect
ray.init("ray://localhost:10001")


@ray.remote
def square_number_ray(num: int) -> int:
    return square_number(num)


future = square_number_ray.remote(2)
result = ray.get(future)  # 4
# endregion connect

print("future:", type(future).__name__)
print("result:", result)

assert result == 4
