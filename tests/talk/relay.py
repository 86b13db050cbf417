"""Passes on what reaches listening sockets to ports of the host on which it runs.

    relay.py DESCRIPTOR:PORT…

A socket stays in the network in which it was made: so the sockets listen where they were made, and
what they are given comes out here.
"""

import asyncio
import contextlib
import socket
import sys


async def relay(descriptor: int, port: int) -> None:
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            there, to_there = await asyncio.open_connection("127.0.0.1", port)
        except OSError:  # as if nobody listened here, either
            writer.transport.abort()
            return
        await asyncio.gather(pass_on(reader, to_there), pass_on(there, writer))

    server = await asyncio.start_server(accept, sock=socket.socket(fileno=descriptor))
    await server.serve_forever()


async def pass_on(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await source.read(65536):
            sink.write(data)
            await sink.drain()
    sink.close()


async def main() -> None:
    pairs = (pair.split(":") for pair in sys.argv[1:])
    await asyncio.gather(*(relay(int(descriptor), int(port)) for descriptor, port in pairs))


if __name__ == "__main__":
    asyncio.run(main())
