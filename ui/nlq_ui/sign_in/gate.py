"""The gate before page and API: only requests of people who may come in go on to them.

It leaves the principal in the request's scope, where ``nlq_ui.who`` finds it. Everything that is
served is behind it, whatever its path, but what says that the process lives, and what strangers
need to sign in.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlq.types import Principal
from nlq_ui.api.app import serves
from nlq_ui.api.problems import Problem
from nlq_ui.api.sign_in import SignIn
from nlq_ui.sign_in.mode import Mode, Refused
from nlq_ui.sign_in.origin import is_of_another_site
from nlq_ui.sign_in.replies import refusal
from nlq_ui.sign_in.tabs import OwnTabs
from nlq_ui.who import KEY

WHO = "/who"
"""Tells the page who is signed in, and whether they can sign out."""

HEALTH = frozenset({"/healthz", "/readyz"})

ANOTHER_SITE = Refused(
    403,
    "This request comes from a page of another site, and is not served.",
    "Open nlq itself and ask there. Where a proxy changes the Host, set serve.url.",
)
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "frame-ancestors 'self'",
}


class Gate:
    """Lets people in to ``app`` by ``mode``, and programs to its API by ``tokens``."""

    def __init__(self, app: ASGIApp, mode: Mode, tokens: SignIn, url: str = "") -> None:
        self._app = OwnTabs(app)
        self._mode = mode
        self._tokens = tokens
        self._url = url

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request, or turn it away."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        scope.pop(KEY, None)
        connection = HTTPConnection(scope)
        told = self._who(connection)
        guarded = _guarded(send)
        if isinstance(told, Principal):
            scope[KEY] = told
        elif scope["path"] not in HEALTH | self._mode.paths:
            await _turn_away(refusal(connection, told), scope, receive, guarded)
            return
        if is_of_another_site(connection, self._url):
            await _turn_away(refusal(connection, ANOTHER_SITE), scope, receive, guarded)
        elif self._mode.app is not None and scope["path"] in self._mode.paths:
            await self._mode.app(scope, receive, guarded)
        elif scope["path"] == WHO and isinstance(told, Principal):
            await self._tell(told)(scope, receive, guarded)
        else:
            await self._app(scope, receive, guarded)

    def _who(self, connection: HTTPConnection) -> Principal | Refused:
        bears = connection.headers.get("authorization", "")[:7].lower() == "bearer "
        if serves(connection.scope["path"]) and self._tokens.tokens and (bears or self._only()):
            try:
                return self._tokens.who(
                    connection.headers.get("authorization", ""), connection.headers.get("host", "")
                )
            except Problem as problem:
                return Refused(problem.status, problem.detail, problem.hint)
        return self._mode.principal(connection)

    def _only(self) -> bool:
        """Whether the API takes nothing but tokens: nobody signs in any other way."""
        return self._tokens.otherwise is not None

    def _tell(self, principal: Principal) -> Response:
        told = {"name": principal.name, "sign_out": self._mode.can_sign_out}
        return JSONResponse(told, headers={"Cache-Control": "no-store"})


async def _turn_away(response: Response, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": "not allowed"})
        return
    await response(scope, receive, send)


def _guarded(send: Send) -> Send:
    """Adds what keeps other sites' pages out, and takes away what would let them in."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name in [name for name in headers if name.startswith("access-control-")]:
                del headers[name]
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return guarded
