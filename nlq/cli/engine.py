"""The command ``engine``: PrestoDB and Trino servers for development, up and down."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlq.cli.options import AsJson, console

if TYPE_CHECKING:
    from nlq.engine.base import OnProgress
    from nlq.settings import Settings


class Name(StrEnum):
    """The servers that can be started."""

    PRESTO = "presto"
    TRINO = "trino"


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    engine = typer.Typer(help="PrestoDB and Trino servers for development.", no_args_is_help=True)
    engine.command("up")(up)
    engine.command("down")(down)
    engine.command("status")(status)
    app.add_typer(engine, name="engine")


def up(
    name: Annotated[Name, typer.Argument(help="Which server.")],
    port: Annotated[
        int, typer.Option(min=0, max=65535, help="Port on loopback; 0 picks a free one.")
    ] = 0,
    lake: Annotated[
        Path | None, typer.Option(help="Folder of the lake; else as the settings say.")
    ] = None,
    memory: Annotated[int, typer.Option(min=1024, help="Java heap, megabytes.")] = 2048,
    analyze: Annotated[
        bool, typer.Option("--analyze", help="Gather statistics for estimates; takes minutes.")
    ] = False,
    catalog: Annotated[
        list[str] | None,
        typer.Option(help="NAME=FILE: one more catalog, by its file of properties; repeatable."),
    ] = None,
    s3: Annotated[
        str, typer.Option(help="s3://BUCKET/FOLDER: copy the lake there and read it through Glue.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Start a server with the sample lake, and wait until it answers a query."""
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.engine.servers.server import start_server
    from nlq.settings import load_settings

    settings = load_settings()
    files = dict(_catalog_file(words) for words in catalog or ())
    folder = lake or settings.lake_dir
    with ProgressLine(console(stderr=True), name.value, quiet=as_json) as line:
        if s3:
            files |= _on_s3(name, s3, folder, settings, line.show)
        server = start_server(
            name.value,
            home=settings.home,
            lake=None if s3 else folder,
            port=port,
            memory_mb=memory,
            analyze=analyze,
            more_files=files,
            on_progress=line.show,
        )
    if as_json:
        typer.echo(dumps({"name": server.kind, "url": server.url, "pid": server.pid}))
    else:
        typer.echo(f"{server.kind} answers at {server.url} (process {server.pid}).")


def down(
    name: Annotated[Name | None, typer.Argument(help="Which server; without it, all.")] = None,
    as_json: AsJson = False,
) -> None:
    """End the servers that ``engine up`` started, and wait until they are gone."""
    from nlq.cli.as_json import dumps
    from nlq.engine.servers.server import running_server
    from nlq.settings import load_settings

    home = load_settings().home
    ended = []
    for kind in [name] if name else list(Name):
        server = running_server(kind.value, home=home)
        if server is not None:
            server.stop()
            ended.append(kind.value)
    if as_json:
        typer.echo(dumps({"ended": ended}))
    else:
        typer.echo(f"Ended: {', '.join(ended)}." if ended else "No server was running.")


def status(as_json: AsJson = False) -> None:
    """Say which servers run, and where."""
    from nlq.cli.as_json import dumps
    from nlq.engine.servers.server import running_server
    from nlq.settings import load_settings

    home = load_settings().home
    found = [s for kind in Name if (s := running_server(kind.value, home=home)) is not None]
    if as_json:
        typer.echo(dumps([{"name": s.kind, "url": s.url, "pid": s.pid} for s in found]))
        return
    for server in found:
        typer.echo(f"{server.kind} at {server.url} (process {server.pid}).")
    if not found:
        typer.echo("No server is running; nlq engine up presto starts one.")


def _catalog_file(words: str) -> tuple[str, str]:
    """``NAME=FILE`` as a path below a server's ``etc``, and its text."""
    name, _, file = words.partition("=")
    if not re.fullmatch(r"[a-z][a-z0-9_]*", name) or not file:
        raise typer.BadParameter(f"{words!r} is not NAME=FILE", param_hint="--catalog")
    try:
        return f"catalog/{name}.properties", Path(file).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise typer.BadParameter(f"{file} cannot be read: {exc}", param_hint="--catalog") from exc


def _on_s3(
    name: Name, url: str, lake: Path, settings: Settings, on_step: OnProgress
) -> dict[str, str]:
    """The catalogs ``lake`` and ``iceberg``, once the lake's files are at ``url``."""
    import os

    from nlq.assemble import load_catalog
    from nlq.engine.servers.glue_lake import Place, glue_catalog, iceberg_catalog, publish

    if name is not Name.PRESTO:
        raise typer.BadParameter("only presto reads a lake on S3", param_hint="--s3")
    place = Place.at(url, os.environ)
    publish(lake, place, load_catalog(settings).tables, on_step=on_step)
    return {
        "catalog/lake.properties": glue_catalog(place),
        "catalog/iceberg.properties": iceberg_catalog(place),
    }
