"""The engine's own tests, which are JavaScript, as part of `npm test`."""

import re
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(path.relative_to(HERE).as_posix() for path in HERE.rglob("*.test.mjs"))
assert MODULES, "no test of the engine was found"


@pytest.mark.parametrize("module", MODULES)
def test_engine(module: str) -> None:
    command = ["node", "--test", "--test-reporter=tap", str(HERE / module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), "it has no tests"
