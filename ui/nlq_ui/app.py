"""The chat page: an assistant (being opened) and who asks go in, a Gradio page comes out."""

from __future__ import annotations

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

from collections.abc import Callable, Iterator
from typing import Any

import gradio as gr

from nlq.errors import NlqError
from nlq.types import Principal
from nlq_ui.answer_bar import AnswerBar
from nlq_ui.kept import Kept
from nlq_ui.opening import Opening
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

_SCRIPT = """
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
"""Brings a new question to the top of the window, once; tells screen readers the stage and then the
headline; puts the conversation in the address; gives the question box its focus back."""

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
_OPTIONS = 6
_SUGGESTIONS = 4
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
        with gr.Blocks(title=TITLE, analytics_enabled=False) as self.blocks:
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
        with gr.Column(elem_id="nlq-welcome") as self.welcome:
            gr.HTML(WELCOME)
            self.examples = self._chips(_EXAMPLES)
        self.saved.lay_out_notice()
        self.past = gr.HTML("", elem_id="nlq-past")
        with gr.Column(elem_id="nlq-turn"):
            self.current = gr.HTML("", elem_id="nlq-current", js_on_load=_SCRIPT)
            with gr.Row(visible=False, elem_id="nlq-options") as self.option_row:
                self.options = self._chips(_OPTIONS)
            self.confirm = gr.Button(
                "Run it all the same", visible=False, size="sm", elem_id="nlq-confirm", scale=0
            )
            self.bar = AnswerBar(self._opening, self._who, self._kept)
            with gr.Row(visible=False, elem_id="nlq-suggestions") as self.suggestion_row:
                self.suggestions = self._chips(_SUGGESTIONS)
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
            self.cancel = gr.Button("Cancel", visible=False, elem_id="nlq-cancel", scale=0)

    def _chips(self, count: int) -> list[gr.Button]:
        return [
            gr.Button("", visible=False, size="sm", elem_classes="nlq-chip") for _ in range(count)
        ]

    def _connect(self) -> None:
        self.blocks.load(
            self._begin, outputs=self.examples, api_visibility="private",
            show_progress="hidden", queue=False,
        )  # fmt: skip
        shown: list[Any] = [
            self.session, *self.saved.parts, self.welcome, self.past, self.current,
            self.option_row, *self.options, self.confirm, *self.bar.parts,
            self.suggestion_row, *self.suggestions, self.box, self.send, self.cancel,
        ]  # fmt: skip
        self.blocks.load(self._resume, outputs=shown, queue=False, **_QUIET)
        asking = dict(_QUIET, fn=self._ask, outputs=shown)
        self.box.submit(inputs=[self.box, self.session], **asking)
        self.send.click(inputs=[self.box, self.session], **asking)
        for chip in (*self.examples, *self.options, *self.suggestions):
            chip.click(inputs=[chip, self.session], **asking)
        self.confirm.click(inputs=[self.session], **dict(asking, fn=self._ask_confirmed))
        self.cancel.click(
            self._cancel, self.session, self.cancel, queue=False, api_visibility="private",
            show_progress="hidden",
        )  # fmt: skip
        self.new.click(self._start_anew, self.session, shown, js=_PLAIN_ADDRESS, **_QUIET)
        self.saved.connect(self.session, self._start_anew, shown)
        self.bar.connect(self.session)

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
            self.session: session,
            **self._asking(session),
            self.current: session.current,
            **self._asked(session),
            **({} if found.mine else self.saved.told(_SHARED)),
        }

    def _ask_confirmed(self, session: Session | None, request: gr.Request) -> Iterator[_Updates]:
        """Ask again what was not run for its cost."""
        if session is not None and session.answer is not None and session.answer.may_confirm:
            yield from self._ask(session.answer.question, session, request, confirmed=True)

    def _ask(
        self, text: str, session: Session | None, request: gr.Request, *, confirmed: bool = False
    ) -> Iterator[_Updates]:
        """Ask what stands in the box or on the button; shows each step."""
        text = text.strip()
        # Made by the first question, not when the page loads: somebody may ask before that is done.
        session = session or Session()
        if not text or session.busy:
            yield {self.session: session}
            return
        kept = self._kept.conversations if self._kept else None
        steps = session.ask(text, self._opening, self._who(request), kept, confirmed=confirmed)
        for number, current in enumerate(steps):
            yield {
                self.current: current,
                **({self.session: session, **self._asking(session)} if number == 0 else {}),
            }
        yield self._asked(session)

    def _asking(self, session: Session) -> _Updates:
        hidden = (self.welcome, self.option_row, self.confirm, self.suggestion_row, self.send)
        return {
            **{part: gr.update(visible=False) for part in hidden},
            **self.saved.quiet(),
            **self.bar.hidden(),
            self.past: "".join(session.past),
            self.box: gr.update(value="", interactive=False),
            self.cancel: gr.update(visible=True, interactive=True, value="Cancel"),
        }

    def _asked(self, session: Session) -> _Updates:
        answer = session.answer
        ready: _Updates = {
            self.box: gr.update(interactive=True),
            self.send: gr.update(visible=True),
            self.cancel: gr.update(visible=False),
            **self.saved.shown(session),
            **self.bar.shown(session),
        }
        if answer is None:
            return ready
        return {
            **ready,
            self.option_row: gr.update(visible=bool(answer.options)),
            **_chip_updates(self.options, answer.options),
            self.confirm: gr.update(visible=answer.may_confirm),
            self.suggestion_row: gr.update(visible=bool(answer.suggestions)),
            **_chip_updates(self.suggestions, answer.suggestions),
        }

    def _cancel(self, session: Session | None) -> _Update:
        if session is not None:
            session.cancel()
        update: _Update = gr.update(value="Cancelling", interactive=False)
        return update

    def _start_anew(self, session: Session | None) -> _Updates:
        if session is not None:
            session.reset()
        hidden = (self.option_row, self.confirm, self.suggestion_row)
        return {
            **{part: gr.update(visible=False) for part in hidden},
            **self.saved.quiet(),
            **self.bar.hidden(),
            **self.saved.shown(session),
            self.welcome: gr.update(visible=True),
            self.past: "",
            self.current: "",
            self.box: gr.update(value="", interactive=True),
            self.send: gr.update(visible=True),
            self.cancel: gr.update(visible=False),
        }


def _chip_updates(buttons: list[gr.Button], texts: tuple[str, ...]) -> _Updates:
    """Show as many buttons as there are texts; the rest are hidden."""
    padded = [*texts, *[""] * len(buttons)]
    return {
        button: gr.update(value=text, visible=bool(text))
        for button, text in zip(buttons, padded, strict=False)
    }
