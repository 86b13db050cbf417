"""Guests from the network get in by their own codes only, may do little, and hold up nobody."""

import asyncio
import contextlib
import json
import logging
import re
import socket
import textwrap
import time
from collections.abc import Iterator
from logging.handlers import QueueHandler
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import psutil
import pytest
from anyio.from_thread import BlockingPortal
from websockets.asyncio.client import connect as connect_many
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from runner.clusters.keeper import Clusters
from runner.live.messages import OutputMessage
from runner.live.runs import Runs
from runner.web import access, listener
from runner.web.access import PENANCE, TRIES, TRIES_OF_ALL
from runner.web.guests import EVERYWHERE, Audience, Guests, Remote, inviting, without_notes
from runner.web.listener import MESSAGE_BYTES, PortTakenError
from runner.web.server import Deck, serving
from tests.tool.runner.web.test_server import (
    ATTACKS,
    Served,
    ask,
    get,
    handshake,
    headers_of,
    hear,
    last,
    login,
    page,
    paths,
    refuses,
)

PAGE = """<html><head><meta http-equiv="Content-Security-Policy" content="frame-src 'none'"></head>
<body><svg data-marpit-svg="">The slides</svg><svg data-marpit-svg="">
<figure class="output" data-run="plain/chatter.py"></figure></svg>
<div class="bespoke-marp-note" data-index="0"><p>my <div>own</div> words</p></div>
<div class="bespoke-marp-note" data-index="1"><p>and more</p></div><script>"the end"</script>
</body></html>"""

CHATTER = """
    import time
    print("begun", flush=True)
    time.sleep(100)
"""

OFTEN = """
    import time
    for number in range(300):
        print("line", number, flush=True)
        time.sleep(0.002)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose second slide shows a snippet, and has another that no slide shows."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "dist").mkdir()
    (folder / "dist" / "index.html").write_text(PAGE)
    (folder / "snippets" / "plain").mkdir(parents=True)
    (folder / "snippets" / "plain" / "chatter.py").write_text(textwrap.dedent(CHATTER))
    (folder / "snippets" / "plain" / "often.py").write_text(textwrap.dedent(OFTEN))
    (folder / "snippets" / "plain" / "hidden.py").write_text("print(1)\n")
    return folder


@pytest.fixture(scope="module")
def served(portal: BlockingPortal, deck: Deck) -> Iterator[dict[str, Guests]]:
    with (
        portal.wrap_async_context_manager(inviting(deck, Remote, 0)) as remote,
        portal.wrap_async_context_manager(inviting(deck, Audience, 0)) as audience,
    ):
        yield {"remote": remote, "audience": audience}


@pytest.fixture
def remote(served: dict[str, Guests]) -> Guests:
    served["remote"].access.renew()
    return served["remote"]


@pytest.fixture
def audience(served: dict[str, Guests]) -> Guests:
    served["audience"].access.renew()
    return served["audience"]


@pytest.fixture(params=["remote", "audience"])
def guests(request: pytest.FixtureRequest) -> Guests:
    """Each kind of them."""
    guests: Guests = request.getfixturevalue(request.param)
    return guests


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong code is answered at once."""
    monkeypatch.setattr(access, "PENANCE", 0.0)


def path_of(guests: Guests) -> str:
    """The code's link, as it is asked for."""
    return guests.access.link().partition(str(guests.access.port))[2]


def enter(guests: Guests) -> str:
    """The cookie of a guest who has scanned the code."""
    return login(guests, guests.access.link())


def stand(deck: Deck, slide: int) -> None:
    """Have the talk be at a slide, as one of the speaker's pages tells it."""
    with page(deck, login(deck, deck.link())) as speaker:
        ask_for(speaker, type="stage", **AT, slide=slide, turned=True)
        ask(speaker, "run", "nothing.py")
        list(hear(speaker, type="refused"))


def ask_for(socket: Any, **request: object) -> None:
    socket.send(json.dumps(request))


AT: dict[str, Any] = {"step": 0, "blank": "", "talk": 60_000, "ticking": False}

MORE_ATTACKS = {
    "the name of loopback": {"Host": "localhost:{port}", "Origin": "http://localhost:{port}"},
    "another machine's address": {"Host": "192.0.2.7:{port}"},
}


