"""Helps an SQL editor of the page: its id goes in, completion and Presto's colours are added to it.

Gradio's editor is CodeMirror, without a way to complete from elsewhere. ``editor.js`` finds its
view and shows a list of its own, which asks ``complete`` here, under the person's own rights.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import gradio as gr

from nlq.sql.functions import FUNCTIONS
from nlq.sql.words import RESERVED
from nlq.types import Principal
from nlq_ui.desk.tools import Tools

Who = Callable[[Any], Principal]
"""Who asks, by the request that they ask with."""

_JS = (Path(__file__).parent / "editor.js").read_text("utf-8")
_MOST_SQL = 100_000
_MORE = """
over partition rows range preceding following unbounded interval limit offset fetch asc desc filter
within first last nulls tablesample lateral array map row all any some ordinality
"""
"""Words that Presto does not reserve, to be seen as its own all the same."""


def help_editor(editor: str, run: str, tools: Tools, who: Who) -> None:
    """Add to the editor with that element id; Ctrl-Enter presses the button ``run``."""

    def complete(asked: Any, request: gr.Request) -> list[dict[str, Any]]:
        sql, position = (asked.get("sql"), asked.get("position")) if _is_asked(asked) else ("", 0)
        if not sql or len(sql) > _MOST_SQL:
            return []
        return [
            {"text": c.text, "kind": c.kind, "start": c.start, "end": c.end,
             "detail": c.detail, "words": c.words}
            for c in tools.desk.complete(sql, position, who(request))
        ]  # fmt: skip

    keywords = sorted({*(word.lower() for word in RESERVED), *_MORE.split()})
    words = (
        f'<div hidden data-for="{editor}" data-run="{run}" '
        f'data-functions="{" ".join(sorted(FUNCTIONS))}" '
        f'data-keywords="{" ".join(keywords)}"></div>'
    )
    gr.HTML(words, js_on_load=_JS, server_functions=[complete])


def _is_asked(asked: Any) -> bool:
    return (
        isinstance(asked, dict)
        and isinstance(asked.get("sql"), str)
        and isinstance(asked.get("position"), int)
    )
