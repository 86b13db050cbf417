"""The deck on this machine's loopback: its page, its downloads, and the socket of its slides."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from runner.clusters.kinds import HOST, Kind, Status
from runner.clusters.ports import holder
from runner.engine import editor
from runner.live.messages import Cluster, ClustersMessage, FaultsMessage, Message
from runner.live.runs import MOST_EDITED, Runs
from runner.snippets.catalog import ROOT
from runner.web.access import Access
from runner.web.gate import Gate, explain
from runner.web.view import View

PAGE = ROOT / "dist" / "index.html"
DOWNLOADS = ("deck.pdf", "handout.pdf", "deck.pptx", "deck.md", "preview.png")

DOING_SECONDS = 2.0  # between two looks at what clusters do; more often would be work for them
MESSAGE_BYTES = 4096  # the longest message a page may send
EDIT_BYTES = 4 * MOST_EDITED  # the same if it may send code


class PortTakenError(Exception):
    """The deck's port is in use; the message says by whom, and what to do."""


class Watched(Protocol):
    """Clusters, as far as a page is told of them."""

    @property
    def kinds(self) -> Sequence[Kind]: ...

    @property
    def statuses(self) -> Mapping[str, Status]: ...

    def changes(self) -> AsyncIterator[Mapping[str, Status]]: ...


async def _no_icon(_: Request) -> Response:
    return Response(status_code=204)


class Deck:
    """The deck as it is served: `app`, the links that let browsers in, and news for all pages."""

    def __init__(
        self, runs: Runs, clusters: Watched, *, port: int = 8080, page: Path = PAGE
    ) -> None:
        self.access = Access(port)
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/favicon.ico", _no_icon),
                Route("/{name}", self._download),
                WebSocketRoute("/ws", self._view),
            ],
            middleware=[Middleware(Gate, access=self.access)],
        )
        self._runs = runs
        self._clusters = clusters
        self._file = page
        self._faults: FaultsMessage | None = None
        self._doing: dict[str, str] = {}

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        return self.access.link()

    def reload(self) -> None:
        """Have all pages load the deck again; it is without faults now."""
        self._faults = None
        self._runs.channel.publish({"type": "reload"})

    def faults(self, faults: list[str], *, shown: bool = False) -> None:
        """Show on all pages, and those that come, what is wrong: with the deck that is shown, or
        with the next, which could not be built.
        """
        self._faults = {"type": "faults", "faults": faults, "shown": shown}
        self._runs.channel.publish(self._faults)

    async def watch(self) -> None:
        """Tell all pages of the clusters; never returns."""
        doing = asyncio.create_task(self._watch_work())
        try:
            async for _ in self._clusters.changes():
                self._runs.channel.publish(self.clusters_message())
        finally:
            doing.cancel()

    async def _watch_work(self) -> None:
        while True:
            before = self._doing
            self._doing = {
                kind.name: await asyncio.to_thread(kind.doing)
                for kind in self._clusters.kinds
                if self._clusters.statuses[kind.name].state == "ready"
            }
            if self._doing != before:
                self._runs.channel.publish(self.clusters_message())
            await asyncio.sleep(DOING_SECONDS)

    def clusters_message(self) -> ClustersMessage:
        clusters: list[Cluster] = []
        for kind in self._clusters.kinds:
            status = self._clusters.statuses[kind.name]
            clusters.append(
                {
                    "name": kind.name,
                    "title": kind.title,
                    "state": status.state,
                    "detail": status.detail,
                    "doing": self._doing.get(kind.name, "") if status.state == "ready" else "",
                    "dashboard": f"http://{HOST}:{kind.dashboard}",
                }
            )
        return {"type": "clusters", "clusters": clusters}

    async def _index(self, _: Request) -> Response:
        try:
            html = await asyncio.to_thread(self._file.read_text, encoding="utf-8")
        except FileNotFoundError:
            return explain(503, "Building the deck…", "It appears here by itself.", again=True)
        ports = [kind.dashboard for kind in self._clusters.kinds]
        frames = " ".join(f"http://{HOST}:{port} http://localhost:{port}" for port in ports)
        sockets = " ".join(f"ws://{host}" for host in self.access.hosts)
        policy = (
            "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
            f"img-src 'self' data:; media-src data:; font-src data:; "
            f"connect-src {sockets}; "
            f"frame-src 'self' {frames}; frame-ancestors 'self'; base-uri 'none'; "
            "form-action 'none'"
        )
        live = html.replace("<body", "<body data-runner", 1)
        if self._runs.editable:
            body, end, rest = live.rpartition("</body>")
            body = body.replace("<body", "<body data-editable", 1)
            live = f"{body}{await asyncio.to_thread(editor)}{end}{rest}"
        return HTMLResponse(live, headers={"Content-Security-Policy": policy})

    async def _download(self, request: Request) -> Response:
        name = request.path_params["name"]
        path = self._file.with_name(name)
        if name not in DOWNLOADS or not await asyncio.to_thread(path.is_file):
            there = [name for name in DOWNLOADS if self._file.with_name(name).is_file()]
            text = f"There are: {', '.join(there)}." if there else "Nothing has been built yet."
            return explain(404, "No such file", text)
        return FileResponse(path)

    async def _view(self, socket: WebSocket) -> None:
        """One page: what happens goes to it; what it asks for is done."""
        await socket.accept()
        with self._runs.subscribe() as messages:
            view = View(socket, self._runs)
            first: list[Message] = [self.clusters_message()]
            if self._faults:
                first.append(self._faults)
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
        lifespan="off",
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws="websockets-sansio",  # the other one warns that it is deprecated
        ws_max_size=EDIT_BYTES if runs.editable else MESSAGE_BYTES,
        timeout_graceful_shutdown=2,
    )
    server = _Server(config)
    serving = asyncio.create_task(server.serve([listener]))
    watching = asyncio.create_task(deck.watch())
    try:
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait([listening, serving], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            listening.cancel()
            serving.result()
            raise RuntimeError("the deck's server has ended before it began to listen")
        yield deck
    finally:
        watching.cancel()
        server.should_exit = True
        await asyncio.gather(serving, watching, return_exceptions=True)
        listener.close()
