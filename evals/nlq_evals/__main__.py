"""Measure nlq: run a suite or a benchmark, compare runs, write reports, check reference SQL."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from nlq.errors import NlqError
from nlq.settings import Settings, load_settings
from nlq_evals.assistant import Assistant
from nlq_evals.bench import MakeChat, System, load_bench
from nlq_evals.compare import compare as differences
from nlq_evals.compare import table
from nlq_evals.log import RunInfo, RunLog
from nlq_evals.outcome import Outcome
from nlq_evals.references import faults
from nlq_evals.report import render
from nlq_evals.runner import run as run_cases
from nlq_evals.scorers import replay
from nlq_evals.suite import SuiteError, chosen, load_suite

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

SuitePath = Annotated[
    Path, typer.Argument(help="A suite's YAML file, or the folder of a benchmark.")
]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder of the run's log.")]
ReportPath = Annotated[
    Path | None, typer.Option("--report", help="Markdown file; OUT/report.md when not given.")
]


@app.command()
def run(
    suite: SuitePath,
    out: OutFolder,
    report: ReportPath = None,
    limit: Annotated[int | None, typer.Option(min=1, help="Only the first cases.")] = None,
    only: Annotated[str, typer.Option(help="Only these case ids, separated by commas.")] = "",
    category: Annotated[str, typer.Option(help="Only this category.")] = "",
    system: Annotated[System, typer.Option(help="nlq, or what it is measured against.")] = "nlq",
    replies: Annotated[
        Path | None,
        typer.Option(help="Folder of model replies: what was asked before is not asked again."),
    ] = None,
    peer_python: Annotated[
        Path | None,
        typer.Option(
            envvar="NLQ_PEER_PYTHON",
            help="Python that has langchain and vanna; else that of make peers.",
        ),
    ] = None,
) -> None:
    """Ask every case that OUT's log does not have yet, then write the report.

    Exit status: 0 when all ran (right or wrong), 2 when the suite or the settings are at fault.
    """
    with _told():
        # Questions of a suite are nobody's: they stay out of the people's own log.
        settings = load_settings().model_copy(update={"audit": out / "audit.sqlite"})
        now = datetime.now().replace(microsecond=0)
        lakes, chat = out.parent / "lakes", _recorded(replies)
        bench = load_bench(suite, settings, system, lakes, now, peer_python, chat)
        if bench.left_out:
            typer.echo(f"Left out, since no reference runs: {', '.join(bench.left_out)}.")
        ids = tuple(part.strip() for part in only.split(",") if part.strip())
        cases = chosen(bench.cases, only=ids, category=category, limit=limit)
        log = RunLog(out)
        day = now.date().isoformat()
        info = RunInfo(bench.name, _model(settings), _machine(), day, system)
        log.open(info)
        try:
            outcomes = run_cases(bench.open, cases, log, _progress)
        finally:
            bench.close()
        info = replace(info, replayed=replay.told(outcomes))
        log.open(info)
        path = report or out / "report.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(render(info, outcomes), "utf-8")
    right = sum(outcome.right for outcome in outcomes)
    typer.echo(f"{right} of {len(outcomes)} right. The report is {path}.")
    if any(outcome.suite_fault for outcome in outcomes):
        typer.echo("Some reference SQL did not run: the report names it.", err=True)
        raise typer.Exit(2)


@app.command()
def report(out: OutFolder, report: ReportPath = None) -> None:
    """Write the report of a run's log again, over everything in it."""
    with _told():
        log = RunLog(out)
        path = report or out / "report.md"
        path.write_text(render(log.info(), log.outcomes()), "utf-8")
    typer.echo(f"The report is {path}.")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Folder of the first run's log.")],
    after: Annotated[Path, typer.Argument(help="Folder of the second run's log.")],
) -> None:
    """Say what the second run gained and lost, case by case, and whether that is noise.

    Exit status 1 when the second run lost more than the noise.
    """
    with _told():
        logs = [RunLog(before), RunLog(after)]
        for log in logs:
            log.info()
        found = differences(*(log.outcomes() for log in logs))
    if not found:
        typer.echo("The two runs have no case in common.", err=True)
        raise typer.Exit(2)
    for line in table(found):
        typer.echo(line)
    if any(difference.is_loss for difference in found[:2]):
        raise typer.Exit(1)


@app.command()
def check(suite: SuitePath) -> None:
    """Run the suite's reference SQL only; exit status 2 when some is no good."""
    with _told():
        cases = load_suite(suite).cases
        found = list(faults(_opener(load_settings())(), cases))
    for line in found:
        typer.echo(line)
    typer.echo(f"{len(cases)} cases, {len(found)} faults.")
    if found:
        raise typer.Exit(2)


@contextmanager
def _told() -> Iterator[None]:
    """Turns errors for people into one line and exit status 2."""
    try:
        yield
    except (SuiteError, NlqError) as exc:
        typer.echo(f"{exc} {getattr(exc, 'hint', '')}".rstrip(), err=True)
        raise typer.Exit(2) from exc


def _recorded(folder: Path | None) -> MakeChat | None:
    """Makes chat models that keep their replies in ``folder``; None where there is none."""
    if folder is None:
        return None
    from nlq.llm.models import chat_model
    from nlq_evals.replies import RecordedChat, Replies

    kept = Replies(folder)
    return lambda settings: RecordedChat(
        inner=chat_model(settings.llm, settings.models_dir), replies=kept
    )


def _opener(settings: Settings) -> Callable[[], Assistant]:
    def open_it() -> Assistant:
        from nlq.assemble import open_assistant

        return open_assistant(settings)

    return open_it


def _progress(outcome: Outcome, done: int, total: int, left: float) -> None:
    mark = "right" if outcome.right else "MISS "
    rest = f"about {left / 60:.0f} min left" if left >= 90 else f"about {left:.0f} s left"
    why = "" if outcome.right else f"  {' '.join(outcome.reason.split())[:120]}"
    typer.echo(f"[{done}/{total}] {mark} {outcome.id} {outcome.seconds:.1f} s, {rest}{why}")


def _model(settings: Settings) -> str:
    llm = settings.llm
    if llm.provider == "embedded":
        name = llm.gguf.name if llm.gguf else llm.model or "the packaged model"
        return f"{name} (embedded)"
    return llm.model or "the server's default model"


def _machine() -> str:
    return f"{os.cpu_count()} cores"


if __name__ == "__main__":
    app()
