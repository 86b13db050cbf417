"""Who may use a server of ours: a browser that has opened one of its links."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import socket
import stat
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil
from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response
from starlette.types import Scope

from runner.clusters.kinds import HOST

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that is read as another
CODE = 10  # letters of a guest's code: 49 bits
PENANCE = 1.0  # seconds that a wrong code waits for its answer
TRIES = 5  # wrong codes of one address, after which it is shut out
SHUT_OUT = 60.0  # seconds, from its last one
TRIES_OF_ALL = (
    50  # wrong codes of all addresses, after which no code is taken until there is a new one
)
KNOWN_SECONDS = 12 * 3600  # a phone that was put away all day is known still
PROTOCOL = "deck"  # of our WebSockets


@dataclass(frozen=True)
class Keys:
    """By what a browser is known: a cookie shows it the deck, and a key has it run, too.

    A cookie goes to every port of its host, and so to whatever listens there. The key is kept by
    our page (engine/page/run/runner.mjs), and browsers show it to no page of another port.

    Attributes:
        of_before: an earlier start has given them away already.
    """

    cookie: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    of_before: bool = field(default=False, compare=False)

    @classmethod
    def kept(cls, file: Path) -> Keys:
        """Those of the last start, if it was today; otherwise new ones, for the next.

        A file that others may read, or have written, is no secret and not read. Where none can be
        written the keys are good for this start alone.
        """
        with suppress(OSError, ValueError, TypeError):
            descriptor = os.open(file, os.O_RDONLY | os.O_NOFOLLOW)
            with open(descriptor, encoding="utf-8") as opened:  # noqa: PTH123 a descriptor has no path
                about = os.fstat(descriptor)
                is_ours = about.st_uid == os.getuid() and not stat.S_IMODE(about.st_mode) & 0o077
                if is_ours and 0 <= time.time() - about.st_mtime < KNOWN_SECONDS:
                    keys = cls(**json.load(opened), of_before=True)
                    os.utime(descriptor)
                    return keys
        keys = cls()
        with suppress(OSError):
            file.parent.mkdir(mode=0o700, exist_ok=True)
            file.unlink(missing_ok=True)
            descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with open(descriptor, "w", encoding="utf-8") as created:  # noqa: PTH123
                json.dump({"cookie": keys.cookie, "key": keys.key}, created)
        return keys


@dataclass
class Access:
    """The links that let browsers in, and the keys by which they are known from then on.

    A link works once, since addresses end up in histories and process lists. It is exchanged for
    keys. Another browser needs another `link()`.

    Attributes:
        keep: the folder where the keys are kept for the next start; none: they end with this one.
    """

    port: int
    name: str = "deck"
    keep: Path | None = None
    _tokens: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.keys = Keys.kept(self.keep / self.cookie) if self.keep else Keys()

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not tell ports apart, so it does."""
        return f"{self.name}-{self.port}"

    @property
    def hosts(self) -> tuple[str, ...]:
        """What may stand in the Host header: a name that leads elsewhere has been rebound."""
        return (f"{HOST}:{self.port}", f"localhost:{self.port}")

    @property
    def origins(self) -> tuple[str, ...]:
        """What may stand in the Origin header: our own pages."""
        return tuple(f"http://{host}" for host in self.hosts)

    def hosts_of(self, _: Scope) -> tuple[str, ...]:
        """Those of a connection."""
        return self.hosts

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        return f"http://{self.hosts[0]}/?token={self._token(secrets.token_urlsafe(32))}"

    def _token(self, token: str) -> str:
        self._tokens.add(token)
        return token

    async def redeem(self, token: str, _: Scope) -> bool:
        """Spend a link's token."""
        if token in self._tokens:
            self._tokens.discard(token)
            return True
        return False

    def remedy(self, token: str, _: Scope) -> str:
        """What is to be done about a browser that is not let in."""
        why = "This link has been used, or is of an earlier start. " if token else ""
        return (
            f"{why}Open the address that <code>npm start</code> printed; each works once, in one "
            "browser. For another browser, press Enter in that terminal: it prints another."
        )

    def knows(self, headers: Headers) -> bool:
        """Has the sender the cookie?"""
        sent = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return secrets.compare_digest(sent.encode(), self.keys.cookie.encode())

    @property
    def protocols(self) -> list[str]:
        """What a page's WebSocket asks for; no other header of it is the page's to set."""
        return [PROTOCOL, f"key.{self.keys.key}"]

    def may_run(self, scope: Scope) -> bool:
        """Has the page at the other end of a WebSocket the key?"""
        sent = " ".join(scope["subprotocols"])
        return secrets.compare_digest(sent.encode(), " ".join(self.protocols).encode())

    def set_cookie(self, response: Response) -> None:
        """Give the sender the cookie."""
        response.set_cookie(self.cookie, self.keys.cookie, httponly=True, samesite="strict")


