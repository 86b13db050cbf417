"""What happens, told to every page of the deck."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterable, Iterator

from runner.live.messages import Message

UNREAD = 2000  # messages that a page may leave unread before it is dropped


class Channel:
    """Messages to all who have subscribed; a slow one is dropped, nobody waits for it."""

    def __init__(self) -> None:
        self._queues: set[asyncio.Queue[Message | None]] = set()

    @contextlib.contextmanager
    def subscribe(self, first: Iterable[Message] = ()) -> Iterator[AsyncIterator[Message]]:
        """These messages, then all that are published.

        They end when the channel is closed, or when too many are left unread.
        """
        queue: asyncio.Queue[Message | None] = asyncio.Queue(UNREAD)
        self._queues.add(queue)
        for message in first:
            self._send(queue, message)
        try:
            yield _messages(queue)
        finally:
            self._drop(queue)

    def publish(self, message: Message) -> None:
        """Send a message to all."""
        for queue in list(self._queues):
            self._send(queue, message)

    def close(self) -> None:
        """No more messages."""
        for queue in list(self._queues):
            self._drop(queue)

    def _send(self, queue: asyncio.Queue[Message | None], message: Message) -> None:
        if queue.full():
            self._drop(queue)
        else:
            queue.put_nowait(message)

    def _drop(self, queue: asyncio.Queue[Message | None]) -> None:
        self._queues.discard(queue)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(None)


async def _messages(queue: asyncio.Queue[Message | None]) -> AsyncIterator[Message]:
    while (message := await queue.get()) is not None:
        yield message
