"""The page as an app: a page goes in, an ASGI app that serves it comes out."""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from nlq_ui.app import Page
from nlq_ui.theme import theme

CSS = Path(__file__).parent / "page.css"


def mounted(page: Page) -> FastAPI:
    """The page as an app."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    gr.mount_gradio_app(
        app, page.blocks, path="/", theme=theme(), css_paths=CSS, footer_links=[],
        run_history=False, ssr_mode=False, mcp_server=False, pwa=False, show_error=False,
        enable_monitoring=False,
    )  # fmt: skip
    return app
