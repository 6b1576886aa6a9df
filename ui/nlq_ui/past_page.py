"""The page of past conversations: those of whoever looks go in, a list to search comes out."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Any

import gradio as gr

from nlq.errors import NlqError
from nlq.kept.conversations import LISTED, Conversations, Listed
from nlq_ui import html
from nlq_ui.who import Who


class PastPage:
    """The page ``/conversations``."""

    def __init__(
        self,
        blocks: gr.Blocks,
        conversations: Conversations,
        who: Who,
    ) -> None:
        self._conversations = conversations
        self._who = who
        quiet: dict[str, Any] = {
            "api_visibility": "private",
            "show_progress": "hidden",
            "concurrency_limit": None,
        }
        with blocks.route("Conversations", "/conversations"):
            gr.Navbar(main_page_name="Ask")
            gr.HTML("<h1>Conversations</h1>", elem_id="nlq-title")
            self.words = gr.Textbox(
                placeholder="Search in questions and answers",
                label="Search your conversations",
                show_label=False,
                container=False,
                max_length=200,
                elem_id="nlq-search",
            )
            self.found = gr.HTML("", elem_id="nlq-list")
            blocks.load(self._find, self.words, self.found, queue=False, **quiet)
            self.words.change(self._find, self.words, self.found, trigger_mode="always_last",
                              **quiet)  # fmt: skip

    def _find(self, words: str | None, request: gr.Request) -> str:
        words = (words or "").strip()
        try:
            found = self._conversations.listed(self._who(request), words)
        except NlqError as error:
            return html.notice_html(f"{error.message} {error.hint}")
        return list_html(found, words)


def list_html(found: Iterable[Listed], words: str) -> str:
    """The list as HTML; an entry leads to its conversation."""
    entries = [_entry(listed) for listed in found]
    if not entries:
        return html.notice_html(
            "No conversation has all of these words." if words else "There are none yet."
        )
    told = ""
    if len(entries) >= LISTED:
        told = html.notice_html(f"These are the {LISTED} last ones; search for earlier ones.")
    count = "1 conversation" if len(entries) == 1 else f"{len(entries)} conversations"
    mark = f'<p class="nlq-foot" role="status">{count}</p>'
    return f'{mark}<ul class="nlq-list">{"".join(entries)}</ul>{told}'


def _entry(listed: Listed) -> str:
    questions = "1 question" if listed.count == 1 else f"{listed.count} questions"
    found = f"<p>{escape(listed.found)}</p>" if listed.found not in ("", listed.title) else ""
    shared = ", shared by link" if listed.shared else ""
    return (
        f'<li><a href="../?c={escape(listed.id)}">{escape(listed.title)}</a>{found}'
        f"<small>{questions}, last on {html.moment_text(listed.asked_at)}{shared}</small></li>"
    )
