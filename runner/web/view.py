"""One page of the deck, at the other end of its WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable

from pydantic import ValidationError
from starlette.websockets import WebSocket

from runner.live.messages import Message, Reason, Request
from runner.live.runs import RefusedError, Runs

EXPECTED = (
    '{"type": "run", "stop" or "answer", "snippet": id, "restart": true or false, '
    '"edits": {import: text}, "line": text or null}'
)


class View:
    """A page's WebSocket."""

    def __init__(self, socket: WebSocket, runs: Runs) -> None:
        self._socket = socket
        self._runs = runs
        self._sending = asyncio.Lock()

    async def tell(self, first: Iterable[Message], messages: AsyncIterator[Message]) -> None:
        """Pass messages on until they end, which is when the page reads too slowly."""
        for message in first:
            await self._send(message)
        async for message in messages:
            await self._send(message)
        await self._socket.close(1013, "too slow; connect again")

    async def hear(self) -> None:
        """Do what the page asks, until it is gone."""
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            try:
                request = Request.model_validate_json(message.get("text") or "")
            except ValidationError:
                await self._refuse("", "malformed", f"expected {EXPECTED}")
                continue
            try:
                match request.type:
                    case "run":
                        files = await self._runs.edit(request.snippet, request.edits)
                        self._runs.start(request.snippet, restart=request.restart, files=files)
                    case "stop":
                        self._runs.stop(request.snippet)
                    case "answer":
                        self._runs.answer(request.snippet, request.line)
            except RefusedError as error:
                await self._refuse(request.snippet, error.reason, str(error))

    async def _refuse(self, snippet: str, reason: Reason, detail: str) -> None:
        await self._send(
            {"type": "refused", "snippet": snippet, "reason": reason, "detail": detail}
        )

    async def _send(self, message: Message) -> None:
        async with self._sending:
            await self._socket.send_json(message)
