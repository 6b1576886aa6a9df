"""A process that writes audit records: ``writer.py FILE PREFIX COUNT [STAGE]``.

With STAGE, it stops there on its first question, says so on standard output, and waits.
"""

from __future__ import annotations

import sys
import time
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from nlq.audit.record import DraftNote
from nlq.log import AuditLog
from nlq.types import Answer, Clock, Principal, Question

STAGES = ("begin", "retrieve", "draft", "guard", "estimate", "run", "explain", "finish")


def question(id: str) -> Question:
    clock = Clock(datetime(2026, 6, 30, tzinfo=ZoneInfo("UTC")), ZoneInfo("UTC"))
    return Question(id, "revenue last quarter", Principal("ada"), clock)


def main(path: str, prefix: str, count: str, stop_at: str = "") -> None:
    log = AuditLog(Path(path))

    def reached(stage: str) -> None:
        if stage == stop_at:
            print(stage, flush=True)  # noqa: T201 (the test reads it)
            time.sleep(60)

    for number in range(int(count)):
        id = f"{prefix}{number}"
        log.begin(question(id), interface="test")
        reached("begin")
        for stage in STAGES[1:-1]:
            log.note(id, stage=stage)
            if stage == "draft":
                log.note(id, draft=DraftNote(sql="SELECT 1", source="model"))
            reached(stage)
        log.finish(id, Answer(id=id, question="revenue", kind="answer", headline="Five."))
        reached("finish")


if __name__ == "__main__":
    main(*sys.argv[1:])
