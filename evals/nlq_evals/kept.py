"""Baselines: a run goes in, a small file to commit leaves; and back, to compare a run with.

The file has figures, and of each case only whether it came out right: no SQL, and no question.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from nlq_evals.log import RunInfo, RunLog
from nlq_evals.outcome import Outcome
from nlq_evals.scorers import accuracy
from nlq_evals.scorers.accuracy import Share
from nlq_evals.suite import SuiteError

_KEPT = ("fingerprint", "category", "expect", "kind", "right")


def keep(info: RunInfo, outcomes: Sequence[Outcome], path: Path) -> None:
    """Write the baseline; raises ``SuiteError`` where there is nothing to keep."""
    if not outcomes:
        raise SuiteError("The run has no outcome to keep.")
    if faulty := [o.id for o in outcomes if o.suite_fault]:
        raise SuiteError(f"References did not run, so this is no baseline: {', '.join(faulty)}.")
    whole = {
        "run": asdict(info),
        "answerable": _share(accuracy.execution_accuracy(outcomes)),
        "all": _share(accuracy.overall(outcomes)),
        "cases": {
            o.id: {name: getattr(o, name) for name in _KEPT}
            for o in sorted(outcomes, key=lambda o: o.id)
        },
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(_lines(whole), "utf-8")


def read(path: Path) -> tuple[RunInfo, tuple[Outcome, ...]]:
    """A run's folder, or a baseline's file; raises ``SuiteError``.

    Outcomes of a baseline have what decides a comparison, and nothing else.
    """
    if not path.is_file():
        log = RunLog(path)
        return log.info(), log.outcomes()
    try:
        whole = json.loads(path.read_text("utf-8"))
        outcomes = tuple(
            Outcome(id=name, question="", reason="", **case)
            for name, case in whole["cases"].items()
        )
        return RunInfo(**whole["run"]), outcomes
    except (ValueError, KeyError, TypeError, AttributeError) as exc:
        raise SuiteError(f"{path} is no baseline.") from exc


def _share(found: Share) -> dict[str, Any]:
    return {"right": found.right, "total": found.total, "interval": found.interval}


def _lines(whole: dict[str, Any]) -> str:
    """JSON with one case a line, so that a diff shows which cases changed."""
    cases = ",\n".join(f"  {json.dumps(k)}: {json.dumps(v)}" for k, v in whole["cases"].items())
    head = ",\n".join(f"{json.dumps(k)}: {json.dumps(whole[k])}" for k in whole if k != "cases")
    return f'{{\n{head},\n"cases": {{\n{cases}\n}}\n}}\n'
