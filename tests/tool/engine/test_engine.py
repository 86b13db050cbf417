"""The engine's own tests, which are JavaScript, as part of `npm test`."""

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent


@pytest.mark.timeout(1200)
def test_engine() -> None:
    """All in one process: to load the engine takes longer than most of them."""
    command = ["node", "--test-reporter=tap", str(HERE / "all.mjs")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    failed = re.findall(r"^ *not ok .*(?:\n(?! *(?:not )?ok ).*)*", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join(failed) or done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), "it has no tests"
