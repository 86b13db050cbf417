"""What a value comment claims is checked, and the checking changes nothing."""

from pathlib import Path

import pytest

from runner.processes.process import limit_of
from runner.processes.workspace import workspace
from runner.snippets.catalog import Snippet
from tests.helpers.claims import ClaimError, find_claims, instrument
from tests.helpers.runs import run, run_with_claims


@pytest.mark.parametrize(
    "text",
    [
        "x = 2 + 2  # 4\nprint(__name__, __file__, __doc__, __spec__, __builtins__)\n",
        "import sys\nx = 4  # 4\nprint(sys.argv, sys.path[0], sys.modules['__main__'].x)\n",
        "def work(number):\n    return 1 / number\n\n\nx = work(1) + 3  # 4\nx = work(0)  # 4\n",
        "print('\\033[31mred', end='')\nx = 4  # 4\nraise SystemExit('the end')\n",
        "from multiprocessing import get_context\nif __name__ == '__main__':\n"
        "    with get_context('fork').Pool(1) as pool:\n"
        "        total = sum(pool.map(abs, [-4]))  # 4\n    print(total)\n",
    ],
)
def test_the_eye_that_checks_claims_leaves_the_output_alone(text: str, tmp_path: Path) -> None:
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "program.py").write_text(text)
    snippet = Snippet("program.py", tmp_path / "snippets")
    with workspace(snippet) as where:
        plain = run(snippet.command, where, limit_of(snippet))
    checked, _ = run_with_claims(snippet, tmp_path)
    assert (checked.text, checked.status) == (plain.text, plain.status)
    assert plain.text


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("x = 2 + 2  # 4", ""),
        ("x = 2 + 2  # 5", "line 1 claims 5, the value is 4"),
        ("x: int = 3  # 4", "line 1 claims 4, the value is 3"),
        ("max(1, 2)  # 1", "line 1 claims 1, the value is 2"),
        ("x = sorted(\n    [2, 1],\n)  # [2, 1]", "line 3 claims [2, 1], the value is [1, 2]"),
        ("for x in 1, 2:\n    y = x  # 1", "line 2 claims 1, the value is 2"),
        ("if 0:\n    x = 1  # 1", "line 2 was never reached"),
        ("x = 1  # True", "line 1 claims True, the value is 1"),
        ("x = 3.14159  # 3.14", ""),
        ("x = 3.14159  # 3.15", "line 1 claims 3.15, the value is 3.14159"),
        ("x = [1, 3, 2]  # [1, 2, 3]", "line 1 claims [1, 2, 3], the value is [1, 3, 2]"),
        ("x = 'pending'  # 'finished'", "line 1 claims 'finished', the value is 'pending'"),
        ("x = 4  # four, in words\n# 5", ""),
        ("x = 1  # 2\nraise SystemExit(3)", "line 1 claims 2, the value is 1"),
    ],
)
def test_a_wrong_claim_is_found(text: str, faults: str, tmp_path: Path) -> None:
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "program.py").write_text(f"{text}\n")
    snippet = Snippet("program.py", tmp_path / "snippets")
    assert run_with_claims(snippet, tmp_path)[1] == faults


@pytest.mark.parametrize(
    "text", ["def f():\n    return 4  # 4", "f(\n    4,  # 4\n)", "x += 1  # 4", "import x  # 4"]
)
def test_a_claim_that_cannot_be_checked_is_an_error(text: str) -> None:
    with pytest.raises(ClaimError, match=r"line \d: nothing to compare with the comment '# 4'"):
        instrument(text, find_claims(text))
