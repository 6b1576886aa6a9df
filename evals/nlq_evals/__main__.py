"""Measure nlq: run a suite or a benchmark, compare runs, write reports, check reference SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from nlq.errors import NlqError
from nlq.settings import Settings, load_settings
from nlq_evals.ablate import ablate as run_ablation
from nlq_evals.ablate import table as ablation_table
from nlq_evals.assistant import Assistant
from nlq_evals.bench import System
from nlq_evals.compare import compare as differences
from nlq_evals.compare import table
from nlq_evals.kept import keep as keep_run
from nlq_evals.kept import read
from nlq_evals.measure import Measured, Order, measure
from nlq_evals.outcome import Outcome
from nlq_evals.page import Run, page
from nlq_evals.references import faults
from nlq_evals.report import render
from nlq_evals.scorers.money import parse_prices
from nlq_evals.suite import SuiteError, load_suite

app = typer.Typer(help=__doc__, no_args_is_help=True, add_completion=False)

SuitePath = Annotated[
    Path, typer.Argument(help="A suite's YAML file, or the folder of a benchmark.")
]
OutFolder = Annotated[Path, typer.Option("--out", help="Folder of the run's log.")]
ReportPath = Annotated[
    Path | None, typer.Option("--report", help="Markdown file; OUT/report.md when not given.")
]
Limit = Annotated[int | None, typer.Option(min=1, help="Only the first cases.")]
Only = Annotated[str, typer.Option(help="Only these case ids, separated by commas.")]
InCategory = Annotated[str, typer.Option("--category", help="Only this category.")]
RepliesFolder = Annotated[
    Path | None,
    typer.Option(
        "--replies", help="Folder of model replies: what was asked before is not asked again."
    ),
]
Workers = Annotated[
    int | None,
    typer.Option(
        min=1, help="Questions asked at once; 1 with the embedded model, else 4, where not given."
    ),
]
PricesOfTokens = Annotated[
    str,
    typer.Option(
        "--prices",
        envvar="NLQ_EVAL_PRICES",
        help="Of a million tokens read and written, like 0.4,1.6: adds the cost to the report.",
    ),
]


@app.command()
def run(
    suite: SuitePath,
    out: OutFolder,
    report: ReportPath = None,
    limit: Limit = None,
    only: Only = "",
    category: InCategory = "",
    system: Annotated[System, typer.Option(help="nlq, or what it is measured against.")] = "nlq",
    replies: RepliesFolder = None,
    workers: Workers = None,
    prices: PricesOfTokens = "",
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
    order = Order(
        suite, out, system, "", _parts(only), category, limit, replies, peer_python, workers
    )
    with _told():
        measured = measure(order, load_settings(), _progress)
        runs = [(measured.info, measured.outcomes)]
        path = _write(runs, report or out / "report.md", prices)
    right = sum(outcome.right for outcome in measured.outcomes)
    typer.echo(f"{right} of {len(measured.outcomes)} right. The report is {path}.")
    _end(measured)


@app.command()
def ablate(
    suite: SuitePath,
    out: Annotated[Path, typer.Option("--out", help="Folder of the runs' logs and the table.")],
    flag: Annotated[
        str, typer.Option(help="Only these techniques, separated by commas; else all.")
    ] = "",
    limit: Limit = None,
    only: Only = "",
    category: InCategory = "",
    replies: RepliesFolder = None,
    workers: Workers = None,
) -> None:
    """Run the suite with each technique of drafting switched over alone; write OUT/ablation.md.

    Model replies are shared by all runs: in OUT/replies, where no folder is named.
    """
    order = Order(
        suite,
        out,
        only=_parts(only),
        category=category,
        limit=limit,
        replies=replies,
        workers=workers,
    )
    with _told():
        full, variants = run_ablation(order, load_settings(), _parts(flag), _progress)
        lines = list(ablation_table(full, variants))
        text = "\n".join((f"# Techniques on {full.info.suite}", "", *lines, ""))
        (out / "ablation.md").write_text(text, "utf-8")
    for line in lines:
        typer.echo(line)
    _end(full)


@app.command()
def report(
    out: Annotated[
        list[Path], typer.Option("--out", help="Folder of a run's log; several side by side.")
    ],
    report: ReportPath = None,
    prices: PricesOfTokens = "",
) -> None:
    """Write the reports (Markdown, and HTML beside it) again, over everything in the logs."""
    with _told():
        runs = [read(folder) for folder in out]
        path = _write(runs, report or out[0] / "report.md", prices)
    typer.echo(f"The report is {path} and {path.with_suffix('.html')}.")


@app.command()
def keep(
    out: Annotated[Path, typer.Argument(help="Folder of a run's log.")],
    baseline: Annotated[Path, typer.Argument(help="JSON file to commit.")],
) -> None:
    """Keep a run as a baseline: figures, and of each case whether it was right; no SQL."""
    with _told():
        keep_run(*read(out), baseline)
    typer.echo(f"The baseline is {baseline}.")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="Folder of the first run, or a baseline's file.")],
    after: Annotated[Path, typer.Argument(help="Folder of the second run, or a baseline's file.")],
) -> None:
    """Say what the second run gained and lost, case by case, and whether that is noise.

    Exit status 1 when the second run lost more than the noise.
    """
    with _told():
        (first, earlier), (second, later) = read(before), read(after)
    found = differences(earlier, later)
    if not found:
        typer.echo("The two runs have no case in common.", err=True)
        raise typer.Exit(2)
    if first.model != second.model:
        typer.echo(f"The models differ: {first.model}, then {second.model}.", err=True)
    for line in table(found):
        typer.echo(line)
    if any(difference.is_loss for difference in found[:2]):
        raise typer.Exit(1)


@app.command()
def tables(
    folder: Annotated[Path, typer.Argument(help="Folder with a lake's table docs and questions.")],
    index: Annotated[Path, typer.Option(help="Folder of the search index, which is kept.")] = Path(
        "build/evals/tables"
    ),
    k: Annotated[int, typer.Option(min=1, help="How many families count.")] = 10,
    without: Annotated[str, typer.Option(help="Parts to leave out, separated by commas.")] = "",
) -> None:
    """Measure how well the tables of a large lake are found, and how fast."""
    from nlq.llm.embeddings import embeddings
    from nlq_evals.tables import measure as measure_tables
    from nlq_evals.tables import told

    def progress(text: str, share: float | None) -> None:
        typer.echo(f"{text} ({share or 0:.0%})", err=True)

    with _told():
        model = embeddings(load_settings().embeddings)
        found = measure_tables(
            folder, model, index, k=k, without=_parts(without), on_progress=progress
        )
    typer.echo(told(found))


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


def _end(measured: Measured) -> None:
    """Say what is wrong with the suite, by exit status 2 where a reference did not run."""
    if measured.left_out:
        typer.echo(f"Left out, since no reference runs: {', '.join(measured.left_out)}.")
    if any(outcome.suite_fault for outcome in measured.outcomes):
        typer.echo("Some reference SQL did not run: the report names it.", err=True)
        raise typer.Exit(2)


def _write(runs: Sequence[Run], path: Path, prices: str) -> Path:
    """Write the report as Markdown at ``path``, and as HTML beside it."""
    paid = parse_prices(prices)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(render(*run, paid) for run in runs), "utf-8")
    path.with_suffix(".html").write_text(page(runs, paid), "utf-8")
    return path


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


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


if __name__ == "__main__":
    app()
