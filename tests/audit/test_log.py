"""One record a question: through every outcome, many writers, and trouble with the file."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nlq.audit.process import ProcessMark
from nlq.audit.record import DecisionNote, DraftNote
from nlq.errors import AuditError
from nlq.log import AuditLog
from nlq.types import Answer, Principal, Question, TokenUse

Make = Callable[..., Question]
MakeAnswer = Callable[..., Answer]


def test_a_record_holds_all_that_was_noted(
    log: AuditLog, make_question: Make, make_answer: MakeAnswer
) -> None:
    log.begin(make_question(), interface="cli")
    log.note("q1", stage="retrieve", standalone="revenue in Q1 2026", tables_shown=["l.f.revenue"])
    log.note("q1", prompts=["draft@1"], draft=DraftNote(sql="SELECT nope", source="model"))
    turned_down = DecisionNote(sql="SELECT nope", refused="no column nope", rule="unknown-column")
    log.note("q1", decision=turned_down)
    log.note("q1", prompts=["draft@1", "repair@1"], draft=DraftNote(sql="SELECT 1", source="model"))
    log.note("q1", sql="SELECT 1 LIMIT 1000", rewrites=["limited to 1,000 rows"], tables_read=[])
    log.note("q1", stage="run", estimated_bytes=None, rows=1, result_bytes=8, engine="duckdb")
    log.finish(
        "q1",
        make_answer(tokens=TokenUse(900, 40, 2), repairs=1, timings=(("draft", 3.5),)),
    )
    log.feedback("q1", "down", "wrong year", Principal("grace"))

    record = log.get("q1")
    assert record is not None
    assert (record.principal, record.roles, record.interface) == ("ada", ("executive",), "cli")
    assert record.asked_at.isoformat() == "2026-06-30T09:00:00+00:00"
    assert (record.standalone, record.tables_shown) == ("revenue in Q1 2026", ("l.f.revenue",))
    assert record.prompts == ("draft@1", "repair@1")
    assert [draft["sql"] for draft in record.drafts] == ["SELECT nope", "SELECT 1"]
    assert record.decisions == (turned_down,)
    assert (record.sql, record.rewrites) == ("SELECT 1 LIMIT 1000", ("limited to 1,000 rows",))
    assert (record.rows, record.result_bytes, record.estimated_bytes) == (1, 8, None)
    assert (record.stage, record.engine) == ("run", "duckdb")
    assert record.tokens == TokenUse(900, 40, 2)
    assert record.timings == (("draft", 3.5),)
    assert (record.outcome, record.repairs) == ("answer", 1)
    assert record.finished_at is not None
    assert record.feedback is not None
    assert (record.feedback.rating, record.feedback.by) == ("down", "grace")


def test_a_note_with_no_place_in_the_record_is_refused(log: AuditLog, make_question: Make) -> None:
    log.begin(make_question(), interface="cli")
    with pytest.raises(AuditError, match="no place for password"):
        log.note("q1", password="x")  # type: ignore[call-arg]


def test_numbers_of_a_result_are_not_kept_but_a_refusal_s_reason_is(
    log: AuditLog, make_question: Make, make_answer: MakeAnswer
) -> None:
    for id, fields in (
        ("q1", {"headline": "Revenue was $987,654.", "turn": None}),
        ("q2", {"kind": "refusal", "headline": "Salaries are not for you.", "rule": "forbidden"}),
    ):
        log.begin(make_question(id), interface="page")
        log.finish(id, make_answer(id, **fields))
    log.close()
    assert b"987,654" not in b"".join(p.read_bytes() for p in log.path.parent.iterdir())
    refused = log.get("q2")
    assert refused is not None
    assert (refused.reason, refused.rule) == ("Salaries are not for you.", "forbidden")


def test_a_question_is_begun_once_and_closed_once(
    log: AuditLog, make_question: Make, make_answer: MakeAnswer
) -> None:
    log.begin(make_question(), interface="cli")
    with pytest.raises(AuditError, match="already"):
        log.begin(make_question(), interface="cli")
    log.finish("q1", make_answer())
    for late in (
        lambda: log.finish("q1", make_answer()),
        lambda: log.note("q1", stage="run"),
        lambda: log.note("q2", stage="run"),
        lambda: log.feedback("q2", "up", "", Principal("ada")),
    ):
        with pytest.raises(AuditError, match="no"):
            late()
    assert len(log.recent(10)) == 1


def test_recent_is_newest_first_and_by_principal(log: AuditLog, make_question: Make) -> None:
    for number, name in enumerate(("ada", "grace", "ada")):
        log.begin(make_question(f"q{number}", name=name), interface="cli")
    assert [r.id for r in log.recent(2)] == ["q2", "q1"]
    assert [r.id for r in log.recent(9, "ada")] == ["q2", "q0"]
    assert log.get("nothing") is None


def test_a_running_question_reads_started_and_a_dead_one_interrupted(
    log: AuditLog, make_question: Make
) -> None:
    log.begin(make_question(), interface="cli")
    started = log.get("q1")
    assert started is not None
    assert started.outcome == "started"

    host, boot, space, pid, _ = ProcessMark.mine().text.split("|")
    reused_pid = "|".join((host, boot, space, pid, "1"))
    _rewrite(log.path, "UPDATE record SET writer = ?", reused_pid)
    gone = log.get("q1")
    assert gone is not None
    assert gone.outcome == "interrupted"


def test_another_machine_s_question_is_given_up_only_after_a_day(
    tmp_path: Path, make_question: Make
) -> None:
    times = [datetime(2026, 6, 30, tzinfo=UTC)]
    log = AuditLog(tmp_path / "a.sqlite", now=lambda: times[-1])
    log.begin(make_question(), interface="cli")
    _rewrite(log.path, "UPDATE record SET writer = ?", "other-host|b|n|12|34")
    for hours, outcome in ((23, "started"), (25, "interrupted")):
        times.append(times[0] + timedelta(hours=hours))
        assert log.recent(1)[0].outcome == outcome


def test_trouble_with_the_file_is_an_audit_error(tmp_path: Path, make_question: Make) -> None:
    folder = tmp_path / "audit.sqlite"
    folder.mkdir()
    with pytest.raises(AuditError, match="cannot be used"):
        AuditLog(folder)
    text = tmp_path / "text.sqlite"
    text.write_text("not a database " * 100)
    with pytest.raises(AuditError, match="cannot be used"):
        AuditLog(text)


def test_a_newer_version_s_file_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    AuditLog(path).close()
    _rewrite(path, "PRAGMA user_version = 99")
    with pytest.raises(AuditError, match="newer version"):
        AuditLog(path)


def test_a_locked_file_is_an_audit_error(
    log: AuditLog, make_question: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("nlq.sqlite_file.BUSY_SECONDS", 0.2)
    log.close()
    holder = sqlite3.connect(log.path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    with pytest.raises(AuditError, match="locked"):
        log.begin(make_question(), interface="cli")
    holder.execute("ROLLBACK")
    holder.close()
    log.begin(make_question(), interface="cli")
    assert len(log.recent(5)) == 1


_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from nlq.errors import AuditError
from writer import question
from nlq.log import AuditLog
log = AuditLog(Path(sys.argv[1]))
log.begin(question("before"), interface="cli")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (70_000, resource.RLIM_INFINITY))
try:
    for number in range(1000):
        log.begin(question(f"q{number}"), interface="cli")
except AuditError as error:
    print("AuditError", number, error.hint)
"""


