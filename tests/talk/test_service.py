"""The talk's service, as a process of its own, against real clusters."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from math import nan
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import httpx2 as httpx
import jsonschema
import psutil
import pytest
from dask.distributed import Client, Event
from fastapi.openapi.models import OpenAPI
from hypothesis import given
from hypothesis import strategies as st

from runner.clusters.ports import beside_python
from runner.snippets.catalog import SNIPPETS
from tests.helpers.fuzz import attempt, lengths
from tests.helpers.survivors import alive, within

FOLDER = Path(__file__).parents[2] / "snippets" / "service"
BACKENDS = ["in-process", "dask", "ray"]
ENGINES = ["dask", "ray"]
REMEDIES = {"dask": "dask scheduler", "ray": "ray start --head"}

# Four answers; a client that is left to itself tries for half a minute before the first.
AT_ONCE_SECONDS = 30

pytestmark = pytest.mark.usefixtures("dask_cluster", "ray_cluster")


@contextmanager
def kept_port() -> Iterator[int]:
    """A port on loopback where nobody listens but the test's own servers.

    Linux lets a server that sets SO_REUSEADDR, as all do, listen beside a socket that is bound in
    the same way and does not listen; who looks for a free port does not get it. Elsewhere the port
    is only free at first.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        port: int = keeper.getsockname()[1]
        if sys.platform != "linux":
            keeper.close()
        yield port


@dataclass(frozen=True)
class Service:
    """A running service: its process, and a client that speaks to it."""

    process: subprocess.Popen[bytes]
    client: httpx.Client

    def post(self, path: str, **body: Any) -> httpx.Response:
        return self.client.post(path, json=body)

    def get(self, path: str) -> httpx.Response:
        return self.client.get(path)

    def stop(self, signum: int) -> int:
        """Send a signal and return the exit code."""
        self.process.send_signal(signum)
        return self.process.wait(timeout=60)


@contextmanager
def running_service(*arguments: str, **settings: str) -> Iterator[Service]:
    """Run the service on a free port; leaving the block ends it.

    Args:
        arguments: for the interpreter, instead of the path of the service.
        settings: what its environment says besides.
    """
    with kept_port() as port:
        process = subprocess.Popen(
            [sys.executable, *(arguments or [FOLDER / "app.py"])],
            env=os.environ | settings | {"SERVICE_PORT": str(port)},
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=90) as client:
                service = Service(process, client)
                wait_until_serving(service)
                yield service
        finally:
            process.kill()
            process.wait()


def wait_until_serving(service: Service) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert service.process.poll() is None, "the service ended while starting"
        try:
            service.get("/openapi.json")
            return
        except httpx.ConnectError:
            time.sleep(0.05)
    raise AssertionError("the service does not serve after 60 s")


def result_of(service: Service, location: str) -> httpx.Response:
    """Ask for a result until the task has left the state pending."""
    assert within(60, lambda: service.get(location).json()["state"] != "pending")
    return service.get(f"{location}/result")


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    with running_service() as running:
        yield running


@pytest.fixture(scope="module")
def stranded() -> Iterator[Service]:
    """A service whose clusters are addresses where nobody listens."""
    with (
        kept_port() as dask,
        kept_port() as ray,
        running_service(
            SERVICE_DASK=f"localhost:{dask}", SERVICE_RAY=f"ray://localhost:{ray}"
        ) as running,
    ):
        yield running


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize(("num", "result"), [(2, 4), (0, 0), (-1000, 1_000_000)])
def test_every_backend_squares_a_number(
    service: Service, backend: str, num: int, result: int
) -> None:
    answer = service.post(f"/{backend}/square", num=num)
    assert answer.status_code == 200
    assert answer.json() == {"num": num, "result": result}


