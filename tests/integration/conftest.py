from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_server import Served, serving, watched
from playwright.sync_api import Browser, Page, expect, sync_playwright
from scripted_assistant import ScriptedAssistant

from nlq.assemble import load_catalog
from nlq.llm.embeddings import embeddings
from nlq.retrieval.index import build_index
from nlq.sample.lake import make_lake
from nlq.settings import Settings

expect.set_options(timeout=20_000)  # other tests and builds may be using the processor

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip

EXAMPLES = ("What was my revenue by quarter?", "Revenue by region")


@pytest.fixture(scope="session")
def chromium_path() -> str:
    named = os.environ.get("NLQ_CHROMIUM", "")
    for name in (named, "chromium", "chromium-browser", "google-chrome"):
        if name and (found := shutil.which(name)):
            return found
    pytest.skip("no Chromium here; install it, or name it in NLQ_CHROMIUM")


@pytest.fixture(scope="session")
def browser(chromium_path: str) -> Iterator[Browser]:
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium_path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def scripted_page() -> Iterator[Served]:
    yield from serving(ScriptedAssistant(pause_s=0.15), EXAMPLES)


@pytest.fixture
def served(scripted_page: Served) -> Served:
    """A page over a scripted assistant that remembers nothing of earlier tests."""
    assert isinstance(scripted_page.assistant, ScriptedAssistant)
    scripted_page.assistant.pause_s = 0.15
    scripted_page.assistant.asked.clear()
    scripted_page.assistant.ratings.clear()
    return scripted_page


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A window of a desk's width."""
    yield from watched(browser, width=1280, height=900)


@pytest.fixture
def snapshot() -> Callable[[Page, str], None]:
    """Keeps a screenshot where NLQ_SCREENSHOTS names a folder."""
    folder = os.environ.get("NLQ_SCREENSHOTS")

    def keep(page: Page, name: str) -> None:
        if folder:
            page.wait_for_timeout(300)  # for the layout to settle
            page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)

    return keep


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home with a small lake and its index."""
    settings = Settings(home=tmp_path_factory.mktemp("home"))
    make_lake(settings.lake_dir, scale=0.05)
    build_index(load_catalog(settings), embeddings(settings.embeddings), settings.index_dir)
    return settings
