"""A server's configuration: what it is and where enter, the texts of its files leave."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlq.engine.servers.recipe import Recipe
from nlq.errors import SettingsError

LAKE: Final = "lake"
"""The catalog that reads the sample lake's files."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a server's files are. ``root`` is its own folder; all others are below it.

    ``files`` holds the lake's metastore and, as a link, the lake: the Trino server may read this
    folder and nothing else.
    """

    root: Path

    @property
    def etc(self) -> Path:
        """Configuration files."""
        return self.root / "etc"

    @property
    def catalogs(self) -> Path:
        """Configuration files of the catalogs."""
        return self.etc / "catalog"

    @property
    def plugins(self) -> Path:
        """Links to the plugins that the server loads."""
        return self.root / "plugin"

    @property
    def data(self) -> Path:
        """The server's own data."""
        return self.root / "data"

    @property
    def files(self) -> Path:
        """What the lake's catalog sees."""
        return self.root / "files"

    @property
    def metastore(self) -> Path:
        """The lake's metastore: which tables and partitions there are."""
        return self.files / "metastore"

    @property
    def lake(self) -> Path:
        """The link to the lake's folder."""
        return self.files / "lake"

    @property
    def log(self) -> Path:
        """What the server prints."""
        return self.root / "server.log"

    @property
    def known(self) -> Path:
        """Which lake's tables the metastore knows."""
        return self.root / "lake-tables.sha256"

    @property
    def state(self) -> Path:
        """Which process runs on which port."""
        return self.root / "running.json"


def config_files(
    recipe: Recipe, layout: Layout, port: int, memory_mb: int, *, lake: bool
) -> Mapping[str, str]:
    """Texts by path below ``etc``. ``memory_mb`` is the Java heap; ``lake``: with its catalog.

    The server listens on loopback alone.
    """
    files = {
        "config.properties": _properties(_server(recipe, port, memory_mb)),
        "catalog/tpch.properties": _properties({"connector.name": "tpch"}),
        "catalog/tpcds.properties": _properties({"connector.name": "tpcds"}),
        "catalog/memory.properties": _properties({"connector.name": "memory"}),
    }
    if lake:
        files[f"catalog/{LAKE}.properties"] = _properties(_lake(recipe, layout))
    return files


def connectors(files: Mapping[str, str]) -> Iterator[str]:
    """The connectors that the catalogs among configuration files name.

    Raises ``SettingsError`` for a catalog that names none.
    """
    for path, text in files.items():
        if path.startswith("catalog/"):
            named = re.search(r"^\s*connector\.name\s*[=:]\s*(\S+)", text, re.M)
            if named is None:
                raise SettingsError(
                    f"The catalog {Path(path).stem} names no connector.",
                    hint="It needs a line like connector.name=postgresql.",
                )
            yield named[1]


def java_options(recipe: Recipe, layout: Layout, memory_mb: int) -> list[str]:
    """Options of ``java`` before the class path."""
    options = [
        f"-Xmx{memory_mb}M",
        "-XX:+ExitOnOutOfMemoryError",
        "-Duser.timezone=UTC",
        "-Dcom.sun.management.jmxremote.host=127.0.0.1",  # else open to the network, and to anyone
        "-Djdk.attach.allowAttachSelf=true",
        f"-Dconfig={layout.etc / 'config.properties'}",
        "-Dnode.environment=nlq",
        f"-Dnode.id=nlq-{layout.root.name}",
        f"-Dnode.data-dir={layout.data}",
        f"-Dcatalog.config-dir={layout.catalogs}",
        f"-Dplugin.dir={layout.plugins}",
    ]
    if recipe.kind == "trino":
        options += [
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "--add-opens=java.base/java.nio=ALL-UNNAMED",
            "--sun-misc-unsafe-memory-access=allow",
        ]
    return options


def table_location(recipe: Recipe, layout: Layout, schema: str, table: str) -> str:
    """A lake table's ``external_location``."""
    if recipe.kind == "trino":
        return f"local:///lake/{schema}/{table}"
    return f"file://{layout.lake / schema / table}"


def _server(recipe: Recipe, port: int, memory_mb: int) -> dict[str, str]:
    # What the heap must hold besides queries is 30 % of it, and the caps must fit in the rest.
    settings = {
        "coordinator": "true",
        "node-scheduler.include-coordinator": "true",
        "http-server.http.port": str(port),
        "discovery.uri": f"http://127.0.0.1:{port}",
        "node.internal-address": "127.0.0.1",
        "node.bind-ip": "127.0.0.1",
        "query.max-memory": f"{memory_mb * 3 // 10}MB",
        "query.max-memory-per-node": f"{memory_mb * 3 // 10}MB",
    }
    if recipe.kind == "presto":
        settings["discovery-server.enabled"] = "true"
        settings["query.max-total-memory-per-node"] = f"{memory_mb * 4 // 10}MB"
    return settings


def _lake(recipe: Recipe, layout: Layout) -> dict[str, str]:
    settings = {"hive.metastore": "file", "hive.parquet.use-column-names": "true"}
    if recipe.kind == "trino":
        return {
            "connector.name": "hive",
            **settings,
            "hive.metastore.catalog.dir": "local:///metastore",
            "fs.native-local.enabled": "true",
            "local.location": str(layout.files),
        }
    return {
        "connector.name": "hive-hadoop2",
        **settings,
        "hive.metastore.catalog.dir": f"file://{layout.metastore}",
    }


def _properties(settings: Mapping[str, str]) -> str:
    return "".join(f"{key}={_escaped(value)}\n" for key, value in settings.items())


def _escaped(value: str) -> str:
    """A value as Java's properties files take it: a backslash escapes, Latin-1 only."""
    doubled = value.replace("\\", "\\\\")
    return "".join(c if ord(c) < 128 else f"\\u{ord(c):04x}" for c in doubled)
