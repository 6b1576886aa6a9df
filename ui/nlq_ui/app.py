"""The chat page: an assistant (being opened) and who asks go in, a Gradio page comes out."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from nlq.errors import NlqError
from nlq.types import Principal
from nlq_ui import html
from nlq_ui.answer_bar import AnswerBar
from nlq_ui.kept import Kept
from nlq_ui.newest import newest
from nlq_ui.opening import Opening
from nlq_ui.page_files import KEEP, keep_files_private
from nlq_ui.past_page import PastPage
from nlq_ui.pins_page import PinsPage
from nlq_ui.saved_bar import SavedBar
from nlq_ui.session import Session
from nlq_ui.who import Who

TITLE = "Ask the lake"

WELCOME = (
    "<h2>What would you like to know?</h2><p>Ask about the company's data in plain words. Every "
    "answer says how it was computed, from which tables, and how fresh they are.</p>"
)

_ASKED_BY_BUTTON = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('button');
  if (button && 'ask' in button.dataset) trigger('ask', { question: button.textContent });
  if (button && button.id === 'nlq-confirm') trigger('confirm');
});
"""
_SCRIPT = (
    _ASKED_BY_BUTTON
    + """
let shown = null;
const spoken = document.createElement('div');
spoken.id = 'nlq-live';
spoken.setAttribute('role', 'status');
document.body.append(spoken);
const say = (text) => { if (text && spoken.textContent !== text) spoken.textContent = text; };
watch('value', () => {
  const find = (selector) => element.querySelector(selector);
  const question = find('.nlq-question');
  const kept = question && question.dataset.conversation;
  if (kept) history.replaceState(null, '', location.pathname + '?c=' + kept);
  if (question && question.dataset.turn !== shown) {
    shown = question.dataset.turn;
    question.scrollIntoView({ block: 'start' });
  }
  const now = find('.nlq-stages .now span'), answer = find('.nlq-answer h2');
  say((answer || now || {}).textContent);
  if (answer && document.activeElement === document.body && matchMedia('(pointer: fine)').matches)
    setTimeout(() => {
      const box = document.querySelector('#nlq-box textarea');
      if (box && document.activeElement === document.body) box.focus({ preventScroll: true });
    }, 400);
});
"""
)
"""Asks what is on a button; brings a new question to the top of the window, once; tells screen
readers the stage and then the headline; puts the conversation in the address; gives the question
box its focus back."""

_PLAIN_ADDRESS = "(s) => { history.replaceState(null, '', location.pathname); return s; }"
_NOT_YOURS = "There is no such conversation here: it was deleted, or it is another person's."
_NOT_SHARED = (
    "This conversation is no longer shared: whoever shared it took its link back or deleted it. "
    "You can still ask here yourself."
)
_SHARED = (
    "This conversation was shared with you; you see of it what your own rights allow. What you ask "
    "here goes on in a copy of your own."
)

_EXAMPLES = 4
_STEP_S = 0.3
"""Until a step after the first is shown: many are over by then, and each costs time."""
_Update = dict[str, Any]
_Updates = dict[Any, Any]

_QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": None,
}


