"""The deck on this machine's loopback: its page, its downloads, and the socket of its slides."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Protocol

from pydantic import Field, TypeAdapter
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from runner.clusters.kinds import HOST, Kind, Status
from runner.engine import editor
from runner.live.messages import (
    Cluster,
    ClustersMessage,
    FaultsMessage,
    InviteRequest,
    Message,
    RunRequest,
    StageRequest,
    StartRequest,
)
from runner.live.runs import MOST_EDITED, RefusedError, Runs
from runner.live.stage import Stage
from runner.snippets.catalog import ROOT
from runner.web.access import PROTOCOL, Access
from runner.web.gate import Gate, explain
from runner.web.invitations import Invitations
from runner.web.listener import MESSAGE_BYTES, listen, listening
from runner.web.view import View

PAGE = ROOT / "dist" / "index.html"
DOWNLOADS = (
    *("deck.pdf", "handout.pdf", "programs.pdf"),
    *("deck.pptx", "deck.md", "preview.png"),
)

DOING_SECONDS = 2.0  # between two looks at what clusters do; more often would be work for them
RETURN_SECONDS = 2.0  # in which a page that is open still is back; it tries every second
EDIT_BYTES = 4 * MOST_EDITED  # the longest message of a page that may send code


class Watched(Protocol):
    """Clusters, as far as a page is told of them."""

    @property
    def kinds(self) -> Sequence[Kind]: ...

    @property
    def statuses(self) -> Mapping[str, Status]: ...

    def changes(self) -> AsyncIterator[Mapping[str, Status]]: ...

    def try_now(self, name: str) -> None: ...


async def no_icon(_: Request) -> Response:
    """Browsers ask for one, unasked."""
    return Response(status_code=204)


class Deck:
    """The deck as it is served: `app`, the links that let browsers in, and news for all pages."""

    def __init__(
        self,
        runs: Runs,
        clusters: Watched,
        *,
        port: int = 8080,
        page: Path = PAGE,
        keep: Path | None = None,
    ) -> None:
        self.access = Access(port, keep=keep)
        self.app = Starlette(
            routes=[
                Route("/", self._index),
                Route("/favicon.ico", no_icon),
                Route("/{name}", self._download),
                WebSocketRoute("/ws", self._view),
            ],
            middleware=[Middleware(Gate, access=self.access)],
        )
        self.runs = runs
        self.stage = Stage(runs.channel)
        self.invitations = Invitations(runs.channel)
        self.file = page
        self.clusters = clusters
        self._faults: FaultsMessage | None = None
        self._doing: dict[str, str] = {}
        self._visited = asyncio.Event()

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        return self.access.link()

    async def is_visited_again(self) -> bool:
        """Whether a page that an earlier start has served is open still, and comes back."""
        if self.access.keys.of_before:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._visited.wait(), RETURN_SECONDS)
        return self._visited.is_set()

    def reload(self) -> None:
        """Have all pages load the deck again; it is without faults now."""
        self._faults = None
        self.runs.channel.publish({"type": "reload"})

    def faults(self, faults: list[str], *, shown: bool = False) -> None:
        """Show on all pages, and those that come, what is wrong: with the deck that is shown, or
        with the next, which could not be built.
        """
        self._faults = {"type": "faults", "faults": faults, "shown": shown}
        self.runs.channel.publish(self._faults)

    async def watch(self) -> None:
        """Tell all pages of the clusters; never returns."""
        doing = asyncio.create_task(self._watch_work())
        try:
            async for _ in self.clusters.changes():
                self.runs.channel.publish(self.clusters_message())
        finally:
            doing.cancel()

    async def _watch_work(self) -> None:
        while True:
            before = self._doing
            self._doing = {
                kind.name: await asyncio.to_thread(kind.doing)
                for kind in self.clusters.kinds
                if self.clusters.statuses[kind.name].state == "ready"
            }
            if self._doing != before:
                self.runs.channel.publish(self.clusters_message())
            await asyncio.sleep(DOING_SECONDS)

    def clusters_message(self) -> ClustersMessage:
        clusters: list[Cluster] = []
        for kind in self.clusters.kinds:
            status = self.clusters.statuses[kind.name]
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
            html = await asyncio.to_thread(self.file.read_text, encoding="utf-8")
        except FileNotFoundError:
            return explain(503, "Building the deck…", "It appears here by itself.", again=True)
        ports = [kind.dashboard for kind in self.clusters.kinds]
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
        if self.runs.editable:
            body, end, rest = live.rpartition("</body>")
            body = body.replace("<body", "<body data-editable", 1)
            live = f"{body}{await asyncio.to_thread(editor)}{end}{rest}"
        return HTMLResponse(live, headers={"Content-Security-Policy": policy})

    async def _download(self, request: Request) -> Response:
        name = request.path_params["name"]
        # In this order: what was asked for may be no name that a file can have.
        if name in DOWNLOADS and await asyncio.to_thread(self.file.with_name(name).is_file):
            return FileResponse(self.file.with_name(name))
        there = [name for name in DOWNLOADS if self.file.with_name(name).is_file()]
        text = f"There are: {', '.join(there)}." if there else "Nothing has been built yet."
        return explain(404, "No such file", text)

    async def _view(self, socket: WebSocket) -> None:
        first: list[Message] = [self.clusters_message(), *self.invitations.messages()]
        if self._faults:
            first.append(self._faults)
        # What happens while it comes in is told, too.
        with self.runs.subscribe() as messages:
            await socket.accept(PROTOCOL)
            self._visited.set()
            await SpeakersView(socket, self).serve(first, messages)


SpeakersRequest = RunRequest | StageRequest | InviteRequest | StartRequest


class SpeakersView(View):
    """A page on this machine, which may run what the catalog has."""

    requests = TypeAdapter(Annotated[SpeakersRequest, Field(discriminator="type")])

    def __init__(self, socket: WebSocket, deck: Deck) -> None:
        super().__init__(socket)
        self._deck = deck

    async def do(self, request: SpeakersRequest) -> None:
        runs = self._deck.runs
        match request.type:
            case "run":
                files = await runs.edit(request.snippet, request.edits)
                runs.start(request.snippet, restart=request.restart, files=files)
            case "stop":
                runs.stop(request.snippet)
            case "answer":
                runs.answer(request.snippet, request.line)
            case "stage":
                self._deck.stage.tell(request)
            case "invite":
                self._deck.invitations.renew()
            case "start":
                try:
                    self._deck.clusters.try_now(request.cluster)
                except KeyError:
                    raise RefusedError("unknown", f"no cluster '{request.cluster}'") from None


@contextlib.asynccontextmanager
async def serving(
    runs: Runs,
    clusters: Watched,
    *,
    port: int = 8080,
    page: Path = PAGE,
    keep: Path | None = None,
) -> AsyncIterator[Deck]:
    """Serve the deck on loopback until left; port 0 takes a free one, `page` may come later.

        async with serving(runs, clusters) as deck:
            print(deck.link())

    Args:
        keep: the folder where keys are kept, so that pages that are open now come back to the next
            start of this; none: they do not.

    Raises:
        PortTakenError: something else listens there.
    """
    listener = listen(HOST, port, "the deck", "--port")
    deck = Deck(runs, clusters, port=listener.getsockname()[1], page=page, keep=keep)
    longest = EDIT_BYTES if runs.editable else MESSAGE_BYTES
    async with listening(deck.app, listener, longest=longest):
        watching = asyncio.create_task(deck.watch())
        try:
            yield deck
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
