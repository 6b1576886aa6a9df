"""Slack's requests over HTTP: each is checked for Slack's signature by Bolt, and answered."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Final

from slack_bolt import App
from slack_bolt.adapter.starlette.handler import to_bolt_request, to_starlette_response
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from nlq.errors import SettingsError
from nlq.slack_settings import SlackSettings
from nlq_ui.address import address_of, listen
from nlq_ui.api.body_limit import BodyLimit
from nlq_ui.server import Server
from nlq_ui.slack.web import Stop

PATH: Final = "/slack/events"

_MOST_BYTES: Final = 1_000_000


def serve_requests(
    chosen: SlackSettings, app: App, stop: Stop, ready: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C or ``stop``; raises ``SettingsError`` where the address cannot be had."""
    try:
        listening = listen(chosen.host, chosen.port, guarded=True)
    except SettingsError as exc:
        raise SettingsError(
            f"Slack's requests cannot be taken at {chosen.host}:{chosen.port}.",
            hint="Set slack.host to an address of this machine and slack.port to a free port.",
        ) from exc

    async def events(request: Request) -> Response:
        try:
            asked = to_bolt_request(request, await request.body())
        except UnicodeDecodeError:
            return PlainTextResponse("not UTF-8", 400)
        return to_starlette_response(await run_in_threadpool(app.dispatch, asked))

    async def alive(_: Request) -> Response:
        return PlainTextResponse("alive")

    def up() -> None:
        ready(f" Slack's requests are taken at {address_of(listening).rstrip('/')}{PATH}.")

    routes = [Route(PATH, events, methods=["POST"]), Route("/healthz", alive)]
    server = Server(BodyLimit(Starlette(routes=routes), _MOST_BYTES), listening, up)

    def watch() -> None:
        stop.wait()
        server.should_exit = True

    threading.Thread(target=watch, name="slack-stop", daemon=True).start()
    server.serve_until_stopped()
    stop.because("")
