"""``nlq engine`` without a real server."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from command import nlq

from nlq.engine.servers import process
from nlq.engine.servers.config import Layout
from nlq.engine.servers.server import running_server


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("NLQ_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def pretended(home) -> process.Running:
    """A process that stands for a PrestoDB."""
    layout = Layout(home / "engines" / "presto")
    layout.root.mkdir(parents=True)
    command = [sys.executable, "-c", "import time; time.sleep(60)", "nlq-pretended"]
    return process.start(command, layout.log, 18_080, "nlq-pretended", layout.state)


def test_nothing_runs() -> None:
    assert nlq("engine", "status").out == (
        "No server is running; nlq engine up presto starts one.\n"
    )
    assert json.loads(nlq("engine", "status", "--json").out) == []
    assert nlq("engine", "down").out == "No server was running.\n"


def test_what_runs_is_told_and_ended(pretended, home) -> None:
    url = "http://127.0.0.1:18080"
    assert nlq("engine", "status").out == f"presto at {url} (process {pretended.pid}).\n"
    assert json.loads(nlq("engine", "status", "--json").out) == [
        {"name": "presto", "url": url, "pid": pretended.pid}
    ]
    assert json.loads(nlq("engine", "down", "trino", "--json").out) == {"ended": []}
    assert nlq("engine", "down", "presto").out == "Ended: presto.\n"
    assert running_server("presto", home=home) is None


def test_without_a_lake_it_says_how_to_make_one() -> None:
    ran = nlq("engine", "up", "presto")
    assert ran.status == 3
    assert "nlq lake make" in ran.err


def test_an_unknown_server_is_a_usage_error() -> None:
    ran = nlq("engine", "up", "oracle")
    assert ran.status == 2
    assert "presto" in ran.err


@pytest.mark.parametrize("words", ["product_db", "=x", "Product-DB=x", "../etc=x", "db="])
def test_a_catalog_is_a_name_and_a_file(words) -> None:
    ran = nlq("engine", "up", "presto", "--catalog", words)
    assert ran.status == 2
    assert "is not NAME=FILE" in ran.err


def test_a_catalogs_file_that_is_not_there_is_told(tmp_path) -> None:
    ran = nlq("engine", "up", "presto", "--catalog", f"db={tmp_path / 'none.properties'}")
    assert ran.status == 2
    assert "cannot be read" in ran.err


def test_trino_takes_no_lake_on_s3() -> None:
    ran = nlq("engine", "up", "trino", "--s3", "s3://company/lake")
    assert ran.status == 2
    assert "only presto" in ran.err
