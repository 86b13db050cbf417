"""The deck's server lets in only browsers that opened one of its links, and shows all the same."""

import base64
import contextlib
import gzip
import http.client
import itertools
import json
import logging
import os
import re
import secrets
import socket
import textwrap
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import psutil
import pytest
from anyio.from_thread import BlockingPortal
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from runner.clusters.keeper import Clusters
from runner.live.channel import UNREAD
from runner.live.runs import MOST_EDITED, Runs
from runner.web.access import KNOWN_SECONDS, Access
from runner.web.listener import MESSAGE_BYTES, PortTakenError
from runner.web.server import EDIT_BYTES, Deck, serving

COUNT = """
    import time
    from pathlib import Path
    print("one", end="", flush=True)
    while not Path(__file__).with_name("go").exists():
        time.sleep(0.01)
    print("two", end="")
"""


NONE: dict[str, Any] = {"type": "clusters", "clusters": []}


class Served(Protocol):
    """The deck, or what guests get of it."""

    @property
    def access(self) -> Access: ...


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with a built deck and two snippets that need no cluster."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text("<html><body class=deck>The slides</body></html>")
    (folder / "dist" / "deck.pdf").write_bytes(b"%PDF-")
    (folder / "dist" / "secret.txt").write_text("not for download")
    (folder / "snippets" / "plain").mkdir(parents=True)
    (folder / "snippets" / "plain" / "count.py").write_text(textwrap.dedent(COUNT))
    (folder / "snippets" / "plain" / "sleep.sh").write_text("sleep 100\n")
    return folder


@pytest.fixture(scope="module")
def cookie(deck: Deck) -> str:
    """What a browser that opened a link sends."""
    return login(deck, deck.link())


def login(deck: Served, link: str) -> str:
    status, headers, body = get(deck, link.partition(str(deck.access.port))[2])
    assert status == 200, "the link should have let us in"
    assert deck.access.keys.key in body
    return headers["set-cookie"].partition(";")[0]


def get(
    deck: Served, path: str, method: str = "GET", *, by: str = "127.0.0.1", **headers: str
) -> tuple[int, dict[str, str], str]:
    """An HTTP request with exactly these headers, besides our own Host unless given."""
    port = deck.access.port
    connection = http.client.HTTPConnection("127.0.0.1", port, 60, source_address=(by, 0))
    with contextlib.closing(connection):
        connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": f"127.0.0.1:{port}", **headers}.items():
            connection.putheader(name.replace("_", "-"), value)
        connection.endheaders()
        response = connection.getresponse()
        body = b"" if response.status == 101 else response.read()
        if body and response.getheader("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        sent = {name.lower(): value for name, value in response.getheaders()}
        return response.status, sent, body.decode(errors="replace")


def handshake(deck: Served, path: str, **headers: str) -> int:
    """The status that answers a WebSocket's opening: 101 if it is let in."""
    key = base64.b64encode(secrets.token_bytes(16)).decode()
    upgrade = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec_WebSocket_Version": "13",
        "Sec_WebSocket_Key": key,
    }
    return get(deck, path, **upgrade, **headers)[0]


@contextlib.contextmanager
def page(deck: Served, cookie: str) -> Iterator[ClientConnection]:
    """A page of the deck, as far as its WebSocket goes."""
    host = f"127.0.0.1:{deck.access.port}"
    url, origin = f"ws://{host}/ws", Origin(f"http://{host}")
    headers, protocols = {"Cookie": cookie}, [Subprotocol(name) for name in deck.access.protocols]
    with connect(
        url,
        additional_headers=headers,
        origin=origin,
        subprotocols=protocols,
        proxy=None,
        max_size=None,  # a page that comes later gets all that was printed at once
    ) as socket:
        yield socket


def key(deck: Served) -> dict[str, str]:
    """The header by which a page shows the key that the link has left with it."""
    return {"Sec_WebSocket_Protocol": ", ".join(deck.access.protocols)}


def ask(socket: ClientConnection, type: str, snippet: str, **more: object) -> None:
    socket.send(json.dumps({"type": type, "snippet": snippet, **more}))


def hear(socket: ClientConnection, **wanted: object) -> Iterator[dict[str, Any]]:
    """Messages until one has these fields, that one included."""
    while True:
        message = json.loads(socket.recv(timeout=60))
        yield message
        if all(message.get(name) == value for name, value in wanted.items()):
            return


