"""Records as JSON Lines and CSV."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable

from nlq.audit.export import export
from nlq.audit.record import DraftNote
from nlq.log import AuditLog
from nlq.types import Question


def test_both_forms_hold_every_record(
    log: AuditLog, make_question: Callable[..., Question]
) -> None:
    log.begin(make_question("q1", 'revenue, "net"\nby month'), interface="cli")
    log.note("q1", draft=DraftNote(sql="SELECT 1", source="model"), estimated_bytes=3)
    log.begin(make_question("q2", "=HYPERLINK(evil)"), interface="cli")

    lines = [json.loads(line) for line in export(log.every(), "jsonl")]
    assert [line["id"] for line in lines] == ["q1", "q2"]
    assert lines[0]["question"] == 'revenue, "net"\nby month'
    assert lines[0]["drafts"] == [{"sql": "SELECT 1", "source": "model"}]
    assert lines[0]["estimated_bytes"] == 3
    assert lines[0]["asked_at"] == "2026-06-30T09:00:00+00:00"

    text = "\n".join(export(log.every(), "csv"))
    rows = list(csv.DictReader(text.splitlines(keepends=True)))
    assert rows[0]["question"] == 'revenue, "net"\nby month'
    assert rows[1]["question"] == "'=HYPERLINK(evil)"
    assert json.loads(rows[0]["drafts"])[0]["sql"] == "SELECT 1"
