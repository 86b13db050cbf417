"""Commands on a terminal of their own, and what is left of them: nothing."""

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest

from runner.processes.guard import LINUX, OOM_SCORE
from runner.processes.output import Output, Result
from runner.processes.process import Process
from runner.processes.process import run as run_snippet
from runner.processes.workspace import Workspace, environment, workspace
from runner.snippets.catalog import ROOT, Snippet
from tests.helpers.survivors import gone, within

WHERE = Workspace(ROOT, environment(ROOT))


DAEMON = 'import subprocess as s;print(s.Popen(["sleep", "600"], start_new_session=True).pid)'


def run(command: Sequence[str], limit: float = 60, cap: int = 1_000_000) -> Result:
    async def main() -> Result:
        return await (await Process.start(command, WHERE)).result(limit=limit, cap=cap)

    return asyncio.run(main())


async def line(output: AsyncIterator[Output]) -> str:
    """The next line; a terminal may hand it over in pieces."""
    text = ""
    while not text.endswith("\n"):
        text += (await anext(output)).text
    return text


def test_output_streams_as_it_is_written(tmp_path: Path) -> None:
    """A progress bar moves: each carriage return arrives before the program goes on."""
    program = r"for n in 1 2 3; do printf '%s\r' $n; until [ -e $n ]; do sleep 0.02; done; done"

    async def main() -> str:
        process = await Process.start(["bash", "-c", program], Workspace(tmp_path, WHERE.env))
        printed, before = "", 0.0
        async for output in process.output(limit=60):
            assert before <= output.at <= process.elapsed
            printed += output.text
            before = process.elapsed
            if printed.endswith("\r"):
                (tmp_path / printed[-2]).touch()
        return printed

    assert asyncio.run(main()) == "1\r2\r3\r"


def test_python_sees_a_terminal_of_fixed_size_and_no_input() -> None:
    program = (
        "import os, sys; print(os.get_terminal_size(), os.environ['TERM']);"
        "print(sys.stdout.isatty(), sys.stderr.isatty(), repr(sys.stdin.read()))"
    )
    assert run(["python", "-c", program]).text == (
        "os.terminal_size(columns=72, lines=24) xterm-256color\r\nTrue True ''\r\n"
    )


def test_a_workspace_has_the_terminal_that_a_snippet_declares(tmp_path: Path) -> None:
    snippet = Snippet("wide.py", tmp_path)
    snippet.path.write_text(
        "# snippet: terminal 100x30\nimport os, sys\n"
        "print(os.get_terminal_size(), sys.stdin.isatty())\n"
    )
    assert run_snippet(snippet).text == "os.terminal_size(columns=100, lines=30) False\r\n"


def test_characters_cut_in_two_by_the_stream_arrive_whole(tmp_path: Path) -> None:
    program = (
        r"printf 'cut: \xf0\x9f'; until [ -e go ]; do sleep 0.02; done;"
        r"printf '\x98\x8a'; printf '\xff'"
    )

    async def main() -> str:
        process = await Process.start(["bash", "-c", program], Workspace(tmp_path, WHERE.env))
        printed = ""
        async for output in process.output(limit=60):
            printed += output.text
            if printed.startswith("cut: "):
                (tmp_path / "go").touch()
        return printed

    assert asyncio.run(main()) == "cut: 😊�"


@pytest.mark.parametrize(("command", "status"), [("exit 3", 3), ("kill -9 $$", 137), ("true", 0)])
def test_status_is_what_a_shell_says(command: str, status: int) -> None:
    assert run(["bash", "-c", command]).status == status


def test_of_a_long_output_the_beginning_and_the_end_are_kept_and_the_command_runs_on() -> None:
    result = run(["bash", "-c", "seq 100000; printf 'result: \\u2713'; exit 7"], cap=1000)
    assert result.status == 7
    assert result.notice == "output cut after 1,000 bytes"
    begin, cut, end = result.text.partition(
        "\x1b[33m[output cut after 1,000 bytes; its end follows]"
    )
    assert cut
    assert len(begin) < 1020
    match = re.search(r"\x1b\[33m\[([\d,]+) bytes are left out\]\x1b\[0m\r\n(.*)", end, re.DOTALL)
    assert match
    last = match[2]
    assert last.startswith("999")
    assert last.endswith("\r\n100000\r\nresult: ✓")
    whole = "".join(f"{number}\r\n" for number in range(1, 100_001)) + "result: ✓"
    assert 1000 + int(match[1].replace(",", "")) + len(last.encode()) == len(whole.encode())


def test_an_output_of_just_as_many_bytes_as_are_kept_is_whole() -> None:
    result = run(["printf", "x" * 1000], cap=1000)
    assert (result.text, result.notice) == ("x" * 1000, "")


def test_a_line_without_end_costs_no_more_than_many() -> None:
    """A bar that moves for hours, in what a part of a cluster says."""

    async def cost(end: str) -> float:
        program = f"for _ in range(3000): print('x' * 10000, end={end!r})"
        process = await Process.start(["python", "-c", program], WHERE, terminal=False)
        before = time.process_time()
        async for _ in process.output(limit=60, cap=None):
            pass
        return time.process_time() - before

    many, one = (asyncio.run(cost(end)) for end in ("\n", "\r"))
    assert one < 10 * many


