"""Every snippet, run on real clusters: a slide shows what it printed, and that was right."""

from collections.abc import Callable
from pathlib import Path

import pytest
from _pytest.mark.structures import ParameterSet

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import kinds
from runner.engine import read_deck
from runner.processes.namespaces import lacking
from runner.processes.process import limit_of
from runner.processes.workspace import workspace
from runner.recordings.compare import compare
from runner.recordings.recording import load, versions
from runner.snippets.catalog import SNIPPETS, Snippet, discover, runnable, sources
from runner.snippets.checks import checks, fault
from tests.helpers.constants import constant_lines
from tests.helpers.proof import proving
from tests.helpers.runs import run, run_with_claims

PROGRAMS = runnable()
INSTALLING = [s for s in PROGRAMS if s.installs]
CHECKS = checks()

# What cannot print its recording where a cluster has machines of its own, and why.
ONE_MACHINE = {
    "model/predict_on_dask.py": "it writes files, which the workers' machines would have to share",
    "model/predict_on_ray.py": "it writes files, which the other machines would have to share",
    "model/tune.py": "as a Ray job it looks for Dask on the machine of Ray's head",
    "ray/cluster_state.py": "it shows the one node of a cluster on one machine",
    "ray/init.py": "it prints how many nodes there are",
    "ray/jobs_cli.sh": "script.py prints how many nodes there are",
    "ray/jobs_sdk.py": "script.py prints how many nodes there are",
    "ray/progress_actor.py": "the log of a Ray job has a new line for each carriage return",
    "ray/script.py": "it prints how many nodes there are",
}


def marked(snippet: Snippet) -> ParameterSet:
    """One that declares so has the machine for itself, or needs what not every machine has."""
    marks = [pytest.mark.alone] if snippet.declared.alone else []
    if snippet.declared.namespaces and lacking():
        marks.append(pytest.mark.skip(reason=lacking()))
    if snippet.id in ONE_MACHINE:
        marks.append(pytest.mark.one_machine)
    return pytest.param(snippet, marks=marks, id=snippet.id)


@pytest.fixture
def clusters(snippet: Snippet, cluster: Callable[[str], Clusters]) -> None:
    """The clusters that the snippet of this test needs."""
    for name in snippet.needs:
        cluster(name)


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


def test_no_line_of_an_output_is_a_constant() -> None:
    """An output shows what a run has found; the words of a label stand before a value."""
    faults = [
        f"snippets/{part}:{number}: {line!r} is printed whatever happens; print what was measured"
        for snippet in PROGRAMS
        for part in sources(snippet)
        if part.endswith(".py")
        for number, line in constant_lines(Snippet(part).path.read_text("utf-8")).items()
        if line in load(snippet).text
    ]
    assert not faults, "\n".join(faults)


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
    assert [str(s) for s in PROGRAMS if not load(s).versions.keys() >= wanted] == []


def test_every_program_has_a_recording_and_every_recording_a_program() -> None:
    recordings = {path.relative_to(SNIPPETS).as_posix() for path in SNIPPETS.rglob("*.cast")}
    programs = {f"{snippet}.cast" for snippet in PROGRAMS}
    assert sorted(programs - recordings) == []
    assert sorted(recordings - programs) == []
