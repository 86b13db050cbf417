"""Ray: https://www.ray.io/"""

from __future__ import annotations

import os
import re
import sys
from dataclasses import dataclass, replace
from pathlib import Path

from runner.clusters.kinds import HOST, Command, Kind, Status
from runner.clusters.ports import ask, beside_python, free_port, speaks_http2
from runner.snippets.catalog import SNIPPETS

ENVIRONMENT = {
    # Without it some connections to ray:// die after 40 s (ray-project/ray#63202).
    "GRPC_ENABLE_FORK_SUPPORT": "0",
    # Explicit, or a token that some local ray.init() has left behind would be demanded.
    "RAY_AUTH_MODE": "disabled",
    # The reader's own setting names another cluster.
    "RAY_ADDRESS": None,
}


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
        return Status("ready", f"{HOST}:{self.port}, Ray {version['ray_version']}")

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
            # Ray replaces --node-ip-address 127.0.0.1 by the machine's outside address and listens
            # there. Told that clusters of machines are not wanted, which is its default on macOS
            # and Windows, every part of it keeps to loopback.
            "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",
            "RAY_USAGE_STATS_ENABLED": "0",
        }
        # A job without --working-dir runs where the head was started: beside the slide's script.
        directory = SNIPPETS / "ray" if (SNIPPETS / "ray").is_dir() else SNIPPETS
        return replace(self, agent=agent), [Command(head, environment, directory)]


KIND = Ray()
