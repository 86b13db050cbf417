"""Ports of another machine through SSH: a real server and client, with keys of their own."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from runner.clusters.keeper import ClusterError, Clusters
from runner.clusters.kinds import HOST, Status
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port, listens
from runner.tunnel import TunnelError, tunnel

Forward = Callable[[asyncssh.SSHReader[Any], asyncssh.SSHWriter[Any]], Awaitable[None]]


class Far(asyncssh.SSHServer):
    """A machine whose loopback is not ours: what listens on a port here is on another there."""

    ports: dict[int, int]
    connections: list[asyncssh.SSHServerConnection]

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        self.connections.append(conn)

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> Forward:
        async def forward(reader: asyncssh.SSHReader[Any], writer: asyncssh.SSHWriter[Any]) -> None:
            inner, outer = await asyncio.open_connection(dest_host, self.ports[dest_port])
            outer.write(await reader.read(100))
            writer.write(await inner.read(100))
            writer.close()
            outer.close()

        return forward


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A speaker's home, whose `~/.ssh` knows the machine `head`, but not yet where it is."""
    folder = tmp_path / ".ssh"
    folder.mkdir()
    write_keys(folder / "id_ed25519")
    write_keys(folder / "host")
    shutil.copy(folder / "id_ed25519.pub", folder / "authorized_keys")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    return tmp_path


def write_keys(path: Path) -> None:
    key = asyncssh.generate_private_key("ssh-ed25519")
    key.write_private_key(path)
    key.write_public_key(path.with_suffix(".pub"))


@asynccontextmanager
async def far(home: Path, ports: dict[int, int], *, known: bool = True) -> AsyncIterator[type[Far]]:
    """The machine, which lets its speaker in."""
    folder = home / ".ssh"

    class Here(Far):
        pass

    Here.ports, Here.connections = ports, []
    server = await asyncssh.create_server(
        Here,
        HOST,
        0,
        server_host_keys=[folder / "host"],
        authorized_client_keys=str(folder / "authorized_keys"),
        encoding=None,
    )
    port = server.sockets[0].getsockname()[1]
    (folder / "config").write_text(f"Host head\n  HostName {HOST}\n  Port {port}\n")
    host_key = (folder / "host.pub").read_text()
    (folder / "known_hosts").write_text(f"[{HOST}]:{port} {host_key}" if known else "")
    async with server:
        yield Here


async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    writer.write(b"far: " + await reader.read(100))
    await writer.drain()
    writer.close()


async def ask(port: int) -> bytes:
    reader, writer = await asyncio.open_connection(HOST, port)
    writer.write(b"hello")
    said = await reader.read()
    writer.close()
    return said


def test_a_port_leads_there_again_after_the_connection_was_lost(home: Path) -> None:
    port = free_port()
    seen: asyncio.Queue[Status] = asyncio.Queue()

    async def until(state: str) -> Status:
        async with asyncio.timeout(60):
            while (status := await seen.get()).state != state:
                pass
        return status

    async def main() -> None:
        async with await asyncio.start_server(echo, HOST, 0) as server:
            ports = {port: server.sockets[0].getsockname()[1]}
            async with far(home, ports) as head:
                async with tunnel("me@head", [port], seen.put_nowait):
                    assert (await until("ready")).detail == f"me@head, ports {port}"
                    assert await ask(port) == b"far: hello"
                    head.connections[0].abort()
                    assert "connecting again" in (await until("down")).detail
                    await until("ready")
                    assert await ask(port) == b"far: hello"
                assert not listens(port)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("trouble", "told"),
    [
        ("a stranger's key", "Permission denied"),
        ("an unknown host", "Host key is not trusted"),
        ("nobody there", "Connect"),
        ("a port that is held", "it is held by"),
    ],
)
def test_what_keeps_it_from_opening_is_told_at_once(home: Path, trouble: str, told: str) -> None:
    port = free_port()

    async def main() -> None:
        async with far(home, {}, known=trouble != "an unknown host"):
            if trouble == "a stranger's key":
                write_keys(home / ".ssh" / "id_ed25519")
            target = "me@127.0.0.1" if trouble == "nobody there" else "me@head"
            holding = trouble == "a port that is held"
            server = await asyncio.start_server(echo, HOST, port) if holding else None
            try:
                async with tunnel(target, [port], lambda _: None):
                    pass
            finally:
                if server:
                    server.close()

    with pytest.raises(TunnelError) as caught:
        asyncio.run(main())
    assert told in str(caught.value)
    assert not listens(port)


def test_what_is_missing_there_is_not_started_here() -> None:
    """It would take the port from the tunnel."""
    kind = Dask(free_port(), free_port())

    async def main() -> None:
        async with Clusters(kind, start=False) as clusters:
            await clusters.ready()

    with pytest.raises(ClusterError, match=f"nothing answers as Dask on {HOST}:{kind.port}"):
        asyncio.run(main())
    assert not listens(kind.port)
