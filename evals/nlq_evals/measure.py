"""Measure: what to run enters, it is run and logged, and the run's record and outcomes leave."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from nlq.settings import Settings
from nlq_evals.bench import MakeChat, System, load_bench
from nlq_evals.log import RunInfo, RunLog
from nlq_evals.outcome import Outcome
from nlq_evals.runner import OnOutcome
from nlq_evals.runner import run as run_cases
from nlq_evals.scorers import replay
from nlq_evals.suite import SuiteError, chosen

WORKERS_AT_A_SERVER = 4
"""Questions asked at once of a server's model, where nobody says how many."""

_ONE_AT_A_TIME = frozenset({"langchain", "vanna"})


@dataclass(frozen=True, slots=True)
class Order:
    """What to run: a suite's file or a benchmark's folder, and where its log goes.

    ``only`` are ids, ``category`` and ``limit`` choose among the cases. ``replies`` is the folder
    of the recorder. ``workers`` is how many questions are asked at once; None leaves it to the
    kind of model. ``called`` is what the record calls the system, where not by its name. ``lakes``
    is the folder of a benchmark's lakes, beside ``out`` where not given.
    """

    suite: Path
    out: Path
    system: System = "nlq"
    called: str = ""
    only: tuple[str, ...] = ()
    category: str = ""
    limit: int | None = None
    replies: Path | None = None
    peer_python: Path | None = None
    workers: int | None = None
    lakes: Path | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """A run's record, its outcomes, and the ids of cases left out for want of a reference."""

    info: RunInfo
    outcomes: tuple[Outcome, ...]
    left_out: tuple[str, ...] = ()


def measure(order: Order, settings: Settings, on_outcome: OnOutcome) -> Measured:
    """Ask what the log lacks; raises ``SuiteError`` or ``NlqError``."""
    workers = order.workers or default_workers(order.system, settings)
    if workers > 1 and order.system in _ONE_AT_A_TIME:
        raise SuiteError(f"The system {order.system} is asked one question at a time.")
    # Questions of a suite are nobody's: they stay out of the people's own log.
    settings = settings.model_copy(update={"audit": order.out / "audit.sqlite"})
    now = datetime.now().replace(microsecond=0)
    bench = load_bench(
        order.suite,
        settings,
        order.system,
        order.lakes or order.out.parent / "lakes",
        now,
        order.peer_python,
        recorded(order.replies),
    )
    try:
        cases = chosen(bench.cases, only=order.only, category=order.category, limit=order.limit)
        log = RunLog(order.out)
        called = order.called or order.system
        info = RunInfo(
            bench.name, _model(settings), _machine(workers), now.date().isoformat(), called
        )
        log.open(info)
        outcomes = run_cases(bench.open, cases, log, on_outcome, workers)
    finally:
        bench.close()
    info = replace(info, replayed=replay.told(outcomes))
    log.open(info)
    return Measured(info, outcomes, bench.left_out)


def default_workers(system: System, settings: Settings) -> int:
    """How many questions to ask at once: the embedded model answers one after another anyway."""
    if settings.llm.provider == "embedded" or system in _ONE_AT_A_TIME:
        return 1
    return WORKERS_AT_A_SERVER


def recorded(folder: Path | None) -> MakeChat | None:
    """Makes chat models that keep their replies in ``folder``; None where there is none."""
    if folder is None:
        return None
    from nlq.llm.models import chat_model
    from nlq_evals.replies import RecordedChat, Replies

    kept = Replies(folder)
    return lambda settings: RecordedChat(
        inner=chat_model(settings.llm, settings.models_dir), replies=kept
    )


def _model(settings: Settings) -> str:
    llm = settings.llm
    if llm.provider == "embedded":
        name = llm.gguf.name if llm.gguf else llm.model or "the packaged model"
        return f"{name} (embedded)"
    return llm.model or "the server's default model"


def _machine(workers: int) -> str:
    at_once = f", {workers} questions at once" if workers > 1 else ""
    return f"{os.cpu_count()} cores{at_once}"
