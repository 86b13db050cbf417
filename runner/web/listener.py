"""Ports of this machine, and what is served at them."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import socket
from collections.abc import AsyncIterator, Iterator
from contextvars import ContextVar, copy_context
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from runner.clusters.ports import holder

MESSAGE_BYTES = 4096  # the longest message a page may send
GUESTS = 400  # connections from the network that there are at once; this process has more files
REQUEST_SECONDS = 60.0  # after which a guest's connection that is no WebSocket ends
STALLED_SECONDS = 10.0  # after which one ends that reads nothing of what it is sent


class PortTakenError(Exception):
    """A port is in use; the message says by whom, and what to do."""


def listen(host: str, port: int, use: str, option: str) -> socket.socket:
    """Take a port; 0 takes a free one.

    Args:
        use: what it is for, in a message.
        option: of `npm start` that takes another.

    Raises:
        PortTakenError: something else listens there.
    """
    try:
        return socket.create_server((host, port))
    except OSError as error:
        other = port + 1 if port < 65535 else port - 1
        raise PortTakenError(
            f"port {port}, for {use}, is taken by {holder(port)}; "
            f"end that, or take another: npm start -- {option} {other}"
        ) from error


class GuestProtocol(HttpToolsProtocol):
    """HTTP with guests: neither many of them nor slow ones keep files that the deck needs."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > GUESTS:
            transport.abort()
        self.loop.call_later(REQUEST_SECONDS, self._end)

    def _end(self) -> None:
        # What has become a WebSocket is no longer ours.
        if self in self.connections:
            self.transport.abort()


class GuestSocketProtocol(WebSocketsSansIOProtocol):
    """A guest's WebSocket, cut once nothing of what it was sent has gone out for a while."""

    _stalled: asyncio.TimerHandle | None = None

    def pause_writing(self) -> None:
        super().pause_writing()
        self._stalled = self.loop.call_later(STALLED_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._go_on()

    def connection_lost(self, exc: Exception | None) -> None:
        self._go_on()
        super().connection_lost(exc)

    def _go_on(self) -> None:
        if self._stalled:
            self._stalled.cancel()


# All that comes of a server's sockets runs in the context in which it was started.
_of_guests = ContextVar("_of_guests", default=False)


def _is_ours(record: logging.LogRecord) -> bool:
    """Not what uvicorn says of a message that is no UTF-8: that only closes its sender's socket.

    Nor what it says of guests: what they send is not for the terminal. Its logger is for all.
    """
    if _of_guests.get():
        return False
    return not (record.exc_info and isinstance(record.exc_info[1], UnicodeDecodeError))


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
async def listening(
    app: ASGIApp, listener: socket.socket, *, longest: int = MESSAGE_BYTES, guests: bool = False
) -> AsyncIterator[None]:
    """Serve there until left.

    Args:
        longest: bytes of a message of a page.
        guests: they come from the network, so that nothing of them may be waited for.
    """
    # "websockets-sansio": the other one warns that it is deprecated.
    settings: dict[str, Any] = (
        {"http": GuestProtocol, "ws": GuestSocketProtocol}
        if guests
        else {"ws": "websockets-sansio"}
    )
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="warning",
        server_header=False,
        proxy_headers=False,
        ws_max_size=longest,
        # To compress each message for each page takes longer than to send it.
        ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
        **settings,
    )
    logging.getLogger("uvicorn.error").addFilter(_is_ours)
    server = _Server(config)
    context = copy_context()
    context.run(_of_guests.set, guests)
    serving = asyncio.create_task(server.serve([listener]), context=context)
    try:
        listening = asyncio.create_task(server.listening.wait())
        await asyncio.wait([listening, serving], return_when=asyncio.FIRST_COMPLETED)
        if serving.done():
            listening.cancel()
            serving.result()
            raise RuntimeError("the server has ended before it began to listen")
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
        listener.close()
