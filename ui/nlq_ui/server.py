"""Serves the page and the API: they and an address go in; ``on_ready`` hears once they are up."""

from __future__ import annotations

import logging
import signal
import socket
import sys
import threading
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from nlq_ui.api.app import Api, serves

_STOP_S = 1  # open pages hold a stream that never ends by itself


class SideBySide:
    """The API at its own paths, and the page at all others."""

    def __init__(self, page: ASGIApp, api: Api) -> None:
        self._page = page
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request; the page is told of the server's start and end, the API needs not."""
        ours = scope["type"] == "http" and serves(scope["path"])
        await (self._api if ours else self._page)(scope, receive, send)


class Server(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(
        self, app: ASGIApp, listening: socket.socket, on_ready: Callable[[], None]
    ) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                log_level="warning",
                timeout_graceful_shutdown=_STOP_S,
                proxy_headers=False,  # they would put what a person sent in the peer's place
                server_header=False,
            )
        )
        self._listening = listening
        self._on_ready = on_ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Start to answer, then say so."""
        await super().startup(sockets)
        if self.started:
            self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, without a traceback for every page that is still open."""
        logging.getLogger("uvicorn.error").setLevel(logging.CRITICAL)
        await super().shutdown(sockets)

    def serve_until_stopped(self) -> None:
        """Serve until Ctrl-C, SIGTERM or until ``should_exit`` is set.

        SIGTERM ends the process as ``SystemExit``, so that what is open is closed on the way.
        """
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
        self.run(sockets=[self._listening])
