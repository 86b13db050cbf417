"""The deck on this machine's loopback, and the socket over which its slides run snippets.

Running code for a browser is remote code execution by design, so `Gate` stands before every HTTP
request and every WebSocket: our Host, our Origin, and the secret that this start of the deck made.
"""

from __future__ import annotations

import asyncio
import contextlib
import secrets
import socket
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import parse_qs

import uvicorn
from fastapi import FastAPI, WebSocket, WebSocketDisconnect
from fastapi.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict, ValidationError
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketDisconnected

from runner.clusters import HOST, Light, holder
from runner.runs import RefusedError, Runs

PAGE = Path(__file__).resolve().parent.parent / "dist" / "index.html"
DOWNLOADS = ("deck.pdf", "handout.pdf", "deck.pptx", "deck.md", "preview.png")
DASHBOARDS = (8787, 8265)

MESSAGE_BYTES = 4096  # the longest message a page may send
BURST = 20  # messages a page may send at once
PER_SECOND = 5.0  # and then so many a second

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class PortTakenError(Exception):
    """The deck's port is in use; the message says by whom, and what to do."""


class Watched(Protocol):
    """Clusters, as far as a page is told of them."""

    @property
    def lights(self) -> Mapping[str, Light]: ...

    def changes(self) -> AsyncIterator[dict[str, Light]]: ...


@dataclass
class Access:
    """Who may use the deck: a browser that has opened one of our links.

    A link works once, since addresses end up in histories and process lists. It is exchanged for
    a cookie that lives as long as this start of the deck. Another browser needs another `link()`.
    """

    port: int
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _tokens: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not tell ports apart, so it does."""
        return f"deck-{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """What may stand in the Host header: a name that leads elsewhere has been rebound."""
        return (f"{HOST}:{self.port}", f"localhost:{self.port}")

    @property
    def origins(self) -> tuple[str, ...]:
        """What may stand in the Origin header: our own pages."""
        return tuple(f"http://{host}" for host in self.hosts)

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return f"http://{HOST}:{self.port}/?token={token}"

    def redeem(self, token: str) -> bool:
        """Spend a link's token."""
        if token in self._tokens:
            self._tokens.discard(token)
            return True
        return False

    def knows(self, headers: Headers) -> bool:
        """Has the sender the cookie?"""
        sent = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return secrets.compare_digest(sent.encode(), self._secret.encode())

    def hand_over(self, response: Response) -> None:
        """Give the sender the cookie."""
        response.set_cookie(self.cookie, self._secret, httponly=True, samesite="strict")


