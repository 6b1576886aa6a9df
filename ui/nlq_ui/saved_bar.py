"""What can be done with the open conversation: share it by link and take that back, delete it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import gradio as gr

from nlq.errors import NlqError
from nlq.kept.conversations import Conversations
from nlq_ui import html
from nlq_ui.session import Session
from nlq_ui.who import Who

_Updates = dict[Any, Any]

_COPY = """
() => setTimeout(() => {
  const link = document.querySelector('#nlq-saved-notice a');
  if (link && navigator.clipboard) navigator.clipboard.writeText(link.href).catch(() => {});
}, 100)
"""
_PLAIN_ADDRESS = "(s) => { history.replaceState(null, '', location.pathname); return s; }"


class SavedBar:
    """Three buttons, and a line under them that says what came of it."""

    def __init__(
        self,
        conversations: Conversations | None,
        who: Who,
    ) -> None:
        self._conversations = conversations
        self._who = who
        self.share = gr.Button("Copy link", size="sm", elem_id="nlq-share", scale=0)
        self.unshare = gr.Button(
            "Stop sharing", visible=False, size="sm", elem_id="nlq-unshare", scale=0
        )
        self.delete = gr.Button("Delete", size="sm", elem_id="nlq-delete", scale=0)

    def lay_out_notice(self) -> None:
        """Where the notice and the question before deleting stand."""
        self.notice = gr.HTML("", visible=False, elem_id="nlq-saved-notice")
        with gr.Row(visible=False, elem_id="nlq-sure") as self.sure:
            gr.HTML(html.notice_html("Delete this conversation and its link for good?"))
            self.do = gr.Button(
                "Yes, delete it", variant="stop", size="sm", elem_id="nlq-do-delete", scale=0
            )
            self.keep = gr.Button("Keep it", size="sm", elem_id="nlq-keep", scale=0)

    @property
    def parts(self) -> list[Any]:
        """All that the updates of this bar are for."""
        return [self.unshare, self.notice, self.sure]

    def connect(self, session: gr.State, start_anew: Callable[..., _Updates], page: Any) -> None:
        """Say what the buttons do; ``start_anew`` empties the ``page``."""
        self._start_anew = start_anew
        quiet: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "concurrency_limit": None,
        }
        self.share.click(self._share, session, self.parts, **quiet).then(js=_COPY)
        self.unshare.click(self._unshare, session, self.parts, **quiet)
        self.delete.click(lambda: gr.update(visible=True), None, self.sure, **quiet)
        self.keep.click(lambda: gr.update(visible=False), None, self.sure, **quiet)
        self.do.click(self._delete, session, page, js=_PLAIN_ADDRESS, **quiet)

    @property
    def fresh(self) -> dict[Any, dict[str, Any]]:
        """What the parts change to when the next question is asked."""
        return {part: {"visible": False} for part in (self.notice, self.sure)}

    def shown(self, session: Session | None) -> _Updates:
        """The button that takes a link back, where there is one."""
        kept = bool(self._conversations and session and session.kept)
        return {self.unshare: gr.update(visible=bool(kept and session and session.shared))}

    def quiet(self) -> _Updates:
        """Without what was told."""
        return {part: gr.update(visible=False) for part in (self.notice, self.sure)}

    def told(self, text: str) -> _Updates:
        """With something to tell."""
        return {self.notice: gr.update(visible=True, value=html.notice_html(text.strip()))}

    def _share(self, session: Session | None, request: gr.Request) -> _Updates:
        if self._conversations is None or session is None:
            return self.quiet()
        try:
            token = self._conversations.share(session.id, self._who(request))
        except NlqError as error:
            return self.told(f"{error.message} {error.hint}")
        told = (
            '<p class="nlq-foot" role="status">The '
            f'<a href="?s={escape(token)}">link to this conversation</a> is copied. Whoever has it '
            "sees the conversation up to here, as far as their own rights go.</p>"
        )
        session.shared = True
        return {
            **self.quiet(),
            **self.shown(session),
            self.notice: gr.update(visible=True, value=told),
        }

    def _unshare(self, session: Session | None, request: gr.Request) -> _Updates:
        if self._conversations is None or session is None:
            return self.quiet()
        try:
            self._conversations.unshare(session.id, self._who(request))
        except NlqError as error:
            return self.told(f"{error.message} {error.hint}")
        session.shared = False
        return {
            **self.quiet(),
            **self.shown(session),
            **self.told("This conversation is no longer shared: its link shows nothing any more."),
        }

    def _delete(self, session: Session | None, request: gr.Request) -> _Updates:
        if self._conversations is None or session is None:
            return self.quiet()
        try:
            self._conversations.delete(session.id, self._who(request))
        except NlqError as error:
            return self.told(f"{error.message} {error.hint}")
        return {**self._start_anew(session), **self.told("The conversation is deleted.")}
