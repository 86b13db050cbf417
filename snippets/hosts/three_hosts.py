"""Three hosts on one computer: head, one and two, joined by a switch.

To the kernel each is a machine of its own, with its own network, name,
processes and temporary files: a set of namespaces. These exist only
while processes are in them, so nothing of the hosts can outlive the
program that made them. They need Linux, and its leave, but no rights.
"""

# snippet: part

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import sleep
from typing import Any, Literal

ADDRESSES = {"head": "10.0.0.1", "one": "10.0.0.2", "two": "10.0.0.3"}
NAMES = "127.0.0.1 localhost" + "".join(
    f"\n{address} {name}" for name, address in ADDRESSES.items()
)
ON_HOST = "ON_HOST"  # in the environment of what runs on one: its name

UNSHARE = "unshare --net --mount --pid --mount-proc --fork --kill-child"
ENTER = "nsenter --preserve-credentials --user --net --mount --pid"

# Both end when their input does, however that comes; and with the first
# process in PID namespaces the kernel ends all others that are there.
# region switch
SWITCH = """
mount -t tmpfs tmpfs /run
mkdir /run/netns /run/tmp
echo "$0" > /run/hosts
mount --bind /run/hosts /etc/hosts
touch /run/netns/switch
mount --bind /proc/self/ns/net /run/netns/switch
ip link add switch type bridge
ip link set switch up
echo ready
exec cat
"""
# endregion switch
# region host
HOST = """
hostname "$0"
mount -t tmpfs tmpfs /run/tmp
mount -t tmpfs tmpfs /dev/shm
ip -n switch link add "$0" type veth peer name eth0 netns 1
ip -n switch link set "$0" master switch up
ip address add "$1/24" dev eth0
ip link set eth0 up
ip link set lo up
echo ready
exec cat
"""
# endregion host


class NoHostsError(Exception):
    """This computer cannot be three; the message says why."""


@dataclass(frozen=True)
class Host:
    """One of the three, and the id, here, of its first process."""

    name: str
    pid: int

    def command(self, *command: str) -> list[str]:
        """Return what runs a command there, in the same folder."""
        there = [f"--target={self.pid}", "env", f"--chdir={Path.cwd()}"]
        there += [f"{ON_HOST}={self.name}"]
        there += ["TMPDIR=/run/tmp", "RAY_TMPDIR=/run/tmp"]
        there += ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER=1"]  # not loopback
        return [*ENTER.split(), "--uts", *there, *command]

    def start(
        self, command: str, **options: Any
    ) -> subprocess.Popen[bytes]:
        """Start a program there that is installed beside Python."""
        name, *arguments = command.split()
        program = str(Path(sys.executable).with_name(name))
        there = self.command(program, *arguments)
        return subprocess.Popen(
            there, stdin=subprocess.DEVNULL, **options
        )

    def listens(self, port: int) -> bool:
        """Look whether a server has begun to listen there."""
        network = Path(f"/proc/{self.pid}/net")
        tables = [network / "tcp", network / "tcp6"]
        lines = "".join(table.read_text() for table in tables)
        return bool(re.search(rf":{port:04X} \S+ 0A ", lines))

    def set_link(self, state: Literal["up", "down"]) -> None:
        """Plug it into the switch, or out: others then hear nothing."""
        link = f"ip -n switch link set {self.name} {state}"
        subprocess.run(self.command(*link.split()), check=True)

    def kill(self) -> None:
        """End all its processes at once, as a power cut does."""
        os.kill(self.pid, signal.SIGKILL)


@contextmanager
def three_hosts() -> Iterator[dict[str, Host]]:
    """Make the hosts, by name; leaving the block ends all on them.

    Raises:
        NoHostsError: they cannot be made here.
    """
    with ExitStack() as stack:
        namespaces = f"{UNSHARE} --user --map-root-user"
        switch = stack.enter_context(begun(namespaces, SWITCH, NAMES))
        namespaces = f"{ENTER} --target={switch} {UNSHARE} --uts"
        hosts = {}
        for name, address in ADDRESSES.items():
            script = begun(namespaces, HOST, name, address)
            hosts[name] = Host(name, stack.enter_context(script))
        yield hosts


@contextmanager
def begun(namespaces: str, script: str, *values: str) -> Iterator[int]:
    """Run a script in new namespaces while in the block; its pid."""
    try:
        process = subprocess.Popen(
            [*namespaces.split(), "sh", "-ec", script, *values],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    except FileNotFoundError as error:
        raise NoHostsError(
            "three hosts on one computer need Linux with util-linux "
            f"and iproute2: there is no {error.filename} here"
        ) from error
    with process:  # closes its input, and waits for its end
        assert process.stdout
        assert process.stderr
        if process.stdout.readline() != "ready\n":
            raise NoHostsError(
                "three hosts on one computer need util-linux, iproute2 "
                f"and namespaces: {process.stderr.read().strip()}"
            )
        yield innermost(process.pid)


def innermost(pid: int) -> int:
    """Return the last one in a chain of processes."""
    children = Path(f"/proc/{pid}/task/{pid}/children")
    while child := children.read_text():
        children = Path(
            f"/proc/{int(child)}/task/{int(child)}/children"
        )
        pid = int(child)
    return pid


def continue_on_head(
    head: str, worker: str, settings: Mapping[str, str]
) -> None:
    """Make the hosts, start a cluster on them, and go on on its head.

    Args:
        head: the command that runs on the head.
        worker: the command that runs on both others.
        settings: environment of the cluster and the program.
    """
    if ON_HOST in os.environ:
        return
    os.environ.update(settings)
    port = int(worker.partition("head:")[2].split()[0])
    try:
        with three_hosts() as hosts, tempfile.TemporaryFile() as log:
            here = {"stdout": log, "stderr": log}
            first = hosts["head"].start(head, **here)
            while not (hosts["head"].listens(port) or first.poll()):
                sleep(0.02)
            for name in ("one", "two"):
                hosts[name].start(worker, **here)
            again = [sys.executable, *sys.orig_argv[1:]]
            there = hosts["head"].command(*again)
            status = subprocess.run(there, check=False).returncode
            if status:
                log.seek(0)
                sys.stderr.buffer.write(log.read()[-2000:])
                sys.stderr.flush()
    except NoHostsError as error:
        sys.exit(str(error))
    os._exit(status)  # all has been done over there