def test_a_full_disk_is_an_audit_error_and_keeps_what_was_written(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    told = subprocess.run(
        (sys.executable, "-c", _FULL_DISK, str(path), str(Path(__file__).parent)),
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert told.startswith("AuditError")
    assert "disk has room" in told
    kept = {record.id for record in AuditLog(path).every()}
    assert kept == {"before", *(f"q{n}" for n in range(int(told.split()[1])))}


def test_two_thousand_questions_from_threads_and_processes(
    tmp_path: Path, make_question: Make, make_answer: MakeAnswer
) -> None:
    path = tmp_path / "a.sqlite"
    writer = Path(__file__).parent / "writer.py"
    children = [
        subprocess.Popen((sys.executable, str(writer), str(path), f"p{child}-", "500"))
        for child in range(3)
    ]
    log = AuditLog(path)

    def work(name: str) -> None:
        for number in range(250):
            id = f"{name}-{number}"
            log.begin(make_question(id), interface="page")
            log.note(id, stage="run", rows=1)
            log.finish(id, make_answer(id))

    threads = [threading.Thread(target=work, args=(f"t{n}",)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for child in children:
        assert child.wait(120) == 0
    records = list(log.every())
    assert len(records) == 2000 == len({r.id for r in records})
    assert {r.outcome for r in records} == {"answer"}
    began = time.perf_counter()
    assert len(log.recent(50)) == 50
    assert time.perf_counter() - began < 0.5


def test_the_file_is_for_its_owner_only(log: AuditLog) -> None:
    assert log.path.stat().st_mode & 0o777 == 0o600


def _rewrite(path: Path, sql: str, *values: str) -> None:
    with sqlite3.connect(path) as db:
        db.execute(sql, values)
    db.close()
