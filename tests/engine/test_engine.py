"""The engine's own tests, which are JavaScript, as part of `npm test`."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MODULES = sorted(path.name for path in HERE.glob("*.test.mjs"))
assert MODULES, "no test of the engine was found"


@pytest.mark.parametrize("module", MODULES)
def test_engine(module: str) -> None:
    command = ["node", "--test", str(HERE / module)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
