"""What each server is made of: a kind enters, its version, Java and parts leave."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from nlq.errors import SettingsError

Kind = Literal["presto", "trino"]

MAIN: Final = "main"
"""The part that is the server itself; all others are plugins."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A server as its Maven artifacts.

    ``parts`` are folder names below ``plugin/``, each with its artifact; ``connectors`` are more
    of them, fetched once a catalog needs them (a plugin has its connector's name).
    ``plugin_classes`` are for plugins whose jar does not name its class. ``java_least`` to
    ``java_most`` are the versions of Java that it runs on (no upper end: None); ``java_modules``
    must be in it. ``needed_bytes`` is the room that it takes, Maven's own copies included.
    """

    kind: Kind
    brand: str
    version: str
    group: str
    parts: tuple[tuple[str, str], ...]
    main_class: str
    java_least: int
    java_most: int | None
    java_modules: tuple[str, ...]
    java_variable: str
    needed_bytes: int
    connectors: tuple[tuple[str, str], ...] = ()
    plugin_classes: tuple[tuple[str, str], ...] = ()

    def parts_for(self, connectors: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """The server's parts and what these connectors need besides.

        Raises ``SettingsError`` for a connector that cannot be had.
        """
        every = dict(self.parts + self.connectors)
        unknown = sorted(set(connectors) - every.keys())
        if unknown:
            raise SettingsError(
                f"The connector {unknown[0]} cannot be had for {self.brand} {self.version}.",
                hint=f"There are: {', '.join(sorted(every.keys() - {MAIN}))}.",
            )
        return self.parts + tuple(part for part in self.connectors if part[0] in set(connectors))

    @property
    def folder(self) -> str:
        """Name of the folder that it is put together in."""
        return f"{self.kind}-{self.version}"


PRESTO: Final = Recipe(
    kind="presto",
    brand="PrestoDB",
    version="0.287",
    group="com.facebook.presto",
    parts=(
        (MAIN, "presto-main"),
        ("hive-hadoop2", "presto-hive-hadoop2"),
        ("memory", "presto-memory"),
        ("tpch", "presto-tpch"),
        ("tpcds", "presto-tpcds"),
        ("resource-group-managers", "presto-resource-group-managers"),
    ),
    main_class="com.facebook.presto.server.PrestoServer",
    java_least=11,
    java_most=11,
    java_modules=(),
    java_variable="NLQ_JAVA11",
    needed_bytes=1_200_000_000,
    connectors=(
        ("iceberg", "presto-iceberg"),
        ("mysql", "presto-mysql"),
        ("postgresql", "presto-postgresql"),
    ),
)

TRINO: Final = Recipe(
    kind="trino",
    brand="Trino",
    version="483",
    group="io.trino",
    parts=(
        (MAIN, "trino-main"),
        ("hive", "trino-hive"),
        ("memory", "trino-memory"),
        ("tpch", "trino-tpch"),
        ("tpcds", "trino-tpcds"),
    ),
    main_class="NlqTrino",
    java_least=25,
    java_most=None,
    java_modules=("jdk.incubator.vector", "jdk.compiler"),
    java_variable="NLQ_JAVA25",
    needed_bytes=1_200_000_000,
    plugin_classes=(
        ("hive", "io.trino.plugin.hive.HivePlugin"),
        ("memory", "io.trino.plugin.memory.MemoryPlugin"),
        ("tpch", "io.trino.plugin.tpch.TpchPlugin"),
        ("tpcds", "io.trino.plugin.tpcds.TpcdsPlugin"),
    ),
)

RECIPES: Final[dict[Kind, Recipe]] = {"presto": PRESTO, "trino": TRINO}

LAUNCHER: Final = f"""\
public final class {TRINO.main_class} {{
    public static void main(String[] arguments) {{
        new io.trino.server.Server().start("{TRINO.version}");
    }}
}}
"""
"""Trino's own main class cannot be had as an artifact; this is all that it does."""


def pom(group: str, artifact: str, version: str) -> str:
    """A Maven project that depends on that artifact alone."""
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        "  <modelVersion>4.0.0</modelVersion>\n"
        "  <groupId>nlq</groupId>\n"
        f"  <artifactId>nlq-{artifact}</artifactId>\n"
        "  <version>1</version>\n"
        "  <dependencies><dependency>\n"
        f"    <groupId>{group}</groupId><artifactId>{artifact}</artifactId>"
        f"<version>{version}</version>\n"
        "  </dependency></dependencies>\n"
        "</project>\n"
    )
