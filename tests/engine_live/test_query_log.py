"""What is published to the lake is what PrestoDB and Trino read, values and all, once each."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlq.audit.lake_cluster import HivePlace, announce
from nlq.audit.lake_table import QUERY_LOG, SCHEMA, publish, query_log_row
from nlq.engine.servers.server import RunningServer
from nlq.engine.trino_client import Client, Cluster
from nlq.log import AuditLog
from nlq.types import Answer, Clock, Principal, Question, TokenUse

UTC = ZoneInfo("UTC")


@pytest.fixture
def place(either_server: RunningServer) -> Iterator[tuple[Client, Path, HivePlace]]:
    """A client, a lake that the server may read, and where the server finds its tables."""
    name = f"query_log_test_{os.getpid()}"
    lake = either_server.layout.files / name
    lake.mkdir()
    trino = either_server.kind == "trino"
    location = f"local:///{name}/{SCHEMA}" if trino else f"file://{lake / SCHEMA}"
    client = Client(Cluster(either_server.kind, either_server.url, source="test"))
    yield client, lake, HivePlace(location, schema=name)
    client.close()
    # PrestoDB lets nobody drop these tables; the metastore is files, a folder for each schema.
    shutil.rmtree(either_server.layout.metastore / name, ignore_errors=True)
    shutil.rmtree(lake)


@pytest.fixture
def ask(tmp_path: Path) -> Iterator[tuple[AuditLog, Callable[[str, int], None]]]:
    log = AuditLog(tmp_path / "audit.sqlite")

    def leave(id: str, day: int) -> None:
        clock = Clock(datetime(2026, 6, day, 23, 59, 59, 123_000, UTC), UTC)
        question = Question(id, "Wie viel 'Umsatz'?\n東京", Principal("Zoë", ("a", "b")), clock)
        log.begin(question, interface="page")
        log.note(id, tables_read=["lake.a.b", "lake.a.c"], sql="SELECT \"x\" = '1'", engine="e")
        log.note(id, rows=day, read_bytes=3_000_000_000, cached=True)
        tokens, timings = TokenUse(9, 4, 1), (("run", 0.125),)
        answer = Answer(id, question.text, "answer", "Yes.", tokens=tokens, timings=timings)
        log.finish(id, answer)

    yield log, leave
    log.close()


def test_the_engine_reads_what_was_published(place, ask) -> None:
    client, lake, there = place
    log, leave = ask

    def rows(sql: str) -> list[list[object]]:
        return client.rows(sql.replace("FROM ", f"FROM lake.{there.schema}."), user="test")

    leave("q1", 1)
    leave("q2", 2)
    publish(log, lake)
    announce(client, there, user="test")
    found = rows(f"SELECT {', '.join(QUERY_LOG)}, ds FROM query_log ORDER BY question_id")
    records = [query_log_row(record) for record in log.every()]
    assert [tuple(row[:-1]) for row in found] == [tuple(record.values()) for record in records]
    assert [row[-1] for row in found] == ["2026-06-01", "2026-06-02"]

    # A new day, and a late rating of a day that is known.
    leave("q3", 3)
    log.feedback("q1", "down", "", Principal("Zoë"))
    publish(log, lake)
    announce(client, there, user="test")
    assert rows("SELECT question_id, rating FROM query_log ORDER BY question_id") == [
        ["q1", "down"], ["q2", None], ["q3", None]
    ]  # fmt: skip
    reads = "SELECT table_name, count(*) FROM table_reads GROUP BY table_name ORDER BY table_name"
    assert rows(reads) == [["lake.a.b", 3], ["lake.a.c", 3]]
