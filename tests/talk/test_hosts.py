"""On three hosts of one computer: what runs on one machine runs on several, and survives one.

To the kernel they are machines (`snippets/hosts/three_hosts.py`). The clusters are started by the
engines' own commands, and reached as from a laptop: ports of the head are forwarded to loopback.
"""

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from uuid import uuid4

import asyncssh
import psutil
import pytest

from runner.clusters.keeper import Clusters
from runner.clusters.kinds import HOST
from runner.clusters.kinds.dask import Dask
from runner.clusters.ports import free_port
from runner.processes.namespaces import lacking
from runner.processes.workspace import environment
from runner.recordings.recording import load
from runner.snippets.catalog import ROOT, SNIPPETS, Snippet, runnable
from runner.tunnel import tunnel
from tests.helpers.offline import OFFLINE
from tests.helpers.survivors import within
from tests.talk.hosts import forwarded, three_hosts
from tests.talk.test_offline import PROGRAMS
from tests.talk.test_snippets import ONE_MACHINE

pytestmark = [
    pytest.mark.long,
    pytest.mark.alone,
    pytest.mark.timeout(900),
    pytest.mark.skipif(bool(lacking()), reason=lacking()),
]

ENGINES = ["dask", "ray"]
LOSERS = [Snippet(f"hosts/{engine}_loses_a_host.py") for engine in ENGINES]

SSH_SERVER = Path(__file__).with_name("ssh_server.py")

# Print the names of the hosts on which tasks run.
ON_DASK = """
from socket import gethostname
from time import sleep
from dask.distributed import Client

def nap_somewhere(_):
    sleep(0.1)
    return gethostname()

with Client("localhost:8786") as client:
    print(*sorted(set(client.gather(client.map(nap_somewhere, range(20))))))
"""
ON_RAY = """
from socket import gethostname
from time import sleep
import ray

@ray.remote
def nap_somewhere():
    sleep(0.1)
    return gethostname()

ray.init("ray://localhost:10001", log_to_driver=False)
print(*sorted(set(ray.get([nap_somewhere.remote() for _ in range(20)]))))
"""
NAMES = {"dask": ON_DASK, "ray": ON_RAY}


OVER_SSH = """
import sys
from dask.distributed import Client, SSHCluster
from socket import gethostname
from time import sleep

def nap_somewhere(_):
    sleep(0.1)
    return gethostname()

keys = sys.argv[1]
with (
    SSHCluster(
        ["head", "one", "two"],
        connect_options={
            "username": "speaker",
            "client_keys": [f"{keys}/client"],
            "known_hosts": f"{keys}/known_hosts",
            "agent_path": None,
            "config": None,
        },
        worker_options={"nthreads": 1},
        scheduler_options={"port": 0, "dashboard_address": ":0"},
    ) as cluster,
    Client(cluster) as client,
):
    client.wait_for_workers(2)
    print(*sorted(set(client.gather(client.map(nap_somewhere, range(20))))))
"""