class Page:
    """The page's parts and what happens between them."""

    def __init__(
        self,
        opening: Opening,
        who: Who,
        examples: Callable[[Principal], tuple[str, ...]] = lambda _principal: (),
        kept: Kept | None = None,
    ) -> None:
        self._opening = opening
        self._who = who
        self._examples = examples
        self._kept = kept
        keep_files_private()
        with gr.Blocks(title=TITLE, analytics_enabled=False, delete_cache=KEEP) as self.blocks:
            self._lay_out()
            self._connect()
        if kept is not None:
            PastPage(self.blocks, kept.conversations, who)
            PinsPage(self.blocks, kept.pins, opening, who)

    def _lay_out(self) -> None:
        self.session = gr.State(None)
        gr.Navbar(main_page_name="Ask")
        with gr.Row(elem_id="nlq-top"):
            gr.HTML(f"<h1>{TITLE}</h1>", elem_id="nlq-title")
            self.saved = SavedBar(self._kept.conversations if self._kept else None, self._who)
            self.new = gr.Button("New conversation", size="sm", elem_id="nlq-new", scale=0)
        with gr.Column(elem_id="nlq-welcome"):
            gr.HTML(WELCOME)
            self.examples = self._chips(_EXAMPLES)
        self.saved.lay_out_notice()
        self.past = gr.HTML("", elem_id="nlq-past")
        with gr.Column(elem_id="nlq-turn"):
            self.current = gr.HTML("", elem_id="nlq-current", js_on_load=_SCRIPT)
            self.bar = AnswerBar(self._opening, self._who, self._kept)
            self.next = gr.HTML("", elem_id="nlq-next", js_on_load=_ASKED_BY_BUTTON)
        with gr.Row(elem_id="nlq-ask-row"):
            self.box = gr.Textbox(
                placeholder="Ask a question",
                label="Your question",
                show_label=False,
                container=False,
                lines=1,
                max_lines=5,
                max_length=4000,
                autofocus=True,
                elem_id="nlq-box",
            )
            self.send = gr.Button("Ask", variant="primary", elem_id="nlq-send", scale=0)
            self.cancel = gr.Button("Cancel", elem_id="nlq-cancel", scale=0)

    def _chips(self, count: int) -> list[gr.Button]:
        return [
            gr.Button("", visible=False, size="sm", elem_classes="nlq-chip") for _ in range(count)
        ]

    def _connect(self) -> None:
        self.blocks.load(
            self._begin, outputs=self.examples, api_visibility="private",
            show_progress="hidden", queue=False,
        )  # fmt: skip
        # Each of these costs Gradio time at every step. What else changes with a question is up to
        # the page's style and to ``_freshen``.
        talk: list[Any] = [self.session, self.past, self.current, self.next, self.box]
        page = [*talk, *self.saved.parts]
        self.blocks.load(self._resume, outputs=page, queue=False, **_QUIET)
        asking = dict(_QUIET, outputs=talk)
        self.box.submit(self._ask, inputs=[self.box, self.session], **asking)
        self.send.click(self._ask, inputs=[self.box, self.session], **asking)
        for chip in self.examples:
            chip.click(self._ask, inputs=[chip, self.session], **asking)
        for part in (self.current, self.next):
            part.ask(self._ask_by_button, inputs=[self.session], **asking)
        self.current.confirm(self._ask_confirmed, inputs=[self.session], **asking)
        self.cancel.click(
            self._cancel, self.session, self.cancel, queue=False, api_visibility="private",
            show_progress="hidden",
        )  # fmt: skip
        self.new.click(self._start_anew, self.session, page, js=_PLAIN_ADDRESS, **_QUIET)
        self.saved.connect(self.session, self._start_anew, page)
        self.bar.connect(self.session)
        self._freshen(
            self.box.submit, self.send.click, *(chip.click for chip in self.examples),
            self.current.ask, self.next.ask, self.current.confirm, self.new.click,
        )  # fmt: skip

    def _freshen(self, *begins: Any) -> None:
        """Let the browser itself put away what was told of an earlier answer when one is asked."""
        cancel = {"value": "Cancel", "interactive": True}
        fresh = {self.cancel: cancel, **self.bar.fresh, **self.saved.fresh}
        updates = [{"__type__": "update", **changes} for changes in fresh.values()]
        for begin in begins:
            begin(None, None, list(fresh), js=f"() => ({json.dumps(updates)})", **_QUIET)

    def _begin(self, request: gr.Request) -> _Updates:
        return _chip_updates(self.examples, self._examples(self._who(request)))

    def _resume(self, request: gr.Request) -> _Updates:
        """Open the conversation that the page's address names."""
        address, kept = dict(request.query_params), self._kept
        id, link = address.get("c", ""), address.get("s", "")
        if kept is None or not (id or link):
            return {self.box: gr.update()}
        try:
            principal, conversations = self._who(request), kept.conversations
            found = conversations.get(id, principal) if id else None
            found = found or (conversations.shared(link, principal) if link else None)
        except NlqError as error:
            return self.saved.told(f"{error.message} {error.hint}")
        if found is None:
            return self.saved.told(_NOT_SHARED if link else _NOT_YOURS)
        session = Session()
        session.resume(found, link)
        return {
            **self._talk(session),
            **self.saved.shown(session),
            **({} if found.mine else self.saved.told(_SHARED)),
        }

    async def _ask_by_button(
        self, session: Session | None, request: gr.Request, pressed: gr.EventData
    ) -> AsyncIterator[_Updates]:
        """Ask what stands on a button of the answer."""
        async for update in self._ask(str(pressed.question), session, request):
            yield update

    async def _ask_confirmed(
        self, session: Session | None, request: gr.Request
    ) -> AsyncIterator[_Updates]:
        """Ask again what was not run for its cost."""
        if session is not None and session.answer is not None and session.answer.may_confirm:
            asked = session.answer.question
            async for update in self._ask(asked, session, request, confirmed=True):
                yield update

    async def _ask(
        self, text: str, session: Session | None, request: gr.Request, *, confirmed: bool = False
    ) -> AsyncIterator[_Updates]:
        """Ask what stands in the box or on the button; shows how far it is."""
        text = text.strip()
        # Made by the first question, not when the page loads: somebody may ask before that is done.
        session = session or Session()
        if not text or session.busy:
            yield {self.session: session}
            return
        kept = self._kept.conversations if self._kept else None
        steps = session.ask(text, self._opening, self._who(request), kept, confirmed=confirmed)
        begun = False
        async for current in newest(steps, _STEP_S, session.cancel):
            if begun:
                yield {self.current: current}
                continue
            begun = True
            yield {
                self.session: session,
                self.past: "".join(session.past),
                self.current: current,
                self.next: "",
                self.box: gr.update(value="", interactive=False),
            }
        if not session.busy:  # with a question that was asked after this one was forgotten
            yield {**self._talk(session), self.box: gr.update(interactive=True)}

    def _talk(self, session: Session) -> _Updates:
        """The whole conversation, and what can be done with its newest answer."""
        answer = session.answer
        offers = html.offers_html(answer, pins=self._kept is not None) if answer else ""
        suggested = answer.suggestions if answer else ()
        return {
            self.session: session,
            self.past: "".join(session.past),
            self.current: session.current + offers,
            self.next: html.chips_html("nlq-suggestions", suggested),
            self.box: gr.update(value="", interactive=True),
        }

    def _cancel(self, session: Session | None) -> _Update:
        if session is not None:
            session.cancel()
        update: _Update = gr.update(value="Cancelling", interactive=False)
        return update

    def _start_anew(self, session: Session | None) -> _Updates:
        if session is not None:
            session.reset()
        return {
            **self._talk(session or Session()),
            **self.saved.quiet(),
            **self.saved.shown(session),
        }


def _chip_updates(buttons: list[gr.Button], texts: tuple[str, ...]) -> _Updates:
    """Show as many buttons as there are texts; the rest are hidden."""
    padded = [*texts, *[""] * len(buttons)]
    return {
        button: gr.update(value=text, visible=bool(text))
        for button, text in zip(buttons, padded, strict=False)
    }
