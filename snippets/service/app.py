"""A service that does the same jobs in process, on Dask and on Ray.

Start it with `python snippets/service/app.py`, read its documentation
at http://127.0.0.1:8000/docs, stop it with Ctrl-C. The environment
may set what settings.py lists: where the clusters are, and limits.
"""

# snippet: part, port 8000

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Awaitable
from contextlib import ExitStack, asynccontextmanager
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID, uuid4

import uvicorn
from backends import (
    Backend,
    BackendDownError,
    BusyError,
    Dask,
    InProcess,
    Ray,
)
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import (
    JSONResponse,
    PlainTextResponse,
    RedirectResponse,
)
from jobs import (
    add_counts,
    count_letters,
    read_digits,
    split_sentences,
    square_number,
    train,
)
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel, Field
from settings import SETTINGS

# region backends
BACKENDS: dict[str, Backend] = {
    "in-process": InProcess(),
    "dask": Dask(SETTINGS.dask),
    "ray": Ray(SETTINGS.ray),
}
# endregion backends

TASKS: dict[tuple[str, UUID], asyncio.Future[int]] = {}


class Number(BaseModel):
    """A number to square."""

    num: int = Field(
        strict=True, ge=-1_000_000, le=1_000_000, examples=[2]
    )


class Square(Number):
    """A number and its square."""

    result: int = Field(examples=[4])


class Text(BaseModel):
    """A text whose letters are to be counted."""

    text: str = Field(
        min_length=1,
        max_length=10_000,
        examples=["Divide the work. Then conquer it!"],
    )


class LetterCounts(BaseModel):
    """How often each letter occurs, whatever its case."""

    sentences: int = Field(
        description="How many were counted in parallel.", examples=[2]
    )
    letters: dict[str, int] = Field(
        description="In alphabetical order.",
        examples=[{"c": 1, "d": 2, "e": 4}],
    )


Pixel = Annotated[float, Field(ge=0, le=16)]


class Images(BaseModel):
    """Images of handwritten digits, 8 x 8 pixels each."""

    images: list[
        Annotated[list[Pixel], Field(min_length=64, max_length=64)]
    ] = Field(min_length=1, max_length=1_000, examples=[[[0.0] * 64]])


class Digits(BaseModel):
    """What the model reads in the images, in their order."""

    digits: list[int] = Field(examples=[[4]])


class TaskState(StrEnum):
    """How far a submitted task has come."""

    PENDING = "pending"
    FINISHED = "finished"
    FAILED = "failed"


class Task(BaseModel):
    """A task that an engine has been given."""

    id: UUID
    state: TaskState


class TaskResult(BaseModel):
    """What a finished task returned."""

    id: UUID
    result: int = Field(examples=[4])


class Health(BaseModel):
    """Whether a backend can do the work, and who in it would."""

    ready: bool
    detail: str = Field(
        description="Who would do the work, or what is wrong.",
        examples=["2 workers"],
    )


class Problem(BaseModel):
    """What is wrong, and the remedy."""

    detail: str


Responses = dict[int | str, dict[str, Any]]
DOWN: Responses = {
    503: {"model": Problem, "description": "The backend is down"}
}
BUSY: Responses = {
    429: {
        "model": Problem,
        "description": "The backend has enough to do",
        "headers": {
            "Retry-After": {
                "description": "Seconds to wait before the next try.",
                "schema": {"type": "integer", "minimum": 0},
            }
        },
    }
}
NO_TEXT: Responses = {
    400: {"model": Problem, "description": "The body is no text"}
}
UNKNOWN: Responses = {
    404: {"model": Problem, "description": "No task has this id"}
}
UNFINISHED: Responses = {
    409: {"model": Problem, "description": "It has not finished yet"}
}


@asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    """Let go of the clusters when the service stops."""
    yield
    for backend in BACKENDS.values():
        await backend.close()


app = FastAPI(
    title="One service, three backends",
    summary="The same jobs done in process, on Dask and on Ray.",
    version="1.0.0",
    lifespan=lifespan,
    openapi_tags=[
        {"name": "jobs", "description": "Ask, wait, get the answer."},
        {"name": "tasks", "description": "Submit now, fetch later."},
        {"name": "health", "description": "Who would do the work."},
        {"name": "metrics", "description": "What has been done."},
    ],
)

BackendName = Literal["in-process", "dask", "ray"]
EngineName = Literal["dask", "ray"]


def named_backend(backend: BackendName) -> Backend:
    """Return the backend that the path names."""
    return BACKENDS[backend]


async def backend_with_room(
    backend: BackendName,
) -> AsyncIterator[Backend]:
    """Keep a place in the named backend's queue until the answer."""
    with BACKENDS[backend].place():
        yield BACKENDS[backend]


Named = Annotated[Backend, Depends(named_backend)]
Chosen = Annotated[Backend, Depends(backend_with_room)]


@app.exception_handler(BackendDownError)
async def backend_down(_: Request, error: Exception) -> JSONResponse:
    """Answer 503 with the remedy."""
    return JSONResponse({"detail": str(error)}, status_code=503)


@app.exception_handler(BusyError)
async def backend_busy(_: Request, error: Exception) -> JSONResponse:
    """Answer 429; our jobs take milliseconds, so a second will do."""
    return JSONResponse(
        {"detail": str(error)}, 429, headers={"Retry-After": "1"}
    )


