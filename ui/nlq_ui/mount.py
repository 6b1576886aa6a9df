"""The page as an app: a page goes in, an ASGI app that serves it comes out."""

from __future__ import annotations

import os
import warnings
from pathlib import Path

import gradio as gr
from fastapi import FastAPI

from nlq_ui.app import Page
from nlq_ui.quick_gradio import make_quick
from nlq_ui.theme import theme

CSS = [Path(__file__).parent / name for name in ("page.css", "desk/desk.css")]
NAMES = Path(__file__).parent / "nav.css"
SIGN_IN = Path(__file__).parent / "sign_in" / "page.js"

AT_ONCE = 500
"""Questions and other events of the page at a time; each of them waits in a thread of its own.

Gradio's own 40 are shared with the API's routes, and people would wait for each other's models.
"""

_STATUS_S = 60

TABS = 500
"""Tabs that are remembered. The one that was idle longest is forgotten first: what is asked in it
then begins anew, and loading it again opens its conversation, where it is kept."""


def mounted(page: Page) -> FastAPI:
    """The page as an app."""
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    # Gradio would compute its statistics of all events anew, with pandas, after each of them.
    os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", str(10**9))
    os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "100")
    make_quick(page.blocks)
    page.blocks.max_threads = AT_ONCE
    page.blocks.state_session_capacity = TABS
    # By itself Gradio tells everybody who waits of everybody who comes, though nobody waits long.
    page.blocks.queue(default_concurrency_limit=None, status_update_rate=_STATUS_S)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "SSR mode")  # told of a mode that is off
        gr.mount_gradio_app(
            app, page.blocks, path="/", theme=theme(), css_paths=CSS, head=_head(), footer_links=[],
            run_history=False, ssr_mode=False, mcp_server=False, pwa=False, show_error=False,
            enable_monitoring=False,
        )  # fmt: skip
    return app


def _head() -> str:
    names = f"<style>{NAMES.read_text('utf-8')}</style>"
    return f"<script>{SIGN_IN.read_text('utf-8')}</script>{names}"
