"""Bodies above a length are refused before they are read whole."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from nlq_ui.api.problems import Problem, respond


class BodyLimit:
    """Passes requests on to ``app`` as long as their bodies stay within ``most`` bytes."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        too_long = Problem(
            413,
            f"The body is longer than the {self._most:,} bytes that are read.",
            "Send less: questions and SQL are short.",
        )
        told = dict(scope["headers"]).get(b"content-length", b"")
        if told.isdigit() and int(told) > self._most:
            await respond(too_long)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self._most:
                # FastAPI lets no other exception through while it reads a body.
                raise HTTPException(413, too_long.detail.removesuffix("."))
            return message

        await self._app(scope, counted, send)