@app.exception_handler(RequestValidationError)
async def bad_input(
    _: Request, error: RequestValidationError
) -> JSONResponse:
    """Answer 422, without the input, which may be no text."""
    faults = [
        {name: fault[name] for name in ("type", "loc", "msg")}
        for fault in error.errors()
    ]
    return JSONResponse({"detail": faults}, status_code=422)


@app.get("/", include_in_schema=False)
async def documentation() -> RedirectResponse:
    """Lead a browser to the documentation."""
    return RedirectResponse("/docs")


@app.post(
    "/{backend}/square",
    tags=["jobs"],
    responses=NO_TEXT | BUSY | DOWN,
)
async def square(backend: Chosen, number: Number) -> Square:
    """Square a number and wait for the result."""
    # region square
    async with backend.available():
        future = await backend.submit(square_number, number.num)
        result = await future
    # endregion square
    return Square(num=number.num, result=result)


@app.post(
    "/{backend}/letters",
    tags=["jobs"],
    responses=NO_TEXT | BUSY | DOWN,
)
async def letters(backend: Chosen, text: Text) -> LetterCounts:
    """Count the letters of each sentence, then add the counts."""
    sentences = split_sentences(text.text)
    # region letters
    async with backend.available():
        counts = [
            await backend.submit(count_letters, sentence)
            for sentence in sentences
        ]
        total = await backend.submit(add_counts, *counts)
        letters = await total
    # endregion letters
    return LetterCounts(
        sentences=len(sentences), letters=dict(sorted(letters.items()))
    )


@app.post(
    "/{backend}/predict",
    tags=["jobs"],
    responses=NO_TEXT | BUSY | DOWN,
)
async def predict(backend: Chosen, images: Images) -> Digits:
    """Read digits with a model that is trained once, where it is."""
    # region predict
    async with backend.available():
        model = await backend.once(train)
        future = await backend.submit(read_digits, model, images.images)
        digits = await future
    # endregion predict
    return Digits(digits=digits)


@app.post(
    "/{engine}/tasks",
    status_code=202,
    tags=["tasks"],
    responses=NO_TEXT | BUSY | DOWN,
)
async def submit(
    engine: EngineName, number: Number, response: Response
) -> Task:
    """Submit the squaring of a number and return at once."""
    backend, task = BACKENDS[engine], uuid4()
    # region submit
    with ExitStack() as stack:
        stack.enter_context(backend.place())
        async with backend.available():
            future = await backend.submit(square_number, number.num)
        TASKS[engine, task] = asyncio.create_task(
            fetch(backend, future, stack.pop_all())
        )
    # endregion submit
    forget_the_oldest()
    response.headers["Location"] = f"/{engine}/tasks/{task}"
    return Task(id=task, state=TaskState.PENDING)


async def fetch(
    backend: Backend, future: Awaitable[int], place: ExitStack
) -> int:
    """Wait for a result as long as it takes, then free its place."""
    with place:
        async with backend.available(seconds=None):
            return await future


def forget_the_oldest() -> None:
    """Keep the newest results; what has none yet has its place."""
    done = [key for key, future in TASKS.items() if future.done()]
    for key in done[: max(0, len(TASKS) - SETTINGS.tasks_kept)]:
        del TASKS[key]


def known_task(engine: EngineName, task: UUID) -> asyncio.Future[int]:
    """Return the future that the path names; 404 if there is none."""
    try:
        return TASKS[engine, task]
    except KeyError:
        raise HTTPException(
            404,
            f"no task {task} on {engine}; submit one with POST "
            f"/{engine}/tasks, the last {SETTINGS.tasks_kept} are kept",
        ) from None


Known = Annotated[asyncio.Future[int], Depends(known_task)]


@app.get("/{engine}/tasks/{task}", tags=["tasks"], responses=UNKNOWN)
async def status(task: UUID, future: Known) -> Task:
    """Look how far a task has come."""
    # region status
    if not future.done():
        state = TaskState.PENDING
    elif future.exception():
        state = TaskState.FAILED
    else:
        state = TaskState.FINISHED
    # endregion status
    return Task(id=task, state=state)


@app.get(
    "/{engine}/tasks/{task}/result",
    tags=["tasks"],
    responses=UNKNOWN | UNFINISHED | DOWN,
)
async def result(task: UUID, future: Known) -> TaskResult:
    """Fetch what a finished task returned."""
    if not future.done():
        raise HTTPException(
            409, f"task {task} has not finished; ask again later"
        )
    return TaskResult(id=task, result=future.result())


@app.get("/{backend}/health", tags=["health"], responses=DOWN)
async def backend_health(backend: Named) -> Health:
    """Ask one backend who would do the work."""
    async with backend.available():
        return Health(ready=True, detail=await backend.health())


@app.get("/health", tags=["health"])
async def health() -> dict[str, Health]:
    """Ask every backend; one that is down says what to do."""

    async def ask(backend: Backend) -> Health:
        try:
            return await backend_health(backend)
        except BackendDownError as error:
            return Health(ready=False, detail=str(error))

    states = await asyncio.gather(*map(ask, BACKENDS.values()))
    return dict(zip(BACKENDS, states, strict=True))


@app.get("/metrics", tags=["metrics"], response_class=PlainTextResponse)
async def metrics() -> Response:
    """Tell Prometheus what waits, and how long the work took."""
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)


def main() -> None:
    """Serve until Ctrl-C or SIGTERM."""
    # uvicorn stops in order, then sends itself the signal once more.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    uvicorn.run(
        app,
        host=SETTINGS.host,
        port=SETTINGS.port,
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main()
