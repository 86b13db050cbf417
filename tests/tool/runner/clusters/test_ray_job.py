"""Programs as Ray jobs, as they run on a cluster of other machines; here on that of this one."""

import asyncio
import sys
from pathlib import Path

import pytest
from ray.job_submission import JobStatus, JobSubmissionClient

from runner.clusters.kinds.ray import JOB, Ray
from runner.processes.output import Result, plain
from runner.processes.process import Process
from runner.processes.workspace import Workspace, environment
from runner.recordings.compare import compare
from runner.recordings.recording import load
from runner.snippets.catalog import ROOT, Snippet
from tests.helpers.runs import run
from tests.helpers.survivors import within

pytestmark = pytest.mark.usefixtures("ray_cluster")
DASHBOARD = "http://127.0.0.1:8265"


def run_as_job(folder: Path, program: str) -> Result:
    where = Workspace(folder, environment(ROOT))
    return run([sys.executable, str(JOB), DASHBOARD, program], where, 120)


def write(folder: Path, text: str) -> str:
    program = folder / "snippets" / "program.py"
    program.parent.mkdir()
    program.write_text(text, encoding="utf-8")
    return "snippets/program.py"


@pytest.mark.parametrize("id", ["ray/actor_counter.py", "ray/runtime_env.py"])
def test_a_job_prints_what_the_recording_says_and_nothing_else(id: str) -> None:
    """One of them brings a runtime environment of its own."""
    snippet = Snippet(id)
    result = run_as_job(ROOT, snippet.command[1])
    assert result.status == 0, result.text
    assert not compare(snippet, load(snippet).text, result.text)


@pytest.mark.parametrize(("program", "is_job"), [("a.py", True), ("start.sh", False)])
def test_only_python_is_sent_to_a_cluster_elsewhere(
    program: str, is_job: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A shell script may have lines of Python, and runs here."""
    monkeypatch.setattr(Ray, "address", lambda _: None)
    assert bool(Ray().submission(program, "ray.init()")) == is_job


def test_a_job_ends_as_its_program_and_shows_why(tmp_path: Path) -> None:
    program = write(tmp_path, "import sys\nprint('about to')\nsys.exit(3)\n")
    result = run_as_job(tmp_path, program)
    assert (result.status, plain(result.text)) == (3, "about to\r\n")


def test_an_interrupt_stops_the_job(tmp_path: Path) -> None:
    program = write(tmp_path, "import time\nprint('begun')\ntime.sleep(600)\n")
    client = JobSubmissionClient(DASHBOARD)
    before = {str(job.submission_id) for job in client.list_jobs()}

    async def main() -> str:
        command = [sys.executable, str(JOB), DASHBOARD, program]
        process = await Process.start(command, Workspace(tmp_path, environment(ROOT)))
        printed = ""
        async for output in process.output():
            printed += output.text
            if "begun" in printed:
                process.stop()
        return printed

    assert asyncio.run(main()).startswith("begun\r\n")
    [job] = {str(job.submission_id) for job in client.list_jobs()} - before
    assert within(60, lambda: client.get_job_status(job) == JobStatus.STOPPED)
