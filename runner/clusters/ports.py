"""What listens on the ports of this machine, and what it answers."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import sys
from contextlib import suppress
from pathlib import Path

import psutil

from runner.clusters.kinds import HOST

# Linux gives those from 32768 to connections, macOS from 49152; Ray those from 10002 to 19999 to
# workers, those from 23000 to 24000 to its clients' servers.
UNASSIGNED = range(24_001, 32_768)
PROBE_SECONDS = 2.0  # one probe waits this long for an answer


def beside_python(program: str) -> str:
    """The program that was installed with the packages of this interpreter."""
    return str(Path(sys.executable).with_name(program))


def free_port() -> int:
    """A port that is free, and stays so until it is used."""
    return next(port for port in iter(lambda: secrets.choice(UNASSIGNED), None) if is_free(port))


def listens(port: int) -> bool:
    with suppress(OSError), socket.create_connection((HOST, port), PROBE_SECONDS):
        return True
    return False


def is_free(port: int) -> bool:
    """Whether a server of ours can listen there.

    Connecting does not tell: one that has too many who wait to be let in answers nobody. Nor do we
    listen: a process that is started meanwhile, by another thread, would do so for a moment, too.
    """
    try:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((HOST, port))
    except OSError:
        return False
    # On macOS one may listen here beside another that listens on all addresses.
    return not listens(port)


def speaks_http2(port: int) -> bool:
    """Whether a gRPC server answers: the connection preface is met by a SETTINGS frame."""
    with suppress(OSError), socket.create_connection((HOST, port), PROBE_SECONDS) as peer:
        peer.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + bytes((0, 0, 0, 4, 0, 0, 0, 0, 0)))
        frame = peer.recv(9)
        return len(frame) > 3 and frame[3] == 4
    return False


def ask(port: int, path: str) -> object:
    """The JSON or the text that a local HTTP server answers, None if it does not."""
    connection = http.client.HTTPConnection(HOST, port, timeout=PROBE_SECONDS)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read(1_000_000).decode()
    except (OSError, http.client.HTTPException, UnicodeDecodeError):
        return None
    finally:
        connection.close()
    if response.status != 200:
        return None
    with suppress(json.JSONDecodeError, RecursionError):
        return json.loads(body)
    return body


def listener(port: int) -> psutil.Process | None:
    """The process that listens on the port, if it is one of this user."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            for connection in process.net_connections("tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return process
    return None


def holder(port: int) -> str:
    """The same, for people."""
    process = listener(port)
    with suppress(psutil.Error):
        if process:
            return f"{process.name()} (pid {process.pid})"
    return "a process of another user or a connection that ends within a minute"
