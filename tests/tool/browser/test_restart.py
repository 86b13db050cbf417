"""The speaker's windows survive the server; and nobody else gets what they have."""

import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from runner.clusters.ports import free_port
from runner.snippets.catalog import ROOT
from runner.web.server import Deck
from tests.tool.browser.slides import DRAWER, OUTPUT, enter, pane, shows, shows_end
from tests.tool.runner.web.test_server import get, handshake

# As `npm start` does, with the deck of these tests and without clusters.
PRESENT = """
    import asyncio
    import sys
    from functools import partial
    from pathlib import Path
    from runner import present

    present.ROOT = Path(sys.argv[2])
    present.Runs = partial(present.Runs, root=present.ROOT / "snippets")
    present.Options.page = Path(sys.argv[3])
    present.is_stale = lambda _: False
    asyncio.run(present.present(present.Options(int(sys.argv[1]), browser=False), []))
"""

# Can a page speak to the runner, with what it has itself or is given?
ATTEMPT = """([url, key]) => new Promise((resolve) => {
    const socket = new WebSocket(url, ['deck', `key.${key ?? localStorage.getItem('key')}`]);
    socket.onopen = () => resolve('open');
    socket.onerror = () => resolve('refused');
})"""


@contextmanager
def presenting(port: int, folder: Path, built: Path) -> Iterator[Iterator[str]]:
    """A presentation, which is killed without a word in the end; gives what it prints."""
    command = [sys.executable, "-c", textwrap.dedent(PRESENT), str(port), str(folder), str(built)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as owner:
        try:
            assert owner.stdout is not None
            yield iter(owner.stdout)
        finally:
            owner.kill()


def link_of(said: Iterator[str]) -> str:
    start = "The deck is at "
    return next(line for line in said if line.startswith(start)).removeprefix(start).strip()


def test_open_windows_come_back_at_their_slide_after_a_restart(
    folder: Path, built: Path, context: BrowserContext
) -> None:
    """Projector and presenter view, to a server that was killed; and they run and reload again."""
    port = free_port()
    page = context.new_page()
    with presenting(port, folder, built) as said:
        enter(page, link_of(said))
        with context.expect_page() as opened:
            page.keyboard.press("p")
        windows = [page, opened.value]
        shows(opened.value, OUTPUT)
        page.keyboard.press("Shift+ArrowRight")
        shows(opened.value, DRAWER)
    for window in windows:
        expect(window.locator(".pane-lights")).to_contain_text("Runner gone")
    with presenting(port, folder, built) as said:
        assert any(line.startswith("The windows of the last start are back") for line in said)
        for window in windows:
            expect(window.locator(".pane-lights")).not_to_contain_text("Runner gone")
            shows(window, DRAWER)
        page.keyboard.press("r")
        shows_end(page)
        expect(pane(opened.value)).to_contain_text("exit 0")
        page.reload()
        shows(page, DRAWER)
        page.keyboard.press("r")
        shows_end(page)


@contextmanager
def listening() -> Iterator[tuple[str, list[dict[str, str]]]]:
    """Another program's port on this machine: its address, and the headers that it was sent."""
    received: list[dict[str, str]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            received.append(dict(self.headers))
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<title>Not the deck</title>")

        def log_message(self, *_: object) -> None:
            pass  # it is not for the terminal of the tests

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", received
        server.shutdown()


def test_another_port_of_this_machine_gets_nothing_that_runs_code(
    page: Page, deck: Deck, context: BrowserContext
) -> None:
    """Browsers send it the deck's cookie; with that, as from the deck's own page, it stays out."""
    with listening() as (address, received):
        other = context.new_page()
        other.goto(address)
        assert other.evaluate("localStorage.getItem('key')") is None
    cookie = received[0]["Cookie"]
    assert get(deck, "/", Cookie=cookie)[0] == 200, "this is the deck's cookie"
    assert deck.access.keys.key not in str(received)
    assert handshake(deck, "/ws", Cookie=cookie, Origin=deck.access.origins[0]) == 403


@pytest.mark.parametrize("stolen", [False, True])
def test_a_foreign_page_cannot_run_anything(
    stolen: bool, page: Page, deck: Deck, context: BrowserContext, elsewhere: str
) -> None:
    """Not in the browser that has the cookie, nor with the key, if it had that."""
    socket = f"ws://127.0.0.1:{deck.access.port}/ws"
    assert page.evaluate(ATTEMPT, [socket, None]) == "open"
    other = context.new_page()
    other.goto(elsewhere)
    assert other.evaluate(ATTEMPT, [socket, deck.access.keys.key if stolen else None]) == "refused"
