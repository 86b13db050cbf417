"""One page of the deck, at the other end of its WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from typing import Any, ClassVar

from pydantic import TypeAdapter, ValidationError
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketDisconnected

from runner.live.messages import Message, Reason
from runner.live.runs import RefusedError

PATIENCE = 20.0  # seconds in which a page must have read enough of what it is told


class View:
    """A page's WebSocket: what happens goes to it, and what it asks for is done."""

    requests: ClassVar[TypeAdapter[Any]]

    def __init__(self, socket: WebSocket) -> None:
        self._socket = socket
        self._sending = asyncio.Lock()

    async def serve(self, first: Iterable[Message], messages: AsyncIterator[Message]) -> None:
        """Tell and hear until the page has gone, or reads too slowly."""
        tasks = [
            asyncio.create_task(self._tell(first, messages)),
            asyncio.create_task(self.hear()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            results = await asyncio.gather(*tasks, return_exceptions=True)
        for result in results:
            # A page that has gone is no fault; the second is what uvicorn makes of some of them.
            # Nor is one that does not read, which is the third.
            if isinstance(result, Exception) and not isinstance(
                result, WebSocketDisconnect | WebSocketDisconnected | TimeoutError
            ):
                raise result

    def adapt(self, message: Message) -> Message | None:
        """What this page is told of a message; nothing if it is not for it."""
        return message

    async def do(self, request: Any) -> None:
        """What the page asks for.

        Raises:
            RefusedError: it is not done.
        """
        raise NotImplementedError

    async def _tell(self, first: Iterable[Message], messages: AsyncIterator[Message]) -> None:
        for message in first:
            await self._tell_one(message)
        async for message in messages:
            await self._tell_one(message)
        await self._socket.close(1013, "too slow; connect again")

    async def _tell_one(self, message: Message) -> None:
        if adapted := self.adapt(message):
            await self._send(adapted)

    async def hear(self) -> None:
        """Do what the page asks, until it is gone."""
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            try:
                request = self.requests.validate_json(message.get("text") or "")
            except ValidationError as error:
                wrong = error.errors()[0]
                where = "".join(f"{part}: " for part in wrong["loc"])
                await self._refuse("", "malformed", f"{where}{wrong['msg']}")
                continue
            try:
                await self.do(request)
            except RefusedError as error:
                await self._refuse(getattr(request, "snippet", ""), error.reason, str(error))

    async def _refuse(self, snippet: str, reason: Reason, detail: str) -> None:
        await self._send(
            {"type": "refused", "snippet": snippet, "reason": reason, "detail": detail}
        )

    async def _send(self, message: Message) -> None:
        async with self._sending, asyncio.timeout(PATIENCE):
            await self._socket.send_json(message)