class Gate:
    """ASGI middleware that lets nothing through, HTTP or WebSocket, that is not ours."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        refusal = self._refusal(scope)
        if refusal is None:
            return await self._app(scope, receive, _with_headers(send))
        if scope["type"] == "websocket":
            # Closed before it is accepted: the browser gets status 403.
            return await send({"type": "websocket.close", "code": 1008})
        await refusal(scope, receive, _with_headers(send))

    def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        access = self._access
        if headers.get("host") not in access.hosts:
            return _page(403, "Not here", f"The deck is at {access.origins[0]} only.")
        origin = headers.get("origin")
        if origin not in access.origins and (origin is not None or scope["type"] == "websocket"):
            return _page(403, "Not from there", "Only the deck's own pages may ask for this.")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        token = query.get("token", [""])[0]
        known = access.knows(headers)
        if scope["type"] == "http" and token and (access.redeem(token) or known):
            response = RedirectResponse("/", 303)
            access.hand_over(response)
            return response
        if known:
            return None
        why = "This link has been used, or is of an earlier start." if token else ""
        return _page(
            401,
            "This browser has no key to the deck",
            f"{why} Open the address that <code>npm start</code> printed; each works once, in one "
            "browser. For another browser, press Enter in that terminal: it prints another.",
        )


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return wrapped


def _page(status: int, title: str, text: str, *, again: bool = False) -> HTMLResponse:
    """A page of ours about what there is to do; `again` loads it every second."""
    refresh = '<meta http-equiv="refresh" content="1">' if again else ""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{refresh}'
        f"<title>{escape(title)}</title><style>body{{font:24px/1.5 system-ui,sans-serif;"
        "max-width:32em;margin:20vh auto;padding:0 1em;color:#1c2230;background:#fcfbf9}</style>"
        f"<h1>{escape(title)}</h1><p>{text}</p></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})


async def _no_icon() -> Response:
    return Response(status_code=204)


class Deck:
    """The deck as it is served: `app`, the links that let browsers in, and news for all pages."""

    def __init__(
        self, runs: Runs, clusters: Watched, *, port: int = 8080, page: Path = PAGE
    ) -> None:
        self.access = Access(port)
        self.app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        self.app.add_middleware(Gate, access=self.access)
        self.app.add_api_route("/", self._index, response_class=HTMLResponse)
        self.app.add_api_route("/favicon.ico", _no_icon, status_code=204)
        self.app.add_api_route("/{name}", self._download, response_class=FileResponse)
        self.app.add_api_websocket_route("/ws", self._view)
        self._runs = runs
        self._clusters = clusters
        self._file = page
        self._faults: list[str] = []

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        return self.access.link()

    def reload(self) -> None:
        """Have all pages load the deck again; it is without faults now."""
        self._faults = []
        self._runs.publish({"type": "reload"})

    def faults(self, faults: list[str]) -> None:
        """Show on all pages, and those that come, why the deck could not be built."""
        self._faults = faults
        self._runs.publish({"type": "faults", "faults": faults})

    async def watch(self) -> None:
        """Tell all pages of the clusters; never returns."""
        async for lights in self._clusters.changes():
            self._runs.publish(_clusters(lights))

    async def _index(self) -> Response:
        try:
            html = await asyncio.to_thread(self._file.read_text, encoding="utf-8")
        except FileNotFoundError:
            return _page(503, "Building the deck…", "It appears here by itself.", again=True)
        frames = " ".join(f"http://{HOST}:{port} http://localhost:{port}" for port in DASHBOARDS)
        sockets = " ".join(f"ws://{host}" for host in self.access.hosts)
        policy = (
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            f"img-src 'self' data:; font-src data:; connect-src {sockets}; "
            f"frame-src 'self' {frames}; frame-ancestors 'self'; base-uri 'none'; "
            "form-action 'none'"
        )
        live = html.replace("<body", "<body data-runner", 1)
        return HTMLResponse(live, headers={"Content-Security-Policy": policy})

    async def _download(self, name: str) -> Response:
        path = self._file.with_name(name)
        if name not in DOWNLOADS or not await asyncio.to_thread(path.is_file):
            there = [name for name in DOWNLOADS if self._file.with_name(name).is_file()]
            text = f"There are: {', '.join(there)}." if there else "Nothing has been built yet."
            return _page(404, "No such file", text)
        return FileResponse(path)

    async def _view(self, socket: WebSocket) -> None:
        """One page: what happens goes to it; what it asks for is done."""
        await socket.accept()
        with self._runs.subscribe() as messages:
            view = View(socket, self._runs)
            first = [_clusters(self._clusters.lights)]
            if self._faults:
                first.append({"type": "faults", "faults": self._faults})
            tasks = [
                asyncio.create_task(view.tell(first, messages)),
                asyncio.create_task(view.hear()),
            ]
            try:
                await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            # A page that has gone is no fault; the second is what uvicorn makes of some of them.
            if isinstance(result, Exception) and not isinstance(
                result, WebSocketDisconnect | WebSocketDisconnected
            ):
                raise result


class Wish(BaseModel):
    """What a page may ask for: an id of the catalog, never code."""

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Literal["run", "stop"]
    snippet: str
    restart: bool = False


class View:
    """A page's WebSocket."""

    def __init__(self, socket: WebSocket, runs: Runs) -> None:
        self._socket = socket
        self._runs = runs
        self._sending = asyncio.Lock()
        self._credit = float(BURST)
        self._counted = time.monotonic()

    async def tell(
        self, first: list[dict[str, Any]], messages: AsyncIterator[dict[str, Any]]
    ) -> None:
        """Pass messages on until they end, which is when the page reads too slowly."""
        for message in first:
            await self._send(message)
        async for message in messages:
            await self._send(message)
        await self._socket.close(1013, "too slow; connect again")

    async def hear(self) -> None:
        """Do what the page asks, until it is gone or asks too much."""
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            if not self._affords():
                await self._socket.close(1008, "too many messages")
                return
            try:
                wish = Wish.model_validate_json(message.get("text") or "")
            except ValidationError:
                expected = '{"type": "run" or "stop", "snippet": id, "restart": true or false}'
                await self._refuse("", "malformed", f"expected {expected}")
                continue
            try:
                if wish.type == "run":
                    self._runs.start(wish.snippet, restart=wish.restart)
                else:
                    self._runs.stop(wish.snippet)
            except RefusedError as error:
                await self._refuse(wish.snippet, error.reason, str(error))

    async def _refuse(self, snippet: str, reason: str, detail: str) -> None:
        await self._send(
            {"type": "refused", "snippet": snippet, "reason": reason, "detail": detail}
        )

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_json(message)

    def _affords(self) -> bool:
        now = time.monotonic()
        self._credit = min(BURST, self._credit + (now - self._counted) * PER_SECOND) - 1
        self._counted = now
        return self._credit >= 0


def _clusters(lights: Mapping[str, Light]) -> dict[str, Any]:
    states = {
        name: {"state": light.state, "detail": light.detail} for name, light in lights.items()
    }
    return {"type": "clusters", **states}


class _Server(uvicorn.Server):
    """Leaves signals to whoever serves: what was started must end with them in its own order."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@contextlib.asynccontextmanager
async def serving(
    runs: Runs, clusters: Watched, *, port: int = 8080, page: Path = PAGE
) -> AsyncIterator[Deck]:
    """Serve the deck on loopback until left; port 0 takes a free one, `page` may come later.

        async with serving(runs, clusters) as deck:
            print(deck.link())

    Raises:
        PortTakenError: something else listens there.
    """
    try:
        listener = socket.create_server((HOST, port))
    except OSError as error:
        other = port + 1 if port < 65535 else port - 1
        raise PortTakenError(
            f"port {port}, for the deck, is taken by {holder(port)}; "
            f"end that, or take another: npm start -- --port {other}"
        ) from error
    deck = Deck(runs, clusters, port=listener.getsockname()[1], page=page)
    config = uvicorn.Config(
        deck.app,
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",  # the other one warns that it is deprecated
        ws_max_size=MESSAGE_BYTES,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    watching = asyncio.create_task(deck.watch())
    try:
        await server.listening.wait()
        yield deck
    finally:
        watching.cancel()
        server.should_exit = True
        await asyncio.gather(serving, watching, return_exceptions=True)
        listener.close()
