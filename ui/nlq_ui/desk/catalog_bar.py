"""The catalog at the desk's side: who looks goes in; found tables and sample rows come out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from nlq.types import Principal
from nlq_ui.desk import catalog_html, show
from nlq_ui.desk.tools import Tools

_SAMPLE_ROWS = 20
OPEN_JS = """
element.addEventListener('click', (event) => {
  const button = event.target.closest('[data-open]');
  if (button) trigger('open', { name: button.dataset.open });
});
"""


class CatalogBar:
    """A box to search with, what it found, and the table that was opened."""

    def __init__(self, tools: Tools, who: Callable[[Any], Principal]) -> None:
        self._tools = tools
        self._who = who
        self.open = gr.State("")
        gr.HTML("<h2>Catalog</h2>")
        self.box = gr.Textbox(
            label="Search tables", placeholder="What is it about?", max_length=500,
            elem_id="desk-search",
        )  # fmt: skip
        self.search = gr.Button("Search", size="sm", elem_id="desk-find", scale=0)
        self.found = gr.HTML("", elem_id="desk-found", js_on_load=OPEN_JS)
        self.sample = gr.Button(
            "Sample rows", size="sm", visible=False, elem_id="desk-sample", scale=0
        )
        self.table = gr.HTML("", elem_id="desk-table", js_on_load=None)

    def connect(self, blocks: gr.Blocks, out: gr.HTML, quiet: dict[str, Any]) -> None:
        """Say what happens; sample rows are shown in ``out``."""
        for event in (self.search.click, self.box.submit):
            event(self._search, self.box, self.found, **quiet)
        blocks.load(self._search, self.box, self.found, **quiet)
        opened = [self.table, self.sample, self.open]
        self.found.open(self._open, None, opened, **quiet)
        self.sample.click(self._sample, self.open, out, **quiet)

    def _search(self, text: str, request: gr.Request) -> str:
        try:
            return catalog_html.found_html(self._tools.desk.search(text, self._who(request)))
        except Exception as error:
            return show.failure(error)

    def _open(self, event: gr.EventData, request: gr.Request) -> tuple[str, Any, str]:
        name = str(getattr(event, "name", ""))[:300]
        try:
            page = self._tools.desk.table(name, self._who(request))
        except Exception as error:
            return show.failure(error), gr.update(visible=False), ""
        return catalog_html.table_html(page), gr.update(visible=True), page.doc.name

    def _sample(self, name: str, request: gr.Request) -> str:
        try:
            rows = self._tools.desk.sample(name, self._who(request), _SAMPLE_ROWS)
        except Exception as error:
            return show.failure(error)
        return show.result(rows, f"Some rows of {name}")
