"""The kinds of clusters: a module of this folder for each, and nothing else knows one by name.

A kind's module defines a subclass of `Kind` and `KIND`, the cluster on its default ports.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import pkgutil
import platform
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import ClassVar, Literal

HOST = "127.0.0.1"

State = Literal["starting", "ready", "down"]


@dataclass(frozen=True)
class Status:
    """How a cluster is, and one line that says more."""

    state: State
    detail: str


@dataclass(frozen=True)
class Command:
    """A process of a cluster: what to run, in which environment beyond ours, and where."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)
    directory: Path = Path()


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of cluster, and where one listens.

    Attributes:
        name: in ids and folders: snippets in `snippets/NAME/` need it.
        title: for people.
        package: whose version is kept in recordings.
        preload: module that an interpreter imports while it stands by.
        environment: what its programs find in their environment; what is none is taken out.
        unreachable: the line of a traceback that says the cluster could not be reached.
        heals: what it lacks once it was ready it starts again itself.
        farewell: in what its processes print, why they end, if that is not the last line.
        port: where programs connect.
        dashboard: where its dashboard is.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    package: ClassVar[str]
    preload: ClassVar[str]
    environment: ClassVar[Mapping[str, str | None]] = {}
    unreachable: ClassVar[re.Pattern[str]]
    heals: ClassVar[bool] = False
    farewell: ClassVar[re.Pattern[str] | None] = None

    port: int
    dashboard: int

    @property
    def ports(self) -> tuple[int, ...]:
        """All that must be free before it starts."""
        return self.port, self.dashboard

    @abstractmethod
    def look(self) -> Status | None:
        """How the cluster is, or None if nothing answers as one. Blocks for seconds at most."""

    def told_versions(self) -> Mapping[str, str]:
        """Of Python and of its package, as a cluster that answers tells them; empty: it does not.

        Blocks for seconds at most.
        """
        return {}

    def connection(self) -> Mapping[str, str]:
        """What its programs find in their environment beyond that, while a cluster of it is up.

        Blocks for seconds at most.
        """
        return {}

    def submission(self, program: str, text: str) -> list[str] | None:
        """The command that has a program run on the cluster's machines, if it cannot run here.

        Blocks for seconds at most.

        Args:
            program: its path in the folder in which the command will run.
            text: what is in it.
        """
        return None

    def doing(self) -> str:
        """What a cluster that is ready does now, such as "3 tasks"; empty: nothing that is known.

        Blocks for seconds at most.
        """
        return ""

    @abstractmethod
    def commands(self) -> tuple[Kind, list[Command]]:
        """The processes to start, and this kind with what was chosen for them filled in."""


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind that there is, by name, on its default ports."""
    modules = [
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    ]
    found: list[Kind] = [module.KIND for module in modules]
    return {kind.name: kind for kind in found}


@cache
def versions() -> Mapping[str, str]:
    """The versions of the packages of all kinds that are installed, by name of the package."""
    found = {}
    for kind in kinds().values():
        try:
            found[kind.package] = importlib.metadata.version(kind.package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def misfit(kind: Kind, told: Mapping[str, str]) -> str:
    """Why programs that run here would not get on with a cluster of these versions, if so.

    What is sent between them is pickled: each must understand what the other has written.
    """
    ours = {"python": platform.python_version(), kind.package: versions().get(kind.package, "")}
    wrong = [name for name in ours if told and _apart(name, ours[name], told.get(name, ""))]
    if not wrong:
        return ""
    theirs = " and ".join(f"{name.capitalize()} {told.get(name) or '?'}" for name in wrong)
    wanted = " and ".join(f"{name.capitalize()} {ours[name]}" for name in wrong)
    return f"it has {theirs}, its programs here {wanted}; start it with {wanted}"


def _apart(name: str, ours: str, theirs: str) -> bool:
    """Do these differ where it matters? Releases of Python that mend it do not."""
    parts = 2 if name == "python" else None
    return ours.split(".")[:parts] != theirs.split(".")[:parts]


def installed() -> list[Kind]:
    """The kinds whose package is."""
    return [kind for kind in kinds().values() if kind.package in versions()]
