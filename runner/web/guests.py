"""Guests from the network: the phone in the speaker's hand, and the audience's own screens.

Each kind has a port, an app and a secret of its own, and none of them is there unless it was asked
for. What they get is a copy of the page that the speaker has; what they may ask for is little, and
of the audience nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import re
from collections.abc import AsyncIterator
from html import unescape
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field, TypeAdapter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from runner.live.messages import GoRequest, Message, PhoneRunRequest
from runner.live.runs import RefusedError
from runner.web.access import PROTOCOL, GuestAccess
from runner.web.gate import Gate, explain
from runner.web.listener import listen, listening
from runner.web.server import Deck, no_icon
from runner.web.view import View

EVERYWHERE = "0.0.0.0"  # noqa: S104 guests are on the network
PACE = 0.1  # seconds for which output is gathered, so that a hundred guests cost few messages
TOLD = {"run", "output", "reload", "stage"}  # clusters and faults are the speaker's


class Guests:
    """One kind of guests."""

    name: ClassVar[str]
    whose: ClassVar[str]
    once: ClassVar[bool]  # a code lets one of them in
    notes: ClassVar[bool]  # they see the speaker's
    view: ClassVar[type[GuestView]]

    def __init__(self, deck: Deck, port: int) -> None:
        self.deck = deck
        self.access = GuestAccess(port, self.name, deck.access.keep, once=self.once)
        self.copy = Copy(deck.file, self.name, notes=self.notes)
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/favicon.ico", no_icon),
                WebSocketRoute("/ws", self._view),
            ],
            middleware=[Middleware(Gate, access=self.access)],
        )

    async def _index(self, request: Request) -> Response:
        try:
            await self.copy.refresh()
        except FileNotFoundError:
            return explain(503, "Building the deck…", "It appears here by itself.", again=True)
        host = request.headers["host"]
        policy = (
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            f"img-src data:; media-src data:; font-src data:; connect-src 'self' ws://{host}; "
            "frame-src 'self'; frame-ancestors 'self'; base-uri 'none'; form-action 'none'"
        )
        headers = {
            "Content-Security-Policy": policy,
            "Content-Encoding": "gzip",  # which every browser takes
            "Content-Type": "text/html; charset=utf-8",
        }
        return Response(self.copy.compressed, headers=headers)

    async def _view(self, socket: WebSocket) -> None:
        first: list[Message] = [self.deck.stage.now] if self.deck.stage.now else []
        # What happens while it comes in is told, too.
        with self.deck.runs.subscribe(pace=PACE) as messages:
            await socket.accept(PROTOCOL)
            with contextlib.suppress(FileNotFoundError):
                await self.copy.refresh()
            await self.view(socket, self).serve(first, messages)


class GuestView(View):
    """A guest's page."""

    def __init__(self, socket: WebSocket, guests: Guests) -> None:
        super().__init__(socket)
        self._guests = guests

    def adapt(self, message: Message) -> Message | None:
        if message["type"] not in TOLD:
            return None
        # What a program asks, it asks the speaker.
        return {**message, "asks": None} if message["type"] == "run" else message


class PhoneView(GuestView):
    """The speaker's phone: it steers, and runs what is on the slide that is shown."""

    requests = TypeAdapter(Annotated[GoRequest | PhoneRunRequest, Field(discriminator="type")])

    async def do(self, request: GoRequest | PhoneRunRequest) -> None:
        deck = self._guests.deck
        if isinstance(request, GoRequest):
            deck.stage.steer(request)
            return
        number = deck.stage.now["slide"] if deck.stage.now else 0
        if request.snippet not in self._guests.copy.snippets(number):
            detail = f"'{request.snippet}' is not on slide {number}, which is shown"
            raise RefusedError("unknown", detail)
        if request.type == "run":
            deck.runs.start(request.snippet)
        else:
            deck.runs.stop(request.snippet)


class AudienceView(GuestView):
    """A page of the audience. It is told, and has no say."""

    def adapt(self, message: Message) -> Message | None:
        # How late the speaker is, the speaker knows.
        if message["type"] == "stage":
            return {**message, "talk": None, "ticking": False}
        return super().adapt(message)

    async def hear(self) -> None:
        """Wait for its end, which is also the first thing that it says."""
        if (await self._socket.receive())["type"] != "websocket.disconnect":
            await self._socket.close(1008, "this page has no say")


class Remote(Guests):
    """The phone in the speaker's hand: each code pairs one."""

    name = "remote"
    whose = "the phone"
    once = True
    notes = True
    view = PhoneView


class Audience(Guests):
    """The audience: all who have the code."""

    name = "audience"
    whose = "the audience"
    once = False
    notes = False
    view = AudienceView


class Copy:
    """The deck's page as guests get it, compressed once for all of them."""

    def __init__(self, file: Path, guest: str, *, notes: bool) -> None:
        self.compressed = b""
        self._file = file
        self._guest = guest
        self._notes = notes
        self._made = 0  # of the file as it was then
        self._making = asyncio.Lock()
        self._snippets: list[set[str]] = []

    def snippets(self, slide: int) -> set[str]:
        """Ids of those that a slide shows; slides count from 1."""
        return self._snippets[slide - 1] if 1 <= slide <= len(self._snippets) else set()

    async def refresh(self) -> None:
        """Make it again if the page is another.

        Raises:
            FileNotFoundError: there is no page yet.
        """
        async with self._making:
            changed = (await asyncio.to_thread(self._file.stat)).st_mtime_ns
            if changed != self._made:
                await asyncio.to_thread(self._make)
                self._made = changed

    def _make(self) -> None:
        html = self._file.read_text(encoding="utf-8")
        slides = re.split(r"<svg data-marpit-svg\b", html)[1:]
        figures = [re.findall(r'<figure\b[^>]*\bdata-run="([^"]*)"', slide) for slide in slides]
        self._snippets = [{unescape(id) for id in ids} for ids in figures]
        if not self._notes:
            html = without_notes(html)
        # The policy of a page that has no server; this one has, which sends its own.
        html = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", html, count=1)
        html = html.replace("<body", f'<body data-runner="{self._guest}"', 1)
        self.compressed = gzip.compress(html.encode())


def without_notes(html: str) -> str:
    """The page without the speaker's notes, which Marp writes after the slides."""
    kept = []
    while match := re.search(r'<div class="bespoke-marp-note"', html):
        kept.append(html[: match.start()])
        depth = 0
        for tag in re.finditer(r"<(/?)div\b[^>]*>", html[match.start() :]):
            depth += -1 if tag[1] else 1
            if depth == 0:
                html = html[match.start() + tag.end() :]
                break
        else:
            raise ValueError("a note of the page does not end; build it again: npm run build")
    return "".join([*kept, html])


@contextlib.asynccontextmanager
async def inviting(deck: Deck, kind: type[Guests], port: int) -> AsyncIterator[Guests]:
    """Serve guests at all addresses of this machine until left; port 0 takes a free one.

        async with inviting(deck, Audience, 8082) as audience:
            print(audience.access.link())

    Raises:
        PortTakenError: something else listens there.
    """
    listener = listen(EVERYWHERE, port, kind.whose, f"--{kind.name}")
    guests = kind(deck, listener.getsockname()[1])
    async with listening(guests.app, listener, guests=True):
        deck.invitations.offer(guests.access)
        try:
            yield guests
        finally:
            deck.invitations.withdraw(guests.access)
