"""Starts the bot: settings and an assistant (being opened) go in; it answers until stopped."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from slack_bolt import App
from slack_bolt.adapter.socket_mode import SocketModeHandler
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from nlq.errors import SettingsError
from nlq.settings import Settings
from nlq.slack_settings import SlackSettings
from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.opening import Opening
from nlq_ui.slack.audience import Audience
from nlq_ui.slack.buttons import Buttons
from nlq_ui.slack.delivery import Delivery
from nlq_ui.slack.errors import DEAD_TOKENS, SlackFailed, dead_token_hint
from nlq_ui.slack.history import History
from nlq_ui.slack.kept import Kept
from nlq_ui.slack.listen import Ears, make_app
from nlq_ui.slack.parts import Parts
from nlq_ui.slack.people import People
from nlq_ui.slack.questions import Questions
from nlq_ui.slack.web import Slack, Stop, dead_token_of

Say = Callable[[str], None]


def serve(settings: Settings, opening: Opening, say: Say, stop: Stop | None = None) -> None:
    """Answer until Ctrl-C, SIGTERM or ``stop``; ``say`` hears once questions are taken.

    Raises ``SettingsError`` where a token is missing or Slack takes it no more, ``SlackFailed``
    where Slack cannot be reached at the start, ``NlqError`` where the bot's file cannot be used.
    """
    chosen, stop = settings.slack, stop or Stop()
    _check(chosen)
    slack = Slack(chosen.bot_token.get_secret_value(), chosen.base_url, stop)
    me = _whoami(slack)
    kept = Kept(settings.home / "slack.sqlite")
    history = History(settings.kept_path, opening, settings.kept_days)
    try:
        questions, app = _put_together(settings, opening, slack, kept, history, me)
        opening.start()
        questions.tell_lost()
        try:
            _run(chosen, app, stop, lambda more: say(_up(chosen, me) + more))
        finally:
            questions.close()
    finally:
        history.close()
        kept.close()
    if stop.reason:
        raise SettingsError(
            "Slack does not take a token of the bot any more, so it has stopped.",
            hint=dead_token_hint(stop.reason),
        )


def _check(chosen: SlackSettings) -> None:
    """Raise ``SettingsError`` for what is missing."""
    needed = {
        "slack.bot_token": chosen.bot_token,
        **(
            {"slack.app_token": chosen.app_token}
            if chosen.mode == "socket"
            else {"slack.signing_secret": chosen.signing_secret}
        ),
    }
    missing = [name for name, secret in needed.items() if not secret.get_secret_value()]
    if missing:
        raise SettingsError(
            f"The setting {missing[0]} is empty.",
            hint="docs/slack.md says how to make the Slack app and where its tokens are.",
        )
    if not chosen.people:
        raise SettingsError(
            "The setting slack.people names nobody, so nobody could ask.",
            hint='Name people by Slack user id or e-mail: [slack.people."ann@example.com"].',
        )


def _whoami(slack: Slack) -> dict[str, Any]:
    try:
        return slack.whoami()
    except SlackFailed as exc:
        if exc.error in DEAD_TOKENS:
            raise SettingsError(
                "Slack does not take the setting slack.bot_token.", hint=dead_token_hint(exc.error)
            ) from exc
        raise


def _put_together(
    settings: Settings,
    opening: Opening,
    slack: Slack,
    kept: Kept,
    history: History,
    me: dict[str, Any],
) -> tuple[Questions, App]:
    chosen, serve_settings = settings.slack, settings.serve
    bot = str(me["user_id"])
    home = frozenset(str(me[key]) for key in ("team_id", "enterprise_id") if me.get(key))
    people = People(chosen.people, slack, home)
    results = KeptAnswers(serve_settings.keep_s, serve_settings.keep_bytes)
    delivery = Delivery(slack, Audience(slack, people, bot), kept, results, chosen.rows)

    def now() -> datetime:
        return datetime.now(UTC)

    parts = Parts(slack, opening, people, kept, results, chosen.contact, now)
    questions = Questions(parts, delivery, history, most=serve_settings.questions)
    buttons = Buttons(parts, questions)
    ears = Ears(questions, kept, bot, follow_threads=chosen.follow_threads)
    secret = chosen.signing_secret.get_secret_value()
    return questions, make_app(slack.client, secret, ears, buttons)


def _up(chosen: SlackSettings, me: dict[str, Any]) -> str:
    people = "1 person" if len(chosen.people) == 1 else f"{len(chosen.people)} people"
    return (
        f"{people} may ask @{me.get('user', 'nlq')} in {me.get('team', 'Slack')} (Ctrl-C stops it)."
    )


def _run(chosen: SlackSettings, app: App, stop: Stop, ready: Callable[[str], None]) -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, lambda *_: stop.because(""))
    if chosen.mode == "http":
        from nlq_ui.slack.over_http import serve_requests

        serve_requests(chosen, app, stop, ready)
        return
    token = chosen.app_token.get_secret_value()
    handler = SocketModeHandler(app, token, web_client=_Connecting(stop, chosen.base_url))
    try:
        handler.connect()
        ready("")
        while not stop.wait(1.0):
            pass
    except SlackApiError as exc:
        if not stop.reason:
            raise SlackFailed("apps.connections.open", str(exc.response.get("error"))) from exc
    except OSError as exc:
        raise SlackFailed("apps.connections.open", f"it could not be reached ({exc})") from exc
    except KeyboardInterrupt:
        stop.because("")
    finally:
        handler.close()


class _Connecting(WebClient):
    """Asks for connections; where Slack takes the app's token no more, the bot stops."""

    def __init__(self, stop: Stop, base_url: str) -> None:
        super().__init__(base_url=base_url or self.BASE_URL)
        self._stop = stop

    def apps_connections_open(self, *, app_token: str, **kwargs: Any) -> Any:
        """The address to connect to; raises ``SlackApiError``."""
        try:
            return super().apps_connections_open(app_token=app_token, **kwargs)
        except SlackApiError as exc:
            if error := dead_token_of(exc):
                self._stop.because(error)
            raise