def last(messages: Iterator[dict[str, Any]]) -> dict[str, Any]:
    return list(messages)[-1]


def printed(messages: list[dict[str, Any]]) -> str:
    return "".join(message["data"] for message in messages if message["type"] == "output")


# What an attacker can send, and what of it is ours: the cookie comes by itself (DNS rebinding,
# another page on this machine), or is missing (another program on this machine).
ATTACKS: dict[str, tuple[bool, dict[str, str]]] = {
    "no cookie": (False, {}),
    "a wrong cookie": (False, {"Cookie": "{name}=guess"}),
    "an empty cookie": (False, {"Cookie": "{name}="}),
    "a foreign origin": (True, {"Origin": "https://example.org"}),
    "an origin on another port": (True, {"Origin": "http://127.0.0.1:{next}"}),
    "an origin of https": (True, {"Origin": "https://127.0.0.1:{port}"}),
    "an origin that starts like ours": (True, {"Origin": "http://127.0.0.1:{port}.example.org"}),
    "the origin of a file": (True, {"Origin": "null"}),
    "a rebound host": (True, {"Host": "example.org:{port}"}),
    "a host on another port": (True, {"Host": "127.0.0.1:{next}"}),
    "a host without port": (True, {"Host": "127.0.0.1"}),
    "an empty host": (True, {"Host": ""}),
}


def headers_of(attack: str, deck: Served, cookie: str) -> dict[str, str]:
    has_cookie, headers = ATTACKS[attack]
    port, name = deck.access.port, deck.access.cookie
    ours = key(deck) | {"Origin": f"http://127.0.0.1:{port}"}
    if has_cookie:
        ours["Cookie"] = cookie
    return ours | {
        header: value.format(port=port, next=port + 1, name=name)
        for header, value in headers.items()
    }


def paths(route: BaseRoute) -> list[str]:
    assert isinstance(route, Route | WebSocketRoute), f"{route} is of a kind this test must learn"
    return [route.path.replace("{name}", name) for name in ("deck.pdf", "nothing")]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_route_answers(attack: str, deck: Deck, cookie: str) -> None:
    """Every HTTP and WebSocket route, and addresses without one, refuse alike."""
    tried = {path for route in deck.app.routes for path in paths(route)}
    assert {"/", "/ws", "/deck.pdf"} <= tried
    refuses(deck, tried, attack, cookie)


def refuses(deck: Served, tried: set[str], attack: str, cookie: str) -> None:
    """Whatever is asked, also where nothing is."""
    tried |= {"/docs", "/openapi.json"}
    headers = headers_of(attack, deck, cookie)
    for path, method in itertools.product(sorted(tried), ("GET", "POST", "HEAD", "OPTIONS")):
        status, answer, body = get(deck, path, method, **headers)
        assert status in (401, 403), f"{method} {path} answered {status} to {attack}"
        assert "The slides" not in body
        assert "set-cookie" not in answer
    for path in sorted(tried):
        status = handshake(deck, path, **headers)
        assert status in (401, 403), f"WebSocket {path} answered {status} to {attack}"


def test_websocket_needs_an_origin(deck: Deck, cookie: str) -> None:
    """Browsers always send one; what sends none is no page of ours."""
    headers = key(deck) | {"Cookie": cookie}
    assert handshake(deck, "/ws", **headers) == 403
    assert handshake(deck, "/ws", **headers, Origin=deck.access.origins[0]) == 101


@pytest.mark.parametrize("protocols", ["", "deck", "deck, key.guess", "deck, key.{cookie}"])
def test_the_cookie_alone_runs_nothing(protocols: str, deck: Deck, cookie: str) -> None:
    """It goes to every port of this machine; and the page that it shows has no key in it."""
    sent = {"Sec_WebSocket_Protocol": protocols.format(cookie=cookie.partition("=")[2])}
    headers = {"Cookie": cookie, "Origin": deck.access.origins[0]}
    assert handshake(deck, "/ws", **headers, **(sent if protocols else {})) == 403
    for path in "/", "/?token=guess", "/deck.pdf":
        assert deck.access.keys.key not in get(deck, path, Cookie=cookie)[2]


