"""Many pages, and much that is printed: all of it arrives, and the server stays as it was."""

import contextlib
import json
import resource
import socket
import textwrap
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path

import psutil
import pytest
from anyio.from_thread import BlockingPortal
from websockets.sync.client import ClientConnection

from runner.web.guests import Audience, inviting
from runner.web.listener import GUESTS
from runner.web.server import Deck
from tests.helpers.survivors import within
from tests.tool.runner.web.test_server import ask, get, hear, last, login, page, printed

pytestmark = pytest.mark.long

PAGES = 50
CONNECTIONS = 1000
MORE = 40_000_000  # bytes that the server may grow by, and the tests' own end of its sockets

SNIPPETS = {
    "ticks.py": """
        for number in range(1000):
            print("line", number, flush=True)
    """,
    "flood.py": """
        line = "x" * 99 + "\\n"
        for _ in range(100):
            print(line * 10_000, end="")
        print("the last line")
    """,
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("project")
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("<html><body>The slides</body></html>")
    (folder / "snippets").mkdir()
    for name, text in SNIPPETS.items():
        (folder / "snippets" / name).write_text(textwrap.dedent(text))
    return folder


@pytest.fixture(scope="module", autouse=True)
def files() -> Iterator[None]:
    """Both ends of all connections are this process's."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = min(4 * CONNECTIONS, before[1]) if before[1] > 0 else 4 * CONNECTIONS
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(before[0], wanted), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_fifty_pages_follow_one_run(deck: Deck) -> None:
    cookie = login(deck, deck.link())
    expected = "".join(f"line {number}\r\n" for number in range(1000))
    with contextlib.ExitStack() as stack, ThreadPoolExecutor(PAGES) as threads:
        pages = [stack.enter_context(page(deck, cookie)) for _ in range(PAGES)]
        heard = threads.map(whole, pages)
        ask(pages[0], "run", "ticks.py")
        assert set(heard) == {expected}


def whole(page: ClientConnection) -> str:
    """All that a run prints, as this page hears it."""
    return printed(list(hear(page, state="exited")))


def run(page: ClientConnection) -> str:
    """Run a program to its good end; gives the number of the run."""
    ask(page, "run", "ticks.py")
    number: str = last(hear(page, snippet="ticks.py", state="running"))["run"]
    assert last(hear(page, run=number, state="exited"))["status"] == 0
    return number


def test_of_a_hundred_megabytes_the_last_line_is_shown_and_memory_stays_flat(deck: Deck) -> None:
    cookie = login(deck, deck.link())
    me = psutil.Process()
    with page(deck, cookie) as socket:
        before = me.memory_info().rss
        ask(socket, "run", "flood.py")
        told = list(hear(socket, snippet="flood.py", state="exited"))
    assert told[-1]["status"] == 0
    assert printed(told).endswith("the last line\r\n")
    assert me.memory_info().rss - before < MORE


def test_a_thousand_connections_leave_the_speaker_s_pages_alone(
    portal: BlockingPortal, deck: Deck
) -> None:
    """So many of the network have their place; once the others are gone, who comes gets in."""
    with portal.wrap_async_context_manager(inviting(deck, Audience, 0)) as audience:
        address = ("127.0.0.1", audience.access.port)
        with contextlib.ExitStack() as stack:
            crowd = [
                stack.enter_context(socket.create_connection(address)) for _ in range(CONNECTIONS)
            ]
            with page(deck, login(deck, deck.link())) as speaker:
                assert run(speaker)
            cut = 0
            for one in crowd[GUESTS:]:
                with contextlib.suppress(ConnectionResetError):
                    cut += one.recv(1) == b""
                    continue
                cut += 1
            assert cut == CONNECTIONS - GUESTS

        def has_place() -> bool:
            with contextlib.suppress(OSError, HTTPException):
                return get(audience, "/")[0] == 401
            return False

        assert within(60, has_place)
        with page(audience, login(audience, audience.access.link())) as guest:
            assert json.loads(guest.recv(timeout=60))["type"] == "run"


def test_a_thousand_pages_of_the_speaker_are_served(deck: Deck) -> None:
    cookie = login(deck, deck.link())
    with contextlib.ExitStack() as stack:
        pages = [stack.enter_context(page(deck, cookie)) for _ in range(CONNECTIONS)]
        number = run(pages[0])
        assert last(hear(pages[-1], run=number, state="exited"))["status"] == 0