@pytest.mark.skipif(not LINUX, reason="elsewhere the system gives no such choice")
def test_where_memory_runs_out_it_is_ended_before_the_deck() -> None:
    """As the kernel chooses; and so is whatever it starts."""
    read = "cat /proc/self/oom_score_adj"
    assert run(["bash", "-c", f"{read}; ({read})"]).text == f"{OOM_SCORE}\r\n" * 2
    assert int(Path("/proc/self/oom_score_adj").read_text(encoding="ascii")) < OOM_SCORE


def test_one_without_memory_ends_as_any_that_fails() -> None:
    program = "ulimit -v 300000; python -c 'bytearray(1 << 30)'"
    result = run(["bash", "-c", program])
    assert (result.status, "MemoryError" in result.text) == (1, True)


def test_forks_that_end_late_are_heard_and_ended(tmp_path: Path) -> None:
    """Output of a child that goes on after its parent does not keep the run from its end."""
    program = "import os, time; os.fork() or (print('child', flush=True), time.sleep(600))"
    result = run(["python", "-c", f"{program}; time.sleep(0.5); print('parent')"])
    assert (result.status, sorted(result.text.split())) == (0, ["child", "parent"])


def test_a_clock_that_is_set_meanwhile_changes_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    hours = count(0, 3600)
    monkeypatch.setattr("time.time", lambda: next(hours))
    result = run(["sleep", "0.1"], limit=60)
    assert (result.status, result.notice) == (0, "")
    assert 0.1 <= result.ended < 60


def test_time_in_which_it_waits_for_a_line_does_not_count() -> None:
    where = replace(WHERE, answers=())
    program = "import sys, time; print(input('name? ')); time.sleep(600)"

    async def main() -> tuple[str, float]:
        process = await Process.start(["python", "-c", program], where)
        typed = asyncio.Event()

        def asked() -> None:
            if not typed.is_set():
                typed.set()
                asyncio.get_running_loop().call_later(6, process.type, "Ada")

        process.asked = asked
        result = await process.result(limit=5)
        return result.text, result.ended

    text, ended = asyncio.run(main())
    assert text.startswith("name? Ada\r\nAda\r\n")
    assert "[ended after 5 s, its limit]" in text
    assert ended > 10.5


@pytest.mark.skipif(not LINUX, reason="elsewhere the system does not tell what it waits for")
@pytest.mark.parametrize(
    "command",
    [
        ["python", "-c", "print(f'[{input()}]')"],
        ["python", "-c", "import readline; print(f'[{input()}]')"],
        ["python", "-c", "import getpass; print(f'[{getpass.getpass()}]')"],
        [
            "python",
            "-c",
            "import select as s; p = s.poll(); p.register(0, 1); p.poll(); print([input()])",
        ],
        ["python", "-c", "name = '[Ada]'\nbreakpoint()"],
        ["bash", "-c", 'read -r name; echo "[$name]"'],
        ["bash", "-c", 'read -e -r name; echo "[$name]"'],
    ],
    ids=["input", "readline", "getpass", "poll", "breakpoint", "read", "read -e"],
)
def test_however_it_asks_it_is_answered(command: list[str]) -> None:
    answers = ["p name", "c"] if "breakpoint" in command[-1] else ["Ada"]

    async def main() -> Result:
        process = await Process.start(command, replace(WHERE, answers=answers))
        return await process.result(limit=20)

    result = asyncio.run(main())
    assert re.search(r"\[(Ada|'Ada')\]", result.text)
    assert not result.notice


@pytest.mark.skipif(not LINUX, reason="elsewhere the system does not tell what it waits for")
@pytest.mark.parametrize(
    "wait",
    [
        "time.sleep(2)",
        "select.select([ours], [], [], 2)",
        "select.select([0], [], [], 2)",
        "threading.Timer(2, theirs.send, [b'x']).start(); select.select([ours], [], [])",
        "threading.Timer(2, theirs.send, [b'x']).start(); select.select([ours, 0], [], [])",
        "threading.Timer(2, theirs.send, [b'x']).start(); ours.recv(1)",
        "asyncio.run(asyncio.sleep(2))",
    ],
)
def test_one_that_waits_for_something_else_does_not_ask(wait: str) -> None:
    program = (
        "import asyncio, select, socket, threading, time\n"
        f"ours, theirs = socket.socketpair()\n{wait}\nprint('waited')"
    )
    asked: list[None] = []

    async def main() -> Result:
        process = await Process.start(["python", "-c", program], replace(WHERE, answers=()))
        process.asked = lambda: asked.append(None)
        return await process.result(limit=20)

    assert asyncio.run(main()).text == "waited\r\n"
    assert not asked


