"""A chat page served from a thread, and a watched browser window to look at it with."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from nlq_ui.address import address_of, listen
from nlq_ui.api.app import Api
from nlq_ui.app import Page as ChatPage
from nlq_ui.kept import Kept
from nlq_ui.mount import mounted
from nlq_ui.opening import Assistant, Opening
from nlq_ui.server import Server, SideBySide
from nlq_ui.sign_in.opening import gate
from nlq_ui.who import Who
from nlq_ui.who import who as of_request
from playwright.sync_api import Browser, Page, Request, expect

from nlq.settings import ServeSettings
from nlq.types import Principal


@dataclass(frozen=True)
class Served:
    """A page that is being served, and the assistant behind it."""

    address: str
    assistant: Assistant


EVE = Principal("eve")


def serving(
    assistant: Assistant,
    examples: tuple[str, ...] = (),
    principal: Principal = EVE,
    kept: Kept | None = None,
    who: Who | None = None,
    settings: Callable[[str], ServeSettings] = lambda _address: ServeSettings(),
    home: Path = Path(),
    more: Callable[[ChatPage, Opening], None] | None = None,
) -> Iterator[Served]:
    """Serve a page over ``assistant`` from a thread, on a free port, behind its gate.

    ``settings`` are told the address; ``more`` adds pages to it.
    """
    listening = listen("127.0.0.1", 0)
    up = threading.Event()
    wanted = settings(address_of(listening).rstrip("/"))
    opening = Opening(lambda _progress: assistant)
    page = ChatPage(opening, who or of_request, lambda _principal: examples, kept)
    if more is not None:
        more(page, opening)
    lasting = kept.conversations if kept else None
    api = Api(opening, wanted, None if wanted.signs_in else principal, lasting)
    guarded = gate(SideBySide(mounted(page), api), wanted, principal, home, alone=True)
    server = Server(guarded, listening, up.set)
    thread = threading.Thread(target=server.serve_until_stopped, daemon=True)
    thread.start()
    assert up.wait(60)
    yield Served(address_of(listening), assistant)
    server.should_exit = True
    thread.join(10)


def watched(browser: Browser, *, width: int, height: int, dark: bool = False) -> Iterator[Page]:
    """A window; afterwards, fails on a script error or a request to anywhere but loopback."""
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    elsewhere: list[str] = []
    errors: list[str] = []

    def look(request: Request) -> None:
        if not re.match(r"(https?|wss?)://127\.0\.0\.1[:/]|data:|blob:|about:", request.url):
            elsewhere.append(request.url)

    page.on("request", look)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert elsewhere == []
    assert errors == []


def ask(page: Page, question: str) -> None:
    """Ask on the chat page, and wait until it is answered."""
    box = page.locator("#nlq-box textarea")
    expect(box).to_be_enabled()
    box.fill(question)
    box.press("Enter")
    expect(page.locator("#nlq-current .nlq-question")).to_contain_text(question)
    page.wait_for_selector("#nlq-current .nlq-answer")
    expect(box).to_be_enabled()
