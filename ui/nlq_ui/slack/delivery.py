"""Brings an answer to where it may be seen: the channel it was asked in, or the asker alone."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field

from nlq.types import Answer, Principal
from nlq_ui.api.kept_answers import KeptAnswers
from nlq_ui.opening import Assistant
from nlq_ui.slack.audience import Audience
from nlq_ui.slack.blocks import Block
from nlq_ui.slack.errors import SlackFailed
from nlq_ui.slack.kept import Given, Kept
from nlq_ui.slack.message import (
    Message,
    answer_message,
    asked_head,
    plain_message,
)
from nlq_ui.slack.picture import chart_png
from nlq_ui.slack.rights import for_everyone
from nlq_ui.slack.web import Slack

_LOG = logging.getLogger(__name__)

_TOO_MUCH = frozenset(
    {"invalid_blocks", "invalid_blocks_format", "msg_blocks_too_long", "msg_too_long"}
)
_ELSEWHERE = (
    "The answer went to whoever asked, in a direct message: not everyone here may see it, or it is "
    "not known who is here."
)
_NO_EDIT = frozenset({"cant_update_message", "edit_window_closed", "message_not_found"})


@dataclass(frozen=True, slots=True)
class Place:
    """A message of the bot, the thread it stands in, and the blocks that stay at its top."""

    channel: str
    message: str
    thread: str
    head: tuple[Block, ...] = field(default=(), compare=False)


class Delivery:
    """Shows answers, with ``rows`` of their results at most."""

    def __init__(
        self, slack: Slack, audience: Audience, kept: Kept, results: KeptAnswers, rows: int
    ) -> None:
        self._slack = slack
        self._audience = audience
        self._kept = kept
        self._results = results
        self._rows = rows

    def public(
        self, assistant: Assistant | None, answer: Answer, asker: Principal, place: Place
    ) -> Answer | None:
        """The answer as everyone who is there may see it; None where it is not for all."""
        if place.channel.startswith("D"):
            return answer
        present = self._audience.present(place.channel)
        return for_everyone(assistant, answer, asker, present) if assistant else None

    def put(self, given: Given, answer: Answer, place: Place) -> None:
        """Show the answer in place of the message; raises ``SlackFailed``."""
        self._keep(given, answer)
        self.say(place, answer_message(answer, self._rows, given.dated))
        self._draw(given, answer, place)

    def put_apart(self, given: Given, answer: Answer, place: Place) -> Place:
        """Show the answer to its asker alone, and say in ``place`` that they have it.

        Returns where it is; raises ``SlackFailed``.
        """
        self._keep(given, answer)
        channel = self._slack.direct(given.user)
        message = answer_message(answer, self._rows, given.dated)
        head: list[Block] = asked_head(given.user, given.question, place.channel)
        try:
            ts = self._slack.post(channel, message.text, [*head, *message.blocks])
        except SlackFailed as exc:
            if exc.error not in _TOO_MUCH:
                raise
            ts = self._slack.post(channel, message.text, [])
        apart = Place(channel, ts, ts)
        self.say(place, plain_message(_ELSEWHERE))
        self._draw(given, answer, apart)
        return apart

    def _keep(self, given: Given, answer: Answer) -> None:
        """Remember an answer for its buttons."""
        if answer.id:
            self._results.add(given.principal, answer)
            self._kept.give(given)

    def say(self, place: Place, message: Message) -> None:
        """Put ``message`` in the place of what stood there; raises ``SlackFailed``."""
        blocks = [*place.head, *message.blocks]
        try:
            self._slack.edit(place.channel, place.message, message.text, blocks)
        except SlackFailed as exc:
            if exc.error in _TOO_MUCH:
                _LOG.error("Slack refused an answer's blocks: %s", exc)
                self._slack.edit(place.channel, place.message, message.text, [])
            elif exc.error in _NO_EDIT:
                self._slack.post(place.channel, message.text, blocks, place.thread)
            else:
                raise

    def _draw(self, given: Given, answer: Answer, place: Place) -> None:
        """Upload the chart of an answer; without it, it is still one."""
        if answer.kind != "answer" or answer.chart is None or answer.result is None:
            return
        note = given.dated[0]
        picture = chart_png(answer.chart, answer.result, dict(answer.labels), note)
        if picture is None:
            return
        name, title = f"chart-{answer.id}.png", f"{answer.chart.title}. {note}"
        try:
            self._slack.upload(place.channel, picture, name, title, thread=place.thread)
        except SlackFailed as exc:
            _LOG.error("a chart could not be shown: %s", exc)
