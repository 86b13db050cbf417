"""Start the service app.py, ask all it can do, and stop it."""

# snippet: needs dask, needs ray

import json
import os
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

APP = Path(__file__).with_name("app.py")
TEXT = "Divide the work. Share it out! Who then conquers it all?"
BACKENDS = "in-process", "dask", "ray"

with socket.create_server(("127.0.0.1", 0)) as free:
    PORT = free.getsockname()[1]


def ask(path: str, body: object = None) -> Any:
    """Return the JSON of a GET, or of a POST if there is a body."""
    request = Request(
        f"http://127.0.0.1:{PORT}{path}",
        None if body is None else json.dumps(body).encode(),
        {"Content-Type": "application/json"},
    )
    try:
        with urlopen(request, timeout=60) as answer:  # noqa: S310
            return json.load(answer)
    except HTTPError as error:
        error.add_note(error.read().decode())
        raise


def wait_for(service: subprocess.Popen[str]) -> None:
    while service.poll() is None:
        try:
            health = ask("/in-process/health")
            return print("service:   ", health["detail"])
        except (OSError, HTTPException):
            time.sleep(0.05)
    _, log = service.communicate()
    sys.exit(f"{APP} ended with {service.returncode}:\n{log}")


def load_unseen() -> tuple[Any, Any]:
    """Return images that the model has not learnt from, and digits."""
    from sklearn.datasets import load_digits

    pixels, digits = load_digits(return_X_y=True)
    return pixels[1_200:], digits[1_200:]


def predict(unseen: Any, shown: Any) -> None:
    """Have the images read by each, and compare with what they show."""
    body = {"images": unseen.tolist()}

    def read(backend: str) -> tuple[float, list[int]]:
        start = time.perf_counter()
        digits = ask(f"/{backend}/predict", body)["digits"]
        return time.perf_counter() - start, digits

    # Side by side: for its first answer, each has to learn.
    with ThreadPoolExecutor() as pool:
        first = list(pool.map(read, BACKENDS))
    then = list(map(read, BACKENDS))
    answers = []
    for backend, *times in zip(BACKENDS, first, then, strict=True):
        seconds = ", then ".join(f"{each:.2f} s" for each, _ in times)
        answers += (digits for _, digits in times)
        right = (shown == answers[-1]).mean()
        print(
            f"{backend + ':':11} {len(answers[-1])} read, "
            f"{right:.1%} right: {seconds}"
        )
    assert answers == [answers[0]] * 6
    assert right > 0.9


def tour() -> None:
    answers = []
    for backend in BACKENDS:
        square = ask(f"/{backend}/square", {"num": 12})["result"]
        letters = ask(f"/{backend}/letters", {"text": TEXT})["letters"]
        common = sorted(letters, key=letters.get, reverse=True)[:4]
        counts = ", ".join(f"{a} {letters[a]}" for a in common)
        print(f"{backend + ':':11} 12² = {square}; letters {counts} …")
        answers.append((square, letters))
    assert answers == [answers[0]] * 3
    assert answers[0][0] == 144
    assert sum(letters.values()) == sum(map(str.isalpha, TEXT))

    for engine in "dask", "ray":
        task = ask(f"/{engine}/tasks", {"num": 12})
        states = [task["state"]]
        while states[-1] == "pending":
            state = ask(f"/{engine}/tasks/{task['id']}")["state"]
            if state != states[-1]:
                states.append(state)
            time.sleep(0.02)
        result = ask(f"/{engine}/tasks/{task['id']}/result")["result"]
        progress = " → ".join([*states, str(result)])
        print(f"{engine + ' task:':11} {progress}")
        assert states == ["pending", "finished"]
        assert result == 144

    try:
        ask("/dask/tasks/00000000-0000-4000-8000-000000000000")
    except HTTPError as error:
        print("unknown id:", error.code, error.reason)
        assert error.code == 404
    else:
        raise AssertionError("a task was found that nobody submitted")


with subprocess.Popen(
    [sys.executable, APP],
    env=os.environ | {"SERVICE_PORT": str(PORT)},
    stdout=subprocess.DEVNULL,
    stderr=subprocess.PIPE,
    text=True,
) as service:
    try:
        images = load_unseen()  # takes seconds: the service starts too
        wait_for(service)
        predict(*images)
        tour()
    finally:
        service.terminate()
        service.wait()

print("stopped:    exit code", service.returncode)
assert service.returncode == 0