@pytest.mark.parametrize("attack", [*ATTACKS, *MORE_ATTACKS])
def test_no_route_answers(attack: str, guests: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on loopback; and the address must be the one at which the connection arrives."""
    for name, headers in MORE_ATTACKS.items():
        monkeypatch.setitem(ATTACKS, name, (True, headers))
    tried = {path for route in guests.app.routes for path in paths(route)}
    assert {"/", "/ws"} <= tried
    refuses(guests, tried, attack, enter(guests))


def test_a_guest_who_has_the_code_is_let_in(guests: Guests) -> None:
    """The attacks above fail for their own reason only."""
    headers = headers_of("no cookie", guests, "") | {"Cookie": enter(guests)}
    assert get(guests, "/", **headers)[0] == 200
    assert get(guests, "/favicon.ico", **headers)[0] == 204
    assert get(guests, "/deck.pdf", **headers)[0] == 404
    assert handshake(guests, "/ws", **headers) == 101
    del headers["Origin"]
    assert handshake(guests, "/ws", **headers) == 403, "without an origin"


def test_no_key_opens_another_s_door(
    deck: Deck, remote: Guests, audience: Guests, quick: None
) -> None:
    """Neither its cookie, under whichever name, nor its code."""
    doors: dict[str, Served] = {"deck": deck, "remote": remote, "audience": audience}
    cookies = {name: login(door, door.access.link()) for name, door in doors.items()}
    for name, door in doors.items():
        for other, cookie in cookies.items():
            if other == name:
                continue
            secret = cookie.partition("=")[2]
            for sent in cookie, f"{door.access.cookie}={secret}":
                assert get(door, "/", Cookie=sent)[0] == 401
            path = doors[other].access.link().partition("/?")[2]
            assert get(door, f"/?{path}")[0] == 401


def test_a_code_pairs_one_phone(remote: Guests) -> None:
    path = path_of(remote)
    assert get(remote, path, "HEAD")[0] == 401, "a preview of it does not spend it"
    status, headers, _ = get(remote, path)
    assert status == 200
    assert "HttpOnly" in headers["set-cookie"]
    cookie = headers["set-cookie"].partition(";")[0]
    status, headers, body = get(remote, path)
    assert (status, "set-cookie" in headers) == (401, False)
    assert "has been used" in body
    assert "<code>q</code>" in body
    assert get(remote, path, Cookie=cookie)[0] == 303, "who is in already stays in"
    assert path_of(remote) != path, "the next phone has a code of its own"


def test_a_code_lets_the_whole_audience_in(audience: Guests) -> None:
    """Also after the speaker has asked for a new one for a phone."""
    path = path_of(audience)
    assert get(audience, path)[0] == get(audience, path)[0] == 200
    audience.access.renew()
    assert get(audience, path)[0] == 200


def test_a_wrong_code_is_slow(guests: Guests) -> None:
    begun = time.monotonic()
    assert get(guests, "/?token=guess")[0] == 401
    assert time.monotonic() - begun >= PENANCE


def test_an_address_with_many_wrong_codes_is_shut_out_for_a_while(
    guests: Guests, quick: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its right ones are not looked at; others are let in."""
    for number in range(TRIES):
        assert get(guests, f"/?token=guess{number}", by="127.0.0.2")[0] == 401
    status, _, body = get(guests, path_of(guests), by="127.0.0.2")
    assert status == 401
    assert "Wait 60 seconds" in body
    assert get(guests, path_of(guests), by="127.0.0.3")[0] == 200
    monkeypatch.setattr(access, "SHUT_OUT", 0.0)
    assert get(guests, path_of(guests), by="127.0.0.2")[0] == 200


def test_many_wrong_codes_of_all_end_the_code(guests: Guests, quick: None) -> None:
    """Who is in stays in; a new code opens again."""
    path = path_of(guests)
    cookie = enter(guests) if isinstance(guests, Audience) else ""
    for number in range(TRIES_OF_ALL):
        get(guests, f"/?token=guess{number}", by=f"127.0.1.{number}")
    status, _, body = get(guests, path, by="127.0.0.3")
    assert status == 401
    assert f"{TRIES_OF_ALL} wrong codes" in body
    assert "<code>q</code>" in body
    if cookie:
        assert get(guests, "/", Cookie=cookie)[0] == 200
    guests.access.renew()
    assert path_of(guests) != path
    assert get(guests, path_of(guests), by="127.0.0.3")[0] == 200


def test_guests_get_a_page_of_theirs(deck: Deck, guests: Guests) -> None:
    status, headers, body = get(guests, "/", Cookie=enter(guests))
    assert status == 200
    assert f'<body data-runner="{guests.name}">' in body
    assert headers["cache-control"] == "no-store"
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert f"connect-src 'self' ws://127.0.0.1:{guests.access.port};" in policy
    assert "http-equiv" not in body, "the page's own policy knows no server on a network"
    assert '"the end"' in body
    assert ("words" in body) == ("and more" in body) == (guests.name == "remote")


def test_notes_go_with_all_that_is_in_them() -> None:
    assert without_notes('a<div class="bespoke-marp-note"><div>b</div>c</div>d') == "ad"
    with pytest.raises(ValueError, match="npm run build"):
        without_notes('a<div class="bespoke-marp-note"><div>b</div>c')


def test_a_page_that_is_built_again_is_the_new_one(guests: Guests, folder: Path) -> None:
    cookie = enter(guests)
    assert "The slides" in get(guests, "/", Cookie=cookie)[2]
    file = folder / "dist" / "index.html"
    file.write_text(PAGE.replace("The slides", "Other slides"))
    try:
        assert "Other slides" in get(guests, "/", Cookie=cookie)[2]
    finally:
        file.write_text(PAGE)


def test_errors_are_told_on_the_terminal_but_not_those_of_guests(
    deck: Deck, guests: Guests, folder: Path
) -> None:
    """Who knocks at a port of the network could fill it."""
    told: SimpleQueue[logging.LogRecord] = SimpleQueue()
    handler = QueueHandler(told)
    logging.getLogger("uvicorn.error").addHandler(handler)
    known = {served: login(served, served.access.link()) for served in (guests, deck)}
    file = folder / "dist" / "index.html"
    file.unlink()
    file.mkdir()
    try:
        for served, cookie in known.items():
            assert get(served, "/", Cookie=cookie)[0] == 500
        assert "web/server.py" in told.get(timeout=60).getMessage()
        assert told.empty()
    finally:
        file.rmdir()
        file.write_text(PAGE)
        logging.getLogger("uvicorn.error").removeHandler(handler)


def test_guests_know_where_the_talk_is(deck: Deck, guests: Guests) -> None:
    """A page that connects elsewhere does not move it, one that turns does."""
    cookie = enter(guests)
    stand(deck, 2)
    with page(deck, login(deck, deck.link())) as speaker, page(guests, cookie) as guest:
        known = {"talk": 60_000} if guests.name == "remote" else {"talk": None}
        told = json.loads(guest.recv(timeout=60))
        assert told == {"type": "stage", **AT, "slide": 2, **known}
        ask_for(speaker, type="stage", **AT, slide=1, turned=False)
        ask_for(speaker, type="stage", **{**AT, "step": 1, "blank": "black"}, slide=2, turned=True)
        told = json.loads(guest.recv(timeout=60))
        assert told == {"type": "stage", **AT, "slide": 2, "step": 1, "blank": "black", **known}


def test_a_phone_that_comes_later_knows_how_long_the_talk_has_taken(
    deck: Deck, remote: Guests
) -> None:
    """The time goes on; for the audience that is the speaker's."""
    with page(deck, login(deck, deck.link())) as speaker:
        ask_for(speaker, type="stage", **{**AT, "ticking": True}, slide=2, turned=True)
        ask(speaker, "run", "nothing.py")
        list(hear(speaker, type="refused"))
    time.sleep(0.3)
    with page(remote, enter(remote)) as phone:
        told = json.loads(phone.recv(timeout=60))
    stand(deck, 2)
    assert 60_300 <= told["talk"] < 120_000


def test_guests_are_not_told_what_is_the_speaker_s(
    portal: BlockingPortal, deck: Deck, guests: Guests
) -> None:
    """Clusters, faults, and codes."""
    with page(guests, enter(guests)) as guest:
        portal.call(deck.faults, ["slides/deck.md:1: secret"])
        portal.call(deck.invitations.renew)
        portal.call(deck.reload)
        told = {message["type"] for message in hear(guest, type="reload")}
    assert told <= {"stage", "run", "output", "reload"}


def test_what_happens_while_a_guest_comes_in_is_told(
    portal: BlockingPortal, deck: Deck, guests: Guests
) -> None:
    """A reload that it missed would leave it with an old page."""
    cookie = enter(guests)
    portal.call(guests.copy._making.acquire)
    with page(guests, cookie) as guest:
        portal.call(deck.reload)
        portal.call(guests.copy._making.release)
        assert last(hear(guest, type="reload")) == {"type": "reload"}


def test_the_phone_steers(deck: Deck, remote: Guests) -> None:
    """The speaker's pages turn; where they are then, they tell."""
    before = deck.stage.now
    with page(deck, login(deck, deck.link())) as speaker, page(remote, enter(remote)) as phone:
        ask_for(phone, type="go", slide=2, step=1, blank="black")
        told = last(hear(speaker, type="go"))
        assert told == {"type": "go", "slide": 2, "step": 1, "blank": "black"}
    assert deck.stage.now == before


def test_the_phone_runs_what_is_on_the_slide(deck: Deck, remote: Guests) -> None:
    stand(deck, 2)
    with page(remote, enter(remote)) as phone:
        ask_for(phone, type="run", snippet="plain/chatter.py")
        list(hear(phone, type="output", data="begun\r\n"))
        ask_for(phone, type="stop", snippet="plain/chatter.py")
        assert last(hear(phone, state="exited"))["detail"] == "stopped"


@pytest.mark.parametrize(
    ("slide", "snippet"),
    [
        (2, "plain/hidden.py"),
        (2, "plain/nothing.py"),
        (2, "../snippets/plain/chatter.py"),
        (2, "/bin/true"),
        (2, ""),
        (1, "plain/chatter.py"),
        (3, "plain/chatter.py"),
    ],
)
@pytest.mark.parametrize("type", ["run", "stop"])
def test_the_phone_runs_nothing_else(
    type: str, slide: int, snippet: str, deck: Deck, remote: Guests
) -> None:
    before = list(deck.runs.history())
    stand(deck, slide)
    with page(remote, enter(remote)) as phone:
        ask(phone, type, snippet)
        refused = last(hear(phone, type="refused"))
    assert (refused["reason"], refused["snippet"]) == ("unknown", snippet)
    assert list(deck.runs.history()) == before


MALFORMED = [
    "",
    "run",
    "[]",
    "{}",
    '{"type": "run"}',
    '{"type": "run", "snippet": "plain/chatter.py", "restart": true}',
    '{"type": "run", "snippet": "plain/chatter.py", "code": "print(1)"}',
    '{"type": "answer", "snippet": "plain/chatter.py", "line": "x"}',
    '{"type": "invite"}',
    '{"type":"stage","slide":1,"step":0,"blank":"","talk":0,"ticking":false,"turned":true}',
    '{"type": "go", "slide": 0, "step": 0, "blank": ""}',
    '{"type": "go", "slide": 1, "step": -1, "blank": ""}',
    '{"type": "go", "slide": "1", "step": 0, "blank": ""}',
    '{"type": "go", "slide": 1, "step": 0, "blank": "red"}',
    b'{"type": "go", "slide": 1, "step": 0, "blank": ""}',
    "[" * 2000,
]


@pytest.mark.parametrize("message", MALFORMED)
def test_a_malformed_message_of_the_phone_is_answered(
    message: str | bytes, deck: Deck, remote: Guests
) -> None:
    """And does nothing; what comes after it is heard."""
    before = deck.stage.now, list(deck.runs.history())
    with page(remote, enter(remote)) as phone:
        phone.send(message)
        assert last(hear(phone, type="refused"))["reason"] == "malformed"
        ask(phone, "run", "nothing.py")
        assert last(hear(phone, type="refused"))["reason"] == "unknown"
    assert (deck.stage.now, list(deck.runs.history())) == before


GOOD = [
    '{"type": "run", "snippet": "plain/chatter.py"}',
    '{"type": "go", "slide": 2, "step": 0, "blank": ""}',
]


@pytest.mark.parametrize("message", [*GOOD, *MALFORMED])
def test_nothing_happens_whatever_the_audience_sends(
    message: str | bytes, deck: Deck, audience: Guests
) -> None:
    """It is not even looked at: the connection ends. The speaker's pages hear of nothing."""
    stand(deck, 2)
    before = deck.stage.now, list(deck.runs.history())
    with (
        page(deck, login(deck, deck.link())) as speaker,
        page(audience, enter(audience)) as guest,
    ):
        guest.send(message)
        with pytest.raises(ConnectionClosed) as closed:
            list(hear(guest, type="never"))
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 1008
        ask(speaker, "run", "nothing.py")
        assert "go" not in [told["type"] for told in hear(speaker, type="refused")]
    assert (deck.stage.now, list(deck.runs.history())) == before


def test_a_long_message_ends_the_connection(guests: Guests) -> None:
    with page(guests, enter(guests)) as guest:
        guest.send("x" * (MESSAGE_BYTES + 1))
        with pytest.raises(ConnectionClosed) as closed:
            list(hear(guest, type="never"))
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1009


def test_a_hundred_get_all_of_a_run(deck: Deck, audience: Guests) -> None:
    host = f"127.0.0.1:{audience.access.port}"
    cookie = enter(audience)

    async def attend() -> str:
        printed, ended = "", False
        origin = Origin(f"http://{host}")
        cookies = {"Cookie": cookie}
        async with connect_many(
            f"ws://{host}/ws",
            origin=origin,
            additional_headers=cookies,
            subprotocols=[Subprotocol(name) for name in audience.access.protocols],
            proxy=None,
        ) as seat:
            seated.release()
            async for data in seat:
                message = json.loads(data)
                if message.get("snippet") != "plain/often.py":
                    continue
                printed += message.get("data", "")
                ended = ended or message.get("state") == "exited"
                # Who was let in late is told first that it has ended, and then what it printed.
                if ended and printed:
                    break
        return printed

    async def room() -> list[str]:
        attending = [asyncio.create_task(attend()) for _ in range(100)]
        for _ in attending:
            await seated.acquire()
        await asyncio.to_thread(run, deck)
        return await asyncio.gather(*attending)

    seated = asyncio.Semaphore(0)
    expected = "".join(f"line {number}\r\n" for number in range(300))
    assert set(asyncio.run(room())) == {expected}


def run(deck: Deck) -> None:
    """Run the snippet from one of the speaker's pages."""
    with page(deck, login(deck, deck.link())) as speaker:
        ask(speaker, "run", "plain/often.py")
        list(hear(speaker, snippet="plain/often.py", state="exited"))


def test_one_that_never_reads_is_dropped(
    portal: BlockingPortal, deck: Deck, guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The projector gets all meanwhile, at once."""
    monkeypatch.setattr(listener, "STALLED_SECONDS", 0.5)
    output: OutputMessage = {
        "type": "output",
        "run": "1",
        "snippet": "plain/chatter.py",
        "data": "x" * 100_000,
    }
    request = (
        f"GET /ws HTTP/1.1\r\nHost: 127.0.0.1:{guests.access.port}\r\nUpgrade: websocket\r\n"
        f"Connection: Upgrade\r\nCookie: {enter(guests)}\r\nSec-WebSocket-Version: 13\r\n"
        f"Origin: http://127.0.0.1:{guests.access.port}\r\n"
        f"Sec-WebSocket-Protocol: {', '.join(guests.access.protocols)}\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n"
    )
    with (
        page(deck, login(deck, deck.link())) as projector,
        socket.create_connection(("127.0.0.1", guests.access.port)) as slow,
    ):
        slow.sendall(request.encode())
        assert b"101" in slow.recv(20)
        for _ in range(200):
            portal.call(deck.runs.channel.publish, output)
            assert len(last(hear(projector, type="output", run="1"))["data"]) == 100_000
        ended = time.monotonic() + 30
        while connections(guests) and time.monotonic() < ended:
            time.sleep(0.05)
        assert connections(guests) == 0
        portal.call(deck.reload)
        list(hear(projector, type="reload"))


def connections(guests: Guests) -> int:
    """How many there are to the guests' port, at our end."""
    return sum(
        connection.status == psutil.CONN_ESTABLISHED
        for connection in psutil.Process().net_connections("tcp")
        if connection.laddr.port == guests.access.port
    )


def test_too_many_connections_are_cut(
    deck: Deck, guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So many files a guest may take from this process; those that say nothing lose them."""
    monkeypatch.setattr(listener, "GUESTS", 3)
    address = ("127.0.0.1", guests.access.port)
    with contextlib.ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(socket.create_connection(address))
        late = stack.enter_context(socket.create_connection(address, timeout=60))
        with contextlib.suppress(ConnectionResetError):
            assert late.recv(1) == b""
        assert get(deck, "/")[0] == 401


def test_silent_connections_end(guests: Guests, monkeypatch: pytest.MonkeyPatch) -> None:
    """While a WebSocket that began in the same way stays."""
    monkeypatch.setattr(listener, "REQUEST_SECONDS", 0.2)
    with (
        page(guests, enter(guests)) as guest,
        socket.create_connection(("127.0.0.1", guests.access.port), timeout=60) as silent,
    ):
        with contextlib.suppress(ConnectionResetError):
            assert silent.recv(1) == b""
        assert guest.ping().wait(timeout=60)


def test_guests_come_from_everywhere_and_the_deck_stays_at_home(deck: Deck, guests: Guests) -> None:
    listening = {
        connection.laddr.port: connection.laddr.ip
        for connection in psutil.Process().net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    }
    assert listening[deck.access.port] == "127.0.0.1"
    assert listening[guests.access.port] == EVERYWHERE


def test_codes_are_offered_to_the_speaker(portal: BlockingPortal, runs: Runs) -> None:
    """As links and as pictures of them; a phone that has been paired is told of."""
    with (
        portal.wrap_async_context_manager(serving(runs, Clusters(), port=0)) as deck,
        portal.wrap_async_context_manager(inviting(deck, Remote, 0)) as remote,
        portal.wrap_async_context_manager(inviting(deck, Audience, 0)) as audience,
        page(deck, login(deck, deck.link())) as speaker,
    ):
        offered = last(hear(speaker, type="invitations"))
        assert offered["remote"]["link"] == remote.access.link()
        assert offered["audience"]["link"] == audience.access.link()
        assert offered["remote"]["code"].startswith("<svg")
        assert not offered["paired"]
        used = offered["remote"]["link"]
        enter(remote)
        offered = last(hear(speaker, type="invitations"))
        assert offered["paired"]
        assert offered["remote"]["link"] != used
        ask_for(speaker, type="invite")
        again = last(hear(speaker, type="invitations"))
        assert again["remote"] != offered["remote"]
        assert again["audience"] == offered["audience"]


def test_a_link_has_this_machine_s_address_in_its_network(
    guests: Guests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(access, "network_address", lambda: "192.168.1.5")
    port, name = guests.access.port, guests.name
    assert re.fullmatch(rf"http://192\.168\.1\.5:{port}/\?token=\w{{10}}", guests.access.link())
    monkeypatch.setattr(access, "network_address", lambda: None)
    assert guests.access.link().startswith(f"http://127.0.0.1:{port}/"), name


def test_port_that_is_taken_is_named(portal: BlockingPortal, deck: Deck) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        context = portal.wrap_async_context_manager(inviting(deck, Remote, port))
        message = rf"port {port}, for the phone, .*pid .*--remote {port + 1}"
        with pytest.raises(PortTakenError, match=message), context:
            pass


def test_leaving_frees_the_port(portal: BlockingPortal, runs: Runs) -> None:
    """Also while a guest is there; the speaker's pages no longer offer its code."""
    with contextlib.ExitStack() as stack:
        served = portal.wrap_async_context_manager(serving(runs, Clusters(), port=0))
        deck = stack.enter_context(served)
        context = portal.wrap_async_context_manager(inviting(deck, Audience, 0))
        speaker = stack.enter_context(page(deck, login(deck, deck.link())))
        with context as audience:
            guest = stack.enter_context(page(audience, enter(audience)))
        with pytest.raises(ConnectionClosed):
            list(hear(guest, type="never"))
        list(hear(speaker, type="invitations", audience=None))
    socket.create_server((EVERYWHERE, audience.access.port)).close()
