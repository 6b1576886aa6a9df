from __future__ import annotations

import json
import socket
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from command import nlq

from nlq.log import AuditLog
from nlq.types import Answer, Clock, Principal, Question

NOW = datetime(2026, 6, 30, tzinfo=UTC)


def record(home: Path, question_id: str, text: str) -> None:
    log = AuditLog(home / "audit.sqlite", now=lambda: NOW)
    clock = Clock(NOW, ZoneInfo("UTC"))
    log.begin(Question(question_id, text, Principal("eve", ("cfo",)), clock), interface="cli")
    log.note(question_id, sql="SELECT 1", rows=3, tables_read=["lake.a.b"])
    log.finish(question_id, Answer(question_id, text, "answer", "Three.", timings=(("run", 1.5),)))
    log.feedback(question_id, "down", "too low", Principal("eve"))
    log.close()


def test_an_empty_log_says_so() -> None:
    ran = nlq("log")
    assert (ran.status, ran.out) == (0, "No question has been asked yet.\n")


def test_the_last_records_come_first(home: Path) -> None:
    record(home, "a1", "first [bold]question")
    record(home, "a2", "second question")
    ran = nlq("log")
    assert ran.out.index("a2") < ran.out.index("a1")
    assert "first [bold]question" in ran.out
    assert [r["id"] for r in json.loads(nlq("log", "--last", "1", "--json").out)] == ["a2"]


def test_one_record_shows_everything_that_was_kept(home: Path) -> None:
    record(home, "a1", "how many?")
    ran = nlq("log", "a1")
    for part in ("how many?", "eve (cfo)", "SELECT 1", "lake.a.b", "down, too low", "run 1.50"):
        assert part in ran.out


def test_an_unknown_record_is_an_error() -> None:
    ran = nlq("log", "nosuch")
    assert ran.status == 7
    assert "no record nosuch" in ran.err


def test_the_doctor_names_what_is_missing_and_what_to_do(home: Path) -> None:
    ran = nlq("doctor", "--json")
    findings = {finding["subject"]: finding for finding in json.loads(ran.out)}
    assert ran.status == 1
    assert list(findings) == [
        "settings", "home", "docs", "policy", "model", "lake", "index", "engine", "audit",
    ]  # fmt: skip
    assert [findings[s]["status"] for s in ("settings", "home", "docs", "policy")] == ["ok"] * 4
    assert findings["lake"]["status"] == "fail"
    assert findings["lake"]["hint"] == "Run: nlq lake make"
    assert findings["index"]["hint"]
    assert "fail" not in findings["audit"]["status"]


def test_a_port_that_is_taken_is_told_at_once() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ran = nlq("serve", "--port", str(port))
    assert ran.status == 2
    assert f"cannot be served at 127.0.0.1:{port}: address already in use" in ran.err
    assert "--port" in ran.err
