"""A program run by an interpreter that stood by sees and does what `python file.py` gives it."""

import asyncio
import os
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from runner.clusters.kinds import kinds
from runner.processes.output import Result
from runner.processes.pool import PLAIN, Pool
from runner.processes.process import Process
from runner.processes.workspace import Workspace, environment
from runner.snippets.catalog import ROOT, Snippet, needed
from tests.helpers.survivors import gone

PROGRAMS = {
    "namespace": "print({name: type(value).__name__ for name, value in globals().items()})",
    "main module": """
        import __main__, sys
        def double(number): return 2 * number
        print(__name__, __main__ is sys.modules["__main__"], double.__module__)
        print(__main__.double is double, __file__, __doc__, __spec__, __package__)
    """,
    "docstring": '"""What it does."""\nprint(__doc__)',
    "annotations": "count: int = 1\nprint(__annotations__)",
    "arguments": "import sys\nprint(sys.argv, sys.orig_argv, sys.flags)",
    "import path": "import os, sys\nprint(sys.path, os.getcwd())",
    "sibling": "from helper import HELP\nprint(HELP)",
    "terminal": """
        import os, sys
        print(os.get_terminal_size(), sys.stdout.isatty(), sys.stderr.isatty(), sys.stdin.read())
        print(os.getsid(0) == os.getpgid(0) == os.getpid() == os.tcgetpgrp(1))
    """,
    "buffering": "import sys\nsys.stdout.write('no newline'); sys.stdout.buffer.write(b'!')",
    "error": """
        def divide(number):
            return number / 0

        divide(1)
    """,
    "chained error": """
        try:
            {}["missing"]
        except KeyError as error:
            raise ValueError("no such key") from error
    """,
    "syntax error": "print('before'\nprint('after')",
    "own excepthook": """
        import sys
        sys.excepthook = lambda kind, value, trace: print("mine", kind, trace.tb_frame.f_lineno)
        raise ValueError
    """,
    # Imported for true here: with Ray imported, Python exits with 1 instead of dying of SIGINT.
    "interrupt": "IMPORT\nraise KeyboardInterrupt",
    "exit": "import sys\nsys.exit(3)",
    "exit with a message": "raise SystemExit('goodbye')",
    "exit with nothing": "raise SystemExit",
    "atexit": """
        import atexit
        atexit.register(print, "at exit")
        raise RuntimeError("first")
    """,
    "thread": """
        import threading, time
        threading.Thread(target=lambda: (time.sleep(0.1), print("thread"))).start()
        print("main")
    """,
    "processes": """
        from concurrent.futures import ProcessPoolExecutor
        def double(number): return 2 * number
        if __name__ == "__main__":
            with ProcessPoolExecutor(2) as pool:
                print(list(pool.map(double, range(3))))
    """,
    "spawned processes": """
        import multiprocessing
        def double(number): return 2 * number
        if __name__ == "__main__":
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                print(pool.map(double, range(3)))
    """,
    "pickle by value": """
        import pickle, sys
        import cloudpickle
        def double(number): return 2 * number
        data = cloudpickle.dumps(double)
        del double, sys.modules["__main__"].__dict__["cloudpickle"]
        print(pickle.loads(data)(21))
    """,
    "warning": "import warnings\nwarnings.warn('mind the gap')",
    "killed": "import os\nos.kill(os.getpid(), 9)",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A project with an empty `snippets/`."""
    (tmp_path / "snippets").mkdir()
    (tmp_path / "snippets" / "helper.py").write_text("HELP = 'from beside'")
    return tmp_path


def write(folder: Path, text: str) -> Snippet:
    lines = text.removeprefix("\n").splitlines()
    indent = min(len(line) - len(line.lstrip()) for line in lines if line.strip())
    path = folder / "snippets" / "program.py"
    path.write_text("\n".join(line[indent:] for line in lines) + "\n")
    return Snippet("program.py", folder / "snippets")


async def both(folder: Path, snippet: Snippet) -> tuple[Result, Result]:
    """What `python file.py` does, and what one that stood by does."""
    where = Workspace(folder, environment(ROOT))
    async with Pool(where, needed([snippet])) as pool:
        cold = await (await Process.start(snippet.command, where)).result(limit=60)
        process = await pool.take(snippet, where)
        assert process is not None
        return cold, await process.result(limit=60)


@pytest.mark.parametrize("name", PROGRAMS)
@pytest.mark.parametrize("needs", ["nothing", *kinds()])
def test_runs_a_program_as_python_does(folder: Path, name: str, needs: str) -> None:
    """Whichever interpreter stands by for it."""
    imports = f"import {kinds()[needs].preload}" if needs in kinds() else ""
    snippet = write(folder, PROGRAMS[name].replace("IMPORT", imports))
    snippet.path.write_text(f"{snippet.path.read_text()}# snippet: needs {needs}\n")
    cold, warm = asyncio.run(both(folder, snippet))
    assert (warm.text, warm.status) == (cold.text, cold.status)


def test_takes_what_is_new_in_the_environment(folder: Path) -> None:
    """Such as the address of a cluster that started after the interpreter."""
    program = "import os; print(os.environ['NEW'], os.environ['TERM'])"
    snippet = write(folder, program)

    async def main() -> Result:
        where = Workspace(folder, environment(ROOT))
        async with Pool(where) as pool:
            later = replace(where, env={**where.env, "NEW": "there"})
            process = await pool.take(snippet, later)
            assert process is not None
            return await process.result(limit=60)

    assert asyncio.run(main()).text == "there xterm-256color\r\n"


def test_is_used_once_and_replaced(folder: Path) -> None:
    snippet = write(folder, "print('once')")

    async def main() -> None:
        where = Workspace(folder, environment(ROOT))
        async with Pool(where) as pool:
            first = await pool.take(snippet, where)
            assert first is not None
            assert await pool.take(snippet, where) is None
            assert (await first.result(limit=60)).text == "once\r\n"
            await pool.fill()
            second = await pool.take(snippet, where)
            assert second is not None
            assert second.pid != first.pid
            assert (await second.result(limit=60)).text == "once\r\n"

    asyncio.run(main())


def test_its_time_counts_from_the_click(folder: Path) -> None:
    """One that stood by for longer than a run may take is not ended for it."""
    snippet = write(folder, "print('on time')")

    async def main() -> Result:
        where = Workspace(folder, environment(ROOT))
        async with Pool(where) as pool:
            pool.waiting[PLAIN].process.started -= 1000
            process = await pool.take(snippet, where)
            assert process is not None
            return await process.result(limit=60)

    result = asyncio.run(main())
    assert (result.text, result.status) == ("on time\r\n", 0)
    assert result.ended < 1000


def test_one_that_died_while_it_waited_is_not_used(folder: Path) -> None:
    snippet = write(folder, "print('alive')")

    async def main() -> None:
        where = Workspace(folder, environment(ROOT))
        async with Pool(where) as pool:
            process = pool.waiting[PLAIN].process
            os.kill(process.pid, 9)
            assert (await process.result()).status == 128 + 9
            assert await pool.take(snippet, where) is None
            await pool.fill()
            fresh = await pool.take(snippet, where)
            assert fresh is not None
            assert (await fresh.result(limit=60)).text == "alive\r\n"

    asyncio.run(main())


def test_one_that_dies_while_it_waits_is_replaced(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Unless it dies at once, as the next would, too."""
    snippet = write(folder, "print('warm')")

    async def main() -> None:
        where = Workspace(folder, environment(ROOT))
        async with Pool(where) as pool:
            process = pool.waiting[PLAIN].process
            os.kill(process.pid, 9)
            await process.wait()
            await asyncio.sleep(1)
            assert pool.waiting[PLAIN].process is process
            await pool.fill()
            monkeypatch.setattr("runner.processes.pool.STEADY", 0)
            process = pool.waiting[PLAIN].process
            os.kill(process.pid, 9)

            def replaced() -> bool:
                standby = pool.waiting.get(PLAIN)  # none, until the next has been started
                return standby is not None and standby.process is not process

            async with asyncio.timeout(60):
                while not replaced():  # noqa: ASYNC110 nothing tells of it
                    await asyncio.sleep(0.05)
            fresh = await pool.take(snippet, where)
            assert fresh is not None
            assert (await fresh.result(limit=60)).text == "warm\r\n"

    asyncio.run(main())


def test_none_is_left_behind(folder: Path) -> None:
    async def main() -> list[int]:
        async with Pool(Workspace(folder, environment(ROOT)), kinds().values()) as pool:
            return [standby.process.pid for standby in pool.waiting.values()]

    assert not [pid for pid in asyncio.run(main()) if psutil.pid_exists(pid)]


def test_none_outlives_a_runner_that_is_killed(folder: Path) -> None:
    """Their pipes close with it."""
    program = (
        "import asyncio, os\n"
        "from pathlib import Path\n"
        "from runner.clusters.kinds import kinds\n"
        "from runner.processes.pool import Pool\n"
        "from runner.processes.workspace import Workspace, environment\n"
        "async def main():\n"
        "    where = Workspace(Path('.'), environment(Path('.')))\n"
        "    async with Pool(where, kinds().values()) as pool:\n"
        "        print(*(standby.process.pid for standby in pool.waiting.values()), flush=True)\n"
        "        os.kill(os.getpid(), 9)\n"
        "asyncio.run(main())\n"
    )

    async def main() -> list[int]:
        runner = await asyncio.create_subprocess_exec(
            *("python", "-c", program),
            stdout=asyncio.subprocess.PIPE,
            cwd=ROOT,
            env=environment(ROOT),
        )
        output, _ = await runner.communicate()
        return [int(pid) for pid in output.split()]

    pids = asyncio.run(main())
    assert len(pids) == 3
    assert gone(pids)
