"""Who may use the deck: a browser that has opened one of our links."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from starlette.datastructures import Headers
from starlette.requests import cookie_parser
from starlette.responses import Response

from runner.clusters.kinds import HOST


@dataclass
class Access:
    """The links that let browsers in, and the secret by which they are known from then on.

    A link works once, since addresses end up in histories and process lists. It is exchanged for
    a cookie that lives as long as this start of the deck. Another browser needs another `link()`.
    """

    port: int
    _secret: str = field(default_factory=lambda: secrets.token_urlsafe(32))
    _tokens: set[str] = field(default_factory=set)

    @property
    def cookie(self) -> str:
        """The cookie's name; cookies do not tell ports apart, so it does."""
        return f"deck-{self.port}"

    @property
    def hosts(self) -> tuple[str, str]:
        """What may stand in the Host header: a name that leads elsewhere has been rebound."""
        return (f"{HOST}:{self.port}", f"localhost:{self.port}")

    @property
    def origins(self) -> tuple[str, ...]:
        """What may stand in the Origin header: our own pages."""
        return tuple(f"http://{host}" for host in self.hosts)

    def link(self) -> str:
        """A new address that lets one browser in, once."""
        token = secrets.token_urlsafe(32)
        self._tokens.add(token)
        return f"http://{HOST}:{self.port}/?token={token}"

    def redeem(self, token: str) -> bool:
        """Spend a link's token."""
        if token in self._tokens:
            self._tokens.discard(token)
            return True
        return False

    def knows(self, headers: Headers) -> bool:
        """Has the sender the cookie?"""
        sent = cookie_parser(headers.get("cookie", "")).get(self.cookie, "")
        return secrets.compare_digest(sent.encode(), self._secret.encode())

    def hand_over(self, response: Response) -> None:
        """Give the sender the cookie."""
        response.set_cookie(self.cookie, self._secret, httponly=True, samesite="strict")
