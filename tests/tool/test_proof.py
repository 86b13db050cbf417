"""A proof is left by a test that passed, and taken back by one that fails."""

import hashlib
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from runner.snippets.catalog import Snippet
from tests.helpers.proof import proving


@pytest.fixture
def snippets(tmp_path: Path) -> list[Snippet]:
    """Two programs with something for a recording."""
    for name in "ab":
        (tmp_path / f"{name}.py.cast").write_text(f"recording of {name}")
    return [Snippet(f"{name}.py", tmp_path) for name in "ab"]


def test_a_test_that_passes_proves_the_recording_as_it_was(snippets: list[Snippet]) -> None:
    a, b = snippets
    file = a.root / "dist" / "proof.json"
    for snippet in snippets:
        with proving(snippet, file):
            assert snippet.id not in (json.loads(file.read_text()) if file.exists() else {})
    proofs = json.loads(file.read_text())
    assert list(proofs) == ["a.py", "b.py"]
    digest = hashlib.sha256(b.recording.read_bytes()).hexdigest()
    assert proofs["b.py"]["recording"] == f"sha256:{digest}"
    assert set(proofs["b.py"]) == {"recording", "at", "commit", "versions"}


def test_a_test_that_fails_takes_its_proof_back_and_no_other(snippets: list[Snippet]) -> None:
    a, b = snippets
    file = a.root / "dist" / "proof.json"
    for snippet in snippets:
        with proving(snippet, file):
            pass
    with pytest.raises(AssertionError), proving(b, file):
        raise AssertionError
    assert list(json.loads(file.read_text())) == ["a.py"]


def test_tests_that_end_at_the_same_time_leave_all_their_proofs(tmp_path: Path) -> None:
    file = tmp_path / "dist" / "proof.json"
    snippets = [Snippet(f"{number}.py", tmp_path) for number in range(40)]

    def prove(snippet: Snippet) -> None:
        snippet.recording.touch()
        with proving(snippet, file):
            pass

    with ThreadPoolExecutor(len(snippets)) as threads:
        list(threads.map(prove, snippets))
    assert json.loads(file.read_text()).keys() == {snippet.id for snippet in snippets}
    assert [path.name for path in file.parent.iterdir()] == [file.name]
