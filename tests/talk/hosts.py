"""Clusters on three hosts, with the ports of their head forwarded to this machine.

    python -m tests.talk.hosts dask COMMAND…

runs a command while such a cluster of Dask answers here, on the default ports.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.clusters.kinds import HOST, Kind
from runner.clusters.kinds.dask import Dask
from runner.processes.workspace import environment
from runner.snippets.catalog import ROOT, SNIPPETS
from tests.helpers.survivors import within

sys.path.append(str(SNIPPETS / "hosts"))
from three_hosts import Host, three_hosts

__all__ = ["cluster_on_hosts", "three_hosts"]

RELAY = Path(__file__).with_name("relay.py")


@dataclass(frozen=True)
class Cluster:
    """How one is started: a command on the head, one on both others; and how it looks then."""

    head: str
    other: str
    kind: Kind


CLUSTERS = {
    "dask": Cluster("dask scheduler", "dask worker head:8786 --nthreads 1", Dask(expected=2)),
}


@contextmanager
def cluster_on_hosts(name: str) -> Iterator[dict[str, Host]]:
    """Three hosts with a cluster of this kind, which answers on this machine, too."""
    cluster = CLUSTERS[name]
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile())
        stack.callback(lambda: [process.wait() for process in started])  # the hosts have ended
        hosts = stack.enter_context(three_hosts())
        for host in hosts.values():
            command = cluster.head if host.name == "head" else cluster.other
            env = environment(ROOT)
            started.append(host.start(command, env=env, stdout=log, stderr=log))
        started.append(stack.enter_context(forwarded(hosts["head"], cluster.kind.ports)))
        if not within(60, lambda: is_ready(cluster.kind)):
            log.seek(0)
            raise AssertionError(log.read().decode(errors="replace")[-5000:])
        yield hosts


def is_ready(kind: Kind) -> bool:
    status = kind.look()
    return status is not None and status.state == "ready"


@contextmanager
def forwarded(host: Host, ports: Sequence[int]) -> Iterator[subprocess.Popen[bytes]]:
    """Ports of a host, on loopback of this machine while the block and the host last."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server((HOST, port))) for port in ports]
        descriptors = [each.fileno() for each in listening]
        pairs = [f"{fd}:{port}" for fd, port in zip(descriptors, ports, strict=True)]
        command = host.command(sys.executable, str(RELAY), *pairs)
        yield subprocess.Popen(command, pass_fds=descriptors)


def main() -> int:
    """Run the command, and end with its status."""
    name, *command = sys.argv[1:]
    with cluster_on_hosts(name):
        return subprocess.run(command, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
