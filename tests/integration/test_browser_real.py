"""The chat page in a real Chromium over a real assistant: sample lake, index, guard, engine, log.

The question is one that the rules answer with a governed metric, so no chat model is started.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_server import Served, serving
from playwright.sync_api import Page, expect

from nlq.assemble import load_catalog, open_assistant
from nlq.llm.embeddings import embeddings
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.retrieval.index import build_index
from nlq.sample.lake import make_lake
from nlq.settings import Settings
from nlq.types import Principal

pytestmark = pytest.mark.browser

QUESTION = (
    "What was my revenue year over year, from quarter one of last year to quarter two of this year?"
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small lake and its index."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    make_lake(settings.lake_dir, scale=0.05)
    build_index(load_catalog(settings), embeddings(settings.embeddings), settings.index_dir)
    return settings


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    assistant = open_assistant(settings)
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def served(assistant: Assistant) -> Iterator[Served]:
    yield from serving(assistant, principal=Principal("eve", ("analyst",)))


def test_asked_answered_downloaded_and_rated(
    page: Page,
    served: Served,
    assistant: Assistant,
    settings: Settings,
    tmp_path: Path,
    snapshot: Callable[[Page, str], None],
) -> None:
    page.goto(served.address)
    box = page.locator("#nlq-box textarea")
    box.fill(QUESTION)
    box.press("Enter")
    page.wait_for_selector("#nlq-current .nlq-answer", timeout=60_000)
    expect(page.locator("#nlq-current h2")).to_contain_text("evenue")
    expect(page.locator("#nlq-current svg").first).to_be_visible()
    expect(page.locator("#nlq-current tbody tr")).to_have_count(6)
    expect(page.locator("#nlq-current tbody tr").first).to_contain_text("Q1 2025")
    snapshot(page, "chat")
    page.get_by_text("Tables and their state").click()
    expect(page.locator(".nlq-state").first).to_contain_text("certified")

    audit = AuditLog(settings.audit_path)
    (record,) = audit.recent(1)
    assert (record.question, record.outcome, record.interface) == (QUESTION, "answer", "page")
    assert record.principal == "eve"

    with page.expect_download() as download:
        page.locator("#nlq-csv").click()
    download.value.save_as(tmp_path / "result.csv")
    rows = list(csv.reader((tmp_path / "result.csv").read_text("utf-8-sig").splitlines()))
    again = assistant.run_sql(record.sql, Principal("eve", ("analyst",)))
    assert rows == [
        [column.name for column in again.columns],
        *([str(value) for value in row] for row in again.rows),
    ]

    page.get_by_role("button", name="Helpful").click()
    expect(page.locator("#nlq-thanks")).to_contain_text("Thank you")
    kept = audit.get(record.id)
    audit.close()
    assert kept is not None
    assert kept.feedback is not None
    assert (kept.feedback.rating, kept.feedback.by) == ("up", "eve")
