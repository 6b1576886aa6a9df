"""The commands ``serve``, ``mcp``, ``log``, ``audit``, ``doctor``: run nlq, see what it does."""

from __future__ import annotations

import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlq.cli.options import AsJson, AsRole, AsUser, console, principal_of

if TYPE_CHECKING:
    from nlq.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    app.command()(serve)
    app.command()(mcp)
    app.command()(log)
    app.command()(doctor)
    audit = typer.Typer(help="The audit log's copy in the lake.", no_args_is_help=True)
    audit.command("publish")(audit_publish)
    app.add_typer(audit, name="audit")


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; else as settings say.")] = "",
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port; 0 picks a free one.")
    ] = None,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Serve the chat page and the HTTP API until Ctrl-C."""
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


def mcp(user: AsUser = "", role: AsRole = None) -> None:
    """Serve MCP over standard input and output: tools for agents."""
    from nlq_ui.serve import serve_mcp

    from nlq.settings import load_settings

    settings = load_settings()
    serve_mcp(settings, principal_of(settings, user, role))


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


def audit_publish(
    lake: Annotated[
        Path | None, typer.Option(help="Folder of the lake; else as the settings say.")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Everything anew, for a lake that was made anew.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write the questions that are not there yet to the lake's query log."""
    from nlq.audit.lake_table import publish
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.log import AuditLog
    from nlq.settings import load_settings

    settings = load_settings()
    folder = lake or settings.query_log.lake or settings.lake_dir
    audit = AuditLog(settings.audit_path)
    try:
        with ProgressLine(console(stderr=True), "query log", quiet=as_json) as line:
            if again:
                audit.publish_again()
            done = publish(
                audit, folder, on_batch=lambda count: line.show(f"{count:,} questions", None)
            )
            if settings.query_log.cluster:
                line.show(f"Telling {settings.query_log.cluster}", None)
                _tell_cluster(settings)
    finally:
        audit.close()
    if as_json:
        typer.echo(dumps({**dataclasses.asdict(done), "folder": folder}))
    else:
        days = f", of {len(done.days)} days" if len(done.days) > 1 else ""
        typer.echo(f"{done.questions:,} questions{days} were written to {folder}.")


def _tell_cluster(settings: Settings) -> None:
    """Make what was published known to the cluster that the settings name."""
    from nlq.audit.lake_cluster import HivePlace, announce
    from nlq.engine.opening import clusters_of, open_client
    from nlq.errors import SettingsError

    wanted = settings.query_log
    cluster = next((c for c in clusters_of(settings.engine) if c.name == wanted.cluster), None)
    if cluster is None or not wanted.location:
        raise SettingsError(
            f"The query log cannot be told to the cluster {wanted.cluster}: "
            + ("query_log.location is empty." if cluster else "there is none of that name."),
            hint="Name one of engine.clusters in query_log.cluster, and in query_log.location "
            "where it finds the lake's folder ops.",
        )
    client = open_client(cluster)
    try:
        announce(client, HivePlace(wanted.location, wanted.catalog), user=wanted.user)
    finally:
        client.close()


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