def test_token_does_not_open_a_websocket(deck: Deck) -> None:
    path = f"/ws?{deck.link().partition('?')[2]}"
    assert handshake(deck, path, **key(deck), Origin=deck.access.origins[0]) == 403


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_our_own_pages_are_let_in(name: str, deck: Deck, cookie: str) -> None:
    """Each with its own origin; the attacks above fail for their own reason only."""
    host = f"{name}:{deck.access.port}"
    headers = key(deck) | {"Host": host, "Origin": f"http://{host}", "Cookie": cookie}
    assert get(deck, "/", **headers)[0] == 200
    assert get(deck, "/deck.pdf", **headers)[0] == 200
    assert get(deck, "/favicon.ico", **headers)[0] == 204
    assert handshake(deck, "/ws", **headers) == 101


def test_link_works_once(deck: Deck, cookie: str) -> None:
    """It is exchanged for a cookie that scripts cannot read, and a key that no other port gets;
    then the address is clean.
    """
    path = deck.link().partition(str(deck.access.port))[2]
    status, headers, body = get(deck, path)
    assert (status, deck.access.keys.key in body) == (200, True)
    assert "location.replace('/')" in body
    given = headers["set-cookie"]
    assert given.startswith(f"deck-{deck.access.port}=")
    assert "HttpOnly" in given
    assert "SameSite=strict" in given

    status, headers, body = get(deck, path)
    assert (status, "set-cookie" in headers) == (401, False)
    assert "has been used" in body
    status, headers, body = get(deck, path, Cookie=cookie)
    assert (status, headers["location"]) == (303, "/"), "who is in already stays in"
    assert deck.access.keys.key not in body


def test_a_preview_of_a_link_does_not_spend_it(deck: Deck) -> None:
    """Chats and browsers ask for the head of an address before anybody opens it."""
    link = deck.link()
    status, headers, _ = get(deck, link.partition(str(deck.access.port))[2], "HEAD")
    assert (status, "set-cookie" in headers) == (401, False)
    login(deck, link)


def test_the_next_start_knows_the_pages_of_the_last(
    portal: BlockingPortal, runs: Runs, folder: Path, tmp_path: Path
) -> None:
    """On its port; a file that others could read, or an old one, is no secret any more."""
    keep = tmp_path / "keys"
    html = folder / "dist" / "index.html"

    def start(port: int = 0) -> AbstractContextManager[Deck]:
        context = serving(runs, Clusters(), port=port, page=html, keep=keep)
        return portal.wrap_async_context_manager(context)

    with start() as deck, start() as other:
        port = deck.access.port
        cookie = login(deck, deck.link())
        assert not portal.call(deck.is_visited_again), "this is the first start"
        assert other.access.keys != deck.access.keys
    [file] = keep.glob(f"*-{port}")
    assert (file.stat().st_mode & 0o777, keep.stat().st_mode & 0o777) == (0o600, 0o700)
    with start(port) as deck:
        with page(deck, cookie) as socket:
            assert json.loads(socket.recv(timeout=60)) == NONE
            assert portal.call(deck.is_visited_again)
        before = deck.access.keys
        assert get(deck, "/", Cookie=cookie)[0] == 200
    file.chmod(0o644)
    with start(port) as deck:
        assert deck.access.keys != before
        before = deck.access.keys
        assert file.stat().st_mode & 0o777 == 0o600
    long_ago = time.time() - KNOWN_SECONDS - 1
    os.utime(file, (long_ago, long_ago))
    with start(port) as deck:
        assert deck.access.keys != before
    file.write_text('{"cookie": "", "kee')
    with start(port) as deck:
        assert deck.access.keys.key


def test_a_server_that_cannot_start_says_so(
    portal: BlockingPortal, runs: Runs, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object, **__: object) -> None:
        raise OSError("no more sockets")

    monkeypatch.setattr("uvicorn.Server.startup", fail)
    context = portal.wrap_async_context_manager(serving(runs, Clusters(), port=0))
    with pytest.raises(OSError, match="no more sockets"), context:
        pass


def test_another_browser_needs_another_link(deck: Deck) -> None:
    first, second = deck.link(), deck.link()
    assert first != second
    assert login(deck, first) == login(deck, second), "both are let into the same deck"


def test_page_without_a_key_says_what_to_do(deck: Deck) -> None:
    status, _, body = get(deck, "/")
    assert status == 401
    assert "npm start" in body


def test_listens_on_loopback_only(deck: Deck) -> None:
    listening = {
        connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == deck.access.port
    }
    assert listening == {"127.0.0.1"}


