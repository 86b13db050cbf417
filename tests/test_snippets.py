"""Every snippet, run on real clusters: a slide shows what it printed, and that was right."""

import asyncio
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds
from runner.engine import read_deck
from runner.processes.output import Result
from runner.processes.process import Process, limit_of
from runner.processes.workspace import Workspace, workspace
from runner.recordings.compare import compare
from runner.recordings.recording import load, versions
from runner.snippets.catalog import SNIPPETS, Snippet, discover, runnable, sources
from runner.snippets.checks import checks, fault
from tests.claims import ClaimError, find_claims, instrument
from tests.proof import proving

CLAIMS = Path(__file__).with_name("claims.py")
PROGRAMS = runnable()
INSTALLING = [s for s in PROGRAMS if s.installs]
CHECKS = checks()


def marked(snippet: Snippet) -> ParameterSet:
    """One that declares so has the machine for itself."""
    alone = [pytest.mark.alone] if snippet.declared.alone else []
    return pytest.param(snippet, marks=alone, id=snippet.id)


@pytest.fixture
def clusters(snippet: Snippet, cluster: Callable[[str], Clusters]) -> None:
    """The clusters that the snippet of this test needs."""
    for name in snippet.needs:
        cluster(name)


def run(command: Sequence[str], where: Workspace, limit: float) -> Result:
    async def main() -> Result:
        return await (await Process.start(command, where)).result(limit=limit)

    return asyncio.run(main())


@pytest.mark.usefixtures("clusters")
@pytest.mark.parametrize("snippet", [marked(s) for s in PROGRAMS if not s.installs])
def test_prints_what_its_recording_says_and_does_what_its_comments_claim(
    snippet: Snippet, tmp_path: Path
) -> None:
    with proving(snippet):
        result, faults = run_with_claims(snippet, tmp_path)
        assert result.status == snippet.declared.status, result.text
        assert faults == ""
        difference = compare(snippet, load(snippet).text, result.text)
        assert not difference, difference


@pytest.mark.parametrize("snippet", INSTALLING, ids=str)
def test_installs_what_its_recording_says_and_it_imports(snippet: Snippet) -> None:
    """In a new Poetry project, from whose folder the package must come."""
    module = kinds()[snippet.path.stem].preload
    with proving(snippet), workspace(snippet) as where:
        result = run(snippet.command, where, limit_of(snippet))
        assert result.status == 0, result.text
        program = f"import {module}; print({module}.__file__)"
        imported = run([".venv/bin/python", "-c", program], where, 60)
        assert imported.text.startswith(f"{where.folder}/.venv/"), imported.text
        difference = compare(snippet, load(snippet).text, result.text)
        assert not difference, difference


@pytest.mark.parametrize("id", CHECKS)
def test_passes_its_check_which_finds_what_is_wrong(id: str) -> None:
    with proving(Snippet(id), check=CHECKS[id]):
        assert not fault(Snippet(id), CHECKS[id])


def run_with_claims(snippet: Snippet, tmp_path: Path) -> tuple[Result, str]:
    """Run a program, one that claims values under the eye that checks them; and what was wrong."""
    with workspace(snippet) as where:
        if snippet.language == "sh" or not find_claims(snippet.text):
            return run(snippet.command, where, limit_of(snippet)), ""
        report = tmp_path / "report"
        command = [sys.executable, str(CLAIMS), snippet.command[1], str(report)]
        result = run(command, where, limit_of(snippet))
    assert report.exists(), result.text
    return result, report.read_text(encoding="utf-8")


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


@pytest.fixture(scope="module")
def shown() -> set[str]:
    """Ids of the snippets of which the deck shows any part."""
    return read_deck().snippets


def test_every_snippet_is_on_a_slide(shown: set[str]) -> None:
    """Itself, or a file that it is made of, or one that is made of it."""
    made_of = {snippet.id: {snippet.id, *sources(snippet)} for snippet in discover()}
    on_slides = shown.union(*(made_of[id] for id in shown & set(made_of)))
    assert [id for id, parts in made_of.items() if not parts & shown and id not in on_slides] == []


def test_every_snippet_on_a_slide_is_tested(shown: set[str]) -> None:
    tested = {part for snippet in PROGRAMS for part in sources(snippet)} | CHECKS.keys()
    assert sorted(shown - tested) == []


def test_every_recording_says_what_it_ran_on() -> None:
    """All of it: the build compares with poetry.lock what a recording names, and nothing else."""
    wanted = versions().keys()
    assert [str(s) for s in PROGRAMS if load(s).versions.keys() != wanted] == []


def test_every_program_has_a_recording_and_every_recording_a_program() -> None:
    recordings = {path.relative_to(SNIPPETS).as_posix() for path in SNIPPETS.rglob("*.cast")}
    programs = {f"{snippet}.cast" for snippet in PROGRAMS}
    assert sorted(programs - recordings) == []
    assert sorted(recordings - programs) == []
