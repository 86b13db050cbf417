"""How long the tests try what they are given at random: seconds in `npm test`, longer if asked.

@pytest.mark.parametrize("examples", lengths(40))
def test_a_reader_bears_anything(examples: int) -> None:
    @given(st.binary())
    def holds(data: bytes) -> None: ...

    attempt(holds, examples)
"""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

LONGER = 50  # times


def lengths(short: int) -> list[Any]:
    """Parameters of a test that is tried so often, and of one that is tried for long."""
    long = pytest.mark.long, pytest.mark.timeout(1800)
    return [pytest.param(short, id="short"), pytest.param(short * LONGER, id="long", marks=long)]


def attempt(holds: Callable[[], None], examples: int) -> None:
    """Call a function that hypothesis gives its arguments, so many times."""
    always = settings(
        max_examples=examples,
        # Each time the same, so that no test fails for somebody who has changed nothing; those that
        # are long find something new each time.
        derandomize=examples < LONGER,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    always(holds)()
