"""A real SIGKILL at every stage, and at random moments, leaves exactly one record a question."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from nlq.log import AuditLog

WRITER = Path(__file__).parent / "writer.py"
STAGES = ("begin", "retrieve", "draft", "guard", "estimate", "run", "explain", "finish")


@pytest.mark.parametrize("stage", STAGES)
def test_killed_at_a_stage(tmp_path: Path, stage: str) -> None:
    path = tmp_path / "a.sqlite"
    with subprocess.Popen(
        (sys.executable, str(WRITER), str(path), "q", "1", stage), stdout=subprocess.PIPE, text=True
    ) as child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == stage
        log = AuditLog(path)
        before = [record.outcome for record in log.every()]
        child.kill()
    after = list(log.every())
    assert before == (["answer"] if stage == "finish" else ["started"])
    assert [r.outcome for r in after] == (["answer"] if stage == "finish" else ["interrupted"])
    assert after[0].stage == {"begin": "", "finish": "explain"}.get(stage, stage)
    assert len(after[0].drafts) == (0 if stage in {"begin", "retrieve"} else 1)


def test_killed_at_random_moments(tmp_path: Path) -> None:
    path = tmp_path / "a.sqlite"
    chance = random.Random(3)
    for run in range(6):
        child = subprocess.Popen((sys.executable, str(WRITER), str(path), f"r{run}-", "100000"))
        while not path.exists() or not any(
            record.id.startswith(f"r{run}-") for record in AuditLog(path).recent(1)
        ):
            time.sleep(0.01)
        time.sleep(chance.uniform(0.0, 0.2))
        child.kill()
        child.wait()
    records = list(AuditLog(path).every())
    assert set(Counter(record.id for record in records).values()) == {1}
    for run in range(6):
        mine = [r.outcome for r in records if r.id.startswith(f"r{run}-")]
        assert set(mine[:-1]) <= {"answer"}
        assert mine[-1] in {"answer", "interrupted"}
