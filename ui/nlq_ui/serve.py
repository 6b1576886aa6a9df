"""Serves the chat page and the HTTP API over one assistant, opened once they are up; or MCP."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING

from nlq.errors import SettingsError
from nlq.settings import Settings
from nlq.types import Principal
from nlq_ui.address import address_of, is_loopback, listen
from nlq_ui.memory import keep_together
from nlq_ui.opening import Assistant, OnProgress, Opening

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from nlq_ui.kept import RightsOfNow

EXAMPLES = 4
"""Questions to start with on an empty page."""

_SHORT = 70
_REMEMBERED = 200  # people whose examples need not be looked up anew


def serve_page(
    settings: Settings, principal: Principal, host: str, port: int, say: Callable[[str], None]
) -> None:
    """Serve until Ctrl-C. ``say`` hears the address once the page can be opened.

    At an address that others reach, people sign in; without sign-in only the API is served there,
    to whoever has a token. Raises ``SettingsError`` where there is neither, or that address cannot
    be had.
    """
    keep_together()
    signs_in = settings.serve.signs_in
    # Before the slow imports, so that a taken port is told at once.
    listening = listen(host, port, guarded=signs_in or bool(settings.serve.tokens))
    from nlq_ui.api.app import Api
    from nlq_ui.kept import RightsOfNow, load_rights, open_for
    from nlq_ui.server import Server, SideBySide
    from nlq_ui.sign_in.opening import gate

    rights = RightsOfNow(lambda: load_rights(settings))
    opening = _opening(settings, rights)

    @lru_cache(_REMEMBERED)
    def examples(asking: Principal) -> tuple[str, ...]:
        from nlq.assemble import load_catalog, load_policy

        visible = load_policy(settings).grants(asking).visible(load_catalog(settings))
        return _spread([query.question for query in visible.verified])

    def ready() -> None:
        address = f"{settings.serve.url}/" if settings.serve.url else address_of(listening)
        if with_page:
            say(f"The chat page is at {address} (Ctrl-C stops it).")
        say(f"The HTTP API is at {address}api/v1/ (docs/api.md).")
        opening.start()

    kept = open_for(settings, rights)
    api = Api(opening, settings.serve, None if signs_in else principal, kept.conversations)
    app: ASGIApp = api
    with_page = signs_in or is_loopback(host)
    if with_page:
        from nlq_ui.app import Page
        from nlq_ui.desk.add import add_desk
        from nlq_ui.mount import mounted
        from nlq_ui.who import who

        page = Page(opening, who, examples, kept)
        add_desk(page.blocks, settings, opening, who)
        app = SideBySide(mounted(page), api)
    try:
        guarded = gate(app, settings.serve, principal, settings.home, alone=is_loopback(host))
        Server(guarded, listening, ready).serve_until_stopped()
    finally:
        api.close()
        opening.close()


def serve_mcp(settings: Settings, principal: Principal) -> None:
    """Serve MCP over standard input and output until the input ends.

    Raises ``SettingsError`` where the package for it is missing.
    """
    try:
        from nlq_ui.mcp_server import make_server
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise SettingsError(
            "The package mcp is missing.", hint='Run: pip install "nlq[mcp]"'
        ) from exc

    opening = _opening(settings)
    opening.start()
    try:
        make_server(opening, settings.serve, principal).run("stdio")
    finally:
        opening.close()


def serve_slack(settings: Settings, say: Callable[[str], None]) -> None:
    """Answer in Slack until Ctrl-C. ``say`` hears once it can be asked there.

    Raises ``SettingsError`` where a package or a token is missing, or Slack takes a token no more.
    """
    try:
        from nlq_ui.slack.start import serve
    except ModuleNotFoundError as exc:
        if (exc.name or "").partition(".")[0] not in ("slack_bolt", "slack_sdk", "resvg_py"):
            raise
        raise SettingsError(
            f"The package {exc.name} is missing.", hint='Run: pip install "nlq[slack]"'
        ) from exc

    opening = _opening(settings)
    try:
        serve(settings, opening, say)
    finally:
        opening.close()


def _opening(settings: Settings, rights: RightsOfNow | None = None) -> Opening:
    def open_assistant(on_progress: OnProgress) -> Assistant:
        from nlq.assemble import open_assistant
        from nlq.kept.rights import Rights

        assistant = open_assistant(settings, on_progress)
        if rights is not None:
            rights.use(Rights(assistant.catalog, assistant.policy))
        on_progress("Loading the model", None)
        assistant.warm_up(settings.asking)
        return assistant

    return Opening(open_assistant)


def _spread(questions: list[str]) -> tuple[str, ...]:
    """A few short ones, from all over the list, which goes from subject to subject."""
    short = [question for question in questions if len(question) <= _SHORT]
    step = max(1, len(short) // EXAMPLES)
    return tuple(short[::step][:EXAMPLES])
