"""Ray: https://www.ray.io/"""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from runner.clusters.kinds import HOST, Command, Kind, Status
from runner.clusters.ports import PROBE_SECONDS, ask, beside_python, free_port, speaks_http2
from runner.snippets.catalog import SNIPPETS

ENVIRONMENT = {
    # Without it some connections to ray:// die after 40 s (ray-project/ray#63202).
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    # Explicit, or a token that some local ray.init() has left behind would be demanded.
    "RAY_AUTH_MODE": "disabled",
    # The reader's own settings name another cluster.
    "RAY_ADDRESS": None,
    "RAY_API_SERVER_ADDRESS": None,
    # Ray replaces --node-ip-address 127.0.0.1 by the machine's outside address and listens there.
    # Told that clusters of machines are not wanted, which is its default on macOS and Windows,
    # every part of it keeps to loopback, and no program says that there is no network.
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
    # Of a worker that has died it tells some time later, so that no output would come again.
    "RAY_DEDUP_LOGS_SKIP_REGEX": r"^(A worker died or was killed|Task \S+ failed)",
}

DRIVER = re.compile(r"\bray\.init\((?!\s*[\"'])")
JOB = Path(__file__).resolve().parents[1] / "ray_job.py"


@dataclass(frozen=True)
class Ray(Kind):
    """A head with its client server, and its dashboard, which takes jobs."""

    name = "ray"
    title = "Ray"
    package = "ray"
    preload = "ray"
    environment = ENVIRONMENT
    unreachable = re.compile(
        r"^(?:[\w.]+\.)?(?:MaxRetryError|.*Failed to connect to Ray).*$", re.MULTILINE
    )

    # After it comes the end of that part's log.
    farewell = re.compile(r"\w+ \[exit code=-?\d+\]")

    port: int = 10001
    dashboard: int = 8265
    cpus: int = 2
    agent: int | None = None  # known only for a head that we start

    def look(self) -> Status | None:
        version = ask(self.dashboard, "/api/version")
        if not (isinstance(version, dict) and "ray_version" in version):
            return None
        if not speaks_http2(self.port):
            return Status("starting", f"no client server on {HOST}:{self.port} yet")
        # Jobs are refused until the head's agent is up, seconds after the dashboard.
        if self.agent and ask(self.agent, "/api/local_raylet_healthz") != "success":
            return Status("starting", "the agent that runs jobs is not ready yet")
        if self.agent and not self.address():
            return Status("starting", "the dashboard does not know its node yet")
        alive = sum(node.get("state") == "ALIVE" for node in self._nodes())
        on = f", {alive} nodes" if alive > 1 else ""
        return Status("ready", f"{HOST}:{self.port}{on}")

    def told_versions(self) -> Mapping[str, str]:
        told = ask(self.dashboard, "/api/v0/cluster_metadata")
        try:
            data = told["data"]  # type: ignore[index]
            return {"python": data["pythonVersion"], self.package: data["rayVersion"]}
        except (TypeError, KeyError):
            return {}

    def connection(self) -> Mapping[str, str]:
        # This comes before the address that a program gives to the jobs' API, and before the other.
        jobs = {"RAY_API_SERVER_ADDRESS": f"http://localhost:{self.dashboard}"}
        address = self.address()
        return jobs | {"RAY_ADDRESS": address} if address else jobs

    def submission(self, program: str, text: str) -> list[str] | None:
        # One that names an address is a client of the head, from anywhere.
        if not (program.endswith(".py") and DRIVER.search(text)):
            return None
        if not self._node() or self.address():
            return None
        return ["python", str(JOB), f"http://{HOST}:{self.dashboard}", program]

    def address(self) -> str | None:
        """Where `ray.init()` finds the head, if that is on this machine.

        A program that is not a job needs the sockets of a node, which are on the node's machine.
        """
        try:
            node = self._node()
            # `ray start` writes it there, for programs that are told of no address.
            address = Path(node["tempDir"], "ray_current_cluster").read_text(encoding="utf-8")
            host, _, port = address.strip().rpartition(":")
            # Where the dashboard is a forwarded port, this file may be that of another head.
            if Path(node["rayletSocketName"]).exists():
                socket.create_connection((host, int(port)), PROBE_SECONDS).close()
                return address.strip()
        except (KeyError, ValueError, OSError):
            pass
        return None

    def _node(self) -> dict[str, Any]:
        """What the dashboard tells of the head's node, nothing as long as it does not know it."""
        return next((node for node in self._nodes() if node.get("isHeadNode")), {})

    def _nodes(self) -> list[dict[str, Any]]:
        told = ask(self.dashboard, "/nodes?view=summary")
        try:
            return [node["raylet"] for node in told["data"]["summary"]]  # type: ignore[index]
        except (TypeError, KeyError):
            return []

    def doing(self) -> str:
        # As its dashboard shows it, which is told every five seconds.
        told = ask(self.dashboard, "/api/cluster_status?format=0")
        try:
            report = told["data"]["clusterStatus"]["loadMetricsReport"]  # type: ignore[index]
            used, cpus = report["usage"]["CPU"]
            return f"{used:g} of {cpus:g} CPUs" if used else ""
        except (TypeError, KeyError, ValueError):
            return ""

    def commands(self) -> tuple[Ray, list[Command]]:
        agent = free_port()
        head = [beside_python("ray"), "start", "--head", "--block", "--num-cpus", str(self.cpus)]
        head += ["--ray-client-server-port", str(self.port)]
        head += ["--dashboard-host", HOST, "--dashboard-port", str(self.dashboard)]
        # Any free ports: another head on this machine, or a Redis on 6379, must not disturb ours.
        head += ["--port", "0", "--min-worker-port", "0", "--max-worker-port", "0"]
        head += ["--dashboard-agent-listen-port", str(agent)]
        environment = {
            **{name: value or "" for name, value in ENVIRONMENT.items()},
            # A job's `python` is this one, with the packages.
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")]),
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        # A job without --working-dir runs where the head was started: beside the slide's script.
        directory = SNIPPETS / "ray" if (SNIPPETS / "ray").is_dir() else SNIPPETS
        return replace(self, agent=agent), [Command(head, environment, directory)]


KIND = Ray()
