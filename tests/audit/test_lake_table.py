"""The query log in the lake: every closed question once, whatever breaks; late ratings too."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import pytest

from nlq.audit import lake_table
from nlq.audit.file import AUDIT_FILE
from nlq.audit.lake_table import TABLES, Published, publish
from nlq.catalog.yaml_docs import YamlDocs
from nlq.errors import AuditError, LakeNotReady
from nlq.log import AuditLog
from nlq.sample.facts import SAMPLE_DOCS
from nlq.types import Answer, Principal, Question, TokenUse

MakeQuestion = Callable[..., Question]
MakeAnswer = Callable[..., Answer]
Ask = Callable[..., None]


@pytest.fixture
def lake(tmp_path: Path) -> Path:
    folder = tmp_path / "lake"
    folder.mkdir()
    return folder


@pytest.fixture
def ask(log: AuditLog, make_question: MakeQuestion, make_answer: MakeAnswer) -> Ask:
    """Leave a closed record, as of a query over two tables."""

    def leave(id: str, **answer: object) -> None:
        log.begin(make_question(id), interface="page")
        log.note(id, tables_read=["lake.a.b", "lake.a.c"], sql="SELECT 1", fingerprint="f")
        log.note(id, rows=3, result_bytes=9, read_bytes=700, engine="presto:x", query_id="20_1")
        log.finish(id, make_answer(id, **answer))

    return leave


def rows(lake: Path, table: str = "query_log") -> list[dict[str, Any]]:
    files = f"{lake}/ops/{table}/**/*.parquet"
    with duckdb.connect() as db:
        found = db.execute(
            f"SELECT * FROM read_parquet('{files}', hive_partitioning=true, "
            "hive_types_autocast=false) ORDER BY question_id"
        )
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def ids(lake: Path) -> list[str]:
    return [row["question_id"] for row in rows(lake)]


def test_a_question_becomes_a_row_and_one_for_each_table(
    log: AuditLog, lake: Path, ask: Ask
) -> None:
    timings = (("retrieve", 0.5), ("draft", 2.0), ("run", 1.25))
    ask("q1", timings=timings, tokens=TokenUse(900, 40, 1), repairs=1)
    log.feedback("q1", "up", "", Principal("ada"))
    assert publish(log, lake) == Published(1, (date(2026, 6, 30),))
    assert rows(lake) == [
        {
            "question_id": "q1",
            "asked_at": datetime(2026, 6, 30, 9),
            "principal": "ada",
            "roles": "executive",
            "interface": "page",
            "question_text": "revenue last quarter",
            "outcome": "answer",
            "refusal_rule": None,
            "tables_read": "lake.a.b, lake.a.c",
            "engine": "presto:x",
            "query_id": "20_1",
            "sql_text": "SELECT 1",
            "fingerprint": "f",
            "cached": False,
            "estimated_bytes": None,
            "read_bytes": 700,
            "result_rows": 3,
            "result_bytes": 9,
            "total_seconds": 3.75,
            "retrieve_seconds": 0.5,
            "draft_seconds": 2.0,
            "run_seconds": 1.25,
            "tokens_read": 900,
            "tokens_written": 40,
            "repairs": 1,
            "rating": "up",
            "ds": "2026-06-30",
        }
    ]
    assert [row["table_name"] for row in rows(lake, "table_reads")] == ["lake.a.b", "lake.a.c"]
    assert {row["ds"] for row in rows(lake, "table_reads")} == {"2026-06-30"}


def test_each_question_is_published_once_and_in_batches(
    log: AuditLog, lake: Path, ask: Ask
) -> None:
    for number in range(5):
        ask(f"q{number}")
    told: list[int] = []
    assert publish(log, lake, batch_size=2, on_batch=told.append).questions == 5
    assert told == [2, 4, 5]
    assert publish(log, lake).questions == 0
    ask("q5")
    assert publish(log, lake).questions == 1
    assert ids(lake) == [f"q{n}" for n in range(6)]
    assert len(list(lake.rglob("query_log/**/*.parquet"))) == 4


def test_an_open_question_waits_and_a_refused_one_reads_nothing(
    log: AuditLog, lake: Path, make_question: MakeQuestion, make_answer: MakeAnswer
) -> None:
    for id in ("open", "refused"):
        log.begin(make_question(id), interface="cli")
    log.finish("refused", make_answer("refused", kind="refusal", rule="policy"))
    publish(log, lake)
    (refused,) = rows(lake)
    assert (refused["question_id"], refused["refusal_rule"]) == ("refused", "policy")
    assert not (lake / "ops" / "table_reads").exists()
    log.finish("open", make_answer("open"))
    publish(log, lake)
    assert ids(lake) == ["open", "refused"]


def test_questions_lie_in_the_day_they_were_asked_on_in_utc(
    log: AuditLog, lake: Path, make_question: MakeQuestion, make_answer: MakeAnswer
) -> None:
    question = make_question("late")
    auckland = datetime(2026, 7, 1, 9, tzinfo=ZoneInfo("Pacific/Auckland"))
    clock = replace(question.clock, now=auckland, zone=ZoneInfo("Pacific/Auckland"))
    log.begin(replace(question, clock=clock), interface="cli")
    log.finish("late", make_answer("late"))
    assert publish(log, lake).days == (date(2026, 6, 30),)
    assert rows(lake)[0]["asked_at"] == datetime(2026, 6, 30, 21)


def test_a_death_between_writing_and_marking_neither_loses_nor_repeats(
    log: AuditLog, lake: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        ask(f"q{number}")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(AuditLog, "published", die)
        with pytest.raises(KeyboardInterrupt):
            publish(log, lake, batch_size=2)
    assert ids(lake) == ["q0", "q1"]
    ask("q3")
    assert publish(log, lake, batch_size=2).questions == 4
    assert ids(lake) == [f"q{n}" for n in range(4)]


def test_trouble_with_the_lake_loses_nothing_and_shows_no_half_file(
    log: AuditLog, lake: Path, ask: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask("q1")

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(lake_table.os, "fsync", full)
        with pytest.raises(AuditError, match="No space left") as caught:
            publish(log, lake)
    assert "Nothing is lost" in caught.value.hint
    assert list(lake.rglob("*.parquet")) == []
    publish(log, lake)
    assert ids(lake) == ["q1"]
    assert [file.name[0] for file in lake.rglob("*.p*") if file.is_file()] == ["p", "p"]


def test_a_late_rating_replaces_the_row(log: AuditLog, lake: Path, ask: Ask) -> None:
    ask("q1")
    ask("q2")
    publish(log, lake)
    log.feedback("q1", "down", "wrong year", Principal("ada"))
    assert publish(log, lake).questions == 2
    assert [row["rating"] for row in rows(lake)] == ["down", None]
    assert publish(log, lake).questions == 0


def test_a_rating_that_comes_while_its_batch_is_written_is_not_lost(
    log: AuditLog, lake: Path, ask: Ask
) -> None:
    ask("q1")
    batch = log.next_batch(10)
    assert batch is not None
    log.feedback("q1", "up", "", Principal("ada"))
    log.published(batch)
    publish(log, lake)
    assert [row["rating"] for row in rows(lake)] == ["up"]


def test_a_lake_made_anew_gets_everything_again(
    tmp_path: Path, log: AuditLog, lake: Path, ask: Ask
) -> None:
    ask("q1")
    publish(log, lake)
    ask("q2")
    publish(log, lake)
    other = tmp_path / "other"
    other.mkdir()
    log.publish_again()
    assert publish(log, other).questions == 2
    assert rows(other) == rows(lake)


def test_two_logs_share_a_lake(
    tmp_path: Path, lake: Path, make_question: MakeQuestion, make_answer: MakeAnswer
) -> None:
    for name in ("one", "two"):
        log = AuditLog(tmp_path / name / "audit.sqlite")
        log.begin(make_question(name), interface="cli")
        log.finish(name, make_answer(name))
        publish(log, lake)
        log.close()
    assert ids(lake) == ["one", "two"]


def test_one_process_publishes_at_a_time(log: AuditLog, lake: Path) -> None:
    with (log.path.parent / "audit.sqlite.publishing").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(AuditError, match="Another process is publishing"):
            publish(log, lake)


def test_no_lake_is_said(log: AuditLog, tmp_path: Path) -> None:
    with pytest.raises(LakeNotReady, match="no lake at"):
        publish(log, tmp_path / "nowhere")


@pytest.mark.parametrize("table", TABLES)
def test_the_sample_s_docs_describe_what_is_published(table: str) -> None:
    doc = YamlDocs(SAMPLE_DOCS / "tables").load().tables[f"lake.ops.{table}"]
    columns = {column.name: column.type for column in doc.columns}
    assert columns == {**TABLES[table], "ds": "varchar"}
    assert doc.partitioned_by == ("ds",)


def test_a_log_of_the_first_version_is_brought_up_to_date(
    tmp_path: Path, lake: Path, monkeypatch: pytest.MonkeyPatch, make_question: MakeQuestion
) -> None:
    path = tmp_path / "old" / "audit.sqlite"
    with monkeypatch.context() as patch:
        first = replace(AUDIT_FILE, migrations=AUDIT_FILE.migrations[:1])
        patch.setattr("nlq.log.AUDIT_FILE", first)
        old = AuditLog(path, now=lambda: datetime(2026, 1, 1, tzinfo=UTC))
        old.begin(make_question("old"), interface="cli")
        old.close()
    log = AuditLog(path)
    record = log.get("old")
    assert record is not None
    assert (record.read_bytes, record.cached) == (None, False)
    log.note("old", read_bytes=5, cached=True)
    noted = log.get("old")
    assert noted is not None
    assert (noted.read_bytes, noted.cached) == (5, True)
