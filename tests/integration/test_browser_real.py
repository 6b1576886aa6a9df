"""The chat page in a real Chromium over a real assistant: sample lake, index, guard, engine, log.

The question is one that the rules answer with a governed metric, so no chat model is started.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from nlq_ui.kept import open_for
from page_server import Served, ask, serving, watched
from playwright.sync_api import Browser, Page, expect

from nlq.assemble import open_assistant
from nlq.kept.rights import Rights
from nlq.log import AuditLog
from nlq.pipeline import Assistant
from nlq.settings import Settings
from nlq.types import Principal

pytestmark = pytest.mark.browser

EVE = Principal("eve", ("analyst",))
QUESTION = (
    "What was my revenue year over year, from quarter one of last year to quarter two of this year?"
)


@pytest.fixture(scope="module")
def assistant(settings: Settings) -> Iterator[Assistant]:
    assistant = open_assistant(settings)
    yield assistant
    assistant.close()


@pytest.fixture(scope="module")
def served(assistant: Assistant, settings: Settings) -> Iterator[Served]:
    rights = Rights(assistant.catalog, assistant.policy)
    kept = open_for(settings, lambda: rights)
    yield from serving(assistant, principal=EVE, kept=kept)


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
    expect(box).to_be_focused()
    expect(page.get_by_role("link", name="Pins")).to_be_in_viewport(ratio=1)
    snapshot(page, "chat-welcome")
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
    again = assistant.run_sql(record.sql, EVE)
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


def test_every_suggestion_is_a_button_that_is_answered(page: Page, served: Served) -> None:
    question = "What was our revenue by region last quarter?"
    page.goto(served.address)
    ask(page, question)
    suggested = page.locator("#nlq-suggestions button")
    expect(suggested.first).to_be_visible()
    for number, words in enumerate(suggested.all_inner_texts()):
        if number:
            page.get_by_role("button", name="New conversation").click()
            expect(page.locator(".nlq-answer")).to_have_count(0)
            ask(page, question)
        page.get_by_role("button", name=words, exact=True).click()
        expect(page.locator("#nlq-current .nlq-question")).to_have_text(words)
        page.wait_for_selector("#nlq-current .nlq-answer")
        expect(page.locator("#nlq-current .nlq-badge")).to_have_count(0)
        expect(page.locator("#nlq-current tbody tr").first).to_be_visible()


def test_kept_over_reloads_and_widths_pinned_and_refreshed(
    browser: Browser, served: Served, snapshot: Callable[[Page, str], None], settings: Settings
) -> None:
    address = ""
    for page in watched(browser, width=768, height=900):
        page.goto(served.address)
        for question in (QUESTION, "What was our revenue by region last quarter?"):
            box = page.locator("#nlq-box textarea")
            expect(box).to_be_enabled()
            box.fill(question)
            box.press("Enter")
            expect(page.locator("#nlq-current .nlq-question")).to_have_text(question)
            page.wait_for_selector("#nlq-current .nlq-answer", timeout=60_000)
            page.get_by_role("button", name="Pin", exact=True).click()
            expect(page.locator("#nlq-thanks")).to_contain_text("Pinned")
        page.wait_for_url("**/?c=*")
        address = page.url
        page.goto(f"{served.address}pins")
        page.get_by_role("button", name="Refresh all").click()
        expect(page.locator("#nlq-pins-told")).to_contain_text("Refreshed.")
        expect(page.locator(".nlq-pin:visible")).to_have_count(2)
        expect(page.locator("#nlq-pins")).not_to_contain_text("Not refreshed")
        audit = AuditLog(settings.audit_path)
        assert [record.interface for record in audit.recent(2)] == ["pins", "pins"]
        audit.close()
        snapshot(page, "chat-pins")
    pictures = (("chat-768", 768, False), ("chat-375", 375, False), ("chat-dark", 1280, True))
    for name, width, dark in pictures:
        for page in watched(browser, width=width, height=900, dark=dark):
            page.goto(address)
            expect(page.locator("#nlq-current h2")).to_contain_text("evenue")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            snapshot(page, name)
