"""``nlq audit publish``: records of the home's log, in the lake that the settings name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from typer.testing import CliRunner

from nlq.cli.app import app
from nlq.errors import LakeNotReady, SettingsError
from nlq.log import AuditLog
from nlq.types import Answer, Clock, Principal, Question

UTC = ZoneInfo("UTC")


@pytest.fixture
def lake(home: Path) -> Path:
    folder = home / "lake"
    folder.mkdir(parents=True)
    log = AuditLog(home / "audit.sqlite")
    clock = Clock(datetime(2026, 6, 30, 9, tzinfo=UTC), UTC)
    log.begin(Question("q1", "revenue", Principal("ada"), clock), interface="cli")
    log.finish("q1", Answer("q1", "revenue", "answer", "Yes."))
    log.close()
    return folder


def publish(*options: str) -> dict[str, object]:
    done = CliRunner().invoke(app, ["audit", "publish", "--json", *options], catch_exceptions=False)
    found: dict[str, object] = json.loads(done.stdout)
    return found


def test_it_says_what_it_wrote_and_where(lake: Path) -> None:
    assert publish() == {"questions": 1, "days": ["2026-06-30"], "folder": str(lake)}
    assert publish() == {"questions": 0, "days": [], "folder": str(lake)}
    assert len(list(lake.rglob("ops/query_log/ds=2026-06-30/*.parquet"))) == 1


def test_a_lake_made_anew_gets_everything_again(lake: Path, tmp_path: Path) -> None:
    publish()
    other = tmp_path / "other"
    other.mkdir()
    assert publish("--lake", str(other))["questions"] == 0
    assert publish("--lake", str(other), "--again")["questions"] == 1


def test_without_a_lake_it_says_so(home: Path) -> None:
    with pytest.raises(LakeNotReady, match="no lake at"):
        publish()


def test_an_unknown_cluster_is_said(lake: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NLQ_QUERY_LOG__CLUSTER", "batch")
    with pytest.raises(SettingsError, match="none of that name"):
        publish()
    assert lake.exists()
