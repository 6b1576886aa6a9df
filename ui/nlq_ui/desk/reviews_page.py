"""The review page: the app's pages and who asks go in, a page at ``/reviews`` is added to them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from html import escape
from typing import Any

import gradio as gr

from nlq.kept.review_types import ReviewItem, ReviewState, Steps
from nlq_ui.desk import reviews_html, show
from nlq_ui.desk.catalog_bar import OPEN_JS
from nlq_ui.desk.editor import Who, help_editor
from nlq_ui.desk.page import QUIET
from nlq_ui.desk.tools import Tools
from nlq_ui.desk.work import Done, Work

_Updates = dict[Any, Any]
_STATES: dict[str, tuple[ReviewState, ...]] = {
    "Waiting": ("reported", "proposed"),
    "Approved": ("approved",),
    "Rejected and retired": ("rejected", "retired"),
}
_WAITING = "Waiting"
_DAYS = 30


class ReviewsPage:
    """The page's parts and what happens between them."""

    def __init__(self, blocks: gr.Blocks, tools: Tools, who: Who) -> None:
        self._tools = tools
        self._who = who
        with blocks.route("Reviews", "/reviews"):
            self._lay_out()
            self._connect(blocks)

    def _lay_out(self) -> None:
        self.item = gr.State(None)
        self.work = gr.State(None)
        gr.Navbar(main_page_name="Ask")
        gr.HTML("<h1>Reviews</h1>", elem_id="reviews-title")
        self.intro = gr.HTML("", elem_id="reviews-intro")
        with gr.Row(elem_id="reviews-columns"):
            with gr.Column(scale=1, min_width=280, elem_id="reviews-side"):
                self.states = gr.Radio(
                    list(_STATES), value=_WAITING, label="Show", elem_id="reviews-states"
                )
                self.list = gr.HTML("", elem_id="reviews-list", js_on_load=OPEN_JS)
            with gr.Column(scale=2, elem_id="reviews-main"):
                self.out = gr.HTML("", elem_id="reviews-out", js_on_load=None)
                with gr.Column(visible=False, elem_id="reviews-item") as self.detail:
                    self._lay_out_item()
        gr.HTML("<h2>Questions that fail most</h2>")
        self.failing = gr.HTML("", elem_id="reviews-failing", js_on_load=None)

    def _lay_out_item(self) -> None:
        self.about = gr.HTML("", elem_id="reviews-about", js_on_load=None)
        self.question = gr.Textbox(
            label="Question", lines=1, max_lines=4, max_length=500, elem_id="reviews-question"
        )
        self.sql = gr.Code(
            label="Presto SQL", language="sql", lines=6, max_lines=24, interactive=True,
            wrap_lines=True, elem_id="reviews-sql",
        )  # fmt: skip
        help_editor("reviews-sql", "reviews-run", self._tools, self._who)
        self.notes = gr.Textbox(label="Notes", lines=2, max_length=4000, elem_id="reviews-notes")
        with gr.Row(elem_id="reviews-tools"):
            self.check = self._button("Check", "check")
            self.run = self._button("Run", "run")
            self.correct = self._button("Save the correction", "correct")
            self.approve = self._button("Approve", "approve", variant="primary")
            self.cancel = self._button("Cancel", "cancel", visible=False)
        with gr.Row(elem_id="reviews-ends"):
            self.reason = gr.Textbox(
                label="Reason to reject or retire", max_length=4000, elem_id="reviews-reason"
            )
            self.reject = self._button("Reject", "reject")
            self.retire = self._button("Retire", "retire")

    def _button(self, text: str, name: str, **more: Any) -> gr.Button:
        return gr.Button(text, size="sm", elem_id=f"reviews-{name}", scale=0, min_width=70, **more)

    def _connect(self, blocks: gr.Blocks) -> None:
        looked = [self.intro, self.list, self.failing]
        blocks.load(self._look, self.states, looked, **QUIET)
        self.states.change(self._look, self.states, looked, **QUIET)
        self.shown: list[Any] = [
            self.item, self.work, self.out, self.detail, self.about, self.question, self.sql,
            self.notes, self.check, self.run, self.correct, self.approve, self.cancel, self.reason,
            self.reject, self.retire, self.list,
        ]  # fmt: skip
        self.list.open(self._open, None, self.shown, **QUIET)
        self.check.click(self._check, self.sql, self.out, **QUIET)
        written = [self.item, self.work, self.question, self.sql, self.notes, self.states]
        self.run.click(self._run, [self.sql, self.work], self.shown, **QUIET)
        self.correct.click(self._correct, written, self.shown, **QUIET)
        self.approve.click(self._approve, written, self.shown, **QUIET)
        ended = [self.item, self.reason, self.states]
        self.reject.click(self._reject, ended, self.shown, **QUIET)
        self.retire.click(self._retire, ended, self.shown, **QUIET)
        self.cancel.click(
            self._cancel, self.work, None, queue=False, api_visibility="private",
            show_progress="hidden",
        )  # fmt: skip

    def _look(self, states: str, request: gr.Request) -> tuple[str, str, str]:
        try:
            reviews, principal = self._tools.reviews, self._who(request)
            failing = (
                reviews_html.failing_html(reviews.failing(principal, _DAYS), _DAYS)
                if reviews.rights.reviews(principal)
                else f'<p class="nlq-hint">Shown to the role {reviews.rights.named}.</p>'
            )
            return self._intro(request), self._list(states, request), failing
        except Exception as error:
            return show.failure(error), "", ""

    def _intro(self, request: gr.Request) -> str:
        rights, principal = self._tools.reviews.rights, self._who(request)
        words = "Proposed queries, and answers that somebody called wrong. "
        if rights.self_approval:
            words += "The settings let people approve what they wrote themselves. "
        else:
            words += "Whoever wrote a query does not approve it; another person does. "
        words += f"You are {principal.name}"
        words += "." if rights.reviews(principal) else f"; reviewing takes the role {rights.named}."
        return f"<p>{escape(words)}</p>"

    def _list(self, states: str, request: gr.Request) -> str:
        found = self._tools.reviews.items(self._who(request), _STATES.get(states, ()))
        return reviews_html.list_html(found)

    def _open(self, event: gr.EventData, request: gr.Request) -> _Updates:
        try:
            principal = self._who(request)
            item = self._tools.reviews.item(str(getattr(event, "name", ""))[:100], principal)
            return {**self._shown(item, request), self.out: "", self.reason: ""}
        except Exception as error:
            return {self.out: show.failure(error), self.detail: gr.update(visible=False)}

    def _shown(self, item: ReviewItem, request: gr.Request) -> _Updates:
        steps: Steps = self._tools.reviews.steps(item, self._who(request))
        open_ended = steps.reject or steps.retire
        return {
            self.item: item,
            self.detail: gr.update(visible=True),
            self.about: reviews_html.item_html(item, steps),
            self.question: gr.update(value=item.question, interactive=steps.correct),
            self.sql: gr.update(value=item.sql, interactive=steps.correct),
            self.notes: gr.update(value=item.notes, visible=steps.correct),
            self.correct: gr.update(visible=steps.correct),
            self.approve: gr.update(visible=steps.approve),
            self.reason: gr.update(visible=open_ended),
            self.reject: gr.update(visible=steps.reject),
            self.retire: gr.update(visible=steps.retire),
        }

    def _check(self, sql: str, request: gr.Request) -> str:
        try:
            return show.checked(self._tools.desk.check(sql, self._who(request)))
        except Exception as error:
            return show.failure(error)

    def _run(self, sql: str, work: Work | None, request: gr.Request) -> Iterator[_Updates]:
        yield from self._watched(
            work or Work(), "Running",
            lambda cancel: self._tools.desk.run(sql, self._who(request), cancel),
            lambda found: {self.out: show.result(found)},
        )  # fmt: skip

    def _correct(
        self, item: ReviewItem | None, work: Work | None, question: str, sql: str, notes: str,
        states: str, request: gr.Request,
    ) -> Iterator[_Updates]:  # fmt: skip
        if item is None:
            return

        def job(cancel: Any) -> ReviewItem:
            who = self._who(request)
            return self._tools.reviews.correct(item, question, sql, notes, who, cancel=cancel)

        words = show.message("Kept. It passed and ran; another person approves it.")
        yield from self._watched(
            work or Work(), "Checking and running", job,
            lambda kept: self._after(kept, words, states, request),
        )  # fmt: skip

    def _approve(
        self, item: ReviewItem | None, work: Work | None, question: str, sql: str, _notes: str,
        states: str, request: gr.Request,
    ) -> Iterator[_Updates]:  # fmt: skip
        if item is None:
            return
        if (question.strip(), sql.strip()) != (item.question, item.sql.strip()):
            words = "You changed it, so it is another query than the one to approve."
            yield {
                self.out: show.message(words, "Save the correction, or open it again.", bad=True)
            }
            return
        yield from self._watched(
            work or Work(), "Checking, running and writing",
            lambda cancel: self._tools.reviews.approve(item, self._who(request), cancel=cancel),
            lambda done: self._after(
                done.item, show.message("Approved.", " ".join(done.told)), states, request
            ),
        )  # fmt: skip

    def _reject(
        self, item: ReviewItem | None, reason: str, states: str, request: gr.Request
    ) -> _Updates:
        def end(item: ReviewItem) -> _Updates:
            kept = self._tools.reviews.reject(item, reason, self._who(request))
            return self._after(kept, show.message("Rejected."), states, request)

        return self._ended(item, end)

    def _retire(
        self, item: ReviewItem | None, reason: str, states: str, request: gr.Request
    ) -> _Updates:
        def end(item: ReviewItem) -> _Updates:
            done = self._tools.reviews.retire(item, reason, self._who(request))
            words = show.message("Retired.", " ".join(done.told))
            return self._after(done.item, words, states, request)

        return self._ended(item, end)

    def _ended(self, item: ReviewItem | None, end: Callable[[ReviewItem], _Updates]) -> _Updates:
        if item is None:
            return {self.out: ""}
        try:
            return end(item)
        except Exception as error:
            return {self.out: show.failure(error)}

    def _after(self, item: ReviewItem, words: str, states: str, request: gr.Request) -> _Updates:
        listed = self._list(states, request)
        return {**self._shown(item, request), self.out: words, self.list: listed}

    def _watched(
        self,
        work: Work,
        what: str,
        job: Callable[[Any], Any],
        shown: Callable[[Any], _Updates],
    ) -> Iterator[_Updates]:
        if work.busy:
            return
        hidden, there = gr.update(visible=False), gr.update(visible=True)
        yield {self.work: work, self.cancel: there, self.out: show.working(what, 0)}
        try:
            for step in work.watched(job):
                if isinstance(step, Done):
                    yield {self.cancel: hidden, **shown(step.value)}
                else:
                    yield {self.out: show.working(what, step)}
        except Exception as error:
            yield {self.cancel: hidden, self.out: show.failure(error)}

    def _cancel(self, work: Work | None) -> None:
        if work is not None:
            work.cancel()
