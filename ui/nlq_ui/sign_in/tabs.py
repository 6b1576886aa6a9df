"""Everybody's tabs are their own: a request goes in, its tab's name is made its sender's own.

Gradio knows a tab by a name that the browser makes up (``session_hash``), and gives what is in it
to whoever sends that name. On the way in it becomes a keyed digest of the name and of who asks, so
that whoever sends another person's name comes to an empty tab of their own. Nothing is remembered
for that: there is no list that many tabs could overflow. Who comes back with other roles begins
anew.

Of Gradio's routes only those that the pages use are served. The others take names of tabs or of
events in further ways, run functions by their names, or take files.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlq.types import Principal
from nlq_ui.sign_in.mode import Refused
from nlq_ui.sign_in.replies import refusal
from nlq_ui.who import found_in

NOT_SERVED: Final = Refused(
    403,
    "This is not served: it could show answers to people without the rights to see them.",
    "Share a conversation with Copy link; programs ask the API (docs/api.md).",
)
_NO_TAB: Final = Refused(400, "This request does not name its tab.", "Load the page again.")
_TOO_LONG: Final = Refused(413, "This is longer than what is read of one event.", "Send less.")

_PREFIX: Final = "gradio_api"
_PLAIN: Final = re.compile(r"/gradio_api/(info|startup-events|theme\.css|file=.*)", re.DOTALL)
"""Routes that know of no tab."""
_HEARTBEAT: Final = re.compile(r"/gradio_api/heartbeat/([^/]+)")
_DATA: Final = "/gradio_api/queue/data"
_EVENT: Final = re.compile(r"/gradio_api/(queue/join|run/predict|component_server)/?")
"""What happens in a tab; the body names it."""

_MOST_BYTES: Final = 1_000_000
"""The longest event: the SQL of an editor, or a question."""


class OwnTabs:
    """Gives requests to ``app``; those to Gradio under the tab's name of whoever sends them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._key = secrets.token_bytes(32)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request that came through the gate."""
        if scope["type"] != "http" or _PREFIX not in scope["path"]:
            await self._app(scope, receive, send)
            return
        if scope["method"] == "POST" and _EVENT.fullmatch(scope["path"]):
            body = await _body(receive)
            named = body if isinstance(body, Refused) else self._in_body(body, found_in(scope))
            if isinstance(named, Refused):
                await refusal(HTTPConnection(scope), named)(scope, receive, send)
                return
            await self._app(_with_length(scope, named), _again(named, receive), send)
            return
        renamed = self._in_address(scope, found_in(scope))
        if renamed is None:
            await refusal(HTTPConnection(scope), NOT_SERVED)(scope, receive, send)
            return
        await self._app(renamed, receive, send)

    def _in_address(self, scope: Scope, principal: Principal | None) -> Scope | None:
        """The request with its tab renamed; None for what is not served."""
        path = scope["path"]
        if scope["method"] not in ("GET", "HEAD"):
            return None
        if _PLAIN.fullmatch(path):
            return scope
        if path == _DATA:
            asked = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True)
            named = [(k, self._own(v, principal) if k == "session_hash" else v) for k, v in asked]
            return {**scope, "query_string": urlencode(named).encode("ascii")}
        if beat := _HEARTBEAT.fullmatch(path):
            path = path.replace(beat[1], self._own(beat[1], principal))
            return {**scope, "path": path, "raw_path": path.encode("ascii")}
        return None

    def _in_body(self, body: bytes, principal: Principal | None) -> bytes | Refused:
        try:
            event: Any = json.loads(body)
        except ValueError:
            return _NO_TAB
        if not isinstance(event, dict) or not isinstance(event.get("session_hash"), str):
            return _NO_TAB
        event["session_hash"] = self._own(event["session_hash"], principal)
        return json.dumps(event).encode("ascii")

    def _own(self, tab: str, principal: Principal | None) -> str:
        who = None if principal is None else (principal.name, principal.roles)
        named = json.dumps((who, tab)).encode("ascii")
        return hashlib.blake2b(named, key=self._key, digest_size=16).hexdigest()


async def _body(receive: Receive) -> bytes | Refused:
    parts, length, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return _NO_TAB  # whoever sent it has left
        parts.append(message.get("body", b""))
        length += len(parts[-1])
        if length > _MOST_BYTES:
            return _TOO_LONG
        more = message.get("more_body", False)
    return b"".join(parts)


def _with_length(scope: Scope, body: bytes) -> Scope:
    headers = MutableHeaders(raw=list(scope["headers"]))
    headers["content-length"] = str(len(body))
    headers["content-type"] = "application/json"
    return {**scope, "headers": headers.raw}


def _again(body: bytes, receive: Receive) -> Receive:
    """The body once, and then what comes after it."""
    told = False

    async def replayed() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replayed
