"""The stage has no network: what the deck runs prints the same with none but this machine's own."""

import shutil
import subprocess
import sys

import pytest

from runner.snippets.catalog import ROOT

# A network of its own, in which only loopback is up; who enters it is root there, and only there.
NAMESPACE = [
    "unshare",
    "--map-root-user",
    "--net",
    "sh",
    "-c",
    'ip link set lo up && exec "$@"',
    "",
]
PROGRAMS = "test_prints_what_its_recording_says_and_does_what_its_comments_claim"


@pytest.fixture
def offline() -> list[str]:
    """What runs a command without a network."""
    if not shutil.which("unshare"):
        pytest.skip("only Linux can run a command without a network")
    tried = subprocess.run([*NAMESPACE, "true"], capture_output=True, text=True, check=False)
    if tried.returncode:
        pytest.skip(f"no network namespace can be had here: {tried.stderr.strip()}")
    return NAMESPACE


@pytest.mark.long
@pytest.mark.alone
@pytest.mark.timeout(1800)
def test_every_snippet_but_the_installs_prints_its_recording_offline(offline: list[str]) -> None:
    """The test of each, with clusters of its own."""
    tests = ["pytest", "-q", f"tests/talk/test_snippets.py::{PROGRAMS}"]
    run = subprocess.run(
        [*offline, sys.executable, "-m", *tests],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