def test_only_the_served_page_has_a_runner(deck: Deck, cookie: str, folder: Path) -> None:
    """The file itself, copied elsewhere, has none to look for."""
    _, headers, body = get(deck, "/", Cookie=cookie)
    assert "<body data-runner class=deck>" in body
    assert "data-runner" not in (folder / "dist" / "index.html").read_text()
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'self'" in policy
    assert re.search(r"frame-src 'self' *;", policy), "no cluster, so no dashboard to frame"
    assert f"connect-src ws://127.0.0.1:{deck.access.port} " in policy


@pytest.mark.parametrize(
    "name",
    ["secret.txt", "index.html", "..%2fsnippets%2fplain%2fcount.py", "%2e", "%00", "a" * 300],
)
def test_downloads_are_a_fixed_list(name: str, deck: Deck, cookie: str) -> None:
    status, _, body = get(deck, f"/{name}", Cookie=cookie)
    assert status == 404
    assert "count" not in body
    assert "not for download" not in body


def test_deck_that_is_being_built_appears_by_itself(
    portal: BlockingPortal, runs: Runs, tmp_path: Path
) -> None:
    page = tmp_path / "dist" / "index.html"
    with portal.wrap_async_context_manager(serving(runs, Clusters(), port=0, page=page)) as deck:
        cookie = login(deck, deck.link())
        status, _, body = get(deck, "/", Cookie=cookie)
        assert status == 503
        assert 'http-equiv="refresh"' in body
        page.parent.mkdir()
        page.write_text("<body>Here it is</body>")
        status, _, body = get(deck, "/", Cookie=cookie)
        assert status == 200
        assert "Here it is" in body


def test_run_streams_to_every_page_from_its_start(deck: Deck, cookie: str, folder: Path) -> None:
    """A page that comes later gets what was printed before, and the rest as it is printed."""
    with page(deck, cookie) as first:
        ask(first, "run", "plain/count.py")
        begun = list(hear(first, type="output"))
        with page(deck, cookie) as second:
            early = list(hear(second, type="output"))
            (folder / "snippets" / "plain" / "go").touch()
            late = list(hear(second, state="exited"))
        ended = list(hear(first, state="exited"))
    assert printed(begun) == printed(early) == "one"
    assert printed(ended) == printed(late) == "two"
    assert ended[-1]["status"] == 0
    assert ended[-1] == late[-1]


def test_stop_works_from_any_page(deck: Deck, cookie: str) -> None:
    with page(deck, cookie) as first, page(deck, cookie) as second:
        ask(first, "run", "plain/sleep.sh")
        run = last(hear(second, snippet="plain/sleep.sh", state="running"))["run"]
        ask(second, "stop", "plain/sleep.sh")
        stopped = last(hear(first, run=run, state="exited"))
    assert stopped["detail"] == "stopped"
    assert stopped["elapsed"] < 100, "which is how long it sleeps"


def test_running_snippet_starts_over_only_when_told(deck: Deck, cookie: str) -> None:
    with page(deck, cookie) as socket:
        ask(socket, "run", "plain/sleep.sh")
        before = last(hear(socket, snippet="plain/sleep.sh", state="running"))["run"]
        ask(socket, "run", "plain/sleep.sh")
        assert last(hear(socket, type="refused"))["reason"] == "running"
        ask(socket, "run", "plain/sleep.sh", restart=True)
        after = last(hear(socket, snippet="plain/sleep.sh", state="running"))["run"]
        assert after != before
        ask(socket, "stop", "plain/sleep.sh")
        list(hear(socket, run=after, state="exited"))


@pytest.mark.parametrize(
    ("snippet", "detail"),
    [
        ("plain/cuont.py", "did you mean 'plain/count.py'?"),
        ("../snippets/plain/count.py", "outside"),
        ("/bin/true", "outside"),
        ("", "no snippet ''"),
        ("a" * 300, "no snippet 'aaa"),
    ],
)
def test_only_snippets_run(snippet: str, detail: str, deck: Deck, cookie: str) -> None:
    with page(deck, cookie) as socket:
        ask(socket, "run", snippet)
        refused = last(hear(socket, type="refused"))
    assert (refused["reason"], refused["snippet"]) == ("unknown", snippet)
    assert detail in refused["detail"]