def run_beside(engine: str, *command: str) -> str:
    """Run a command of Python where a cluster on three hosts answers; what it printed."""
    python = [sys.executable, "-m"]
    run = subprocess.run(
        [*OFFLINE, *python, "tests.talk.hosts", engine, sys.executable, *command],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout


@pytest.mark.parametrize("engine", ENGINES)
def test_tasks_run_on_both_hosts_that_have_workers(engine: str) -> None:
    assert run_beside(engine, "-c", NAMES[engine]) == "one two\n"


@pytest.mark.parametrize("engine", ENGINES)
def test_every_snippet_of_one_engine_prints_its_recording(engine: str) -> None:
    """The test of each, which finds the cluster where it would start its own."""
    ids = [s.id for s in runnable() if s.needs == (engine,) and s.id not in ONE_MACHINE]
    assert ids
    run_beside(engine, "-m", "pytest", "-q", *names_of(ids))


def test_what_is_left_out_there_fails_there() -> None:
    """Or it could be taken in again."""
    program = "import pytest, sys; pytest.main(sys.argv[1:])"
    ids = [id for id in ONE_MACHINE if "ray" in Snippet(id).needs]
    printed = run_beside("ray", "-c", program, "-q", *names_of(ids))
    assert f"{len(ids)} failed in" in printed


def names_of(ids: Iterable[str]) -> list[str]:
    """Names of the tests that run these snippets."""
    return [f"tests/talk/test_snippets.py::{PROGRAMS}[{id}]" for id in ids]


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """A folder with keys of servers and a client, made for one test."""
    for name in ("host", "client"):
        key = asyncssh.generate_private_key("ssh-ed25519")
        key.write_private_key(tmp_path / name)
        key.write_public_key(tmp_path / f"{name}.pub")
    host = (tmp_path / "host.pub").read_text(encoding="utf-8")
    (tmp_path / "known_hosts").write_text(f"head,one,two {host}", encoding="utf-8")
    return tmp_path


def test_dask_starts_a_cluster_over_ssh(keys: Path) -> None:
    """`SSHCluster` does, from the head, where an SSH server runs on each host."""
    with ExitStack() as ended, three_hosts() as hosts:
        for host in hosts.values():
            server = host.start(f"python {SSH_SERVER} {keys}")
            ended.callback(server.wait)
        assert within(60, lambda: all(host.listens(22) for host in hosts.values()))
        program = hosts["head"].command(sys.executable, "-c", OVER_SSH, str(keys))
        run = subprocess.run(program, capture_output=True, text=True, check=False)
    assert run.returncode == 0, run.stderr
    assert run.stdout == "one two\n"


def test_a_speaker_reaches_the_head_over_ssh(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`npm start -- --ssh head`: the cluster is attached to, and runs tasks on both hosts."""
    entrance, port, dashboard = (free_port() for _ in range(3))
    dask = Dask(port, dashboard)
    (keys / ".ssh").mkdir()
    (keys / ".ssh" / "config").write_text(
        f"Host head\n HostName {HOST}\n Port {entrance}\n User speaker\n"
        f" IdentityFile {keys}/client\n UserKnownHostsFile {keys}/known_hosts\n",
        encoding="utf-8",
    )
    host = (keys / "host.pub").read_text(encoding="utf-8")
    (keys / "known_hosts").write_text(f"[{HOST}]:{entrance} {host}", encoding="utf-8")
    monkeypatch.setenv("HOME", str(keys))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)

    async def names() -> str:
        async with (
            tunnel("head", dask.ports, lambda _: None),
            Clusters(dask, start=False) as clusters,
        ):
            async for statuses in clusters.changes():
                if "2 workers on 2 hosts" in statuses["dask"].detail:
                    break
            program = ON_DASK.replace("8786", str(port))
            run = [sys.executable, "-c", program]
            return (await asyncio.to_thread(subprocess.check_output, run)).decode()

    with ExitStack() as ended, three_hosts() as hosts:
        scheduler = f"dask scheduler --port {port} --dashboard-address :{dashboard}"
        worker = f"dask worker head:{port} --nthreads 1"
        started = [
            hosts["head"].start(f"python {SSH_SERVER} {keys}"),
            hosts["head"].start(scheduler),
            *(hosts[name].start(worker) for name in ("one", "two")),
            ended.enter_context(forwarded(hosts["head"], {entrance: 22})),
        ]
        ended.callback(lambda: [process.wait() for process in started])
        assert within(60, lambda: all(map(hosts["head"].listens, (22, port, dashboard))))
        assert asyncio.run(names()) == "one two\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the snippets that lose a host, in which the host is not cut off."""
    folder = tmp_path / "hosts"
    shutil.copytree(SNIPPETS / "hosts", folder)
    for snippet in LOSERS:
        program = tmp_path / snippet.id
        text = program.read_text(encoding="utf-8")
        cut_off = 'CUT_OFF = "ip -n switch link set one down"\n'
        assert cut_off in text
        program.write_text(text.replace(cut_off, 'CUT_OFF = "true"\n'), encoding="utf-8")
    return tmp_path


@contextmanager
def halfway(program: Path, mark: str, temporary: Path) -> Iterator[subprocess.Popen[str]]:
    """A program which has just said that a host is cut off, whose processes bear a mark."""
    env = {**environment(ROOT), "TMPDIR": str(temporary), "MARK": mark}
    with subprocess.Popen(
        [sys.executable, program], env=env, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        printed = ""
        while not printed.endswith("cut off"):
            character = process.stdout.read(1)
            assert character, printed
            printed += character
        try:
            yield process
        finally:
            process.kill()


def marked(mark: str) -> list[psutil.Process]:
    """The processes that bear a mark, so what a program started and what that did, anywhere."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if process.environ().get("MARK") == mark:
                found.append(process)
    return found


@pytest.mark.parametrize("snippet", LOSERS, ids=str)
def test_a_host_that_is_killed_is_as_good_as_cut_off(
    copy: Path, tmp_path: Path, snippet: Snippet
) -> None:
    mark = str(uuid4())
    with halfway(copy / snippet.id, mark, tmp_path) as process:
        commands = [(each, each.cmdline()) for each in marked(mark)]
        [one] = [
            each for each, command in commands if command[0] == "unshare" and command[-2] == "one"
        ]
        one.kill()  # the kernel ends its first process with it, and all others with that
        rest, _ = process.communicate()
    assert process.returncode == 0
    recorded = load(snippet).text.replace("\r", "")
    assert rest == recorded.partition("cut off")[2]


@pytest.mark.parametrize("snippet", LOSERS, ids=str)
def test_nothing_is_left_of_one_that_is_killed_in_the_middle(
    tmp_path: Path, snippet: Snippet
) -> None:
    mark = str(uuid4())
    links = subprocess.check_output(["ip", "link"])
    with halfway(snippet.path, mark, tmp_path) as process:
        assert len(marked(mark)) > 10
        process.kill()
    assert within(10, lambda: not marked(mark))
    assert list(tmp_path.iterdir()) == []
    assert subprocess.check_output(["ip", "link"]) == links
    assert subprocess.check_output(["ip", "netns"]) == b""
