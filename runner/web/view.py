"""One page of the deck, at the other end of its WebSocket."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from starlette.websockets import WebSocket

from runner.runs import RefusedError, Runs


class Wish(BaseModel):
    """What a page may ask for: an id of the catalog, never code.

    Attributes:
        line: what is typed for a snippet that waits for a line; none ends its input.
    """

    model_config = ConfigDict(strict=True, extra="forbid")

    type: Literal["run", "stop", "answer"]
    snippet: str
    restart: bool = False
    line: str | None = Field(None, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")


EXPECTED = (
    '{"type": "run", "stop" or "answer", "snippet": id, "restart": true or false, '
    '"line": text or null}'
)


class View:
    """A page's WebSocket."""

    def __init__(self, socket: WebSocket, runs: Runs) -> None:
        self._socket = socket
        self._runs = runs
        self._sending = asyncio.Lock()

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
        """Do what the page asks, until it is gone."""
        while (message := await self._socket.receive())["type"] != "websocket.disconnect":
            try:
                wish = Wish.model_validate_json(message.get("text") or "")
            except ValidationError:
                await self._refuse("", "malformed", f"expected {EXPECTED}")
                continue
            try:
                match wish.type:
                    case "run":
                        self._runs.start(wish.snippet, restart=wish.restart)
                    case "stop":
                        self._runs.stop(wish.snippet)
                    case "answer":
                        self._runs.answer(wish.snippet, wish.line)
            except RefusedError as error:
                await self._refuse(wish.snippet, error.reason, str(error))

    async def _refuse(self, snippet: str, reason: str, detail: str) -> None:
        await self._send(
            {"type": "refused", "snippet": snippet, "reason": reason, "detail": detail}
        )

    async def _send(self, message: dict[str, Any]) -> None:
        async with self._sending:
            await self._socket.send_json(message)
