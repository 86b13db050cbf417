"""Three places to run the same function: here, on Dask, on Ray.

A cluster is connected when it is first needed, and again after the
connection was lost; importing this module connects nothing.
"""

# snippet: part

import asyncio
import inspect
import logging
import os
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from typing import Any
from urllib.parse import urlsplit

# Without this some connections of Ray Client hang (ray#63202).
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")
# Ray Client would wait 30 s for a lost head; we connect anew instead.
os.environ.setdefault("RAY_CLIENT_RECONNECT_GRACE_PERIOD", "0")

import grpc
import jobs
import ray
from dask.distributed import Client
from distributed.client import FutureCancelledError

# A function of a module travels as the module's name: Dask's workers
# are sent the file, Ray is told to send the functions by value.
ray.cloudpickle.register_pickle_by_value(jobs)

ANSWER_SECONDS = 30.0

Function = Callable[..., Any]


class BackendDownError(Exception):
    """A backend gives no answer; says which one and the remedy."""


class Backend(ABC):
    """Where functions run."""

    @abstractmethod
    async def submit(self, function: Function, *arguments: Any) -> Any:
        """Start a call, whose arguments may be futures; a future."""

    @abstractmethod
    async def health(self) -> str:
        """Say in a few words who would do the work."""

    @asynccontextmanager
    async def available(
        self, seconds: float | None = ANSWER_SECONDS
    ) -> AsyncIterator[None]:
        """Raise BackendDownError if the work inside cannot be done."""
        yield

    @abstractmethod
    async def close(self) -> None:
        """Let go of the connection, if there is one."""


class InProcess(Backend):
    """This very process: nothing to connect to, nothing to lose."""

    # region in_process
    async def submit(self, function: Function, *arguments: Any) -> Any:
        return asyncio.create_task(self._call(function, *arguments))

    async def _call(self, function: Function, *arguments: Any) -> Any:
        values = [
            await value if inspect.isawaitable(value) else value
            for value in arguments
        ]
        return function(*values)

    # endregion in_process

    async def health(self) -> str:
        return "1 process"

    async def close(self) -> None:
        """Nothing was opened."""


class Cluster(Backend):
    """A backend elsewhere, connected once for all requests."""

    name: str
    remedy: str
    lost: tuple[type[BaseException], ...]

    def __init__(self, address: str) -> None:
        self.address = address
        self._attempt: asyncio.Task[None] | None = None

    @abstractmethod
    async def connect(self) -> None:
        """Open the connection; OSError if nobody answers."""

    @abstractmethod
    def connected(self) -> bool:
        """Tell whether the connection stands, as far as is known."""

    async def ready(self) -> None:
        """Connect if needed; requests that come together share it."""
        attempt = self._attempt
        if attempt is None or (attempt.done() and not self.connected()):
            attempt = asyncio.create_task(self._connect_anew())
            self._attempt = attempt
        await asyncio.shield(attempt)

    async def _connect_anew(self) -> None:
        await self.close()
        # Both clients would try a closed port for half a minute.
        url = urlsplit("//" + self.address.rpartition("//")[-1])
        _, writer = await asyncio.open_connection(
            url.hostname, url.port
        )
        writer.close()
        await self.connect()

    @asynccontextmanager
    async def available(
        self, seconds: float | None = ANSWER_SECONDS
    ) -> AsyncIterator[None]:
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as error:
            raise self._down("does not answer in time") from error
        except self.lost as error:
            if self._attempt and self._attempt.done():
                self._attempt = None  # the next request connects anew
            raise self._down("cannot be reached") from error

    def _down(self, what: str) -> BackendDownError:
        return BackendDownError(
            f"{self.name} at {self.address} {what}; {self.remedy}"
        )


class Dask(Cluster):
    """A Dask scheduler and its workers."""

    name = "Dask"
    remedy = (
        "start it with 'dask scheduler --host 127.0.0.1' "
        "and 'dask worker localhost:8786'"
    )
    lost = (
        OSError,
        FutureCancelledError,
    )
    client: Any = None

    # region dask
    async def connect(self) -> None:
        self.client = await Client(self.address, asynchronous=True)
        await self.client.upload_file(jobs.__file__)

    async def submit(self, function: Function, *arguments: Any) -> Any:
        await self.ready()
        return self.client.submit(function, *arguments)

    # endregion dask

    def connected(self) -> bool:
        return self.client is not None and (
            self.client.status == "running"
        )

    async def health(self) -> str:
        await self.ready()
        identity = await self.client.scheduler.identity()
        return f"{len(identity['workers'])} workers"

    async def close(self) -> None:
        if self.client is not None:
            await self.client.close()


class Ray(Cluster):
    """A Ray head, reached through Ray Client."""

    name = "Ray"
    remedy = "start it with 'ray start --head'"
    lost = (
        OSError,
        grpc.RpcError,
    )
    remote: Any

    # region ray
    async def connect(self) -> None:
        await asyncio.to_thread(
            ray.init, self.address, logging_level=logging.ERROR
        )
        self.remote = cache(ray.remote)

    async def submit(self, function: Function, *arguments: Any) -> Any:
        await self.ready()
        return await asyncio.to_thread(
            lambda: self.remote(function).remote(*arguments)
        )

    # endregion ray

    def connected(self) -> bool:
        return bool(ray.util.client.ray.is_connected())

    async def health(self) -> str:
        await self.ready()
        resources = await asyncio.to_thread(ray.cluster_resources)
        return f"{resources.get('CPU', 0):.0f} CPUs"

    async def close(self) -> None:
        # In a thread ray.init leaves our SIGTERM handler as it is,
        # and a connection that hangs does not stop the service.
        await asyncio.to_thread(ray.shutdown)
