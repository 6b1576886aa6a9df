"""Sign-in by OpenID Connect in a real Chromium: two people, their sessions, and their end."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from kept_lake import finance_rights
from nlq_ui.kept import Kept
from oidc_server import CLIENT, SECRET, OidcServer, oidc_server
from page_server import Served, serving, watched
from playwright.sync_api import Browser, Page, expect
from scripted_assistant import ScriptedAssistant

from nlq.kept.conversations import Conversations
from nlq.kept.file import open_kept
from nlq.kept.pins import Pins
from nlq.settings import ServeSettings
from nlq.types import Principal

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def provider() -> Iterator[OidcServer]:
    with oidc_server() as server:
        server.who = ""  # it asks who they are
        yield server


@pytest.fixture(scope="module")
def behind_sign_in(
    provider: OidcServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Served]:
    def settings(address: str) -> ServeSettings:
        oidc = {"issuer": provider.issuer, "client_id": CLIENT, "client_secret": SECRET}
        groups = {"finance": ("analyst",), "people": ("hr",)}
        return ServeSettings(url=address, groups=groups, oidc=oidc)

    home = tmp_path_factory.mktemp("home")
    rights = finance_rights(home)
    file = open_kept(home / "kept.sqlite")
    kept = Kept(Conversations(file, lambda: rights), Pins(file, lambda: rights))
    assistant = ScriptedAssistant(pause_s=0.05)
    yield from serving(assistant, kept=kept, settings=settings, home=home)
    file.close()


def sign_in(page: Page, served: Served, name: str) -> None:
    page.goto(served.address)
    expect(page.locator("h1")).to_have_text("Who are you?")
    page.locator(f"#{name}").click()
    page.wait_for_selector("#nlq-box textarea")


def ask(page: Page, question: str) -> None:
    page.locator("#nlq-box textarea").fill(question)
    page.locator("#nlq-box textarea").press("Enter")


def test_people_sign_in_ask_as_themselves_and_sign_out(
    browser: Browser, page: Page, behind_sign_in: Served
) -> None:
    served = behind_sign_in
    assert isinstance(served.assistant, ScriptedAssistant)
    sign_in(page, served, "ann")
    expect(page.locator("#nlq-who span")).to_have_text("ann")
    expect(page.locator("#nlq-box textarea")).to_be_focused()
    expect(page.get_by_role("button", name="Sign out")).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    ask(page, "revenue by quarter")
    page.wait_for_selector("#nlq-current .nlq-answer")
    for other in watched(browser, width=1000, height=700):
        sign_in(other, served, "bob")
        expect(other.locator(".nlq-answer")).to_have_count(0)
        ask(other, "revenue by region")
        other.wait_for_selector("#nlq-current .nlq-answer")
    asked = [(principal, text) for text, principal, _ in served.assistant.asked]
    assert asked == [
        (Principal("ann", ("analyst",)), "revenue by quarter"),
        (Principal("bob", ("hr",)), "revenue by region"),
    ]
    page.get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("Signed out")
    page.goto(served.address)
    expect(page.locator("h1")).to_have_text("Who are you?")


def test_who_has_no_role_is_told(page: Page, behind_sign_in: Served) -> None:
    page.goto(behind_sign_in.address)
    page.locator("#carl").click()
    expect(page.locator("h1")).to_have_text("No access")
    expect(page.locator("main")).to_contain_text("none of your groups has access")


def test_a_session_that_ended_leads_back_to_the_sign_in(page: Page, behind_sign_in: Served) -> None:
    served = behind_sign_in
    sign_in(page, served, "ann")
    page.context.clear_cookies()
    ask(page, "revenue by quarter")
    expect(page.locator("h1")).to_have_text("Who are you?")