def test_a_cluster_that_there_is_not_cannot_be_started(deck: Deck, cookie: str) -> None:
    with page(deck, cookie) as socket:
        socket.send(json.dumps({"type": "start", "cluster": "spark"}))
        refused = last(hear(socket, type="refused"))
    assert (refused["reason"], refused["detail"]) == ("unknown", "no cluster 'spark'")


@pytest.mark.parametrize(
    "message",
    [
        "",
        "run",
        "[]",
        "null",
        "{}",
        '{"type": "run"}',
        '{"type": "run", "snippet": 1}',
        '{"type": "run", "snippet": "plain/count.py", "restart": "yes"}',
        '{"type": "run", "snippet": "plain/count.py", "code": "print(1)"}',
        '{"type": "run", "snippet": "plain/count.py", "edits": "print(1)"}',
        '{"type": "run", "snippet": "plain/count.py", "edits": {"plain/count.py": 1}}',
        '{"type": "run", "snippet": "plain/count.py", "edits": {"plain/count.py": null}}',
        '{"type": "run", "snippet": "plain/count.py", "edits": {"plain/count.py": "\\ud800"}}',
        '{"type": "reload", "snippet": "plain/count.py"}',
        '{"type":"stage","slide":0,"step":0,"blank":"","talk":0,"ticking":false,"turned":true}',
        '{"type":"stage","slide":1,"step":0,"blank":"red","talk":0,"ticking":false,"turned":true}',
        '{"type": "go", "slide": 1, "step": 0, "blank": ""}',
        b'{"type": "run", "snippet": "plain/count.py"}',
        "[" * 2000,
    ],
)
def test_malformed_message_is_answered(message: str | bytes, deck: Deck, cookie: str) -> None:
    """And what comes after it is heard."""
    with page(deck, cookie) as socket:
        socket.send(message)
        assert last(hear(socket, type="refused"))["reason"] == "malformed"
        ask(socket, "run", "nothing.py")
        assert last(hear(socket, type="refused"))["reason"] == "unknown"


