"""The deck is served at once, and its server ends with all it started, however it is told to."""

import http.client
import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice
from pathlib import Path

import psutil
import pytest

from runner.board import Board
from runner.clusters.kinds import HOST, State, Status
from runner.clusters.ports import free_port, listens
from runner.snippets.catalog import ROOT
from tests.helpers.survivors import alive, within

# As `npm run dev` does, but on ports of the test's own, in the folder that is given.
PRESENT = """
    import asyncio
    import sys
    from pathlib import Path
    from runner import present
    from runner.clusters.kinds.dask import Dask

    present.ROOT = Path(sys.argv[1])
    deck, *ports = map(int, sys.argv[2:])
    asyncio.run(present.present(present.Options(deck, watch=True), [Dask(*ports, workers=1)]))
"""

# As `npm start` does, with a deck that was built long ago.
PRESENT_OLD = """
    import asyncio
    import sys
    from pathlib import Path
    from runner import present

    present.Options.page = Path(sys.argv[2])
    asyncio.run(present.present(present.Options(int(sys.argv[1]), browser=False), []))
"""


# As `npm run dev` does, without clusters, in the folder that is given.
PRESENT_FOLDER = """
    import asyncio
    import sys
    from pathlib import Path
    from runner import present

    present.ROOT = Path(sys.argv[2])
    options = present.Options(int(sys.argv[1]), browser=False, watch=True, short=len(sys.argv) > 3)
    asyncio.run(present.present(options, []))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small deck with an engine of its own."""
    folder = tmp_path_factory.mktemp("deck")
    shutil.copytree(ROOT / "engine", folder / "engine")
    (folder / "node_modules").symlink_to(ROOT / "node_modules")
    for name in ("marp.config.mjs", "poetry.lock"):
        shutil.copy(ROOT / name, folder)
    (folder / "snippets").mkdir()
    (folder / "slides").mkdir()
    shutil.copy(ROOT / "slides" / "theme.css", folder / "slides")
    (folder / "slides" / "deck.md").write_text("# One\n")
    return folder