@pytest.mark.parametrize("backend", BACKENDS)
def test_every_backend_counts_the_letters_of_every_sentence(service: Service, backend: str) -> None:
    answer = service.post(f"/{backend}/letters", text="Čau, Dask! Čau, Ray? 2 jobs.")
    assert answer.json() == {
        "sentences": 3,
        "letters": {
            "a": 4, "b": 1, "d": 1, "j": 1, "k": 1, "o": 1, "r": 1, "s": 2, "u": 2, "y": 1, "č": 2,
        },
    }  # fmt: skip
    assert list(answer.json()["letters"]) == sorted(answer.json()["letters"])


def test_engines_count_a_long_text_as_this_process_does(service: Service) -> None:
    text = (FOLDER / "app.py").read_text(encoding="utf-8")[:8_000].replace("\n\n", ".\n")
    here, *elsewhere = (service.post(f"/{b}/letters", text=text).json() for b in BACKENDS)
    assert here["sentences"] > 40
    assert elsewhere == [here, here]


def test_every_backend_reads_digits_alike_and_mostly_right(service: Service) -> None:
    from sklearn.datasets import load_digits  # noqa: PLC0415 it takes each process seconds

    images, digits = (part[1_200:1_300] for part in load_digits(return_X_y=True))
    here, *elsewhere = (
        service.post(f"/{backend}/predict", images=images.tolist()).json()["digits"]
        for backend in BACKENDS
    )
    assert elsewhere == [here, here]
    assert (digits == here).mean() > 0.9


@pytest.mark.parametrize("engine", ENGINES)
def test_a_submitted_task_is_fetched_by_its_id(service: Service, engine: str) -> None:
    submitted = service.post(f"/{engine}/tasks", num=12)
    assert submitted.status_code == 202
    assert submitted.json()["state"] == "pending"
    assert submitted.headers["location"] == f"/{engine}/tasks/{submitted.json()['id']}"

    fetched = result_of(service, submitted.headers["location"])
    assert fetched.json() == {"id": submitted.json()["id"], "result": 144}
    assert service.get(submitted.headers["location"]).json()["state"] == "finished"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("suffix", ["", "/result"])
def test_an_unknown_id_is_not_found(service: Service, engine: str, suffix: str) -> None:
    task = uuid4()
    answer = service.get(f"/{engine}/tasks/{task}{suffix}")
    assert answer.status_code == 404
    assert f"no task {task} on {engine}" in answer.json()["detail"]
    assert f"POST /{engine}/tasks" in answer.json()["detail"]


def test_a_task_of_one_engine_is_unknown_to_the_other(service: Service) -> None:
    task = service.post("/dask/tasks", num=2).json()["id"]
    assert service.get(f"/dask/tasks/{task}").status_code == 200
    assert service.get(f"/ray/tasks/{task}").status_code == 404


# The service, but squaring a number takes until a file is there, and computes all that time.
SLOW = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
import jobs
def square_slowly(num):
    from pathlib import Path
    while not Path("{{go}}").exists():
        sum(range(10_000))
    return num * num
