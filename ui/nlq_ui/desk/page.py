"""The drafting desk: the app's pages and who asks go in, a page at ``/desk`` is added to them."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

import gradio as gr

from nlq.cancel import CancelToken
from nlq.desk.translate import DIALECTS
from nlq.types import Answer, Finished
from nlq_ui import html
from nlq_ui.desk import show
from nlq_ui.desk.catalog_bar import CatalogBar
from nlq_ui.desk.editor import Who, help_editor
from nlq_ui.desk.tools import Tools
from nlq_ui.desk.work import Done, Work, told
from nlq_ui.stages import StageLine, after

_LOG = logging.getLogger(__name__)

T = TypeVar("T")
_Updates = dict[Any, Any]
_Steps = Iterator[_Updates]

USE_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-use]');
  if (button) trigger('use', { number: Number(button.dataset.use) });
});
"""
QUIET: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "concurrency_limit": None,
}


class DeskPage:
    """The page's parts and what happens between them."""

    def __init__(self, blocks: gr.Blocks, tools: Tools, who: Who) -> None:
        self._tools = tools
        self._who = who
        with blocks.route("Desk", "/desk"):
            self._lay_out()
            self._connect(blocks)

    def _lay_out(self) -> None:
        self.work = gr.State(None)
        gr.Navbar(main_page_name="Ask")
        gr.HTML("<h1>Drafting desk</h1>", elem_id="desk-title")
        with gr.Row(elem_id="desk-columns"):
            with gr.Column(elem_id="desk-main", scale=3):
                self._lay_out_query()
                self.out = gr.HTML("", elem_id="desk-out", js_on_load=USE_JS)
                self._lay_out_versions()
                self._lay_out_proposal()
            with gr.Column(elem_id="desk-side", scale=1, min_width=280):
                self.catalog = CatalogBar(self._tools, self._who)

    def _lay_out_query(self) -> None:
        with gr.Row(elem_id="desk-ask-row"):
            self.question = gr.Textbox(
                label="Question", placeholder="A question to draft SQL for", max_length=4000,
                lines=1, max_lines=4, elem_id="desk-question", scale=1,
            )  # fmt: skip
            self.draft = gr.Button("Draft", elem_id="desk-draft", scale=0, min_width=90)
        self.sql = gr.Code(
            label="Presto SQL (Ctrl-Space completes, Ctrl-Enter runs)", language="sql",
            lines=10, max_lines=28, interactive=True, wrap_lines=True, elem_id="desk-sql",
        )  # fmt: skip
        help_editor("desk-sql", "desk-run", self._tools, self._who)
        with gr.Row(elem_id="desk-tools"):
            self.run = self._button("Run", "run", variant="primary")
            self.cancel = self._button("Cancel", "cancel", visible=False)
            self.explain = self._button("Explain", "explain")
            self.check = self._button("Check", "check")
            self.estimate = self._button("Estimate", "estimate")
            self.optimise = self._button("Optimise", "optimise")
            self.fix = self._button("Fix", "fix")
            self.format = self._button("Format", "format")
            self.translate = self._button("Translate from", "translate")
            self.dialect = gr.Dropdown(
                [(name, key) for key, name in DIALECTS.items()], value="postgres",
                label="Dialect to translate from", show_label=False, container=False,
                elem_id="desk-dialect", scale=0, min_width=170,
            )  # fmt: skip

    def _button(self, text: str, name: str, **more: Any) -> gr.Button:
        return gr.Button(text, size="sm", elem_id=f"desk-{name}", scale=0, min_width=70, **more)

    def _lay_out_versions(self) -> None:
        with gr.Accordion("Versions", open=False, elem_id="desk-versions"):
            with gr.Row():
                self.before = gr.Dropdown([], label="From", elem_id="desk-before")
                self.later = gr.Dropdown([], label="To", elem_id="desk-after")
            with gr.Row():
                self.compare = self._button("Compare", "compare")
                self.restore = self._button("Take From back", "restore")

    def _lay_out_proposal(self) -> None:
        with gr.Accordion("Save as a verified query", open=False, elem_id="desk-proposal"):
            gr.HTML(
                "<p>The question above and this SQL go to review. Another person approves them "
                "on the page Reviews; until then they answer nothing.</p>"
            )
            self.notes = gr.Textbox(
                label="Notes for the reviewer", lines=2, max_length=4000, elem_id="desk-notes"
            )
            self.propose = self._button("Propose", "propose")

    def _connect(self, blocks: gr.Blocks) -> None:
        sql, work = [self.sql, self.work], [self.work, self.out]
        versions = [self.before, self.later]
        waiting = [*work, self.sql, self.run, self.cancel, *versions]
        reports: tuple[tuple[gr.Button, Callable[..., Any]], ...] = (
            (self.explain, self._explain), (self.check, self._check),
            (self.estimate, self._estimate), (self.optimise, self._optimise),
        )  # fmt: skip
        for button, report in reports:
            button.click(report, sql, work, **QUIET)
        question = [self.question, *sql]
        self.run.click(self._run, sql, waiting, **QUIET)
        self.draft.click(self._draft, [self.question, self.work], waiting, **QUIET)
        self.question.submit(self._draft, [self.question, self.work], waiting, **QUIET)
        self.fix.click(self._fix, question, waiting, **QUIET)
        changed = [*work, self.sql, *versions]
        self.format.click(self._format, sql, changed, **QUIET)
        self.translate.click(self._translate, [self.dialect, *sql], changed, **QUIET)
        self.out.use(self._use, sql, changed, **QUIET)
        self.compare.click(self._compare, [self.work, *versions], self.out, **QUIET)
        self.restore.click(self._restore, [self.before, *sql], changed, **QUIET)
        proposing = [self.question, self.notes, *sql]
        self.propose.click(self._propose, proposing, waiting, **QUIET)
        self.cancel.click(
            self._cancel, self.work, self.cancel, queue=False, api_visibility="private",
            show_progress="hidden",
        )  # fmt: skip
        self.catalog.connect(blocks, self.out, QUIET)

    def _explain(self, sql: str, work: Work | None, request: gr.Request) -> _Updates:
        return self._report(
            work, lambda: show.explained(self._tools.desk.explain(sql, self._who(request)))
        )

    def _check(self, sql: str, work: Work | None, request: gr.Request) -> _Updates:
        return self._report(
            work, lambda: show.checked(self._tools.desk.check(sql, self._who(request)))
        )

    def _estimate(self, sql: str, work: Work | None, request: gr.Request) -> _Updates:
        return self._report(
            work, lambda: show.estimated(self._tools.desk.estimate(sql, self._who(request)))
        )

    def _optimise(self, sql: str, work: Work | None, request: gr.Request) -> _Updates:
        work = work or Work()
        work.suggestions = ()

        def find() -> str:
            work.suggestions = self._tools.desk.optimise(sql, self._who(request))
            return show.suggested(work.suggestions)

        return self._report(work, find)

    def _report(self, work: Work | None, report: Callable[[], str]) -> _Updates:
        try:
            return {self.work: work or Work(), self.out: report()}
        except Exception as error:
            return {self.work: work or Work(), self.out: self._failure(error)}

    def _run(self, sql: str, work: Work | None, request: gr.Request) -> _Steps:
        """Run what stands in the editor; it can be cancelled."""
        work = work or Work()
        work.keep(sql or "", "run")
        work.error = ""

        def job(cancel: CancelToken) -> str:
            desk, principal = self._tools.desk, self._who(request)
            if work.agreed != sql:
                cost = desk.estimate(sql, principal)
                if cost.verdict == "asks first":
                    work.agreed = sql
                    return show.asks_first(cost)
                cancel.check()
            return show.result(desk.run(sql, principal, cancel))

        yield from self._watched(work, "Running", job, lambda words: {self.out: words})

    def _fix(self, question: str, sql: str, work: Work | None, request: gr.Request) -> _Steps:
        work = work or Work()
        work.keep(sql or "", "before fixing")

        def job(cancel: CancelToken) -> Any:
            desk, principal = self._tools.desk, self._who(request)
            return desk.fix(sql, work.error, principal, cancel, question.strip())

        def shown(done: Any) -> _Updates:
            if done.source == "none":
                return {self.out: show.fixed(done)}
            return {self.out: show.fixed(done), **self._changed(work, done.sql, "fixed")}

        yield from self._watched(work, "Fixing", job, shown)

    def _propose(
        self, question: str, notes: str, sql: str, work: Work | None, request: gr.Request
    ) -> _Steps:
        def job(cancel: CancelToken) -> Any:
            who = self._who(request)
            return self._tools.reviews.propose(question, sql, notes, who, cancel=cancel)

        def shown(_item: Any) -> _Updates:
            words = "Proposed: it passed and ran. Another person approves it."
            return {self.out: show.message(words, "See the page Reviews.")}

        yield from self._watched(work or Work(), "Checking and running", job, shown)

    def _watched(
        self,
        work: Work,
        what: str,
        job: Callable[[CancelToken], T],
        shown: Callable[[T], _Updates],
    ) -> _Steps:
        """Work on a thread, with its seconds on the screen and a button to cancel it."""
        if work.busy:
            yield {self.work: work}
            return
        yield {self.work: work, **self._waiting(), self.out: show.working(what, 0)}
        try:
            for step in work.watched(job):
                if isinstance(step, Done):
                    yield {**shown(step.value), **self._ready(work)}
                else:
                    yield {self.out: show.working(what, step)}
        except Exception as error:
            work.error = told(error)[0]
            yield {self.out: self._failure(error), **self._ready(work)}

    def _draft(self, question: str, work: Work | None, request: gr.Request) -> _Steps:
        """Draft SQL for the question, stage by stage; nothing is run."""
        work = work or Work()
        if work.busy:
            yield {self.work: work}
            return
        token = work.begin()
        lines: tuple[StageLine, ...] = (StageLine("Reading the question"),)
        yield {self.work: work, **self._waiting(), self.out: html.stages_html(lines)}
        try:
            events = self._tools.assistant().stream(
                question,
                principal=self._who(request),
                cancel=token,
                run=False,
                interface="drafting",
            )
            for event in events:
                if isinstance(event, Finished):
                    yield {**self._drafted(work, event.answer), **self._ready(work)}
                    break
                lines = after(lines, event)
                yield {self.out: html.stages_html(lines)}
        except Exception as error:
            yield {self.out: self._failure(error), **self._ready(work)}
        finally:
            work.end(token)

    def _drafted(self, work: Work, answer: Answer) -> _Updates:
        if answer.kind != "draft" or not answer.sql:
            return {self.out: html.answer_html(answer)}
        about = html.answer_html(replace(answer, sql=""))  # the editor has it
        sql = self._tools.desk.format(answer.sql)
        return {self.out: about, **self._changed(work, sql, "drafted")}

    def _format(self, sql: str, work: Work | None) -> _Updates:
        work = work or Work()
        try:
            laid_out = self._tools.desk.format(sql)
        except Exception as error:
            return {self.work: work, self.out: self._failure(error)}
        return {self.work: work, self.out: "", **self._changed(work, laid_out, "laid out")}

    def _translate(self, dialect: str, sql: str, work: Work | None) -> _Updates:
        work = work or Work()
        work.keep(sql or "", "before translating")
        try:
            done = self._tools.desk.translate(sql, dialect)
        except Exception as error:
            return {self.work: work, self.out: self._failure(error)}
        changed = self._changed(work, done.sql, f"from {DIALECTS[dialect]}")
        return {self.work: work, self.out: show.translated(done), **changed}

    def _use(self, sql: str, work: Work | None, event: gr.EventData) -> _Updates:
        """Take a suggested rewrite into the editor."""
        work = work or Work()
        number = getattr(event, "number", -1)
        if not isinstance(number, int) or not 0 <= number < len(work.suggestions):
            return {self.work: work}
        chosen = work.suggestions[number]
        work.keep(sql or "", "before optimising")
        said = show.message(f"{chosen.name} is in the editor.", "Versions has the query before it.")
        return {self.work: work, self.out: said, **self._changed(work, chosen.sql, chosen.name)}

    def _compare(self, work: Work | None, before: str | None, later: str | None) -> str:
        first = work and before and work.version(before)
        second = work and later and work.version(later)
        if not first or not second:
            return show.message("Choose two versions.", "Each run and each change keeps one.")
        lines = self._tools.desk.diff(first.sql, second.sql)
        return show.compared(lines, first.label, second.label)

    def _restore(self, before: str | None, sql: str, work: Work | None) -> _Updates:
        work = work or Work()
        chosen = work.version(before) if before else None
        if chosen is None:
            return {self.work: work, self.out: show.message("Choose a version under From.")}
        work.keep(sql or "", "before taking back")
        said = show.message(f"Version {chosen.label} is in the editor.")
        return {self.work: work, self.out: said, **self._changed(work, chosen.sql, "taken back")}

    def _cancel(self, work: Work | None) -> dict[str, Any]:
        if work is not None:
            work.cancel()
        update: dict[str, Any] = gr.update(value="Cancelling", interactive=False)
        return update

    def _changed(self, work: Work, sql: str, what: str) -> _Updates:
        work.keep(sql, what)
        return {self.sql: sql, **self._versions(work)}

    def _versions(self, work: Work) -> _Updates:
        labels = [version.label for version in work.versions]
        first = labels[-2] if len(labels) > 1 else None
        return {
            self.before: gr.update(choices=labels, value=first),
            self.later: gr.update(choices=labels, value=labels[-1] if labels else None),
        }

    def _waiting(self) -> _Updates:
        cancel = gr.update(visible=True, interactive=True, value="Cancel")
        return {self.run: gr.update(visible=False), self.cancel: cancel}

    def _ready(self, work: Work) -> _Updates:
        return {
            self.run: gr.update(visible=True),
            self.cancel: gr.update(visible=False),
            **self._versions(work),
        }

    def _failure(self, error: Exception) -> str:
        words = show.failure(error)
        if told(error)[0].startswith("Something inside"):
            _LOG.error("the desk failed", exc_info=error)
        return words
