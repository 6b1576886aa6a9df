"""Conversations that last, in a real Chromium: reload, list, search, link, copy, delete; rights."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import gradio as gr
import pytest
from kept_lake import finance_rights
from nlq_ui.kept import Kept
from page_server import Served, ask, serving, watched
from playwright.sync_api import Browser, Page, expect
from scripted_assistant import ScriptedAssistant

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.pins import Pins
from nlq.types import Principal

pytestmark = pytest.mark.browser

Snapshot = Callable[[Page, str], None]


def by_header(request: gr.Request | None) -> Principal:
    """Who asks, as a proxy would say."""
    assert request is not None
    name = request.headers.get("x-who", "eve")
    return Principal(name, ("guest",) if name == "gus" else ("executive",))


@pytest.fixture(scope="module")
def kept_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder = tmp_path_factory.mktemp("kept")
    rights = finance_rights(folder)
    file = open_kept(folder / "kept.sqlite")
    kept = Kept(Conversations(file, lambda: rights), Pins(file, lambda: rights))
    yield from serving(ScriptedAssistant(), ("Revenue by region",), kept=kept, who=by_header)
    file.close()


def another(browser: Browser, name: str) -> Iterator[Page]:
    for page in watched(browser, width=1000, height=800):
        page.set_extra_http_headers({"x-who": name})
        yield page


def test_a_reload_keeps_the_conversation_and_goes_on(page: Page, kept_page: Served) -> None:
    page.goto(kept_page.address)
    ask(page, "revenue by quarter")
    ask(page, "revenue by region")
    page.wait_for_url(re.compile(r"\?c=\w+$"))
    page.reload()
    expect(page.locator("#nlq-past h2")).to_contain_text("Revenue was $6,370,000")
    expect(page.locator("#nlq-current h2")).to_contain_text("North America")
    expect(page.locator("#nlq-current")).to_contain_text("Asked on")
    expect(page.locator("#nlq-welcome")).to_be_hidden()
    expect(page.get_by_role("button", name="And by region?")).to_be_visible()
    ask(page, "only Europe by region")
    assert isinstance(kept_page.assistant, ScriptedAssistant)
    assert kept_page.assistant.asked[-1][2] == 2
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".nlq-answer")).to_have_count(0)
    assert "?c=" not in page.url


def test_the_list_is_searched_and_leads_back(
    page: Page, kept_page: Served, snapshot: Snapshot
) -> None:
    page.goto(kept_page.address)
    ask(page, "messages by account, please")
    page.goto(f"{kept_page.address}conversations")
    expect(page.locator(".nlq-list li").first).to_contain_text("messages by account, please")
    page.locator("#nlq-search input, #nlq-search textarea").first.fill("ACCOUNTS sent")
    expect(page.locator(".nlq-list li")).to_have_count(1)
    expect(page.locator(".nlq-list li p")).to_have_text("1,200 accounts sent messages.")
    snapshot(page, "conversations")
    page.get_by_role("link", name="messages by account, please").click()
    expect(page.locator("#nlq-current h2")).to_contain_text("1,200 accounts")
    expect(page.locator("#nlq-current")).to_contain_text("The first 50 of 1,200 rows")


def test_a_link_shows_it_to_others_as_far_as_their_rights_go(
    page: Page, kept_page: Served, browser: Browser, snapshot: Snapshot
) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(kept_page.address)
    ask(page, "revenue by region for the board")
    page.wait_for_url(re.compile(r"\?c=\w+$"))
    own = page.url
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator("#nlq-saved-notice")).to_contain_text("as far as their own rights go")
    page.wait_for_timeout(300)
    link = page.evaluate("navigator.clipboard.readText()")
    assert re.fullmatch(re.escape(kept_page.address) + r"\?s=[\w-]{32,}", link)
    snapshot(page, "shared")
    for other in another(browser, "ann"):
        other.goto(own)
        expect(other.locator("#nlq-saved-notice")).to_contain_text("another person's")
        expect(other.locator(".nlq-answer")).to_have_count(0)
        other.goto(link)
        expect(other.locator("#nlq-current h2")).to_contain_text("North America")
        expect(other.locator("#nlq-saved-notice")).to_contain_text("was shared with you")
        ask(other, "and by region again")
        other.wait_for_url(re.compile(r"\?c=\w+$"))
        assert other.url != own
        other.reload()
        expect(other.locator("#nlq-past .nlq-question")).to_contain_text("for the board")
    for guest in another(browser, "gus"):
        guest.goto(link)
        expect(guest.locator("#nlq-current h2")).to_contain_text("not open to you")
        expect(guest.locator("#nlq-current")).not_to_contain_text("North America")
    page.reload()
    expect(page.locator(".nlq-question")).to_have_count(1)
    page.get_by_role("button", name="Stop sharing").click()
    expect(page.locator("#nlq-saved-notice")).to_contain_text("no longer shared")
    expect(page.get_by_role("button", name="Stop sharing")).to_be_hidden()
    for guest in another(browser, "ann"):
        guest.goto(link)
        expect(guest.locator("#nlq-saved-notice")).to_contain_text("no longer shared")
        expect(guest.locator(".nlq-answer")).to_have_count(0)


def test_deleting_asks_first(page: Page, kept_page: Served) -> None:
    page.goto(kept_page.address)
    ask(page, "revenue to be forgotten")
    page.wait_for_url(re.compile(r"\?c=\w+$"))
    own = page.url
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.locator("#nlq-sure")).to_be_hidden()
    page.get_by_role("button", name="Delete", exact=True).click()
    page.get_by_role("button", name="Yes, delete it").click()
    expect(page.locator("#nlq-saved-notice")).to_contain_text("is deleted")
    expect(page.locator(".nlq-answer")).to_have_count(0)
    page.goto(own)
    expect(page.locator("#nlq-saved-notice")).to_contain_text("no such conversation")


def test_a_pin_shows_its_figures_refreshes_and_goes(
    page: Page, kept_page: Served, snapshot: Snapshot
) -> None:
    page.goto(kept_page.address)
    ask(page, "revenue by region for my pins")
    page.get_by_role("button", name="Pin", exact=True).click()
    expect(page.locator("#nlq-thanks")).to_contain_text("Pinned")
    ask(page, "revenue by quarter for my pins")
    page.get_by_role("button", name="Pin", exact=True).click()
    page.get_by_role("link", name="Your pins").click()
    cards = page.locator(".nlq-pin:visible")
    expect(cards).to_have_count(2)
    expect(cards.first.locator("h2")).to_contain_text("North America")
    expect(cards.first.locator("svg").last).to_be_visible()
    expect(cards.first).to_contain_text("Computed on")
    snapshot(page, "pins")
    assert isinstance(kept_page.assistant, ScriptedAssistant)
    before = len(kept_page.assistant.asked)
    page.get_by_role("button", name="Refresh all").click()
    expect(page.locator("#nlq-pins-told")).to_contain_text("Refreshed.")
    assert [text for text, _, _ in kept_page.assistant.asked[before:]] == [
        "revenue by region for my pins", "revenue by quarter for my pins",
    ]  # fmt: skip
    cards.first.get_by_role("button", name="Remove").click()
    expect(cards).to_have_count(1)
    expect(cards.first.locator("h2")).to_contain_text("Revenue was")
