"""The stage has no network: what the deck runs prints the same with none but this machine's own."""

import subprocess
import sys

import pytest

from runner.processes.namespaces import lacking
from runner.snippets.catalog import ROOT
from tests.helpers.offline import OFFLINE

PROGRAMS = "test_prints_what_its_recording_says_and_does_what_its_comments_claim"


@pytest.mark.long
@pytest.mark.skipif(bool(lacking()), reason=lacking())
@pytest.mark.alone
@pytest.mark.timeout(1800)
def test_every_snippet_but_the_installs_prints_its_recording_offline() -> None:
    """The test of each, with clusters of its own."""
    tests = ["pytest", "-q", f"tests/talk/test_snippets.py::{PROGRAMS}"]
    run = subprocess.run(
        [*OFFLINE, sys.executable, "-m", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
