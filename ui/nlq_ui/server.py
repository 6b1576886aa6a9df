"""Serves the page: a page and an address go in; ``on_ready`` hears the address once it is up."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from pathlib import Path

import gradio as gr
import uvicorn
from fastapi import FastAPI

from nlq_ui.app import Page, theme

CSS = Path(__file__).parent / "page.css"

_STOP_S = 1  # open pages hold a stream that never ends by itself


class PageServer(uvicorn.Server):
    """A server that says when it is up."""

    def __init__(self, page: Page, listening: socket.socket, on_ready: Callable[[], None]) -> None:
        app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
        gr.mount_gradio_app(
            app, page.blocks, path="/", theme=theme(), css_paths=CSS, footer_links=[],
            run_history=False, ssr_mode=False, mcp_server=False, pwa=False, show_error=False,
            enable_monitoring=False,
        )  # fmt: skip
        super().__init__(
            uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=_STOP_S)
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
        """Serve until Ctrl-C, or until ``should_exit`` is set."""
        self.run(sockets=[self._listening])
