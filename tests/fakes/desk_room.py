"""The desk's pages over the sample's lake, with several people; the drafter is scripted."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from nlq_ui.app import Page as ChatPage
from nlq_ui.desk.page import DeskPage
from nlq_ui.desk.reviews_page import ReviewsPage
from nlq_ui.desk.tools import Tools
from nlq_ui.opening import Opening
from page_server import Served, serving
from review_room import Room, clock

from nlq.cancel import CancelToken
from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.engine.duckdb_engine import DuckDbEngine
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.sample.facts import SAMPLE_DOCS, SAMPLE_NOW
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Context, Draft, Principal, Question, Rejection, SqlDraft, TableHit

PEOPLE = {
    "ana": Principal("ana", ("analyst",)),
    "pat": Principal("pat", ("data_platform",)),
    "pia": Principal("pia", ("data_platform",)),
    "emil": Principal("emil", ("sales_emea",)),
}
CARRIERS = "select count(*) as carriers from lake.product.carriers where route_cd = 'AGG'"
ASKED_FIRST = "  confirm_above_bytes: 1000000\n"
SLOW = (
    "SELECT sum(a.units * b.units) AS n FROM lake.curated.daily_usage AS a "
    "JOIN lake.curated.daily_usage AS b ON a.prd_cd = b.prd_cd"
)


class DeskRetriever:
    """Finds the tables whose name or description has a word of the text."""

    def retrieve(self, question: Question, visible: Catalog) -> Context:
        words = [word for word in question.text.lower().split() if len(word) > 3]
        hits = tuple(
            TableHit(doc, 1.0)
            for doc in visible.tables.values()
            if any(word in f"{doc.name} {doc.description}".lower() for word in words)
        )
        return Context(question, question.text, tables=hits)

    def lake_docs(self, visible: Catalog) -> str:
        return ""


class DeskDrafter:
    """Drafts the count of carriers, or mends to it."""

    def draft(
        self,
        context: Context,
        visible: Catalog,
        rejections: tuple[Rejection, ...],
        cancel: CancelToken,
        on_text: Callable[[str], None] | None = None,
    ) -> Draft:
        return SqlDraft(CARRIERS, "model")

    def another(
        self, context: Context, visible: Catalog, number: int, cancel: CancelToken
    ) -> Draft:
        return SqlDraft(CARRIERS, "model")

    def warm_up(self, lake: str = "") -> None:
        pass


def by_header(request: Any) -> Principal:
    """Whoever the window's header names."""
    return PEOPLE[request.headers["x-person"]]


def desk_served(lake: Path, folder: Path) -> Iterator[tuple[Served, Room]]:
    """Serve the pages; approved queries go into a folder of docs below ``folder``."""
    docs = YamlDocs(SAMPLE_DOCS).load()
    asking_first = folder / "policy.yaml"
    text = (SAMPLE_DOCS.parent / "policy.yaml").read_text("utf-8")
    asking_first.write_text(text.replace("limits:\n", f"limits:\n{ASKED_FIRST}", 1))
    policy = Policy.load(asking_first)
    assistant = Assistant(
        catalog=docs,
        policy=policy,
        guard=Guard(docs, policy),
        retriever=DeskRetriever(),
        drafter=DeskDrafter(),
        engine=DuckDbEngine(lake, now=SAMPLE_NOW),
        audit=AuditLog(folder / "audit.sqlite"),
        clock=clock,
    )
    written = folder / "docs"
    written.mkdir()
    room = Room(assistant, assistant.audit, folder, written, folder / "reviewed.yaml")  # type: ignore[arg-type]

    def more(page: ChatPage, opening: Opening) -> None:
        tools = Tools(opening, lambda _assistant: room.reviews())
        DeskPage(page.blocks, tools, by_header)
        ReviewsPage(page.blocks, tools, by_header)

    for served in serving(assistant, who=by_header, more=more):
        yield served, room
    assistant.close()
