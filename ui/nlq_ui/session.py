"""One person's conversation with the page: questions go in, what to show comes out, step by step.

Nothing here knows Gradio. A session belongs to one browser tab; nothing of it is shared.
"""

from __future__ import annotations

import logging
import tempfile
import uuid
from collections.abc import Generator
from pathlib import Path

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, NlqError
from nlq.export import Kind
from nlq.kept.conversations import Conversation, Conversations
from nlq.types import Answer, Finished, Principal, Turn
from nlq_ui import html
from nlq_ui.opening import Assistant, Opening
from nlq_ui.stages import StageLine, after
from nlq_ui.whole import whole_result, write_whole

_LOG = logging.getLogger(__name__)

_LOOK_S = 0.25


class Session:
    """The turns so far, and the question on its way, if there is one."""

    def __init__(self) -> None:
        self.past: list[str] = []
        self.current = ""
        self.answer: Answer | None = None
        self._rows = 0
        self.id = uuid.uuid4().hex
        self._link = ""
        self._kept = False
        self.shared = False
        self._turns: tuple[Turn, ...] = ()
        self._token: CancelToken | None = None
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    @property
    def kept(self) -> bool:
        """Whether the conversation is kept as the person's own."""
        return self._kept

    @property
    def busy(self) -> bool:
        """Whether a question is on its way."""
        return self._token is not None

    def cancel(self) -> None:
        """Stop the question on its way, if there is one."""
        if self._token is not None:
            self._token.cancel()

    def reset(self) -> None:
        """Forget everything and begin a new conversation."""
        self.cancel()
        self.past, self.current, self.answer, self._rows = [], "", None, 0
        self.id, self._link, self._turns = uuid.uuid4().hex, "", ()
        self._kept = self.shared = False

    def resume(self, kept: Conversation, link: str = "") -> None:
        """Show a kept conversation and go on from it.

        One that is another person's, seen by ``link``, goes on as a copy from the next question.
        """
        self.reset()
        if kept.mine:
            self.id, self._kept, self.shared = kept.id, True, kept.shared
        else:
            self._link = link
        address = kept.id if kept.mine else ""
        shown = [
            html.exchange_html(exchange, number, address)
            for number, exchange in enumerate(kept.exchanges, 1)
        ]
        self.past, self.current = shown[:-1], "".join(shown[-1:])
        if kept.mine and kept.exchanges:
            self.answer, self._rows = kept.exchanges[-1].answer, kept.exchanges[-1].rows
        self._turns = kept.turns

    def ask(
        self,
        text: str,
        opening: Opening,
        principal: Principal,
        kept: Conversations | None = None,
        *,
        confirmed: bool = False,
    ) -> Generator[str]:
        """Ask; yields the HTML of the question at work, and last that of its answer.

        The answer is kept in ``kept``. ``confirmed``: the person has agreed to what it costs.
        """
        if self.current:
            self.past.append(self.current)
        self.answer, self._rows = None, 0
        token = self._token = CancelToken()
        conversation = self.id
        number = len(self.past) + 1
        head = html.question_html(text, number)
        lines: tuple[StageLine, ...] = (StageLine("Reading the question"),)
        try:
            yield self._show(head + html.stages_html(lines))
            answer: Answer | None = None
            try:
                assistant = None
                opening.start()
                while assistant is None:
                    token.check()
                    assistant = opening.ready(_LOOK_S)
                    if assistant is None:
                        words, share = opening.progress
                        waiting = (StageLine(words, None, share),)
                        yield self._show(head + html.stages_html(waiting))
                for event in assistant.stream(
                    text,
                    principal=principal,
                    conversation=self._turns,
                    conversation_id=conversation,
                    cancel=token,
                    interface="page",
                    confirmed=confirmed,
                ):
                    if isinstance(event, Finished):
                        answer = event.answer
                        break
                    lines = after(lines, event)
                    if conversation == self.id:
                        yield self._show(head + html.stages_html(lines))
            except Exception as error:
                answer = _failure(text, error)
            if conversation == self.id and answer is not None:
                self._keep(answer)
                told = self._keep_for_later(answer, principal, kept) if kept else ""
                if kept and not told:
                    head = html.question_html(text, number, self.id)
                yield self._show(head + html.answer_html(answer) + told)
        finally:
            # Also when the person has left and nobody reads on: the work must not go on alone.
            token.cancel()
            if self._token is token:
                self._token = None

    def _show(self, current: str) -> str:
        self.current = current
        return current

    def _keep_for_later(self, answer: Answer, principal: Principal, kept: Conversations) -> str:
        """Keep the answer in its conversation; returns what went wrong, as HTML."""
        try:
            if self._link:
                copied = kept.copy(self._link, principal)
                self._link = ""
                self.id = copied.id if copied else self.id
            kept.add(self.id, answer, principal)
            self._kept = True
        except NlqError as error:
            return html.notice_html(f"This answer was not kept for later: {error.message}")
        return ""

    def _keep(self, answer: Answer) -> None:
        self.answer = answer
        if answer.turn is not None:
            self._turns = (*self._turns, answer.turn)

    def export(
        self, kind: Kind, assistant: Assistant, principal: Principal, *, confirmed: bool = False
    ) -> tuple[Path, int]:
        """Write every row of the newest answer to a file; returns its path and how many there are.

        What is here is written where it is all; else the query runs again, as ``principal``.
        Raises what that raises; not ``confirmed``, also ``TooCostly`` where the policy asks first.
        """
        result = whole_result(self.answer, self._rows, assistant, principal, confirmed=confirmed)
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="nlq-")
        id = self.answer.id if self.answer else ""
        return write_whole(result, self._folder.name, id, kind), len(result.rows)


def _failure(text: str, error: Exception) -> Answer:
    """What a person is told of an error."""
    if isinstance(error, Cancelled):
        return Answer("", text, "cancelled", error.message)
    if isinstance(error, NlqError):
        return Answer("", text, "error", error.message, hint=error.hint)
    _LOG.exception("a question failed in a way that nobody foresaw", exc_info=error)
    return Answer(
        "",
        text,
        "error",
        "Something inside nlq went wrong, so there is no answer to this question.",
        hint="Try again, or ask in other words; the server's own output has the details.",
    )