def test_long_message_ends_the_connection(deck: Deck, cookie: str) -> None:
    with page(deck, cookie) as socket:
        socket.send("x" * (MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            list(hear(socket, type="never"))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_what_is_no_text_closes_its_socket_and_leaves_no_trace(
    deck: Deck, cookie: str, caplog: pytest.LogCaptureFixture
) -> None:
    """On the speaker's terminal."""
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(caplog.handler)
    try:
        with page(deck, cookie) as socket, pytest.raises(ConnectionClosed) as closed:
            socket.send(b"\xff", text=True)
            list(hear(socket, type="never"))
    finally:
        logger.removeHandler(caplog.handler)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1007
    assert not caplog.records


def test_pages_that_sleep_while_much_is_printed_are_dropped(
    portal: BlockingPortal, deck: Deck, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Though there are not too many messages."""
    monkeypatch.setattr("runner.web.view.PATIENCE", 0.5)
    with contextlib.ExitStack() as stack:
        asleep = [stack.enter_context(page(deck, cookie)) for _ in range(9)]
        for socket in asleep:
            socket.recv(timeout=60)
        for _ in range(300):
            portal.call(deck.faults, [secrets.token_hex(50_000)])  # not to be compressed
        time.sleep(2)
        for socket in asleep:
            with pytest.raises(ConnectionClosed):
                list(hear(socket, type="never"))
    portal.call(deck.reload)


def test_a_page_that_does_not_read_is_told_to_connect_again(
    portal: BlockingPortal, deck: Deck, cookie: str
) -> None:
    async def flood() -> None:
        for _ in range(UNREAD + 1):  # at once, so none of them can be sent meanwhile
            deck.reload()

    with page(deck, cookie) as socket, pytest.raises(ConnectionClosed) as closed:
        list(hear(socket, type="clusters"))
        portal.call(flood)
        list(hear(socket, type="never"))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1013


def test_news_reach_all_pages(portal: BlockingPortal, deck: Deck, cookie: str) -> None:
    """Faults also those that come while there are some; a reload ends them."""
    faults = ["slides/deck.md:12: no snippet 'x'"]
    with page(deck, cookie) as first:
        assert json.loads(first.recv(timeout=60)) == NONE, "there are none here"
        portal.call(deck.faults, faults)
        assert last(hear(first, type="faults"))["faults"] == faults
        with page(deck, cookie) as second:
            assert last(hear(second, type="faults"))["faults"] == faults
            portal.call(deck.reload)
            assert last(hear(second, type="reload")) == last(hear(first, type="reload"))


def test_what_happens_while_a_page_comes_in_is_told(
    deck: Deck, cookie: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reload that it missed would leave it with an old page."""
    accept = WebSocket.accept

    async def reload_and_accept(socket: WebSocket, protocol: str) -> None:
        deck.reload()
        await accept(socket, protocol)

    monkeypatch.setattr(WebSocket, "accept", reload_and_accept)
    with page(deck, cookie) as socket:
        assert last(hear(socket, type="reload")) == {"type": "reload"}


def test_port_that_is_taken_is_named(portal: BlockingPortal, runs: Runs) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        context = portal.wrap_async_context_manager(serving(runs, Clusters(), port=port))
        message = rf"port {port}, .*pid .*--port {port + 1}"
        with pytest.raises(PortTakenError, match=message), context:
            pass


def test_leaving_frees_the_port(portal: BlockingPortal, runs: Runs) -> None:
    """Also while a page is open; it is told that the server goes."""
    context = portal.wrap_async_context_manager(serving(runs, Clusters(), port=0))
    with contextlib.ExitStack() as stack:
        with context as deck:
            open_page = stack.enter_context(page(deck, login(deck, deck.link())))
        with pytest.raises(ConnectionClosed):
            list(hear(open_page, type="never"))
    socket.create_server(("127.0.0.1", deck.access.port)).close()


@pytest.fixture(scope="module")
def editable(portal: BlockingPortal, folder: Path) -> Iterator[Deck]:
    """The deck as `npm start -- --edit` serves it."""
    page = folder / "dist" / "index.html"
    with (
        portal.wrap_async_context_manager(Runs(dict, folder / "snippets", editable=True)) as runs,
        portal.wrap_async_context_manager(serving(runs, Clusters(), port=0, page=page)) as deck,
    ):
        yield deck


EDIT = {"plain/count.py": "print('three')"}


def test_code_is_refused_unless_the_speaker_wants_it(deck: Deck, cookie: str) -> None:
    """And the page has nothing to write it with."""
    with page(deck, cookie) as socket:
        ask(socket, "run", "plain/count.py", edits=EDIT, restart=True)
        refused = last(hear(socket, type="refused"))
    assert refused["reason"] == "edit"
    assert "npm start -- --edit" in refused["detail"]
    body = get(deck, "/", Cookie=cookie)[2]
    assert "data-editable" not in body
    assert "<script" not in body


def test_edited_code_runs_for_all_pages(editable: Deck, folder: Path) -> None:
    before = (folder / "snippets" / "plain" / "count.py").read_bytes()
    cookie = login(editable, editable.link())
    with page(editable, cookie) as first, page(editable, cookie) as second:
        ask(first, "run", "plain/count.py", edits=EDIT)
        for socket in first, second:
            told = list(hear(socket, state="exited"))
            assert printed(told).strip() == "three"
            assert told[-1]["edited"]
    assert (folder / "snippets" / "plain" / "count.py").read_bytes() == before


def test_the_editor_comes_with_the_page_only_where_code_is_edited(
    editable: Deck, folder: Path
) -> None:
    body = get(editable, "/", Cookie=login(editable, editable.link()))[2]
    assert "<body data-editable data-runner class=deck>The slides<script>" in body
    assert "cm-editor" in body
    assert body.endswith("</script></body></html>")
    assert "script" not in (folder / "dist" / "index.html").read_text()


@pytest.mark.parametrize("attack", ATTACKS)
def test_nobody_else_gets_code_in(attack: str, editable: Deck) -> None:
    cookie = login(editable, editable.link())
    assert handshake(editable, "/ws", **headers_of(attack, editable, cookie)) in (401, 403)


def test_code_may_be_long_but_not_endless(editable: Deck) -> None:
    """What is too long is refused; a message that is longer than any code ends the connection."""
    longest = "#" * MOST_EDITED
    with page(editable, login(editable, editable.link())) as socket:
        ask(socket, "run", "plain/count.py", edits={"plain/count.py": longest})
        assert last(hear(socket, state="exited"))["status"] == 0
        ask(socket, "run", "plain/count.py", edits={"plain/count.py": f"{longest}#"})
        refused = last(hear(socket, type="refused"))
        assert (refused["reason"], "65,536" in refused["detail"]) == ("edit", True)
        socket.send("x" * (EDIT_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            list(hear(socket, type="never"))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009
