"""What PROMISES.md says is held by a test that there is, and that runs."""

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from runner.snippets.catalog import ROOT

LIST = ROOT / "PROMISES.md"
PROMISE = re.compile(r"^- (?P<text>.+?): (?P<tests>`tests/\S+::.+`)$")
NOT_PROMISED = "## What cannot be survived"


@dataclass(frozen=True)
class Named:
    """A test as PROMISES.md names it: `tests/FILE::NAME`; of the engine `tests/FILE.mjs::TITLE`."""

    line: int
    path: Path
    name: str

    def __str__(self) -> str:
        return f"{LIST.name}:{self.line}"

    def fault(self) -> str:
        """What is wrong with it; nothing if it runs."""
        if not self.path.is_file():
            return f"there is no {self.path.relative_to(ROOT)}"
        text = self.path.read_text(encoding="utf-8")
        if self.path.suffix == ".mjs":
            there = f"test('{self.name}'" in text
            return "" if there else f"{self.path.name} has no test '{self.name}'"
        tree = ast.parse(text)
        tests = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        test = next((test for test in tests if test.name == self.name), None)
        if test is None:
            return f"{self.path.name} has no {self.name}"
        marks = {*map(ast.unparse, test.decorator_list), *_marks_of_module(tree)}
        left_out = [mark for mark in marks if re.match(r"pytest\.mark\.(skip|xfail)", mark)]
        if left_out and "pytest.mark.long" not in marks:
            return f"{self.name} may be left out ({left_out[0]}) and is not `long`"
        return ""


def _marks_of_module(tree: ast.Module) -> list[str]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            marks = node.value.elts if isinstance(node.value, ast.List) else [node.value]
            return [ast.unparse(mark) for mark in marks]
    return []


def promises() -> list[tuple[int, str]]:
    """The lines of the list, with their numbers."""
    kept, _, _ = LIST.read_text(encoding="utf-8").partition(NOT_PROMISED)
    lines = enumerate(kept.splitlines(), 1)
    return [(number, line) for number, line in lines if line.startswith("- ")]


def named() -> list[Named]:
    """The tests that hold them."""
    found = []
    for number, line in promises():
        for path, name in re.findall(r"`(tests/[^`:]+)::([^`]+)`", line):
            found.append(Named(number, ROOT / path, name))
    return found


def test_every_promise_names_its_test() -> None:
    lines = promises()
    assert lines
    without = [number for number, line in lines if not PROMISE.match(line)]
    assert not without, f"{LIST.name}: lines {without} are not '- PROMISE: `tests/FILE::TEST`'"


@pytest.mark.parametrize("test", named(), ids=str)
def test_the_test_of_a_promise_is_there_and_runs(test: Named) -> None:
    assert not test.fault(), f"{test}: {test.fault()}; write it, or take the promise back"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("tests/tool/nothing.py::test_a", "there is no tests/tool/nothing.py"),
        ("tests/tool/test_promises.py::test_a", "test_promises.py has no test_a"),
        ("tests/tool/engine/kept.test.mjs::nothing", "kept.test.mjs has no test 'nothing'"),
        (
            "tests/tool/runner/processes/test_process.py::"
            "test_where_memory_runs_out_it_is_ended_before_the_deck",
            "test_where_memory_runs_out_it_is_ended_before_the_deck may be left out",
        ),
        ("tests/talk/test_hosts.py::test_dask_starts_a_cluster_over_ssh", ""),
    ],
)
def test_a_promise_without_its_test_is_found(name: str, fault: str) -> None:
    path, _, test = name.partition("::")
    found = Named(1, ROOT / path, test).fault()
    assert found.startswith(fault) if fault else not found