@dataclass
class GuestAccess(Access):
    """For guests from the network, by a code that is short enough to be scanned and typed.

    So wrong ones are slowed and counted, and shut out: an address for a while, and all of them
    once there are too many, until the speaker asks for a new code.

    Attributes:
        once: a code lets one browser in, and not all who have it.
        used: called when it has.
    """

    once: bool = True
    used: Callable[[], None] = field(default=lambda: None)
    _wrong: dict[str, tuple[int, float]] = field(default_factory=dict)  # how many, and the last

    @property
    def hosts(self) -> tuple[str, ...]:
        return (f"{network_address() or HOST}:{self.port}",)

    def hosts_of(self, scope: Scope) -> tuple[str, ...]:
        """The address of this machine at which the connection has arrived."""
        address, port = scope["server"]
        return (f"{address}:{port}",)

    def renew(self) -> None:
        """Have a new code, unless that of many still serves; what went wrong is forgotten."""
        if self.once or self._is_closed or not self._tokens:
            self._tokens.clear()
            self._token("".join(secrets.choice(LETTERS) for _ in range(CODE)))
        self._wrong.clear()

    def link(self) -> str:
        """The address that lets guests in with the code that there is."""
        return f"http://{self.hosts[0]}/?token={next(iter(self._tokens))}"

    async def redeem(self, token: str, scope: Scope) -> bool:
        if self._is_shut_out(scope):
            return False
        if token.lower() in self._tokens:
            if self.once:
                self.renew()
                self.used()
            return True
        if self.knows(Headers(scope=scope)):
            return False  # who is in and scans an old code is no stranger who guesses
        address = scope["client"][0]
        count, _ = self._wrong.get(address, (0, 0.0))
        self._wrong[address] = (count + 1, time.monotonic())
        await asyncio.sleep(PENANCE)
        return False

    def remedy(self, token: str, scope: Scope) -> str:
        new = "The speaker shows a new one with <code>q</code> in the presenter view."
        if self._is_closed:
            return f"After {TRIES_OF_ALL} wrong codes no code is taken any more. {new}"
        if self._is_shut_out(scope):
            return (
                f"After {TRIES} wrong codes yours are not looked at. Wait {SHUT_OUT:.0f} seconds, "
                f"then scan the code again. {new}"
            )
        if token:
            return f"This code has been used, or is an old one. {new}"
        return f"Scan the code that the speaker shows. {new}"

    @property
    def _is_closed(self) -> bool:
        return sum(count for count, _ in self._wrong.values()) >= TRIES_OF_ALL

    def _is_shut_out(self, scope: Scope) -> bool:
        if self._is_closed:
            return True
        count, last = self._wrong.get(scope["client"][0], (0, 0.0))
        if time.monotonic() - last > SHUT_OUT:
            return False
        return count >= TRIES

    def set_cookie(self, response: Response) -> None:
        # Lax: a link that came in a message is opened by another site's page.
        response.set_cookie(
            self.cookie, self.keys.cookie, max_age=KNOWN_SECONDS, httponly=True, samesite="lax"
        )


def network_address() -> str | None:
    """This machine's address in its network: that from which it would reach the outside."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Nobody's address (RFC 5737), and nothing is sent.
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            pass
    # A network without a way out, such as a cable between two machines.
    up = {name for name, stats in psutil.net_if_stats().items() if stats.isup}
    addresses = [
        address.address
        for name, all_of_it in psutil.net_if_addrs().items()
        if name in up
        for address in all_of_it
        if address.family == socket.AF_INET and not address.address.startswith("127.")
    ]
    return addresses[0] if addresses else None
