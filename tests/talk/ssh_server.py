"""An SSH server for one key: runs commands, forwards ports. ssh_server.py FOLDER_OF_KEYS"""

import asyncio
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import asyncssh


class Forwarding(asyncssh.SSHServer):
    """One whose clients reach all that this host reaches."""

    def connection_requested(
        self, dest_host: str, dest_port: int, orig_host: str, orig_port: int
    ) -> bool:
        return True


async def run(process: asyncssh.SSHServerProcess[str]) -> None:
    """Run a command in a shell, until it or the connection ends."""
    assert process.command
    shell = await asyncio.create_subprocess_shell(
        process.command, stdin=PIPE, stdout=PIPE, stderr=PIPE
    )
    await process.redirect(stdin=shell.stdin, stdout=shell.stdout, stderr=shell.stderr)
    status = await shell.wait()
    # What it printed goes first, or the connection breaks now and then.
    await process.stdout.drain()
    await process.stderr.drain()
    process.exit(status)


async def main() -> None:
    keys = Path(sys.argv[1])
    server = await asyncssh.create_server(
        Forwarding,
        port=22,
        server_host_keys=[keys / "host"],
        authorized_client_keys=str(keys / "client.pub"),
        process_factory=run,
    )
    await server.wait_closed()


if __name__ == "__main__":
    asyncio.run(main())
