"""The way to clusters on other machines: their ports, forwarded to this one through SSH."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from runner.clusters.kinds import HOST, Status
from runner.clusters.ports import holder, is_free

if TYPE_CHECKING:
    import asyncssh

CONNECT_SECONDS = 10.0
ALIVE_SECONDS = 5.0  # between two signs of life; after two that are missing it is closed
PAUSE_SECONDS = 1.0  # before it is opened again


class TunnelError(Exception):
    """It cannot be opened; the message says why, and what to do."""


@asynccontextmanager
async def tunnel(
    target: str, ports: Sequence[int], show: Callable[[Status], None]
) -> AsyncIterator[None]:
    """Forwards ports of this machine to the same of another; opens it again whenever it is lost.

    Keys, known hosts, and what is behind a name are those of `ssh` (`~/.ssh/`, its agent).

    Args:
        target: as one gives it to `ssh`: USER@HOST, or a name from its configuration.
        ports: which are on loopback at both ends.
        show: is told how it is.

    Raises:
        TunnelError: it cannot be opened at first; later, that is shown.
    """
    show(Status("starting", f"connecting to {target}"))
    for port in ports:
        if not await asyncio.to_thread(is_free, port):
            who = await asyncio.to_thread(holder, port)
            raise TunnelError(f"port {port} cannot be forwarded: it is held by {who}; end that")
    connection = await _open(target, ports)
    keeping = asyncio.create_task(_keep(connection, target, ports, show))
    try:
        yield
    finally:
        keeping.cancel()
        await asyncio.wait([keeping])


async def _keep(
    connection: asyncssh.SSHClientConnection | None,
    target: str,
    ports: Sequence[int],
    show: Callable[[Status], None],
) -> None:
    there = f"{target}, ports {', '.join(map(str, ports))}"
    while True:
        if connection:
            show(Status("ready", there))
            try:
                await connection.wait_closed()
            finally:
                connection.abort()
            show(Status("down", f"{target} was lost; connecting again"))
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            connection = await _open(target, ports)
        except TunnelError as error:
            connection = None
            show(Status("down", str(error)))


async def _open(target: str, ports: Sequence[int]) -> asyncssh.SSHClientConnection:
    # Loading it takes longer than all else at the start, and few presentations need it.
    import asyncssh  # noqa: PLC0415

    user, _, host = target.rpartition("@")
    try:
        connection = await asyncssh.connect(
            host,
            username=user or (),
            connect_timeout=CONNECT_SECONDS,
            keepalive_interval=ALIVE_SECONDS,
            keepalive_count_max=2,
        )
        try:
            for port in ports:
                await connection.forward_local_port(HOST, port, HOST, port)
        except BaseException:
            connection.abort()
            raise
    except (OSError, ValueError, asyncssh.Error) as error:
        reason = str(error) or type(error).__name__
        raise TunnelError(
            f"no tunnel to {target}: {reason}; see that this works without a password: ssh {target}"
        ) from error
    return connection