jobs.square_number = square_slowly
import app
app.main()
"""


@dataclass(frozen=True)
class Held:
    """A service that squares no number before it is let go."""

    service: Service
    go: Path
    pool: ThreadPoolExecutor

    def ask(self, backend: str, num: int) -> Future[httpx.Response]:
        """Ask in the background for a square; return when the service has the request in work."""
        before = waiting(self.service, backend)
        answer = self.pool.submit(self.service.post, f"/{backend}/square", num=num)
        assert within(60, lambda: waiting(self.service, backend) == before + 1)
        return answer


@pytest.fixture(scope="module")
def slow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Held]:
    """For each of its backends two requests are enough, and it keeps three results."""
    go = tmp_path_factory.mktemp("slow") / "go"
    settings = {"SERVICE_WAITING": "2", "SERVICE_TASKS_KEPT": "3"}
    with (
        running_service("-c", SLOW.format(go=go), **settings) as service,
        ThreadPoolExecutor() as pool,
    ):
        try:
            yield Held(service, go, pool)
        finally:
            go.touch()


@pytest.fixture
def held(slow: Held) -> Iterator[Held]:
    """It has nothing to do."""
    slow.go.unlink(missing_ok=True)
    try:
        yield slow
    finally:
        slow.go.touch()
        assert within(60, lambda: not any(waiting(slow.service, each) for each in BACKENDS))


def waiting(service: Service, backend: str) -> float:
    """How many requests wait for a backend, as its metrics tell."""
    name = "this process" if backend == "in-process" else backend.capitalize()
    found = re.search(
        rf'^service_waiting{{backend="{name}"}} (.+)$', service.get("/metrics").text, re.MULTILINE
    )
    return float(found[1]) if found else 0


def test_a_job_that_computes_in_process_does_not_hold_up_the_others(held: Held) -> None:
    """Though their clusters are connected only then."""
    slow = held.ask("in-process", 12)
    assert all(state["ready"] for state in held.service.get("/health").json().values())
    assert held.service.post("/dask/letters", text="Not so slow!").json()["sentences"] == 1
    assert not slow.done()
    held.go.touch()
    assert slow.result(60).json()["result"] == 144


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_that_has_enough_to_do_takes_no_more(held: Held, backend: str) -> None:
    answers = [held.ask(backend, 2), held.ask(backend, 3)]
    refused = [held.service.post(f"/{backend}/square", num=4)]
    if backend in ENGINES:
        refused.append(held.service.post(f"/{backend}/tasks", num=4))
    for answer in refused:
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0
        assert "ask again later" in answer.json()["detail"]
    assert held.service.get("/health").json()[backend]["ready"]
    other = "dask" if backend == "ray" else "ray"
    elsewhere = held.service.post(f"/{other}/letters", text="Go there!")
    assert elsewhere.status_code == 200, elsewhere.text

    held.go.touch()
    assert [answer.result(60).json()["result"] for answer in answers] == [4, 9]
    assert held.service.post(f"/{backend}/square", num=4).json()["result"] == 16


@pytest.mark.parametrize("engine", ENGINES)
def test_a_submitted_task_has_its_place_until_it_is_done(held: Held, engine: str) -> None:
    first, second = (held.service.post(f"/{engine}/tasks", num=num) for num in (2, 3))
    assert held.service.post(f"/{engine}/tasks", num=4).status_code == 429
    held.go.touch()
    for task, result in (first, 4), (second, 9):
        assert result_of(held.service, task.headers["location"]).json()["result"] == result
    assert held.service.post(f"/{engine}/tasks", num=4).status_code == 202


def test_only_the_last_results_are_kept(held: Held) -> None:
    held.go.touch()
    tasks = []
    for num in range(4):
        tasks.append(held.service.post("/dask/tasks", num=num).headers["location"])
        assert result_of(held.service, tasks[-1]).json()["result"] == num * num
    assert [held.service.get(task).status_code for task in tasks] == [404, 200, 200, 200]


def test_metrics_tell_what_waits_what_was_refused_and_how_long_it_took(held: Held) -> None:
    def told(*, missing: float) -> list[float]:
        answer = held.service.get("/metrics")
        assert answer.headers["content-type"].startswith("text/plain; version=")
        names = "service_waiting", "service_refused_total", "service_seconds_count"
        patterns = [rf'^{name}{{backend="this process"}} (.+)$' for name in names]
        found = [re.search(pattern, answer.text, re.MULTILINE) for pattern in patterns]
        return [float(each[1]) if each else missing for each in found]

    before = told(missing=0)
    answers = [held.ask("in-process", 2), held.ask("in-process", 3)]
    held.service.post("/in-process/square", num=4)
    held.go.touch()
    wait(answers)
    after = told(missing=nan)
    assert [now - then for now, then in zip(after, before, strict=True)] == [0, 1, 2]


def test_settings_that_are_wrong_are_named() -> None:
    ended = subprocess.run(
        [sys.executable, FOLDER / "app.py"],
        env=os.environ
        | {"SERVICE_PORT": "http", "SERVICE_RAY": "head:10001", "SERVICE_WAITING": "0"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    port, ray, queue = ended.stderr.splitlines()
    assert port.startswith("SERVICE_PORT=http: Input should be a valid integer")
    assert ray == "SERVICE_RAY=head:10001: String should match pattern '^ray://'"
    assert queue.startswith("SERVICE_WAITING=0: Input should be greater than or equal to 1")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/in-process/square", {}),
        ("/in-process/square", {"num": "2"}),
        ("/dask/square", {"num": 2.5}),
        ("/ray/square", {"num": True}),
        ("/ray/tasks", {"num": 1_000_001}),
        ("/dask/letters", {"text": ""}),
        ("/ray/letters", {"text": "a" * 10_001}),
        ("/dask/predict", {"images": [[0.0] * 63]}),
        ("/ray/predict", {"images": [[17.0] * 64]}),
        ("/spark/square", {"num": 2}),
        ("/in-process/tasks", {"num": 2}),
    ],
)
def test_bad_input_is_refused(service: Service, path: str, body: dict[str, Any]) -> None:
    answer = service.client.post(path, json=body)
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["msg"]


def test_a_malformed_id_is_bad_input(service: Service) -> None:
    assert service.get("/dask/tasks/17").status_code == 422


@pytest.mark.parametrize(("type", "status"), [("application/json", 400), ("text/plain", 422)])
def test_a_body_that_is_no_text_is_bad_input(service: Service, type: str, status: int) -> None:
    """And it is not sent back."""
    body, headers = b"\xdf", {"Content-Type": type}
    answer = service.client.post("/in-process/square", content=body, headers=headers)
    assert answer.status_code == status
    assert "input" not in answer.text


def test_health_names_who_would_do_the_work(service: Service) -> None:
    health = service.get("/health").json()
    assert list(health) == BACKENDS
    assert all(state["ready"] for state in health.values())
    assert health["dask"]["detail"].endswith("workers")
    assert health["ray"]["detail"].endswith("CPUs")
    for backend in BACKENDS:
        assert service.get(f"/{backend}/health").json() == health[backend]


@pytest.mark.alone
@pytest.mark.parametrize("engine", ENGINES)
def test_a_backend_that_is_down_is_unavailable_at_once_and_says_the_remedy(
    stranded: Service, engine: str
) -> None:
    start = time.monotonic()
    answers = [
        stranded.post(f"/{engine}/square", num=2),
        stranded.post(f"/{engine}/letters", text="Who is there?"),
        stranded.post(f"/{engine}/tasks", num=2),
        stranded.get(f"/{engine}/health"),
    ]
    assert time.monotonic() - start < AT_ONCE_SECONDS
    assert [answer.status_code for answer in answers] == [503] * 4
    for answer in answers:
        assert "localhost:" in answer.json()["detail"]
        assert REMEDIES[engine] in answer.json()["detail"]


def test_the_rest_works_while_clusters_are_down(stranded: Service) -> None:
    assert stranded.post("/in-process/square", num=2).json()["result"] == 4
    health = stranded.get("/health")
    assert health.status_code == 200
    ready = {name: state["ready"] for name, state in health.json().items()}
    assert ready == {"in-process": True, "dask": False, "ray": False}


@dataclass
class Gate:
    """Passes bytes on to a cluster's port until it is shut; may reopen."""

    target: int
    port: int
    sockets: list[socket.socket] = field(default_factory=list)  # what shutting shuts
    lock: threading.Lock = field(default_factory=threading.Lock)

    def open(self) -> None:
        listener = socket.create_server(("127.0.0.1", self.port))
        self.sockets.append(listener)
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def shut(self) -> None:
        with self.lock:
            for each in self.sockets:
                shut_down(each)
                each.close()
            self.sockets.clear()

    def _accept(self, listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                inner, _ = listener.accept()
                outer = socket.create_connection(("127.0.0.1", self.target))
                with self.lock:
                    if not self.sockets:  # shut since it was accepted
                        inner.close()
                        outer.close()
                        return
                    self.sockets += [inner, outer]
                for pair in (inner, outer), (outer, inner):
                    threading.Thread(target=pass_on, args=pair, daemon=True).start()


@contextmanager
def gate_to(target: int) -> Iterator[Gate]:
    """A gate to a cluster's port, open at first; leaving the block shuts it."""
    with kept_port() as port:
        gate = Gate(target, port)
        gate.open()
        try:
            yield gate
        finally:
            gate.shut()


def pass_on(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    shut_down(sink)


def shut_down(half: socket.socket) -> None:
    with suppress(OSError):
        half.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(("engine", "target"), [("dask", 8786), ("ray", 10001)])
def test_a_lost_cluster_is_reported_and_connected_again_when_it_is_back(
    engine: str, target: int
) -> None:
    scheme = "ray://" if engine == "ray" else ""
    with (
        gate_to(target) as gate,
        running_service(**{f"SERVICE_{engine.upper()}": f"{scheme}127.0.0.1:{gate.port}"}) as lone,
    ):
        assert lone.post(f"/{engine}/square", num=2).json()["result"] == 4
        read = lone.post(f"/{engine}/predict", images=[[0] * 64]).raise_for_status().json()

        gate.shut()
        lost = lone.post(f"/{engine}/square", num=3)
        assert lost.status_code == 503
        assert REMEDIES[engine] in lost.json()["detail"]

        gate.open()
        back = lone.post(f"/{engine}/square", num=3)
        assert back.json() == {"num": 3, "result": 9}
        # The model that was there went with the connection.
        assert lone.post(f"/{engine}/predict", images=[[0] * 64]).json() == read
        assert lone.stop(signal.SIGTERM) == 0


@contextmanager
def private_dask(port: int) -> Iterator[Client]:
    """A client of a scheduler and a worker; leaving the block kills both, as a crash would."""
    address, dask = f"127.0.0.1:{port}", beside_python("dask")
    scheduler = [dask, "scheduler", "--host", address, "--no-dashboard"]
    worker = [dask, "worker", address, "--no-nanny", "--no-dashboard"]
    with ExitStack() as stack:
        for command in scheduler, worker:
            process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
            stack.callback(process.wait)
            stack.callback(process.kill)
        with Client(address, timeout=60) as client:
            client.wait_for_workers(1, timeout=60)
            yield client


def clients(client: Client) -> int:
    """How many clients its scheduler has, the one who asks among them."""
    known: list[str] = client.run_on_scheduler(lambda dask_scheduler: [*dask_scheduler.clients])
    return sum(name.startswith("Client-") for name in known)


@pytest.mark.parametrize("asked", [True, False], ids=["asked meanwhile", "not asked meanwhile"])
def test_a_scheduler_that_is_killed_and_started_again_is_used(asked: bool) -> None:
    # A worker that has just started is slow to import scikit-learn where the machine is busy.
    settings = {"SERVICE_ANSWER_SECONDS": "80"}
    with (
        kept_port() as port,
        running_service(SERVICE_DASK=f"127.0.0.1:{port}", **settings) as lone,
    ):
        with private_dask(port):
            assert lone.post("/dask/square", num=2).json()["result"] == 4
            read = lone.post("/dask/predict", images=[[0] * 64]).raise_for_status().json()
        if asked:
            assert lone.post("/dask/square", num=3).status_code == 503
        with private_dask(port) as client:
            # Not asked meanwhile, the service's client finds the new one by itself.
            assert asked or within(60, lambda: clients(client) == 2)
            assert lone.post("/dask/square", num=3).json()["result"] == 9
            assert lone.post("/dask/predict", images=[[0] * 64]).json() == read
            assert lone.get("/dask/health").json()["detail"] == "1 workers"


def test_a_result_that_is_lost_with_its_cluster_is_unavailable() -> None:
    with gate_to(8786) as gate, running_service(SERVICE_DASK=f"127.0.0.1:{gate.port}") as lone:
        assert lone.get("/dask/health").status_code == 200
        with Client("localhost:8786") as client:
            go = Event(f"go-{uuid4()}", client)
            busy = client.map(Event.wait, [go] * sum(client.nthreads().values()), pure=False)
            assert within(60, lambda: sum(map(len, client.processing().values())) >= len(busy))
            location = lone.post("/dask/tasks", num=77).headers["location"]
            unfinished = lone.get(f"{location}/result")
            gate.shut()
            go.set()
            client.gather(busy)
        assert unfinished.status_code == 409
        assert "ask again" in unfinished.json()["detail"]

        lost = result_of(lone, location)
        assert lone.get(location).json()["state"] == "failed"
        assert lost.status_code == 503
        assert REMEDIES["dask"] in lost.json()["detail"]


@pytest.mark.long
@pytest.mark.parametrize("backend", BACKENDS)
def test_every_one_of_many_requests_is_answered_or_refused(service: Service, backend: str) -> None:
    """Four times as many at once as have room."""

    async def ask_all() -> list[httpx.Response]:
        limits = httpx.Limits(max_connections=None)
        url = service.client.base_url
        async with httpx.AsyncClient(base_url=url, limits=limits, timeout=60) as client:
            asked = [client.post(f"/{backend}/square", json={"num": num}) for num in range(400)]
            return await asyncio.gather(*asked)

    assert service.get(f"/{backend}/health").status_code == 200
    answers = asyncio.run(ask_all())
    statuses = Counter(answer.status_code for answer in answers)
    assert set(statuses) <= {200, 429}
    assert statuses[200] >= 100
    for num, answer in enumerate(answers):
        if answer.status_code == 200:
            assert answer.json() == {"num": num, "result": num**2}
        else:
            assert answer.headers["retry-after"]
    assert waiting(service, backend) == 0


# The service, but to train its model leaves a line in a file.
TELLING = f"""
import sys
sys.path.insert(0, {str(FOLDER)!r})
import jobs
train = jobs.train
def train_and_tell():
    with open({{told!r}}, "a") as file:
        print("trained", file=file)
    return train()
jobs.train = train_and_tell
import app
app.main()
"""


def test_requests_that_come_together_share_one_connection_and_one_model(tmp_path: Path) -> None:
    told = tmp_path / "told"
    program = TELLING.format(told=str(told))
    with running_service("-c", program) as fresh, ThreadPoolExecutor() as pool:
        answers = pool.map(lambda num: fresh.post("/ray/square", num=num), range(5))
        assert [answer.json()["result"] for answer in answers] == [0, 1, 4, 9, 16]
        assert len(peers(fresh, 10001)) == 1
        answers = pool.map(lambda _: fresh.post("/ray/predict", images=[[0.0] * 64]), range(5))
        assert [answer.status_code for answer in answers] == [200] * 5
    assert told.read_text() == "trained\n"


def peers(service: Service, port: int) -> list[Any]:
    """Return the service's connections to a port."""
    process = psutil.Process(service.process.pid)
    return [c for c in process.net_connections() if c.raddr and c.raddr.port == port]


def test_no_cluster_is_connected_before_it_is_needed() -> None:
    with running_service() as fresh:
        assert fresh.post("/in-process/square", num=2).json()["result"] == 4
        assert peers(fresh, 8786) == peers(fresh, 10001) == []
        fresh.get("/dask/health")
        assert peers(fresh, 8786)
        assert peers(fresh, 10001) == []


@pytest.mark.parametrize("signum", [signal.SIGINT, signal.SIGTERM])
def test_it_stops_cleanly_after_using_both_engines(signum: int) -> None:
    with running_service() as fresh:
        for engine in ENGINES:
            assert fresh.post(f"/{engine}/square", num=2).json()["result"] == 4
        children = psutil.Process(fresh.process.pid).children(recursive=True)
        assert fresh.stop(signum) == 0
        assert within(60, lambda: not alive(children))


def test_it_listens_on_loopback_only(service: Service) -> None:
    connections = psutil.Process(service.process.pid).net_connections()
    listening = [c.laddr.ip for c in connections if c.status == psutil.CONN_LISTEN]
    assert listening == ["127.0.0.1"]


def test_a_port_that_is_taken_is_an_error_which_names_it() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = subprocess.run(
            [sys.executable, FOLDER / "app.py"],
            env=os.environ | {"SERVICE_PORT": str(port)},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert ended.returncode != 0
    assert str(port) in ended.stderr
    assert "already in use" in ended.stderr


def test_the_documentation_is_valid_and_tells_every_answer(service: Service) -> None:
    schema = service.get("/openapi.json").json()
    OpenAPI.model_validate(schema)
    tags = {tag["name"] for tag in schema["tags"]}
    for path, operations in schema["paths"].items():
        for operation in operations.values():
            assert operation["summary"]
            assert operation["description"].endswith(".")
            assert set(operation["tags"]) <= tags
            promised = set(operation["responses"])
            assert ("404" in promised) == ("{task}" in path)
            offline = {"/health", "/metrics", "/{engine}/tasks/{task}"}
            assert "503" in promised or path in offline
            busy = operation["responses"].get("429")
            assert bool(busy) == ("requestBody" in operation)
            assert not busy or "Retry-After" in busy["headers"]
    for name, model in schema["components"]["schemas"].items():
        if name in {"Number", "Text", "Square", "TaskResult", "LetterCounts"}:
            shown = [p for p, prop in model["properties"].items() if "examples" not in prop]
            assert set(shown) <= {"id"}, f"{name} has no example for {shown}"
    assert "swagger" in service.client.get("/", follow_redirects=True).text.lower()


JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=5,
)
BODIES = st.one_of(
    st.builds(lambda name, value: {name: value}, st.sampled_from(["num", "text", "images"]), JSON),
    st.builds(lambda num: {"num": num}, st.integers(-1_000_001, 1_000_001)),
    st.builds(lambda text: {"text": text}, st.text("aB .!?\u00df\u0130\ud800\x00", max_size=60)),
    JSON,
).map(lambda body: json.dumps(body).encode()) | st.binary(max_size=30)
NAMES = st.one_of(st.sampled_from([*BACKENDS, "spark"]), st.text(max_size=5))
IDS = st.one_of(st.uuids().map(str), st.text(max_size=5))
TYPES = st.sampled_from(["application/json", "text/plain", "application/json; charset=x", ""])


@pytest.mark.parametrize("examples", lengths(40, 2000))
def test_any_request_is_answered_as_documented(service: Service, examples: int) -> None:
    """Whatever is asked of any path: no other status, and a body as its schema has it."""
    schema = service.get("/openapi.json").json()
    operations = [
        (method, path, operation)
        for path, methods in schema["paths"].items()
        for method, operation in methods.items()
    ]

    @given(st.sampled_from(operations), NAMES, IDS, BODIES, TYPES)
    def holds(
        operation: tuple[str, str, dict[str, Any]], name: str, id: str, body: bytes, type: str
    ) -> None:
        method, path, documented = operation
        url = path.format(
            backend=quote(name, safe=""), engine=quote(name, safe=""), task=quote(id, safe="")
        )
        answer = service.client.request(
            method, url, content=body, headers={"Content-Type": type} if type else {}
        )
        if any("/" in part or part in {"", ".", ".."} for part in (name, id)):
            assert answer.status_code < 500  # another path than the documented
            return
        response = documented["responses"].get(str(answer.status_code))
        assert response, f"{method} {url} answered {answer.status_code}: {answer.text}"
        content = response.get("content", {}).get("application/json")
        if content:
            told = content["schema"] | {"components": schema["components"]}
            jsonschema.validate(answer.json(), told)

    attempt(holds, examples)


def test_it_reads_with_the_model_of_the_slides() -> None:
    """It stands alone, so it trains one of its own, which must be the same."""
    program = (
        "import digits, jobs; "
        "models = digits.train(), jobs.train(); "
        "one, other = (model.get_params() for model in models); "
        "assert one == other; "  # of data that can be told apart, C changes nothing below
        "one, other = (model.decision_function(digits.pixels) for model in models); "
        "assert (one == other).all()"
    )
    folders = os.pathsep.join(str(SNIPPETS / name) for name in ("model", "service"))
    command = [sys.executable, "-c", program]
    subprocess.run(command, env=os.environ | {"PYTHONPATH": folders}, check=True)
