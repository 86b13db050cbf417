"""Clusters on three hosts, with the ports of their head forwarded to this machine.

    python -m tests.talk.hosts dask COMMAND…

runs a command while such a cluster of Dask answers here, on the default ports.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, chdir, contextmanager
from dataclasses import dataclass
from pathlib import Path

from runner.clusters.kinds import HOST, Kind, kinds
from runner.processes.workspace import environment
from runner.snippets.catalog import ROOT, SNIPPETS
from tests.helpers.survivors import within

sys.path.append(str(SNIPPETS / "hosts"))
from three_hosts import Host, three_hosts

__all__ = ["cluster_on_hosts", "three_hosts"]

RELAY = Path(__file__).with_name("relay.py")


@dataclass(frozen=True)
class Cluster:
    """How one is started: a command on the head, one on both others; what it then says it has."""

    head: str
    other: str
    has: str


CLUSTERS = {
    "dask": Cluster("dask scheduler", "dask worker head:8786 --nthreads 1", "2 workers"),
    "ray": Cluster(
        "ray start --head --num-cpus 0 --block",
        "ray start --address head:6379 --num-cpus 1 --block",
        "3 nodes",
    ),
}


@contextmanager
def cluster_on_hosts(name: str) -> Iterator[dict[str, Host]]:
    """Three hosts with a cluster of this kind, which answers on this machine, too."""
    cluster, kind = CLUSTERS[name], kinds()[name]
    started: list[subprocess.Popen[bytes]] = []
    with ExitStack() as stack:
        log = stack.enter_context(tempfile.TemporaryFile())
        stack.callback(lambda: [process.wait() for process in started])  # the hosts have ended
        hosts = stack.enter_context(three_hosts())
        started.append(
            stack.enter_context(forwarded(hosts["head"], {port: port for port in kind.ports}))
        )

        def start(host: Host, command: str) -> None:
            # Nodes that start together on two cores take longer than Ray's 30 seconds.
            env = {**environment(ROOT), "RAY_raylet_start_wait_time_s": "120"}
            started.append(host.start(command, env=env, stdout=log, stderr=log))

        # A job without a working directory runs where the head was started.
        with chdir(SNIPPETS / name):
            start(hosts["head"], cluster.head)
        if within(60, lambda: kind.look() is not None):  # nodes of Ray give up without a head
            start(hosts["one"], cluster.other)
            start(hosts["two"], cluster.other)
        if not within(150, lambda: has(kind, cluster.has)):
            log.seek(0)
            raise AssertionError(log.read().decode(errors="replace")[-5000:])
        yield hosts


def has(kind: Kind, what: str) -> bool:
    status = kind.look()
    return status is not None and status.state == "ready" and what in status.detail


@contextmanager
def forwarded(host: Host, ports: Mapping[int, int]) -> Iterator[subprocess.Popen[bytes]]:
    """Ports on loopback of this machine lead to ports of a host, while block and host last."""
    with ExitStack() as stack:
        listening = [stack.enter_context(socket.create_server((HOST, port))) for port in ports]
        descriptors = [each.fileno() for each in listening]
        pairs = [f"{fd}:{port}" for fd, port in zip(descriptors, ports.values(), strict=True)]
        command = host.command(sys.executable, str(RELAY), *pairs)
        yield subprocess.Popen(command, pass_fds=descriptors)


def main() -> int:
    """Run the command, and end with its status."""
    name, *command = sys.argv[1:]
    with cluster_on_hosts(name):
        status = subprocess.run(command, check=False).returncode
        if not has(kinds()[name], CLUSTERS[name].has):
            sys.exit("the cluster is no longer whole, so the command has not shown what it should")
        return status


if __name__ == "__main__":
    sys.exit(main())
