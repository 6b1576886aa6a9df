"""What can be done with an answer: download all of it, pin it, and say what one thinks of it."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import gradio as gr

from nlq.errors import NlqError, TooCostly
from nlq.export import Kind
from nlq.types import Answer
from nlq_ui import html
from nlq_ui.desk.work import told
from nlq_ui.kept import Kept
from nlq_ui.opening import Assistant, Opening, Rating
from nlq_ui.session import Session
from nlq_ui.who import NotSignedIn, Who

_LOG = logging.getLogger(__name__)

_Updates = dict[Any, Any]

_QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": None,
}
_KINDS: tuple[tuple[Kind, str], ...] = (("csv", "CSV"), ("xlsx", "Excel"), ("parquet", "Parquet"))

_TAKE = """
() => {
  const ready = document.querySelector('#nlq-ready [data-ready]');
  const file = document.querySelector('#nlq-file');
  if (ready && file) setTimeout(() => (file.querySelector('button') || file).click(), 150);
}
"""
"""Begins the download of a file that is ready: it is written only when it is asked for."""
_WRITE = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-write]');
  if (button) trigger('write', { kind: button.dataset.write });
});
"""


class AnswerBar:
    """Rows of buttons under the newest answer, and a line for what came of them.

    Which buttons an answer has is up to the page's style (``html.offers_html``).
    """

    def __init__(self, opening: Opening, who: Who, kept: Kept | None) -> None:
        self._opening = opening
        self._who = who
        self._kept = kept
        with gr.Row(elem_id="nlq-actions"):
            self.files = [
                gr.Button(f"Download {name}", size="sm", elem_id=f"nlq-{kind}", scale=0)
                for kind, name in _KINDS
            ]
            self.pin = gr.Button("Pin", size="sm", elem_id="nlq-pin", scale=0)
            self.up = gr.Button("Helpful", size="sm", elem_id="nlq-up", scale=0)
            self.down = gr.Button("Not right", size="sm", elem_id="nlq-down", scale=0)
        self.file = gr.DownloadButton("File", elem_id="nlq-file")
        self.ready = gr.HTML("", elem_id="nlq-ready", js_on_load=_WRITE)
        with gr.Row(visible=False, elem_id="nlq-note-row") as self.note_row:
            self.note = gr.Textbox(
                placeholder="What should we know? (optional)",
                label="Note",
                show_label=False,
                container=False,
                max_length=2000,
                elem_id="nlq-note",
            )
            self.send_note = gr.Button("Send note", size="sm", elem_id="nlq-send-note", scale=0)
        self.thanks = gr.HTML("", visible=False, elem_id="nlq-thanks")
        self.rating = gr.State("up")

    @property
    def fresh(self) -> dict[Any, dict[str, Any]]:
        """What the parts change to when the next question is asked."""
        hidden = {"visible": False}
        plain = {"variant": "secondary", "interactive": True}
        return {
            self.up: plain,
            self.down: plain,
            self.ready: {"value": ""},
            self.note_row: hidden,
            self.note: {"value": ""},
            self.thanks: hidden,
        }

    def connect(self, session: gr.State) -> None:
        """Say what the buttons do."""
        rated = [self.up, self.down, self.note_row, self.thanks, self.rating]
        self.up.click(self._rate_up, session, rated, **_QUIET)
        self.down.click(self._rate_down, session, rated, **_QUIET)
        for event in (self.send_note.click, self.note.submit):
            event(
                self._send_note, [session, self.rating, self.note],
                [self.note_row, self.thanks], **_QUIET,
            )  # fmt: skip
        written = [self.file, self.ready, *self.files]
        writers = (self._as_csv, self._as_xlsx, self._as_parquet)
        for button, write in zip(self.files, writers, strict=True):
            button.click(write, session, written, **_QUIET).then(js=_TAKE)
        self.ready.write(self._write_confirmed, session, written, **_QUIET).then(js=_TAKE)
        self.pin.click(self._pin, session, self.thanks, **_QUIET)

    def _as_csv(self, session: Session | None, request: gr.Request) -> Iterator[_Updates]:
        yield from self._write(session, "csv", request)

    def _as_xlsx(self, session: Session | None, request: gr.Request) -> Iterator[_Updates]:
        yield from self._write(session, "xlsx", request)

    def _as_parquet(self, session: Session | None, request: gr.Request) -> Iterator[_Updates]:
        yield from self._write(session, "parquet", request)

    def _write_confirmed(
        self, session: Session | None, request: gr.Request, pressed: gr.EventData
    ) -> Iterator[_Updates]:
        """Write the file that the person was asked about."""
        asked: list[Kind] = [kind for kind, _ in _KINDS if kind == getattr(pressed, "kind", "")]
        for kind in asked:
            yield from self._write(session, kind, request, confirmed=True)

    def _write(
        self,
        session: Session | None,
        kind: Kind,
        request: gr.Request,
        *,
        confirmed: bool = False,
    ) -> Iterator[_Updates]:
        """Write the file; its download begins by itself.

        Where the policy asks before a query of that cost, so does this, unless ``confirmed``.
        """
        if session is None or session.answer is None:
            yield {self.ready: ""}
            return
        waiting = {button: gr.update(interactive=False) for button in self.files}
        again = {button: gr.update(interactive=True) for button in self.files}
        yield {self.ready: html.notice_html("Writing the file with every row."), **waiting}
        try:
            path, rows = session.export(
                kind, self._assistant(), self._who(request), confirmed=confirmed
            )
        except Exception as error:
            yield {self.ready: _no_file(error, kind), **again}
            return
        ready = f'<div data-ready="1">{html.notice_html(f"The file has {rows:,} rows.")}</div>'
        yield {self.file: gr.update(value=path), self.ready: ready, **again}

    def _assistant(self) -> Assistant:
        self._opening.start()
        assistant = self._opening.ready(0)
        if assistant is None:
            raise NlqError("The assistant is not ready yet.", hint="Try again in a moment.")
        return assistant

    def _pin(self, session: Session | None, request: gr.Request) -> _Updates:
        answer: Answer | None = session.answer if session else None
        if answer is None or self._kept is None:
            return gr.update()
        try:
            self._kept.pins.add(answer, self._who(request))
        except NlqError as error:
            outcome = html.notice_html(f"{error.message} {error.hint}".strip())
        else:
            outcome = (
                '<p class="nlq-foot" role="status">Pinned. <a href="pins">Your pins</a> show it '
                "with newer figures whenever you refresh them.</p>"
            )
        return gr.update(visible=True, value=outcome)

    def _rate_up(self, session: Session | None, request: gr.Request) -> _Updates:
        return self._rate(session, "up", request)

    def _rate_down(self, session: Session | None, request: gr.Request) -> _Updates:
        return self._rate(session, "down", request)

    def _rate(self, session: Session | None, rating: Rating, request: gr.Request) -> _Updates:
        """Keep the rating at once; a note may follow."""
        outcome = self._keep_feedback(session, rating, "", request)
        return {
            self.thanks: gr.update(visible=True, value=outcome),
            self.up: gr.update(variant="primary" if rating == "up" else "secondary"),
            self.down: gr.update(variant="primary" if rating == "down" else "secondary"),
            self.note_row: gr.update(visible=True),
            self.rating: rating,
        }

    def _send_note(
        self, session: Session | None, rating: Rating, note: str, request: gr.Request
    ) -> _Updates:
        outcome = self._keep_feedback(session, rating, note.strip(), request)
        return {
            self.note_row: gr.update(visible=False),
            self.thanks: gr.update(visible=True, value=outcome),
        }

    def _keep_feedback(
        self, session: Session | None, rating: Rating, note: str, request: gr.Request
    ) -> str:
        """Hand it to the log; returns what to tell the person, as HTML."""
        if session is None or session.answer is None:
            return ""
        try:
            self._assistant().feedback(session.answer.id, rating, note, self._who(request))
        except NlqError as error:
            return html.notice_html(f"That was not kept: {error.message}")
        return html.notice_html("Thank you, the note is kept." if note else "Thank you.")


def _no_file(error: Exception, kind: Kind) -> str:
    """Why there is no file, as HTML; what is costly can be agreed to."""
    if isinstance(error, TooCostly) and error.may_confirm:
        return html.costly_file_html(error.message, kind)
    if not isinstance(error, (NlqError, NotSignedIn)):
        _LOG.exception("a file failed in a way that nobody foresaw", exc_info=error)
    return html.notice_html(f"There is no file: {' '.join(told(error))}".strip())