@contextmanager
def presenting(
    ports: list[int], folder: Path, *, launcher: tuple[str, ...] = ()
) -> Iterator[subprocess.Popen[str]]:
    """A presentation that is on screen, its cluster ready and its builder watching.

    The browser is a script that notes which address it was given.
    """
    browser = folder / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {folder}/opened\n')
    browser.chmod(0o755)
    command = [sys.executable, "-c", textwrap.dedent(PRESENT), str(folder), *map(str, ports)]
    with subprocess.Popen(
        [*launcher, *command],
        cwd=ROOT,
        env=os.environ | {"BROWSER": f"{browser} %s"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as owner:
        try:
            # The builder watches once it has told of its first build.
            hear(owner, "Dask ready", "Deck ready")
            yield owner
        finally:
            owner.kill()


def hear(owner: subprocess.Popen[str], *beginnings: str) -> None:
    """Read what it says until a line with each of these beginnings has come."""
    assert owner.stdout is not None
    missing = set(beginnings)
    for line in owner.stdout:
        missing -= {beginning for beginning in missing if line.startswith(beginning)}
        if not missing:
            return
    raise AssertionError(f"it ended before it said {missing}")


def is_builder(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return "engine/build.mjs" in process.cmdline()
    return False


@pytest.fixture
def ports() -> list[int]:
    """Free ports for the deck, Dask, and Dask's dashboard."""
    return [free_port() for _ in range(3)]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_everything_even_when_repeated(
    number: signal.Signals, ports: list[int], folder: Path
) -> None:
    with presenting(ports, folder) as owner:
        processes = psutil.Process(owner.pid).children(recursive=True)
        builder = next(filter(is_builder, processes))
        builder.suspend()  # the end waits for its end, and so for the repeated signals
        try:
            owner.send_signal(number)
            hear(owner, "Ending")
            for _ in range(2):
                owner.send_signal(number)
        finally:
            builder.resume()
        assert owner.stdout is not None
        rest = owner.stdout.read()
        assert owner.wait(60) == 0, rest
        assert "Ending" not in rest, "the clean-up began once"
        assert not alive(processes)
        assert not any(map(listens, ports))


def test_it_sends_the_browser_to_the_deck_and_ends_with_what_started_it(
    ports: list[int], folder: Path
) -> None:
    opened = folder / "opened"
    opened.unlink(missing_ok=True)
    launcher = ("sh", "-c", '"$0" "$@" & wait')
    with presenting(ports, folder, launcher=launcher) as owner:
        assert within(60, lambda: opened.exists() and opened.stat().st_size > 0)
        address = opened.read_text().strip()
        assert address.startswith(f"http://{HOST}:{ports[0]}/?token=")
        connection = http.client.HTTPConnection(HOST, ports[0], timeout=60)
        connection.request("GET", address.partition(str(ports[0]))[2])
        response = connection.getresponse()
        connection.close()
        assert (response.status, "set-cookie" in response.headers) == (200, True)

        processes = psutil.Process(owner.pid).children(recursive=True)
        owner.kill()
        assert within(60, lambda: not alive(processes))
        assert not any(map(listens, ports))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_npm_start_ends_with_npm(number: signal.Signals) -> None:
    """The README's first command, less the clusters, which the tests above start and end."""
    port = free_port()
    options = ["--no-browser", "--no-clusters", "--port", str(port)]
    with subprocess.Popen(
        ["npm", "start", "--", *options],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    ) as npm:
        assert npm.stdout is not None
        assert any(line.startswith("The deck is at") for line in npm.stdout)
        processes = psutil.Process(npm.pid).children(recursive=True)
        assert len(processes) >= 2, "setup.mjs and the runner"
        npm.send_signal(number)
        ended = within(60, lambda: not alive(processes))
        for process in alive([psutil.Process(npm.pid), *processes]):
            process.kill()  # so that a failure is not a test that waits for ever
        assert ended
        assert not listens(port)


def test_an_old_deck_is_built_and_not_called_up_to_date(tmp_path: Path) -> None:
    page = tmp_path / "index.html"
    page.touch()
    os.utime(page, (0, 0))
    command = [sys.executable, "-c", textwrap.dedent(PRESENT_OLD), str(free_port()), str(page)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        said = list(islice((line for line in owner.stdout if line.startswith("Deck ")), 2))
        owner.terminate()
        assert owner.wait(60) == 0
    assert said == ["Deck starting: opening\n", "Deck starting: building\n"]


@pytest.fixture(scope="module")
def writing(folder: Path) -> Iterator[subprocess.Popen[str]]:
    """An author's presentation of it, which each test below finds whole."""
    command = [sys.executable, "-c", textwrap.dedent(PRESENT_FOLDER), str(free_port())]
    with subprocess.Popen(
        [*command, str(folder)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        try:
            hear(owner, "Deck ready: built in")
            yield owner
        finally:
            owner.terminate()
            owner.wait(60)


def test_a_build_is_told_that_is_like_the_one_before(capsys: pytest.CaptureFixture[str]) -> None:
    """It may take as long, and end in the same second."""
    board = Board()
    for _ in range(2):
        board.show("Deck", Status("ready", "built in 0.1 s at 12:00:00"))
    assert capsys.readouterr().out.splitlines() == ["Deck ready: built in 0.1 s at 12:00:00"] * 2


@pytest.mark.parametrize(
    "detail",
    [
        "slides/deck.md:1: A[/Input/] --> --> B",
        "Ray ended (raylet [exit code=-9])",
        ":x: is no key",
    ],
)
@pytest.mark.parametrize("state", ["starting", "down"])
def test_what_others_say_is_told_as_it_is(
    state: State, detail: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the table and on a line; brackets and colons are no markup."""
    monkeypatch.setenv("FORCE_COLOR", "1")
    with Board() as board:
        board.show("Deck", Status(state, detail))
        board.show("Deck", Status("ready", "built"))
        board.show("Deck", Status(state, detail))
    assert capsys.readouterr().out.count(detail) > 1


def test_the_short_version_is_a_page_of_its_own(
    writing: subprocess.Popen[str], folder: Path
) -> None:
    (folder / "slides" / "deck.md").write_text("# One\n\n---\n\n# Two\n\n<!-- Short: yes -->\n")
    hear(writing, "Deck ready: built in")
    command = [sys.executable, "-c", textwrap.dedent(PRESENT_FOLDER), str(free_port())]
    with subprocess.Popen(
        [*command, str(folder), "short"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as owner:
        try:
            hear(owner, "Deck ready: built in")
        finally:
            owner.terminate()
            owner.wait(60)
    short, whole = ((folder / "dist" / f"{name}.html").read_text() for name in ("short", "index"))
    assert ("One</h1>" in short, "One</h1>" in whole) == (False, True)


def test_an_author_is_told_what_does_not_fit_once_it_is_shown(
    writing: subprocess.Popen[str], folder: Path
) -> None:
    (folder / "slides" / "deck.md").write_text('# One\n\n<p style="margin-left: 2000px">a</p>\n')
    hear(writing, "Deck ready: built in")
    hear(writing, "Deck down: slides/deck.md:1: p «a» sticks")
    (folder / "slides" / "deck.md").write_text("# One\n")
    hear(writing, "Deck ready: built in")


def test_the_builder_is_started_again_when_its_code_has_changed(
    writing: subprocess.Popen[str], folder: Path
) -> None:
    [before] = filter(is_builder, psutil.Process(writing.pid).children())
    with (folder / "engine" / "render" / "slides.css").open("a") as css:
        css.write("\nsection { --another: 1px; }\n")
    hear(writing, "Deck starting: building")
    hear(writing, "Deck ready: built in")
    [after] = filter(is_builder, psutil.Process(writing.pid).children())
    assert before.pid != after.pid
    assert "--another" in (folder / "dist" / "index.html").read_text(encoding="utf-8")


def test_the_browser_that_measures_ends_with_a_builder_that_is_killed(
    writing: subprocess.Popen[str], folder: Path
) -> None:
    (folder / "slides" / "deck.md").write_text('# One\n\n<p style="margin-left: 2000px">a</p>\n')
    hear(writing, "Deck down: slides/deck.md:1")
    [builder] = filter(is_builder, psutil.Process(writing.pid).children())
    browser = builder.children(recursive=True)
    assert browser
    builder.kill()
    assert within(60, lambda: not alive(browser))


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["present", "--prot", "8081"], 2, "unrecognized arguments: --prot"),
        (["present", "--port", "80"], 2, "'80' is not a number from 1024 to 65535"),
        (["present", "--only", "dask", "--no-clusters"], 2, "not allowed with argument"),
        (["record", "ray/cleint.py"], 1, "did you mean 'ray/client.py'?"),  # codespell:ignore
    ],
)
def test_a_wrong_option_is_named(options: list[str], status: int, said: str) -> None:
    result = runner(*options)
    assert result.returncode == status
    assert said in result.stderr


def test_a_port_in_use_is_named_with_its_holder_and_the_remedy() -> None:
    with socket.create_server((HOST, 0)) as server:
        port = server.getsockname()[1]
        result = runner("present", "--no-browser", "--no-clusters", "--port", str(port))
    assert result.returncode == 1
    assert f"(pid {os.getpid()})" in result.stderr
    assert f"npm start -- --port {port + 1}" in result.stderr


@pytest.mark.parametrize("command", ["present", "record"])
def test_without_node_the_remedy_is_told(
    command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    options = {
        "present": ["--no-browser", "--no-clusters", "--port", str(free_port())],
        "record": ["hello.py", "--root", str(tmp_path)],
    }
    (tmp_path / "hello.py").write_text("print('hello')\n")
    monkeypatch.setenv("PATH", str(tmp_path))
    result = runner(command, *options[command])
    assert result.returncode == 1
    assert result.stderr.startswith("node is not on the PATH; use the commands of package.json: ")


def runner(*options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "runner", *options]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
