"""What axe-core finds on the pages, in light and dark: nothing serious."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe import found
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


@pytest.fixture(scope="module")
def kept_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    folder: Path = tmp_path_factory.mktemp("kept")
    rights = finance_rights(folder)
    file = open_kept(folder / "kept.sqlite")
    kept = Kept(Conversations(file, lambda: rights), Pins(file, lambda: rights))
    eve = Principal("eve", ("executive",))
    yield from serving(ScriptedAssistant(), ("Revenue by region",), principal=eve, kept=kept)
    file.close()


@pytest.mark.parametrize(("tone", "width"), [("light", 375), ("dark", 375), ("wide", 1280)])
def test_axe_finds_nothing_serious(
    browser: Browser, kept_page: Served, snapshot: Snapshot, tone: str, width: int
) -> None:
    for page in watched(browser, width=width, height=812, dark=tone == "dark"):
        page.goto(kept_page.address)
        expect(page.get_by_role("button", name="Revenue by region")).to_be_visible()
        seen = {"welcome": found(page)}
        ask(page, "What were sales?")
        seen["clarification"] = found(page)
        ask(page, "revenue by region")
        page.get_by_role("button", name="Pin", exact=True).click()
        expect(page.locator("#nlq-thanks")).to_contain_text("Pinned")
        for fold in page.locator("#nlq-current summary").all():
            fold.click()
        seen["answer"] = found(page)
        snapshot(page, f"axe-answer-{tone}")
        assert page.evaluate("!!document.querySelector('.dark')") is (tone == "dark")
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        page.goto(f"{kept_page.address}conversations")
        expect(page.locator(".nlq-list li").first).to_be_visible()
        seen["conversations"] = found(page)
        page.goto(f"{kept_page.address}pins")
        expect(page.locator(".nlq-pin h2").first).to_be_visible()
        seen["pins"] = found(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        snapshot(page, f"axe-pins-{tone}")
        assert {name: violations for name, violations in seen.items() if violations} == {}
