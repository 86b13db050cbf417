"""Runs a program as a Ray job, on a cluster of other machines, and shows here what it prints.

    python ray_job.py DASHBOARD PROGRAM

The program is in a folder of the current one, which goes with it. An interrupt stops the job.
"""

import asyncio
import logging
import os
import shlex
import shutil
import sys
import tempfile
from pathlib import Path

from ray.job_submission import JobStatus, JobSubmissionClient

PICTURES = Path(__file__).resolve().parents[1] / "pictures"
BEGIN = "Running entrypoint for job"  # what Ray says last before the program does
ENVIRONMENT = {
    "PYTHONPATH": PICTURES.name,
    "PYTHONUNBUFFERED": "1",
    # A program may bring a runtime environment of its own.
    "RAY_OVERRIDE_JOB_RUNTIME_ENV": "1",
    # As it runs here; the head's own environment may know nothing of these.
    **{
        name: os.environ[name]
        for name in ("MPLBACKEND", "TERM", "RAY_DEDUP_LOGS_SKIP_REGEX")
        if name in os.environ
    },
}


async def main() -> int:
    """Submit the program, print what it prints, and return the status with which it ended."""
    dashboard, program = sys.argv[1:]
    logging.disable(logging.WARNING)  # what Ray says of the upload and of the connection
    client = JobSubmissionClient(dashboard)
    with tempfile.TemporaryDirectory() as folder:
        for source in (Path(program).parts[0], PICTURES):
            target = Path(folder, Path(source).name)
            ignored = shutil.ignore_patterns("*.cast", "__pycache__")
            shutil.copytree(source, target, ignore=ignored)
        job = client.submit_job(
            entrypoint=f"python {shlex.quote(program)}",
            runtime_env={"working_dir": folder, "env_vars": ENVIRONMENT},
        )
    try:
        said = await _follow(client, job)
    except asyncio.CancelledError:
        client.stop_job(job)
        raise
    info = client.get_job_info(job)
    if info.status != JobStatus.SUCCEEDED and BEGIN not in said:
        print(said, info.message, sep="\n", file=sys.stderr)
    return info.driver_exit_code or int(info.status != JobStatus.SUCCEEDED)


async def _follow(client: JobSubmissionClient, job: str) -> str:
    """Print what the program does; returns what Ray said before."""
    said = ""
    begun = False
    async for text in client.tail_job_logs(job):
        if begun:
            print(text, end="", flush=True)
            continue
        said += text
        _, begin, rest = said.partition(BEGIN)
        if begin and "\n" in rest:
            begun = True
            print(rest.partition("\n")[2], end="", flush=True)
    return said


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
