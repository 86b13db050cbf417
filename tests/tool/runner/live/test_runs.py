"""Live runs, on the real Dask cluster and interpreters that stand by."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any

import psutil
import pytest

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import Status
from runner.live.channel import UNREAD
from runner.live.runs import DOWN_PATIENCE, MOST_EDITED, TOGETHER, RefusedError, Run, Runs
from runner.recordings.record import record

READY = {"dask": Status("ready", "127.0.0.1:8786"), "ray": Status("ready", "127.0.0.1:10001")}

SNIPPETS = {
    "hello.py": "print('hello')\n",
    "shell.sh": "echo from bash; exit 3\n",
    "sleep.py": "import time\nprint('asleep', flush=True)\ntime.sleep(600)\n",
    "count.py": (
        "import time\n"
        "from pathlib import Path\n"
        "for n in range(20):\n"
        "    print(n)\n"
        "    while n == 9 and not Path(__file__).with_name('go').exists():\n"
        "        time.sleep(0.02)\n"
    ),
    "flood.py": "for n in range(200_000):\n    print(n)\n",
    "wait.py": "import os, time\nprint(os.getpid())\n# snippet: needs dask\ntime.sleep(600)\n",
    "on_dask.py": (
        "# snippet: needs dask\nfrom dask.distributed import Client\n"
        "print(Client('localhost:8786').submit(pow, 2, 5).result())\n"
    ),
    "forgotten.py": (
        "# snippet: needs dask\nimport asyncio\nimport dask.distributed\n"
        "async def forget():\n"
        "    asyncio.get_running_loop().create_future().set_exception(TimeoutError('Timeout'))\n"
        "asyncio.run(forget())\n"
        "print('done')\n"
    ),
    "nobody.py": (
        "# snippet: needs dask\nfrom dask.distributed import Client\n"
        "Client('localhost:1', timeout=1)  # nobody listens there, as on 8786 if it is down\n"
    ),
    "alone.py": "import sys\nsys.exit('ConnectionRefusedError: [Errno 111]')\n",
    "other.py": "# snippet: needs dask\nimport sys\nsys.exit('MaxRetryError: it is for Ray')\n",
    "wrong.py": "# snippet: needs dask\nassert 2 + 2 == 5\n",
    "regions.py": (
        "import sys\nfrom pathlib import Path\n\n# region first\nprint('one')\n# endregion first\n"
        "# region second\nprint('two')\n# endregion second\nprint(sys.argv[0], __name__)\n"
    ),
    "stood_by.py": "import psutil\nprint('standby.py' in str(psutil.Process().cmdline()))\n",
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    root = tmp_path / "snippets"
    root.mkdir()
    for name, text in SNIPPETS.items():
        (root / name).write_text(text)
    return root


def live(
    root: Path,
    scene: Callable[[Runs], Awaitable[None]],
    statuses: Callable[[], Mapping[str, Status]] = dict,
    **options: Any,
) -> None:
    """Play a scene with live runs, for a minute at most."""

    async def main() -> None:
        async with asyncio.timeout(60), Runs(statuses, root, **options) as runs:
            await scene(runs)

    asyncio.run(main())


async def end(messages: AsyncIterator[Any], run: Run) -> tuple[dict[str, Any], str]:
    """The last message of a run, and all that it printed."""
    printed = ""
    async for message in messages:
        if message.get("run") == run.id:
            printed += message.get("data", "")
            if message.get("state") == "exited":
                return message, printed
    raise AssertionError("the messages ended before the run")


async def first(messages: AsyncIterator[Any], **wanted: Any) -> Any:
    """The next message with these values."""
    async for message in messages:
        if wanted.items() <= message.items():
            return message
    raise AssertionError(f"the messages ended before {wanted}")


async def line(messages: AsyncIterator[Any], run: Run) -> str:
    """The next line that a run prints; a terminal may hand it over in pieces."""
    printed = ""
    while not printed.endswith("\r\n"):
        printed += (await first(messages, run=run.id, type="output"))["data"]
    return printed.removesuffix("\r\n")


@pytest.mark.parametrize(
    ("text", "difference"),
    [
        ("print('hello')\n", ""),
        ("print('hallo')\n", "-hello\n+hallo"),
        ("print('hello')\nraise SystemExit(3)\n", "hello.py ended with 3, its recording with 0"),
    ],
)
def test_a_run_is_compared_with_its_recording_as_the_tests_do(
    root: Path, text: str, difference: str
) -> None:
    assert record(["hello.py"], root) == 0
    (root / "hello.py").write_text(text)

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("hello.py")
            last, _ = await end(messages, run)
            assert last["difference"] is None, "it is compared once its end was told"
            told = (await first(messages, run=run.id, type="run"))["difference"]
            assert difference in told
            assert bool(difference) == bool(told)

    live(root, scene)


@pytest.mark.parametrize(
    ("id", "status", "printed"),
    [("hello.py", 0, "hello\r\n"), ("shell.sh", 3, "from bash\r\n")],
)
def test_a_page_sees_a_run_from_start_to_exit(
    root: Path, id: str, status: int, printed: str
) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start(id)
            assert (await first(messages))["state"] == "running"
            last, text = await end(messages, run)
        assert text == printed
        assert last["elapsed"] > 0
        del last["elapsed"]
        assert last == {
            "type": "run",
            "run": run.id,
            "snippet": id,
            "state": "exited",
            "detail": "",
            "status": status,
            "expected": 0,
            "columns": 72,
            "rows": 24,
            "asks": None,
            "fault": None,
            "edited": False,
            "difference": None,
        }

    live(root, scene)


def test_what_a_client_forgets_when_it_ends_is_not_printed(
    root: Path, dask_cluster: Clusters
) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, text = await end(messages, runs.start("forgotten.py"))
        assert (last["status"], text) == (0, "done\r\n")

    live(root, scene, lambda: dask_cluster.statuses)


def test_a_snippet_runs_on_the_real_cluster(root: Path, dask_cluster: Clusters) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, text = await end(messages, runs.start("on_dask.py"))
        assert (last["status"], text) == (0, "32\r\n")

    live(root, scene, lambda: dask_cluster.statuses)


def test_every_page_sees_the_same_from_the_start(root: Path) -> None:
    """A page opened in mid-run gets what was printed before, and then the rest."""

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("count.py")
            await first(messages, type="output")
            with runs.subscribe() as others:
                assert (await first(others))["state"] == "running"
                (root / "go").touch()
                (_, printed), (_, rest) = await asyncio.gather(end(others, run), end(messages, run))
        assert printed.split() == [str(number) for number in range(20)]
        assert printed.endswith(rest)
        with runs.subscribe() as later:
            assert (await first(later))["state"] == "exited"
            assert (await first(later))["data"] == printed

    live(root, scene)


def test_interpreters_stand_by_again_after_a_run(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            assert (await end(messages, runs.start("stood_by.py")))[1] == "True\r\n"
            # The one that was used is replaced in a moment in which nothing runs.
            printed = ""
            while printed != "True\r\n":
                await asyncio.sleep(0.2)
                _, printed = await end(messages, runs.start("stood_by.py"))

    live(root, scene)


def test_closing_the_page_does_not_stop_the_run(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("count.py")
            await first(messages, type="output")
        with runs.subscribe() as messages:
            (root / "go").touch()
            last, printed = await end(messages, run)
        assert (last["status"], printed.split()[-1]) == (0, "19")

    live(root, scene)


def test_stop_interrupts(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("sleep.py")
            await line(messages, run)
            runs.stop("sleep.py")
            last, printed = await end(messages, run)
        assert (last["status"], last["detail"]) == (130, "stopped")
        assert printed == "\x1b[0m\x1b[33m[stopped]\x1b[0m\r\n"

    live(root, scene)


def test_after_stop_a_pool_says_no_more_than_that_it_was_stopped(root: Path) -> None:
    """Not a traceback for each of its processes; in a line of its own, in our colour."""
    program = """
