"""The talk's service, as a process of its own, against real clusters."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx2 as httpx
import psutil
import pytest
from dask.distributed import Client, Event
from fastapi.openapi.models import OpenAPI

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
def running_service(**addresses: str) -> Iterator[Service]:
    """Run the service on a free port; leaving the block ends it."""
    with kept_port() as port:
        process = subprocess.Popen(
            [sys.executable, FOLDER / "app.py"],
            env=os.environ | addresses | {"SERVICE_PORT": str(port)},
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60) as client:
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


def test_only_the_last_thousand_tasks_are_kept(service: Service) -> None:
    first = service.post("/dask/tasks", num=0).headers["location"]
    for num in range(999):
        last = service.post("/dask/tasks", num=num).headers["location"]
    assert service.get(first).status_code == 200
    service.post("/dask/tasks", num=1000)
    assert service.get(first).status_code == 404
    assert service.get(last).status_code == 200


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

        gate.shut()
        lost = lone.post(f"/{engine}/square", num=3)
        assert lost.status_code == 503
        assert REMEDIES[engine] in lost.json()["detail"]

        gate.open()
        back = lone.post(f"/{engine}/square", num=3)
        assert back.json() == {"num": 3, "result": 9}
        assert lone.stop(signal.SIGTERM) == 0


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


def test_requests_that_come_together_share_one_connection() -> None:
    with running_service() as fresh, ThreadPoolExecutor() as pool:
        answers = pool.map(lambda num: fresh.post("/ray/square", num=num), range(5))
        assert [answer.json()["result"] for answer in answers] == [0, 1, 4, 9, 16]
        assert len(peers(fresh, 10001)) == 1


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
            assert "503" in promised or path in {"/health", "/{engine}/tasks/{task}"}
    for name, model in schema["components"]["schemas"].items():
        if name in {"Number", "Text", "Square", "TaskResult", "LetterCounts"}:
            shown = [p for p, prop in model["properties"].items() if "examples" not in prop]
            assert set(shown) <= {"id"}, f"{name} has no example for {shown}"
    assert "swagger" in service.client.get("/", follow_redirects=True).text.lower()
