"""The commands ``serve``, ``log`` and ``doctor``: running nlq and seeing what it does."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from nlq.cli.options import AsJson, AsRole, AsUser, console, principal_of


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command()(serve)
    app.command()(log)
    app.command()(doctor)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; else as settings say.")] = "",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")
    ] = None,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Serve the chat page until Ctrl-C."""
    from nlq.settings import load_settings

    settings = load_settings()
    principal = principal_of(settings, user, role)
    typer.echo("Starting the chat page ...", err=True)

    from nlq_ui.serve import serve_page

    serve_page(
        settings,
        principal,
        host or settings.serve.host,
        settings.serve.port if port is None else port,
        say=lambda line: typer.echo(line, err=False),
    )


def log(
    answer_id: Annotated[
        str, typer.Argument(metavar="[ID]", help="An answer's id; without it, the last ones.")
    ] = "",
    last: Annotated[int, typer.Option("--last", "-n", min=1, help="How many records.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show the audit log: who asked what, and what came of it."""
    from nlq.cli.as_json import dumps
    from nlq.cli.show_log import print_record, print_records
    from nlq.errors import AuditError
    from nlq.log import AuditLog
    from nlq.settings import load_settings

    audit = AuditLog(load_settings().audit_path)
    try:
        if answer_id:
            record = audit.get(answer_id)
            if record is None:
                raise AuditError(
                    f"The audit log has no record {answer_id}.", hint="nlq log lists the last ones."
                )
            if as_json:
                typer.echo(dumps(record))
            else:
                print_record(console(), record)
            return
        records = audit.recent(last)
    finally:
        audit.close()
    if as_json:
        typer.echo(dumps(records))
    else:
        print_records(console(), records)


def doctor(as_json: AsJson = False) -> None:
    """Check the installation and say what to fix."""
    from nlq.cli.as_json import dumps
    from nlq.doctor import examine

    out = console()
    findings = []
    for finding in examine():
        findings.append(finding)
        if not as_json:
            mark, style = {"ok": ("ok  ", "green"), "warn": ("warn", "yellow")}.get(
                finding.status, ("FAIL", "bold red")
            )
            out.print(mark, style=style, end="  ")
            out.print(f"{finding.subject}: {finding.text}", markup=False)
            if finding.hint:
                out.print(f"      {finding.hint}", style="dim", markup=False)
            sys.stdout.flush()
    if as_json:
        typer.echo(dumps(findings))
    raise typer.Exit(1 if any(f.status == "fail" for f in findings) else 0)