import time
from concurrent.futures import ProcessPoolExecutor

def nap(number):
    print(f"\\033[32mnap {number}", end="", flush=True)
    time.sleep(600)

if __name__ == "__main__":
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(nap, range(2)))
"""
    (root / "pool.py").write_text(program)

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("pool.py")
            printed = ""
            while printed.count("nap") < 2:
                printed += (await first(messages, run=run.id, type="output"))["data"]
            runs.stop("pool.py")
            _, rest = await end(messages, run)
        assert rest == "\x1b[0m\r\n\x1b[33m[stopped]\x1b[0m\r\n"

    live(root, scene)


def test_a_second_start_is_refused_unless_it_is_to_restart(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            one = runs.start("sleep.py")
            await first(messages, type="output")
            with pytest.raises(RefusedError, match=r"sleep.py runs already; stop it") as refusal:
                runs.start("sleep.py")
            assert refusal.value.reason == "running"
            two = runs.start("sleep.py", restart=True)
            assert (await first(messages, run=two.id))["detail"] == "ending the run before"
            assert (await end(messages, one))[0]["detail"] == "stopped"
            assert await line(messages, two) == "asleep"

    live(root, scene)


def test_different_snippets_overlap_up_to_a_number(root: Path) -> None:
    for number in range(TOGETHER):
        (root / f"sleep_{number}.py").write_text(SNIPPETS["sleep.py"])

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            for number in range(TOGETHER):
                runs.start(f"sleep_{number}.py")
            for _ in range(TOGETHER):
                await first(messages, type="output")
            with pytest.raises(RefusedError, match=r"4 snippets run already") as refusal:
                runs.start("hello.py")
            assert refusal.value.reason == "busy"
            runs.stop("sleep_0.py")
            await first(messages, state="exited")
            assert (await end(messages, runs.start("hello.py")))[1] == "hello\r\n"

    live(root, scene)


@pytest.mark.parametrize("id", ["../secret.py", "helo.py", ""])
def test_an_unknown_snippet_is_refused(root: Path, id: str) -> None:
    async def scene(runs: Runs) -> None:
        with pytest.raises(RefusedError) as refusal:
            runs.start(id)
        assert refusal.value.reason == "unknown"

    live(root, scene)


def test_a_run_clicked_too_early_waits_for_its_cluster_and_says_so(root: Path) -> None:
    statuses = {"dask": Status("starting", "no worker yet")}

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wrong.py")
            waiting = await first(messages)
            assert (waiting["state"], waiting["detail"]) == (
                "waiting",
                "waiting for Dask: no worker yet",
            )
            statuses["dask"] = READY["dask"]
            assert (await first(messages))["state"] == "running"
            last, printed = await end(messages, run)
        assert (last["status"], last["fault"]) == (1, None)  # the snippet's own fault
        assert "AssertionError" in printed

    live(root, scene, lambda: statuses)


def test_a_waiting_run_can_be_stopped(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("on_dask.py")
            await first(messages, state="waiting")
            runs.stop("on_dask.py")
            last, printed = await end(messages, run)
        assert (last["status"], last["detail"], printed) == (None, "stopped", "")

    live(root, scene, lambda: {"dask": Status("starting", "")})


def test_a_run_has_a_cluster_started_that_is_down_and_waits_for_it(root: Path) -> None:
    """However long it had waited for it before."""
    statuses = {"dask": Status("starting", "its processes start")}
    woken: list[str] = []

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wrong.py")
            await first(messages, detail="waiting for Dask: its processes start")
            await asyncio.sleep(DOWN_PATIENCE)
            statuses["dask"] = Status("down", "it ended; starting it again")
            await first(messages, detail="waiting for Dask: it ended; starting it again")
            await asyncio.sleep(1)
            statuses["dask"] = READY["dask"]
            last, _ = await end(messages, run)
        assert (last["status"], woken) == (1, ["dask"])

    live(root, scene, lambda: statuses, wake=woken.append)


@pytest.mark.parametrize(
    ("statuses", "detail"),
    [
        ({"dask": Status("down", "port 8786 is held")}, "Dask is down: port 8786 is held"),
        ({}, "Dask is down: it was not asked for at the start"),
    ],
)
def test_a_cluster_that_is_down_is_the_cluster_s_fault(
    root: Path, statuses: dict[str, Status], detail: str
) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, _ = await end(messages, runs.start("on_dask.py"))
        assert (last["fault"], last["detail"], last["status"]) == ("cluster", detail, None)

    live(root, scene, lambda: statuses)


def test_a_connection_that_fails_is_the_cluster_s_fault(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, _ = await end(messages, runs.start("nobody.py"))
        assert (last["fault"], last["status"]) == ("cluster", 1)
        assert last["detail"].startswith("the cluster cannot be reached: OSError: Timed out")

    live(root, scene, lambda: READY)


@pytest.mark.parametrize("program", ["alone.py", "other.py"])
def test_a_cluster_that_a_snippet_does_not_need_is_not_blamed(root: Path, program: str) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, _ = await end(messages, runs.start(program))
        assert (last["fault"], last["detail"], last["status"]) == (None, "", 1)

    live(root, scene, lambda: READY)


@pytest.mark.parametrize("after", ["down", "ready"])
def test_a_cluster_that_goes_down_in_mid_run_is_told_at_once_and_named_at_the_end(
    root: Path, after: str
) -> None:
    """Also if it is back by then, and whatever the snippet made of it."""
    statuses = dict(READY)

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wait.py")
            pid = int(await line(messages, run))
            statuses["dask"] = Status("down", "dask ended; starting it again")
            told = await first(messages, run=run.id, type="run", state="running")
            while not told["detail"]:
                told = await first(messages, run=run.id, type="run", state="running")
            assert told["detail"] == "Dask is down: dask ended; starting it again"
            assert told["fault"] == "cluster", "its recording is offered"
            if after == "ready":
                statuses["dask"] = READY["dask"]
                await asyncio.sleep(0.5)
            psutil.Process(pid).terminate()
            last, _ = await end(messages, run)
        assert last["fault"] == "cluster"
        assert last["detail"] == "Dask is down: dask ended; starting it again"

    live(root, scene, lambda: statuses)


def test_a_run_that_hangs_without_its_cluster_is_ended(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runner.live.runs.FORLORN", 0.5)
    statuses = dict(READY)

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wait.py")
            await line(messages, run)
            statuses["dask"] = Status("down", "gone")
            last, printed = await end(messages, run)
        assert (last["fault"], last["detail"]) == ("cluster", "Dask is down: gone")
        assert "[ended 0.5 s after its cluster]" in printed

    live(root, scene, lambda: statuses)


def test_a_cluster_is_blamed_also_by_a_light_that_goes_out_after_the_run(root: Path) -> None:
    statuses = dict(READY)

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wrong.py")
            last, _ = await end(messages, run)
            assert (last["status"], last["fault"]) == (1, None)
            statuses["dask"] = Status("starting", "no workers")
            told = await first(messages, run=run.id, type="run", fault="cluster")
        assert told["detail"] == "Dask is starting: no workers"

    live(root, scene, lambda: statuses)


def test_a_silent_run_says_what_it_waits_for_until_it_prints(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("wait.py")
            assert (await first(messages, state="running"))["detail"] == "waiting for Dask…"
            assert (await first(messages, state="running"))["detail"] == ""
            assert (await first(messages, type="output"))["run"] == run.id

    live(root, scene, lambda: READY)


def test_a_page_that_does_not_read_is_dropped_and_the_run_goes_on(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as slow, runs.subscribe() as messages:
            for number in range(UNREAD + 1):
                runs.channel.publish({"type": "faults", "faults": [f"{number}"], "shown": False})
                await first(messages, faults=[f"{number}"])
            unread: list[Any] = [message async for message in slow]
            numbers = [int(message["faults"][0]) for message in unread]
            assert numbers == list(range(1, UNREAD))  # and no more
            assert (await end(messages, runs.start("hello.py")))[1] == "hello\r\n"

    live(root, scene)


def test_output_is_capped_for_those_who_come_later_too(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            last, printed = await end(messages, runs.start("flood.py"))
        assert last["status"] == 0
        assert 1_000_000 <= len(printed) < 1_100_200
        assert "[output cut after 1,000,000 bytes; its end follows]" in printed
        assert "bytes are left out]" in printed
        assert printed.endswith("\r\n199999\r\n")
        with runs.subscribe() as messages:
            await first(messages)
            assert (await first(messages))["data"] == printed

    live(root, scene)


def test_leaving_ends_all_runs_and_their_messages(root: Path) -> None:
    async def main() -> tuple[int, list[Any]]:
        runs = Runs(lambda: READY, root)
        with runs.subscribe() as messages:
            async with asyncio.timeout(60), runs:
                pid = int(await line(messages, runs.start("wait.py")))
            return pid, [message async for message in messages]

    pid, rest = asyncio.run(main())
    assert not psutil.pid_exists(pid)
    assert rest[-1]["detail"] == "stopped"


def test_a_run_that_finds_no_interpreter_is_only_slower(
    root: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async def scene(runs: Runs) -> None:
        async def fail(_: object) -> None:
            raise OSError("no more processes")

        monkeypatch.setattr("runner.processes.pool.Pool.fill", fail)
        with runs.subscribe() as messages:
            for _ in range(2):
                assert (await end(messages, runs.start("hello.py")))[1] == "hello\r\n"
        runs.start("hello.py", restart=True)

    live(root, scene)
    assert "the next run is cold" in caplog.text


def contents(root: Path) -> dict[Path, bytes]:
    """All files in the folder that holds the snippets."""
    return {path: path.read_bytes() for path in root.parent.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("edits", "status", "printed"),
    [
        ({"first": "print('uno')"}, 0, "uno\r\ntwo\r\n"),
        (
            {"first": "print('uno')", "second": "for _ in 1, 2:\n    print('due')"},
            0,
            "uno\r\ndue\r\ndue",
        ),
        ({"second": "Path(__file__).write_text('')\nopen('new', 'w').close()"}, 0, "one\r\n"),
        ({"second": "print(("}, 1, "SyntaxError: '(' was never closed"),
        ({"second": "1 / 0"}, 1, "ZeroDivisionError"),
        ({"second": "print('\x00')"}, 1, "null bytes"),
    ],
)
def test_edited_code_runs_in_a_copy_and_is_not_compared(
    root: Path, edits: dict[str, str], status: int, printed: str
) -> None:
    """What it says is Python's own; the repository stays as it is, byte for byte."""
    assert record(["regions.py"], root) == 0
    before = contents(root)
    texts = {f"regions.py#{region}": text for region, text in edits.items()}

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            run = runs.start("regions.py", files=await runs.edit("regions.py", texts))
            told, text = await end(messages, run)
        assert (told["status"], told["edited"], told["difference"]) == (status, True, None)
        assert printed in text
        if not status:
            assert "snippets/regions.py __main__" in text, "as it is always run"
        with runs.subscribe() as messages:
            run = runs.start("regions.py")
            told, text = await end(messages, run)
            assert text.startswith("one\r\ntwo\r\n"), "the next run is of the repository"
            assert (await first(messages, run=run.id, type="run"))["difference"] == ""

    live(root, scene, editable=True)
    assert contents(root) == before


