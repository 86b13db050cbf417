"""What the README tells people to type works."""

import subprocess
from pathlib import Path

import pytest
from pytest_codeblocks import CodeBlock, extract_from_file

ROOT = Path(__file__).parents[2]
BLOCKS: list[CodeBlock] = extract_from_file(ROOT / "README.md")


@pytest.mark.parametrize(
    "block",
    [block for block in BLOCKS if not block.marks],
    ids=lambda block: f"README.md:{block.lineno}",
)
@pytest.mark.usefixtures("dask_cluster")
def test_block_runs(block: CodeBlock) -> None:
    assert block.syntax == "bash", "only shell blocks are run here; a snippet belongs in snippets/"
    subprocess.run(["bash", "-euc", block.code], cwd=ROOT, check=True, timeout=60)


def test_only_the_two_commands_are_left_to_the_tests_of_themselves() -> None:
    skipped = [
        line.split("#")[0].split() for b in BLOCKS if b.marks for line in b.code.splitlines()
    ]
    assert skipped == [["npm", "start"], ["npm", "test"]]
