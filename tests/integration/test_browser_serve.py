"""`nlq serve` itself behind a proxy that signs people in: two reviewers, and a stranger."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from page_server import watched
from playwright.sync_api import Browser, Page, expect

from nlq.sample.facts import SAMPLE_DOCS
from nlq.settings import Settings

pytestmark = pytest.mark.browser

NLQ = "from nlq.cli.app import main; main()"
QUESTION = "How many mobile carriers do we work with in all?"
SQL = "SELECT count(*) AS carriers FROM lake.product.carriers"


def person(name: str, groups: str = "platform") -> dict[str, str]:
    return {"X-Forwarded-User": name, "X-Forwarded-Groups": groups}


@pytest.fixture(scope="module")
def served(
    settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Path]]:
    """The address, and the folder of docs; no chat model is started."""
    folder = tmp_path_factory.mktemp("served")
    temporary = folder / "temporary"
    temporary.mkdir()
    docs = Path(shutil.copytree(SAMPLE_DOCS, folder / "docs"))
    environment = {
        **os.environ,
        "PYTHONUNBUFFERED": "1",
        "TMPDIR": str(temporary),
        "NLQ_HOME": str(settings.home),
        "NLQ_AUDIT": str(folder / "audit.sqlite"),
        "NLQ_KEPT": str(folder / "kept.sqlite"),
        "NLQ_CATALOG__DOCS": str(docs),
        "NLQ_LLM__BASE_URL": "http://127.0.0.1:9/v1",
        "NLQ_SERVE__PROXY__ADDRESSES": json.dumps(["127.0.0.1"]),
        "NLQ_SERVE__GROUPS": json.dumps({"platform": ["data_platform"], "sales": ["analyst"]}),
    }
    process = subprocess.Popen(
        [sys.executable, "-c", NLQ, "serve", "--port", "0"],
        env=environment, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        told = re.search(r"http://127\.0\.0\.1:\d+/", process.stdout.readline())
        assert told is not None
        wait_until_ready(told[0])
        yield told[0], docs
    finally:
        process.terminate()
        assert process.wait(20) == 143
        assert [path.name for path in temporary.iterdir() if path.name.startswith("nlq-")] == []


def wait_until_ready(address: str) -> None:
    give_up = time.monotonic() + 60
    while status(f"{address}readyz", person("pat")) != 200:
        assert time.monotonic() < give_up
        time.sleep(0.2)


def status(address: str, who: dict[str, str]) -> int:
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=who), timeout=20) as ok:
            return int(ok.status)
    except urllib.error.HTTPError as exc:
        return exc.code


def go(page: Page, address: str, who: dict[str, str]) -> None:
    page.set_extra_http_headers(who)
    page.goto(address)


def write(page: Page, where: str, sql: str) -> None:
    page.locator(f"#{where}-sql .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(sql)


def test_one_proposes_another_approves_and_a_stranger_gets_nothing(
    browser: Browser, page: Page, served: tuple[str, Path], snapshot: Callable[[Page, str], None]
) -> None:
    address, docs = served
    go(page, f"{address}desk", person("pat"))
    page.locator("#desk-question textarea, #desk-question input").first.fill(QUESTION)
    write(page, "desk", SQL)
    page.locator("#desk-proposal").get_by_role("button").first.click()
    page.locator("#desk-propose").click()
    expect(page.locator("#desk-out")).to_contain_text("Another person approves it")
    page.get_by_role("link", name="Reviews").click()
    expect(page.locator("#reviews-intro")).to_contain_text("You are pat.")
    page.locator("#reviews-list button").filter(has_text=QUESTION).click()
    expect(page.locator("#reviews-about")).to_contain_text("You wrote it")
    expect(page.locator("#reviews-approve")).to_be_hidden()
    for other in watched(browser, width=1280, height=900):
        go(other, f"{address}reviews", person("sam", "sales"))
        expect(other.locator("#reviews-intro")).to_contain_text("reviewing takes the role")
        expect(other.locator("#reviews-list")).to_contain_text("Nothing here")
        go(other, f"{address}reviews", person("pia"))
        other.locator("#reviews-list button").filter(has_text=QUESTION).click()
        expect(other.locator("#reviews-sql .cm-content")).to_contain_text("count(*)")
        other.locator("#reviews-approve").click()
        expect(other.locator("#reviews-out")).to_contain_text("Approved.")
    page.set_viewport_size({"width": 375, "height": 812})
    snapshot(page, "serve-phone")
    for name in ("Ask", "Conversations", "Pins", "Desk", "Reviews"):
        expect(page.get_by_role("link", name=name, exact=True)).to_be_in_viewport()
    tops = page.evaluate("[...document.querySelectorAll('nav a')].map(a => a.offsetTop)")
    assert len(set(tops)) == 1, "the pages' names stand on one line"
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    written = (docs / "reviewed_queries.yaml").read_text("utf-8")
    assert QUESTION in written
    assert "verified_by: pia" in written
    go(page, f"{address}reviews", person("zoe", "strangers"))
    expect(page.locator("h1")).to_have_text("No access")
    for stranger in ({}, person("zoe", "strangers"), {"X-Forwarded-User": "zoe"}):
        for where in ("desk", "reviews", "gradio_api/info", "api/v1/conversations"):
            assert status(f"{address}{where}", stranger) in (401, 403)
