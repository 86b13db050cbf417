"""What stands before every request: our Host, our Origin, and the keys of this deck.

Running code for a browser is remote code execution by design, so one ASGI middleware refuses, HTTP
and WebSocket alike, all that is not ours.
"""

from __future__ import annotations

from html import escape
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from runner.web.access import Access

HEADERS = {
    "Cache-Control": "no-store",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Gate:
    """ASGI middleware that lets nothing through, HTTP or WebSocket, that is not ours."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._app(scope, receive, send)
        refusal = await self._refusal(scope)
        if refusal is None:
            return await self._app(scope, receive, _with_headers(send))
        if scope["type"] == "websocket":
            # Closed before it is accepted: the browser gets status 403.
            return await send({"type": "websocket.close", "code": 1008})
        await refusal(scope, receive, _with_headers(send))

    async def _refusal(self, scope: Scope) -> Response | None:
        headers = Headers(scope=scope)
        access = self._access
        hosts = access.hosts_of(scope)
        origins = [f"http://{host}" for host in hosts]
        if headers.get("host") not in hosts:
            return explain(403, "Not here", f"The deck is at {origins[0]} only.")
        origin = headers.get("origin")
        if origin not in origins and (origin is not None or scope["type"] == "websocket"):
            return explain(403, "Not from there", "Only the deck's own pages may ask for this.")
        query = parse_qs(scope["query_string"].decode("latin-1"))
        token = query.get("token", [""])[0]
        known = access.knows(headers)
        # A HEAD is a link's preview, not its reader.
        if scope.get("method") == "GET" and token:
            if await access.redeem(token, scope):
                return _let_in(access)
            if known:
                return RedirectResponse("/", 303)
        if known and (scope["type"] == "http" or access.may_run(scope)):
            return None
        remedy = access.remedy(token, scope)
        return explain(401, "This browser has no key to the deck", remedy)


def _let_in(access: Access) -> Response:
    """Give the browser its keys: the cookie, and to our page what no other port may have."""
    script = f"localStorage.setItem('key', '{access.keys.key}'); location.replace('/');"
    html = f'<!doctype html><html lang="en"><title>Deck</title><script>{script}</script></html>'
    policy = "default-src 'none'; script-src 'unsafe-inline'; frame-ancestors 'none'"
    response = HTMLResponse(html, headers={"Content-Security-Policy": policy})
    access.set_cookie(response)
    return response


def _with_headers(send: Send) -> Send:
    async def wrapped(message: Message) -> None:
        if message["type"] == "http.response.start":
            extra = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            message["headers"] = [*message["headers"], *extra]
        await send(message)

    return wrapped


def explain(status: int, title: str, text: str, *, again: bool = False) -> HTMLResponse:
    """A page of ours about what there is to do; `again` loads it every second."""
    refresh = '<meta http-equiv="refresh" content="1">' if again else ""
    html = (
        f'<!doctype html><html lang="en"><meta charset="utf-8">{refresh}'
        f"<title>{escape(title)}</title><style>body{{font:24px/1.5 system-ui,sans-serif;"
        "max-width:32em;margin:20vh auto;padding:0 1em;color:#1c2230;background:#fcfbf9}</style>"
        f"<h1>{escape(title)}</h1><p>{text}</p></html>"
    )
    policy = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
    return HTMLResponse(html, status, {"Content-Security-Policy": policy})
