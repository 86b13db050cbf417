"""The wire between the deck's pages and the runner: every message, in both directions.

    python -m runner.live.messages > engine/page/run/messages.d.ts

writes the same types for the page.
"""

from __future__ import annotations

import types
from typing import (
    Any,
    ClassVar,
    Literal,
    TypedDict,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from pydantic import BaseModel, ConfigDict, Field

from runner.clusters.kinds import State as ClusterState

State = Literal["waiting", "running", "exited"]
Reason = Literal["running", "unknown", "busy", "malformed", "edit"]
WIDTH = 100  # of a line, as the formatter has it
Blank = Literal["", "black", "white"]


class Cluster(TypedDict):
    """How a cluster is."""

    name: str
    title: str
    state: ClusterState
    detail: str
    doing: str  # such as "3 tasks"; empty: nothing that is known
    dashboard: str  # origin


class ClustersMessage(TypedDict):
    """All clusters, when a page comes and whenever one has changed."""

    type: Literal["clusters"]
    clusters: list[Cluster]


class RunMessage(TypedDict):
    """How a run is, when a page comes and whenever it has changed."""

    type: Literal["run"]
    run: str
    snippet: str
    state: State
    detail: str
    elapsed: float  # seconds
    status: int | None
    expected: int  # status
    columns: int
    rows: int
    asks: str | None  # the prepared line while it waits for one; "" if none is prepared
    fault: Literal["cluster"] | None
    edited: bool  # it is not what the repository has, so no recording proves it
    difference: str | None  # from its recording, "" for none; null until it was compared


class OutputMessage(TypedDict):
    """Some of what a run prints."""

    type: Literal["output"]
    run: str
    snippet: str
    data: str


class RefusedMessage(TypedDict):
    """What the page asked for was not done."""

    type: Literal["refused"]
    snippet: str
    reason: Reason
    detail: str


class FaultsMessage(TypedDict):
    """What is wrong with the deck that is shown, or else with the next, which was not built."""

    type: Literal["faults"]
    faults: list[str]
    shown: bool


class ReloadMessage(TypedDict):
    """There is a new deck."""

    type: Literal["reload"]


class StageMessage(TypedDict):
    """Where the talk is, for the pages of guests."""

    type: Literal["stage"]
    slide: int  # from 1
    step: int  # from 0
    blank: Blank  # what covers the projector
    talk: int | None  # milliseconds that it has taken; null for the audience
    ticking: bool  # it goes on


class GoMessage(TypedDict):
    """Where a phone wants the talk to be, for the speaker's pages."""

    type: Literal["go"]
    slide: int
    step: int
    blank: Blank


class Invitation(TypedDict):
    """An address that lets somebody in."""

    link: str
    code: str  # the same as a QR code: an SVG


class InvitationsMessage(TypedDict):
    """What the speaker's pages can show to be scanned; null is not offered."""

    type: Literal["invitations"]
    remote: Invitation | None
    audience: Invitation | None
    paired: bool  # a phone has been; the next needs to be asked for


Message = (
    ClustersMessage
    | RunMessage
    | OutputMessage
    | RefusedMessage
    | FaultsMessage
    | ReloadMessage
    | StageMessage
    | GoMessage
    | InvitationsMessage
)


class _Asked(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid")


class RunRequest(_Asked):
    """An id of the catalog, and code only if the speaker wants that.

    Attributes:
        restart: end the run of the snippet that there is.
        edits: code that stands in place of what slides show, by its import as in the deck:
            `ray/client.py#connect`.
        line: what is typed for a snippet that waits for one; none ends its input.
    """

    type: Literal["run", "stop", "answer"]
    snippet: str
    restart: bool = False
    edits: dict[str, str] = {}
    line: str | None = Field(None, max_length=1000, pattern=r"^[^\x00-\x1f\x7f]*$")


class StageRequest(_Asked):
    """Where the talk is in one of the speaker's pages.

    Attributes:
        turned: it is there now; otherwise it has connected there.
    """

    type: Literal["stage"]
    slide: int = Field(ge=1)
    step: int = Field(ge=0)
    blank: Blank
    talk: int = Field(ge=0)
    ticking: bool
    turned: bool


class InviteRequest(_Asked):
    """New codes to be scanned."""

    type: Literal["invite"]


class StartRequest(_Asked):
    """A cluster that is down is not to wait for its next start."""

    type: Literal["start"]
    cluster: str


class GoRequest(_Asked):
    """Where a phone wants the talk to be."""

    type: Literal["go"]
    slide: int = Field(ge=1)
    step: int = Field(ge=0)
    blank: Blank


class PhoneRunRequest(_Asked):
    """The little of `RunRequest` that a phone may ask for."""

    type: Literal["run", "stop"]
    snippet: str
    restart: Literal[False] = False


Request = RunRequest | StageRequest | InviteRequest | StartRequest | GoRequest


def typescript() -> str:
    """The declarations of all messages for the page."""
    lines = ["// Written by runner/live/messages.py, which says what each is for.", ""]
    for part in (Cluster, Invitation, *get_args(Message), *get_args(Request)):
        lines.append(f"export interface {part.__name__} {{")
        for name, hint in get_type_hints(part).items():
            if get_origin(hint) is not ClassVar:
                lines.append(f"  {name}{_mark(part, name)}: {_type(hint)};")
        lines += ["}", ""]
    for union, parts in {"Message": Message, "Request": Request}.items():
        names = [part.__name__ for part in get_args(parts)]
        line = f"export type {union} = {' | '.join(names)};"
        broken = "\n  | ".join([f"export type {union} =", *names]) + ";"
        lines += [line if len(line) <= WIDTH else broken, ""]
    return "\n".join(lines)


def _mark(part: type, name: str) -> str:
    is_optional = issubclass(part, BaseModel) and not part.model_fields[name].is_required()
    return "?" if is_optional else ""


def _type(hint: Any) -> str:
    if is_typeddict(hint):
        return str(hint.__name__)
    if get_origin(hint) is Literal:
        return " | ".join(f"'{value}'" for value in get_args(hint))
    if get_origin(hint) is list:
        return f"{_type(get_args(hint)[0])}[]"
    if get_origin(hint) in (Union, types.UnionType):
        return " | ".join(map(_type, get_args(hint)))
    if get_origin(hint) is dict:
        return f"Record<{', '.join(map(_type, get_args(hint)))}>"
    names = {str: "string", int: "number", float: "number", bool: "boolean", type(None): "null"}
    return names[hint]


if __name__ == "__main__":
    print(typescript(), end="")
