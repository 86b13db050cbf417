"""What happens, told to every page of the deck."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import deque
from collections.abc import AsyncIterator, Iterable, Iterator

from runner.live.messages import Message

UNREAD = 2000  # messages that a page may leave unread before it is dropped
JOINED = 2**16  # characters up to which unread output of a run becomes one message


class _Queue(asyncio.Queue[Message | None]):
    """What a page has not read yet; what a run printed meanwhile is told in one."""

    _queue: deque[Message | None]

    def _put(self, item: Message | None) -> None:
        last = self._queue[-1] if self._queue else None
        if (
            last
            and item
            and last["type"] == item["type"] == "output"
            and last["run"] == item["run"]
            and len(last["data"]) < JOINED
        ):
            self._queue[-1] = {**last, "data": last["data"] + item["data"]}
        else:
            self._queue.append(item)


class Channel:
    """Messages to all who have subscribed; a slow one is dropped, nobody waits for it."""

    def __init__(self) -> None:
        self._queues: list[_Queue] = []

    @contextlib.contextmanager
    def subscribe(
        self, first: Iterable[Message] = (), *, pace: float = 0.0
    ) -> Iterator[AsyncIterator[Message]]:
        """These messages, then all that are published.

        They end when the channel is closed, or when too many are left unread.

        Args:
            pace: seconds, more or less, to gather messages after those that have been read.
        """
        queue = _Queue(UNREAD)
        # Who takes all at once is told first.
        self._queues.insert(len(self._queues) if pace else 0, queue)
        for message in first:
            self._send(queue, message)
        try:
            yield _messages(queue, pace)
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

    def _send(self, queue: _Queue, message: Message) -> None:
        if queue.full():
            self._drop(queue)
        else:
            queue.put_nowait(message)

    def _drop(self, queue: _Queue) -> None:
        if queue in self._queues:
            self._queues.remove(queue)
        if queue.full():
            queue.get_nowait()
        queue.put_nowait(None)


async def _messages(queue: _Queue, pace: float) -> AsyncIterator[Message]:
    while (message := await queue.get()) is not None:
        yield message
        if pace and queue.empty():
            # A hundred in step would hold up those who take all at once.
            await asyncio.sleep(pace * random.uniform(0.5, 1.5))  # noqa: S311 no secret