def test_a_command_that_takes_too_long_is_ended_with_a_notice(tmp_path: Path) -> None:
    program = "import pathlib, time; pathlib.Path('up').touch(); time.sleep(600)"

    async def main() -> Result:
        process = await Process.start(["python", "-c", program], Workspace(tmp_path, WHERE.env))
        assert await asyncio.to_thread(within, 60, (tmp_path / "up").exists)
        process.restart_clock()
        return await process.result(limit=0.5)

    result = asyncio.run(main())
    assert result.status == 128 + 2
    assert result.text == "\x1b[0m\x1b[33m[ended after 0.5 s, its limit]\x1b[0m\r\n"


@pytest.mark.parametrize(
    ("ignored", "status"),
    [("", 130), ("INT", 143), ("INT TERM", 137)],
    ids=str,
)
def test_stop_interrupts_then_terminates_then_kills(ignored: str, status: int) -> None:
    trap = f"trap '' {ignored};" if ignored else ""

    async def main() -> int | None:
        process = await Process.start(["bash", "-c", f"{trap} echo up; sleep 600; echo no"], WHERE)
        async for output in process.output(limit=60):
            if "up" in output.text:
                process.stop()
        return process.status

    assert asyncio.run(main()) == status


@pytest.mark.parametrize(
    "command",
    [
        "sleep 600 & echo $!",  # in the background
        "read < <(trap '' HUP INT; echo deaf; sleep 600); echo $!",  # deaf by then
        f"python -c '{DAEMON}'",  # in a session of its own
        "env -i setsid sleep 600 & echo $!",  # and in an environment of its own
    ],
)
def test_what_it_leaves_running_is_ended_with_it(command: str) -> None:
    result = run(["bash", "-c", command])
    assert result.status == 0
    assert gone([int(result.text)])  # and no notice: it was not the limit that ended it


def test_giving_up_reading_ends_it() -> None:
    async def main() -> list[int]:
        process = await Process.start(["bash", "-c", "sleep 600 & echo $!; wait"], WHERE)
        output = process.output()
        child = int(await line(output))
        await output.aclose()
        return [process.pid, child]

    assert gone(asyncio.run(main()))


def test_after_giving_up_reading_the_next_command_streams() -> None:
    async def main() -> float:
        given_up = (await Process.start(["sleep", "600"], WHERE)).output()
        reading = asyncio.create_task(anext(given_up))
        await asyncio.sleep(0.2)
        reading.cancel()
        await asyncio.wait([reading])
        await given_up.aclose()
        output = (await Process.start(["bash", "-c", "echo x; sleep 2; echo y"], WHERE)).output()
        first = await anext(output)
        await output.aclose()
        return first.at

    assert asyncio.run(main()) < 1.5


def test_one_that_closes_its_terminal_and_goes_on_is_waited_for() -> None:
    result = run(["bash", "-c", "echo so far; exec >&- 2>&-; sleep 1; exit 3"])
    assert (result.text, result.status) == ("so far\r\n", 3)
    assert result.ended >= 1


@pytest.mark.parametrize(
    "command",
    [
        "sleep 600 & echo $!; wait",
        f"python -c '{DAEMON}'; sleep 600",  # in a session of its own
        "set -m; sleep 600 & echo $!; wait",  # in a process group of its own
        "(trap '' HUP INT TERM; echo $BASHPID; exec sleep 600) & wait",  # deaf
    ],
)
def test_nothing_outlives_a_runner_that_is_killed(command: str) -> None:
    """Its guard notices, and ends what a closed terminal does not."""
    program = (
        "import asyncio, os\n"
        "from tests.tool.runner.processes.test_process import WHERE, Process, line\n"
        "async def main():\n"
        f"    process = await Process.start(['bash', '-c', {command!r}], WHERE)\n"
        "    print(process.pid, await line(process.output()), flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
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
    assert not {"COLUMNS", "NO_COLOR", "VIRTUAL_ENV", "RAY_ADDRESS"} & set(env)
    assert Path(env["PYTHONPATH"]).name == "pictures"  # ours, and nothing else
    assert (env["PYTHONUNBUFFERED"], env["GRPC_ENABLE_FORK_SUPPORT"]) == ("1", "0")
    assert env["PATH"].endswith(os.environ["PATH"])


def test_of_two_edits_within_a_second_the_last_is_what_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also of a part that is as long as before."""
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    where = Workspace(tmp_path, environment(ROOT))
    (tmp_path / "program.py").write_text("import part\nprint(part.NUMBER)\n")
    part = tmp_path / "part.py"

    async def main(text: str) -> str:
        part.write_text(text)
        os.utime(part, (1, 1))
        command = ["python", "program.py"]
        return (await (await Process.start(command, where)).result(limit=60)).text

    texts = [asyncio.run(main(f"NUMBER = {number}\n")) for number in (1, 2)]
    assert texts == ["1\r\n", "2\r\n"]


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


def test_what_we_were_told_to_ignore_interrupts_a_command() -> None:
    """As when `npm start &` stands in a script."""
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        done = run(["python", "-c", "import signal; signal.raise_signal(signal.SIGINT)"])
    finally:
        signal.signal(signal.SIGINT, ours)
    assert done.text.rstrip().endswith("KeyboardInterrupt")
