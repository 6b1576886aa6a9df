"""Proposed, approved, indexed, asked: the whole way, by the commands and files people use."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from nlq.assemble import open_assistant, open_reviews
from nlq.cli.app import app
from nlq.llm.scripted import ScriptedChat
from nlq.sample.facts import SAMPLE_DOCS
from nlq.settings import load_settings
from nlq.types import Principal

QUESTION = "How many carriers do we reach through an aggregator?"
SQL = "SELECT count(*) AS carriers FROM lake.product.carriers WHERE route_cd = 'AGG'"


@pytest.fixture
def docs(tmp_path: Path, sample_lake: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    docs = tmp_path / "docs"
    docs.mkdir()
    tables = yaml.safe_load((SAMPLE_DOCS / "tables" / "product.yaml").read_text())["tables"]
    carriers = [table for table in tables if table["name"] == "lake.product.carriers"]
    (docs / "carriers.yaml").write_text(yaml.safe_dump({"tables": carriers}))
    for name, value in {
        "HOME": tmp_path / "home",
        "CATALOG__DOCS": docs,
        "LAKE": sample_lake,
        "CLOCK__TODAY": "2026-07-15T09:00:00",
    }.items():
        monkeypatch.setenv(f"NLQ_{name}", str(value))
    monkeypatch.chdir(tmp_path)
    return docs


def index() -> None:
    done = CliRunner().invoke(app, ["index", "build", "--json"], catch_exceptions=False)
    assert done.exit_code == 0, done.output


def test_what_was_approved_answers_after_the_next_index(docs: Path) -> None:
    index()
    settings = load_settings()
    assistant = open_assistant(settings, model=ScriptedChat(["SELECT 1"]))
    reviews = open_reviews(settings, assistant)
    item = reviews.propose(QUESTION, SQL, "", Principal("ana", ("analyst",)))
    reviews.approve(item, Principal("pat", ("data_platform",)))
    reviews.close()
    assistant.close()
    assert (docs / "reviewed_queries.yaml").is_file()
    index()
    assistant = open_assistant(settings, model=ScriptedChat(["SELECT 1"]))
    answer = assistant.ask(QUESTION, principal=Principal("eve", ("executive",)))
    assistant.close()
    assert (answer.kind, answer.source) == ("answer", "verified"), answer.headline
    assert answer.result is not None
    assert answer.result.rows == ((28,),)