def test_edited_code_starts_over_what_runs(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            before = runs.start("sleep.py")
            assert await line(messages, before) == "asleep"
            files = await runs.edit("sleep.py", {"sleep.py": "print('awake')"})
            with pytest.raises(RefusedError, match="runs already"):
                runs.start("sleep.py", files=files)
            after = runs.start("sleep.py", restart=True, files=files)
            told, text = await end(messages, after)
        assert (text, told["status"]) == ("awake\r\n", 0)

    live(root, scene, editable=True)


def test_a_folder_of_edited_code_is_removed(root: Path) -> None:
    folders: list[Path] = []

    async def scene(runs: Runs) -> None:
        with runs.subscribe() as messages:
            files = await runs.edit("hello.py", {"hello.py": "import os\nprint(os.getcwd())"})
            _, text = await end(messages, runs.start("hello.py", files=files))
        folders.append(Path(text.strip()))

    live(root, scene, editable=True)
    assert folders != [root.parent]
    assert not folders[0].exists()


@pytest.mark.parametrize(
    ("id", "texts", "why"),
    [
        ("regions.py", {"regions.py#third": "x"}, "no region 'third' in regions.py"),
        ("regions.py", {"nothing.py": "x"}, "no snippet 'nothing.py'"),
        ("regions.py", {"../secret": "x"}, "outside snippets/"),
        ("regions.py", {"hello.py": "x"}, "hello.py is no part of regions.py"),
        ("nothing.py", {"hello.py": "x"}, "no snippet 'nothing.py'"),
        ("hello.py", {"hello.py": "x" * (MOST_EDITED + 1)}, "more than 65,536 characters"),
    ],
)
def test_code_that_belongs_nowhere_is_refused(
    root: Path, id: str, texts: dict[str, str], why: str
) -> None:
    async def scene(runs: Runs) -> None:
        with pytest.raises(RefusedError, match=why):
            await runs.edit(id, texts)

    live(root, scene, editable=True)


def test_code_is_refused_unless_the_speaker_wants_it(root: Path) -> None:
    async def scene(runs: Runs) -> None:
        with pytest.raises(RefusedError, match="npm start -- --edit"):
            await runs.edit("hello.py", {"hello.py": "print('hallo')"})

    live(root, scene)
