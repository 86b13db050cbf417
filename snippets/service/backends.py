"""Three places to run the same function: here, on Dask, on Ray.

A cluster is connected when it is first needed, and again after the
connection was lost; importing this module connects nothing.
"""

# snippet: part

import asyncio
import gc
import inspect
import logging
import os
import sys
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager
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
from prometheus_client import Counter, Gauge, Histogram
from settings import SETTINGS

# A function of a module travels as the module's name: Dask's workers
# are sent the file, Ray is told to send the functions by value.
ray.cloudpickle.register_pickle_by_value(jobs)

WAITING = Gauge(
    "service_waiting", "Requests that wait for a backend.", ["backend"]
)
SECONDS = Histogram(
    "service_seconds", "From a request to its result.", ["backend"]
)
REFUSED = Counter(
    "service_refused", "Requests for which was no room.", ["backend"]
)

Function = Callable[..., Any]


class BackendDownError(Exception):
    """A backend gives no answer; says which one and the remedy."""


class BusyError(Exception):
    """So much waits for a backend that no more is taken."""


class Backend(ABC):
    """Where functions run."""

    name: str
    waiting = 0

    def __init__(self) -> None:
        self._once: dict[Function, Any] = {}
        self._turn = asyncio.Lock()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Take a place in the queue; BusyError if there is none."""
        if self.waiting >= SETTINGS.waiting:
            REFUSED.labels(self.name).inc()
            raise BusyError(
                f"{self.name} has {self.waiting} requests in work "
                "and takes no more; ask again later"
            )
        self.waiting += 1
        with (
            WAITING.labels(self.name).track_inprogress(),
            SECONDS.labels(self.name).time(),
        ):
            try:
                yield
            finally:
                self.waiting -= 1

    @abstractmethod
    async def submit(self, function: Function, *arguments: Any) -> Any:
        """Start a call, whose arguments may be futures; a future."""

    async def once(self, function: Function) -> Any:
        """Return the future of a call that all requests share."""
        await self.ready()
        async with self._turn:  # of two that come together, one submits
            if function not in self._once:
                self._once[function] = await self.submit(function)
            return self._once[function]

    @abstractmethod
    async def ready(self) -> None:
        """Be connected."""

    @abstractmethod
    async def health(self) -> str:
        """Say in a few words who would do the work."""

    @asynccontextmanager
    async def available(
        self, seconds: float | None = SETTINGS.answer_seconds
    ) -> AsyncIterator[None]:
        """Raise BackendDownError if the work inside cannot be done."""
        yield

    @abstractmethod
    async def close(self) -> None:
        """Let go of the connection, if there is one."""


class InProcess(Backend):
    """This very process: nothing to connect to, nothing to lose."""

    name = "this process"

    def __init__(self) -> None:
        super().__init__()
        # Not in the event loop, which answers the others meanwhile.
        # One thread, since only one at a time has the interpreter;
        # no pool of processes: for more than one there are clusters.
        self._thread = ThreadPoolExecutor(1)
        # A job gives the interpreter away every 5 ms, and a client that
        # connects meanwhile needs it thousands of times.
        sys.setswitchinterval(0.0001)

    # region in_process
    async def submit(self, function: Function, *arguments: Any) -> Any:
        return asyncio.create_task(self._call(function, *arguments))

    async def _call(self, function: Function, *arguments: Any) -> Any:
        values = [
            await value if inspect.isawaitable(value) else value
            for value in arguments
        ]
        return await asyncio.get_running_loop().run_in_executor(
            self._thread, function, *values
        )

    # endregion in_process

    async def ready(self) -> None:
        """There is nothing to connect to."""

    async def health(self) -> str:
        return "1 process"

    async def close(self) -> None:
        self._thread.shutdown(wait=False, cancel_futures=True)


class Cluster(Backend):
    """A backend elsewhere, connected once for all requests."""

    remedy: str
    lost: tuple[type[BaseException], ...]

    def __init__(self, address: str) -> None:
        super().__init__()
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
        self._once.clear()  # what was there went with the connection
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
        self, seconds: float | None = SETTINGS.answer_seconds
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
    scheduler = ""

    # region dask
    async def connect(self) -> None:
        self.client = await Client(self.address, asynchronous=True)
        await self.client.upload_file(jobs.__file__)
        self.scheduler = self.client.scheduler_info()["id"]

    async def submit(self, function: Function, *arguments: Any) -> Any:
        await self.ready()
        return self.client.submit(function, *arguments)

    # endregion dask

    def connected(self) -> bool:
        # A scheduler that was started again, which the client found
        # by itself, does not have the file.
        return (
            self.client is not None
            and self.client.status == "running"
            and self.client.scheduler_info()["id"] == self.scheduler
        )

    async def health(self) -> str:
        await self.ready()
        identity = await self.client.scheduler.identity()
        return f"{len(identity['workers'])} workers"

    async def close(self) -> None:
        if self.client is not None:
            await self.client.close()


class Ray(Cluster):
    """A Ray head, reached through Ray Client.

    A driver (`ray.init()` beside the head) has its first answer
    sooner, but a minute after the head was killed Ray ends the process
    of its driver, and this service outlives the head.
    """

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
        # A reference that is collected later would, with its goodbye,
        # close the connection that is open by then.
        gc.collect()
