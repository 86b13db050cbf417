"""Commands on a terminal of their own, and what is left of them: nothing."""

import asyncio
import os
import time
from collections.abc import Sequence
from pathlib import Path

import psutil
import pytest

from runner.catalog import ROOT, Snippet
from runner.process import Process, Result, Workspace, environment, workspace

WHERE = Workspace(ROOT, environment(ROOT))


DAEMON = 'import subprocess as s;print(s.Popen(["sleep", "60"], start_new_session=True).pid)'


def run(command: Sequence[str], limit: float = 30, cap: int = 1_000_000) -> Result:
    async def main() -> Result:
        return await (await Process.start(command, WHERE)).result(limit=limit, cap=cap)

    return asyncio.run(main())


def gone(pids: Sequence[int], patience: float = 5) -> bool:
    """Do these processes end within some seconds?"""
    deadline = time.monotonic() + patience
    while any(psutil.pid_exists(pid) for pid in pids):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_output_streams_as_it_is_written() -> None:
    """A progress bar moves: each carriage return arrives when it is printed."""
    result = run(["bash", "-c", r"for n in 1 2 3; do printf '%s\r' $n; sleep 0.3; done"])
    assert [output.text for output in result.output] == ["1\r", "2\r", "3\r"]
    assert result.output[2].at - result.output[0].at > 0.5
    assert result.ended - result.output[2].at > 0.2


def test_python_sees_a_terminal_of_fixed_size_and_no_input() -> None:
    program = (
        "import os, sys; print(os.get_terminal_size(), os.environ['TERM']);"
        "print(sys.stdout.isatty(), sys.stderr.isatty(), repr(sys.stdin.read()))"
    )
    assert run(["python", "-c", program]).text == (
        "os.terminal_size(columns=72, lines=24) xterm-256color\r\nTrue True ''\r\n"
    )


def test_characters_cut_in_two_by_the_stream_arrive_whole() -> None:
    command = r"printf '\xf0\x9f'; sleep 0.2; printf '\x98\x8a'; printf '\xff'"
    assert run(["bash", "-c", command]).text == "😊�"


@pytest.mark.parametrize(("command", "status"), [("exit 3", 3), ("kill -9 $$", 137), ("true", 0)])
def test_status_is_what_a_shell_says(command: str, status: int) -> None:
    assert run(["bash", "-c", command]).status == status


def test_output_is_capped_with_a_notice_and_the_command_runs_on() -> None:
    result = run(["bash", "-c", "yes | head -c 300000; exit 7"], cap=1000)
    assert result.status == 7
    text, _, rest = result.text.partition("[output cut after 1,000 bytes]")
    assert len(text) < 1100
    assert "y" not in rest


def test_a_command_that_takes_too_long_is_ended_with_a_notice() -> None:
    result = run(["python", "-c", "import time; time.sleep(60)"], limit=0.5)
    assert result.status == 128 + 2
    assert "[ended after 0.5 s, its limit]" in result.text
    assert result.text.rstrip().endswith("KeyboardInterrupt")


@pytest.mark.parametrize(
    ("ignored", "status"),
    [("", 130), ("INT", 143), ("INT TERM", 137)],
    ids=str,
)
def test_stop_interrupts_then_terminates_then_kills(ignored: str, status: int) -> None:
    trap = f"trap '' {ignored};" if ignored else ""

    async def main() -> int | None:
        process = await Process.start(["bash", "-c", f"{trap} echo up; sleep 60; echo no"], WHERE)
        async for output in process.output(limit=30):
            assert "up" in output.text
            process.stop()
        return process.status

    assert asyncio.run(main()) == status


@pytest.mark.parametrize(
    "command",
    [
        "sleep 60 & echo $!",  # in the background
        "(trap '' HUP INT; sleep 60) & echo $!",  # deaf
        f"python -c '{DAEMON}'",  # in a session of its own
    ],
)
def test_what_it_leaves_running_is_ended_with_it(command: str) -> None:
    began = time.monotonic()
    result = run(["bash", "-c", command], limit=50)
    assert result.status == 0
    assert gone([int(result.text)])
    assert time.monotonic() - began < 20


def test_giving_up_reading_ends_it() -> None:
    async def main() -> list[int]:
        process = await Process.start(["bash", "-c", "sleep 60 & echo $!; wait"], WHERE)
        output = process.output()
        first = await anext(output)
        await output.aclose()
        return [process.pid, int(first.text)]

    assert gone(asyncio.run(main()))


def test_nothing_outlives_a_runner_that_is_killed() -> None:
    """The terminal closes with it, and the kernel hangs up on all that run there."""
    program = (
        "import asyncio, os\n"
        "from tests.runner.test_process import WHERE, Process\n"
        "async def main():\n"
        "    process = await Process.start(['bash', '-c', 'sleep 60 & echo $!; wait'], WHERE)\n"
        "    async for output in process.output():\n"
        "        print(process.pid, output.text, flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )

    async def main() -> list[int]:
        runner = await asyncio.create_subprocess_exec(
            *("python", "-c", program), stdout=asyncio.subprocess.PIPE, cwd=ROOT, env=WHERE.env
        )
        output, _ = await runner.communicate()
        return [int(pid) for pid in output.split()]

    pids = asyncio.run(main())
    assert len(pids) == 2
    assert gone(pids)


def test_the_environment_is_the_project_s_and_not_the_reader_s(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("PYTHONPATH", "COLUMNS", "NO_COLOR", "VIRTUAL_ENV", "RAY_ADDRESS"):
        monkeypatch.setenv(name, "7")
    env = environment(ROOT)
    assert not {"PYTHONPATH", "COLUMNS", "NO_COLOR", "VIRTUAL_ENV", "RAY_ADDRESS"} & set(env)
    assert (env["PYTHONUNBUFFERED"], env["GRPC_ENABLE_FORK_SUPPORT"]) == ("1", "0")
    assert env["PATH"].endswith(os.environ["PATH"])


def test_a_snippet_runs_in_the_project_and_one_that_installs_in_a_new_one() -> None:
    with workspace(Snippet("dask/client.py")) as where:
        assert where.folder == ROOT
    with workspace(Snippet("install/dask.sh")) as where:
        assert {path.name for path in where.folder.iterdir()} == {"pyproject.toml", "snippets"}
        assert (where.folder / "snippets").resolve() == ROOT / "snippets"
        versions = 'requires-python = ">=3.11'
        assert versions in (where.folder / "pyproject.toml").read_text()
        assert versions in (ROOT / "pyproject.toml").read_text()
    assert not where.folder.exists()
    assert Path(ROOT / "snippets").exists()
