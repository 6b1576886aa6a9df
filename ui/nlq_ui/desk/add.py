"""Adds the analysts' pages to the app: its blocks, settings and who asks go in."""

from __future__ import annotations

import gradio as gr

from nlq.assemble import open_reviews
from nlq.settings import Settings
from nlq_ui.desk.editor import Who
from nlq_ui.desk.page import DeskPage
from nlq_ui.desk.reviews_page import ReviewsPage
from nlq_ui.desk.tools import Tools
from nlq_ui.opening import Opening


def add_desk(blocks: gr.Blocks, settings: Settings, opening: Opening, who: Who) -> None:
    """The pages ``/desk`` and ``/reviews``."""
    tools = Tools(opening, lambda assistant: open_reviews(settings, assistant))
    DeskPage(blocks, tools, who)
    ReviewsPage(blocks, tools, who)
