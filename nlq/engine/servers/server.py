"""Development servers: a kind enters, a server that has answered a query leaves.

Everything is below ``home/engines``: the parts (``presto-0.287``), and what is running (``presto``:
configuration, data, log). One server of a name, by default its kind, runs at a time; it outlives
the program that started it, until ``stop``.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlq.engine.servers import process
from nlq.engine.servers.config import (
    LAKE,
    Layout,
    config_files,
    connectors,
    java_options,
    table_location,
)
from nlq.engine.servers.java import find_java
from nlq.engine.servers.lake_tables import (
    FileTable,
    analyses,
    file_tables,
    fingerprint,
    statements,
)
from nlq.engine.servers.maven import assemble, class_path, part_folder
from nlq.engine.servers.recipe import MAIN, RECIPES, Kind, Recipe
from nlq.engine.trino_client import Client, Cluster
from nlq.errors import EngineError, EngineUnavailable, SettingsError

OnProgress = Callable[[str, float | None], None]

MEMORY_MB: Final = 2_048
"""Java heap of a server, megabytes; at rest it takes about half of it."""

_READY_SECONDS: Final = 300.0
_STATEMENT_SECONDS: Final = 300.0
_USER: Final = "nlq"
_ANALYZED: Final = " analyzed"


@dataclass(frozen=True, slots=True)
class RunningServer:
    """A server that answers queries at ``url``."""

    kind: Kind
    name: str
    url: str
    port: int
    pid: int
    layout: Layout

    def stop(self) -> None:
        """End it and wait until it is gone; does nothing where it runs no more."""
        running = process.read_state(self.layout.state)
        if running is not None and running.pid == self.pid:
            process.stop(running, self.layout.state)


def start_server(
    kind: Kind,
    *,
    home: Path,
    name: str = "",
    lake: Path | None = None,
    port: int = 0,
    memory_mb: int = MEMORY_MB,
    analyze: bool = False,
    more_files: Mapping[str, str] | None = None,
    more_java: Sequence[str] = (),
    on_progress: OnProgress | None = None,
) -> RunningServer:
    """Start a server below ``home`` with the catalogs tpch, tpcds and memory, and ``lake``'s.

    Its parts are fetched when they are not there. ``name`` keeps several of a kind apart; ``port``
    0 is a free one; ``memory_mb`` is the Java heap; ``analyze`` gathers the statistics that
    estimates rest on, which takes minutes. ``more_files`` are texts by path below its ``etc``, such
    as further catalogs, whose plugins are fetched too; that of ``config.properties`` is added to
    ours; ``more_java`` are options of ``java`` after ours. Returns the one that runs already, if
    any. Raises ``SettingsError`` for a missing Java, Maven, room or port, or a connector that
    cannot be had, ``LakeNotReady``, and ``EngineUnavailable`` where it does not start.
    """
    say = on_progress or (lambda _text, _share: None)
    recipe, engines = RECIPES[kind], home.absolute() / "engines"
    engines.mkdir(parents=True, exist_ok=True)
    lake = lake.absolute() if lake is not None else None
    tables = list(file_tables(lake)) if lake is not None else []
    wanted = fingerprint(lake, tables) if lake is not None else ""
    with (engines / f"{name or kind}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another that starts it is waited for
        present = server = running_server(kind, home=home, name=name)
        if server is not None:
            _check_same(server, recipe, port, lake, more_files or {})
        else:
            layout = Layout(engines / (name or kind))
            server = _launch(
                recipe, layout, lake, wanted, port, memory_mb, more_files or {}, more_java, say
            )
        client = Client(Cluster(kind, server.url, source="nlq-setup"))
        try:
            _await(client, recipe, server, say)
            if lake is not None:
                _register(client, recipe, server.layout, tables, wanted, analyze, say)
        except BaseException:
            if present is None:
                server.stop()
            raise
        finally:
            client.close()
    say(f"{recipe.brand} is ready", 1.0)
    return server


def running_server(kind: Kind, *, home: Path, name: str = "") -> RunningServer | None:
    """The server of that kind and name that was started below ``home`` and still runs."""
    layout = Layout(home.absolute() / "engines" / (name or kind))
    running = process.read_state(layout.state)
    if running is None:
        return None
    return RunningServer(kind, name or kind, _url(running.port), running.port, running.pid, layout)


def _check_same(
    server: RunningServer, recipe: Recipe, port: int, lake: Path | None,
    more_files: Mapping[str, str],
) -> None:  # fmt: skip
    """Raise ``SettingsError`` where what runs is not what is asked for."""
    other = ""
    if port not in (0, server.port):
        other = f"on port {server.port}"
    elif lake is not None and server.layout.lake.resolve() != lake.resolve():
        other = "over another lake" if server.layout.lake.is_symlink() else "without a lake"
    elif not all(_text(server.layout.etc / f).endswith(text) for f, text in more_files.items()):
        other = "with other catalogs or settings"
    if other:
        raise SettingsError(
            f"{recipe.brand} runs already, {other}.", hint=f"nlq engine down {recipe.kind} ends it."
        )


def _launch(
    recipe: Recipe, layout: Layout, lake: Path | None, wanted: str, port: int, memory_mb: int,
    more_files: Mapping[str, str], more_java: Sequence[str], say: OnProgress,
) -> RunningServer:  # fmt: skip
    """Start the process; it does not answer yet."""
    java = find_java(recipe, os.environ)
    process.free_port(port, recipe.brand)  # before anything is fetched
    needed = set(connectors(more_files))
    folder = assemble(recipe, layout.root.parent, java.home, say, needed)
    chosen = process.free_port(port, recipe.brand)
    shutil.rmtree(layout.etc, ignore_errors=True)
    layout.etc.mkdir(parents=True, mode=0o700)  # catalogs may hold passwords
    files = config_files(recipe, layout, chosen, memory_mb, lake=lake is not None)
    main = "config.properties"
    files = {**files, **more_files, main: files[main] + more_files.get(main, "")}
    for name, text in files.items():
        path = layout.etc / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    shutil.rmtree(layout.plugins, ignore_errors=True)
    layout.plugins.mkdir()
    for name, _ in recipe.parts_for(needed):
        if name != MAIN:
            (layout.plugins / name).symlink_to(part_folder(folder, name), target_is_directory=True)
    layout.data.mkdir(parents=True, exist_ok=True)
    if lake is not None and not _text(layout.known).startswith(wanted):
        layout.known.unlink(missing_ok=True)
        shutil.rmtree(layout.metastore, ignore_errors=True)
    layout.metastore.mkdir(parents=True, exist_ok=True)
    layout.lake.unlink(missing_ok=True)
    if lake is not None:
        layout.lake.symlink_to(lake, target_is_directory=True)
    options = [*java_options(recipe, layout, memory_mb), *more_java]
    running = process.start(
        [str(java.path), *options, "-cp", class_path(recipe, folder), recipe.main_class],
        layout.log, chosen, f"-Dnode.data-dir={layout.data}", layout.state,
    )  # fmt: skip
    return RunningServer(recipe.kind, layout.root.name, _url(chosen), chosen, running.pid, layout)


def _register(
    client: Client, recipe: Recipe, layout: Layout, tables: list[FileTable], wanted: str,
    analyze: bool, say: OnProgress,
) -> None:  # fmt: skip
    """Make the lake's tables known, unless the metastore knows these very files already."""
    before = _text(layout.known)
    todo: list[tuple[str, str]] = []
    if not before.startswith(wanted):
        todo += statements(LAKE, tables, lambda s, t: table_location(recipe, layout, s, t))
    if analyze and not before.endswith(_ANALYZED):
        todo += analyses(LAKE, tables)
    for number, (told, statement) in enumerate(todo):
        say(told, number / len(todo))
        client.rows(statement, user=_USER, seconds=_STATEMENT_SECONDS)
    if todo:
        layout.known.write_text(wanted + (_ANALYZED if analyze else ""), "utf-8")


def _text(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _url(port: int) -> str:
    return f"http://127.0.0.1:{port}"


def _await(client: Client, recipe: Recipe, server: RunningServer, say: OnProgress) -> None:
    """Wait until a query is answered: a server says that it is up before it takes any."""
    started = time.monotonic()
    why = ""
    while time.monotonic() < started + _READY_SECONDS:
        seconds = int(time.monotonic() - started)
        say(f"Starting {recipe.brand}, {seconds} s", None)
        if process.read_state(server.layout.state) is None:
            raise EngineUnavailable(
                f"{recipe.brand} ended while it started: {process.last_lines(server.layout.log)}",
                hint=f"Its whole log is {server.layout.log}.",
            )
        try:
            client.version()
            if client.rows("SELECT count(*) FROM tpch.tiny.region", user=_USER, seconds=60) == [
                [5]
            ]:
                return
        except EngineError as error:
            why = error.message
        time.sleep(1.0)
    raise EngineUnavailable(
        f"{recipe.brand} did not answer a query within {_READY_SECONDS:g} s: {why}",
        hint=f"Its log is {server.layout.log}.",
    )
