"""The engine's catalog: what a server tells is kept, renewed by little, and read without it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from nlq.catalog.disagree import disagreements
from nlq.catalog.engine_docs import EngineDocs
from nlq.catalog.engine_pull import PullLimits, PullReport, pull
from nlq.catalog.merge import merge_two
from nlq.errors import CatalogError, EngineError, EngineUnavailable, QueryFailed, QueryTimeout
from nlq.types import ColumnDoc, Freshness, TableDoc

NOW = datetime(2026, 7, 15, 9, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
MUCH_LATER = NOW + timedelta(days=2)

DAILY = [["id", "bigint", None, None], ["note", "varchar", "Free text.", None]]
DAILY_DS = [*DAILY, ["ds", "varchar", None, "partition key"]]


@dataclass
class LakeServer:
    """A server with tables in memory: columns, SHOW STATS rows and partition values by name."""

    tables: dict[str, list[list[Any]]]
    stats: dict[str, list[list[Any]]] = field(default_factory=dict)
    partitions: dict[str, list[str]] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)
    fails: dict[str, EngineError] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    users: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def rows(self, sql: str, *, user: str, seconds: float = 60.0) -> list[list[Any]]:
        with self.lock:
            self.asked.append(sql)
            self.users.add(user)
        assert seconds > 0
        for part, error in self.fails.items():
            if part in sql:
                raise error
        if "schemata" in sql:
            return [[schema] for schema in sorted({name.split(".")[1] for name in self.tables})]
        sql = sql.replace("''", "'").replace('""', '"')
        if "information_schema.columns" in sql:
            return [
                [name.split(".", 2)[2], *column]
                for name, columns in self.tables.items()
                if f"'{name.split('.')[1]}'" in sql
                for column in columns
            ]
        if "table_comments" in sql:
            return [[name.split(".")[2], self.comments.get(name)] for name in self.tables]
        name = sql.replace("$partitions", "").rpartition(" ")[2].replace('"', "")
        if sql.startswith("SHOW STATS"):
            return self.stats.get(name, [[None, None, None, None, None, None, None]])
        if sql.startswith("SHOW CREATE"):
            comment = self.comments.get(name, "").replace("'", "''")
            told = f"COMMENT '{comment}'\n" if comment else ""
            return [
                [f"CREATE TABLE {name} (\n   \"a\" date COMMENT ') COMMENT'\n)\n{told}WITH (x = 1)"]
            ]
        values = self.partitions[name]
        return [[len(values), max(values)]]

    def dear(self) -> list[str]:
        return [sql for sql in self.asked if sql.startswith("SHOW") or "$partitions" in sql]


@pytest.fixture
def server() -> LakeServer:
    return LakeServer(
        {"lake.a.days": DAILY_DS, "lake.a.plain": DAILY, "lake.b.other": DAILY},
        stats={
            "lake.a.days": [
                ["id", None, 5.0, 0.0, None, "1", "9"],
                ["note", 700.0, 5.0, 0.0, None, None, None],
                ["ds", 1000.0, 2.0, 0.0, None, None, None],
                [None, None, None, None, 100.0, None, None],
            ],
            "lake.a.plain": [
                ["id", None, None, None, None, None, None],
                [None, None, None, None, 0.0, None, None],
            ],
        },
        partitions={"lake.a.days": ["2026-07-13", "2026-07-14"]},
        comments={"lake.a.days": "What's sold."},
    )


@pytest.fixture
def path(tmp_path) -> Path:
    return tmp_path / "home" / "engine_tables.json"


@pytest.fixture
def pulled(server, path) -> Callable[..., PullReport]:
    def go(now: datetime = NOW, kind: Any = "presto", **limits) -> PullReport:
        server.asked.clear()
        made = PullLimits(**{"at_once": 2, **limits})
        return pull(server, path, kind=kind, user="ana", catalogs=["lake"], now=now, limits=made)

    return go


@pytest.mark.parametrize("kind", ["presto", "trino"])
def test_what_the_server_tells_becomes_table_docs(pulled, path, server, kind) -> None:
    report = pulled(kind=kind)
    assert report == PullReport(
        tables=3, new=("lake.a.days", "lake.a.plain", "lake.b.other"), looked_at=3
    )
    assert server.users == {"ana"}
    assert EngineDocs(path).load().tables["lake.a.days"] == TableDoc(
        "lake.a.days",
        (
            ColumnDoc("id", "bigint"),
            ColumnDoc("note", "varchar", "Free text."),
            ColumnDoc("ds", "varchar"),
        ),
        description="What's sold.",
        partitioned_by=("ds",),
        freshness=Freshness(complete_through=date(2026, 7, 14)),
        row_count=100,
        size_bytes=100 * 8 + 700 + 1000,
    )


@pytest.mark.parametrize(("kind", "rows"), [("presto", None), ("trino", 0)])
def test_no_rows_are_unknown_where_the_server_says_so_of_every_table(
    pulled, path, kind, rows
) -> None:
    pulled(kind=kind)
    tables = EngineDocs(path).load().tables
    assert tables["lake.a.plain"].row_count == rows
    assert tables["lake.a.plain"].size_bytes is None
    assert tables["lake.b.other"].row_count is None


@pytest.mark.parametrize(
    ("values", "day"),
    [
        (["20260701"], date(2026, 7, 1)),
        (["2026-07-15"], date(2026, 7, 14)),  # today is not over
        (["2026-12-31"], date(2026, 7, 14)),
        (["EMEA"], None),
        (["20261399"], None),
    ],
)
def test_the_last_whole_day(pulled, path, server, values, day) -> None:
    server.partitions["lake.a.days"] = values
    pulled()
    assert EngineDocs(path).load().tables["lake.a.days"].freshness.complete_through == day


@pytest.mark.parametrize("kind", ["presto", "trino"])
def test_nothing_dear_is_asked_of_what_is_unchanged(pulled, server, path, kind) -> None:
    pulled(kind=kind)
    kept = path.read_text()
    assert pulled(LATER, kind=kind) == PullReport(tables=3)
    assert server.dear() == []
    assert path.read_text() == kept


def test_details_are_asked_again_of_what_is_new_changed_or_old(pulled, server, path) -> None:
    pulled()
    server.tables["lake.a.plain"] = [*DAILY, ["more", "double", None, None]]
    server.tables["lake.c.new"] = DAILY
    report = pulled(LATER)
    assert (report.new, report.changed) == (("lake.c.new",), ("lake.a.plain",))
    assert report.looked_at == 2
    assert not any("days" in sql for sql in server.dear())
    assert EngineDocs(path).load().tables["lake.a.plain"].column("more").type == "double"
    assert pulled(MUCH_LATER).looked_at == 4


def test_a_comment_that_trino_tells_cheaply_is_a_change(pulled, server, path) -> None:
    pulled(kind="trino")
    server.comments["lake.b.other"] = "Others."
    assert pulled(LATER, kind="trino").changed == ("lake.b.other",)
    assert EngineDocs(path).load().tables["lake.b.other"].description == "Others."


def test_what_is_gone_leaves_and_other_catalogs_stay(pulled, server, path) -> None:
    pulled()
    elsewhere = LakeServer({"shop.x.y": DAILY})
    pull(elsewhere, path, kind="trino", user="ana", catalogs=["shop"], now=NOW)
    del server.tables["lake.b.other"]
    del server.tables["lake.a.plain"]
    assert pulled(LATER).gone == ("lake.a.plain", "lake.b.other")
    assert EngineDocs(path).load().tables.keys() == {"lake.a.days", "shop.x.y"}


def test_a_schema_that_fails_keeps_its_tables(pulled, server, path) -> None:
    pulled()
    server.fails["table_schema = 'a'"] = QueryTimeout("too slow")
    report = pulled(MUCH_LATER)
    assert report.failed == (("lake.a", "too slow"),)
    assert report.gone == ()
    assert EngineDocs(path).load().tables["lake.a.days"].row_count == 100


def test_a_table_that_fails_keeps_its_details_and_is_asked_again(pulled, server, path) -> None:
    pulled()
    server.fails['STATS FOR "lake"."a"."days"'] = QueryTimeout("too slow")
    report = pulled(MUCH_LATER)
    assert report.failed == (("lake.a.days", "too slow"),)
    assert (report.looked_at, report.postponed) == (2, 0)
    assert EngineDocs(path).load().tables["lake.a.days"].row_count == 100
    server.fails.clear()
    assert pulled(MUCH_LATER).looked_at == 1


def test_what_the_server_will_not_tell_is_unknown_and_named(pulled, server, path) -> None:
    server.fails["SHOW CREATE"] = QueryFailed("Access denied")
    assert pulled().failed == ()
    table = EngineDocs(path).load().tables["lake.a.days"]
    assert (table.description, table.row_count) == ("", 100)
    kept = {t["name"]: t for t in json.loads(path.read_text())["tables"]}
    assert kept["lake.a.days"]["unanswered"] == ["comment: Access denied"]
    server.asked.clear()
    pulled(LATER)
    assert server.dear() == []


def test_the_rest_waits_for_the_next_pull(pulled, server, path) -> None:
    report = pulled(tables=1)
    assert (report.looked_at, report.postponed) == (1, 2)
    assert len(EngineDocs(path).load().tables) == 3
    assert pulled(LATER, tables=1).looked_at == 1
    assert pulled(LATER, seconds=0.0).postponed == 1


def test_a_server_that_goes_away_is_left_alone(pulled, server, path) -> None:
    server.fails["SHOW CREATE"] = EngineUnavailable("gone")
    report = pulled(at_once=1)
    assert (report.looked_at, report.postponed) == (0, 2)
    assert [message for _, message in report.failed] == ["gone"]
    assert len(server.dear()) == 1
    assert len(EngineDocs(path).load().tables) == 3


def test_a_server_that_tells_nothing_is_an_error_and_the_file_stays(pulled, server, path) -> None:
    pulled()
    kept = path.read_bytes()
    server.fails["SELECT"] = EngineUnavailable("down")
    with pytest.raises(EngineUnavailable, match="down"):
        pulled(LATER)
    assert path.read_bytes() == kept


@pytest.mark.parametrize(
    "text", ["", '{"version": 2, "tables": []}', '{"version": 1, "tables": 3}']
)
def test_a_damaged_file_is_named(pulled, path, text) -> None:
    path.parent.mkdir()
    path.write_text(text)
    for act in (EngineDocs(path).load, pulled):
        with pytest.raises(CatalogError, match=r"engine_tables\.json"):
            act()


def test_nothing_pulled_yet_says_what_to_do(path) -> None:
    with pytest.raises(CatalogError) as caught:
        EngineDocs(path).load()
    assert "nlq catalog pull" in caught.value.hint


def test_names_are_quoted(pulled, server) -> None:
    server.tables = {"lake.o'brien.we\"ird": DAILY, "lake.o'brien.a.b": DAILY}
    assert pulled().new == ("lake.o'brien.we\"ird",)  # one with a dot has no whole name
    assert any("table_schema = 'o''brien'" in sql for sql in server.asked)
    assert 'SHOW STATS FOR "lake"."o\'brien"."we""ird"' in server.asked


def test_people_win_but_for_what_is_measured(pulled, path) -> None:
    pulled()
    engine = EngineDocs(path).load()
    docs = TableDoc(
        "lake.a.days",
        (ColumnDoc("id", "integer", "Number."), ColumnDoc("note", "varchar", "Remark.")),
        description="Sales.",
        partitioned_by=("day",),
        freshness=Freshness(complete_through=date(2026, 7, 12)),
        row_count=7,
        size_bytes=7,
    )
    merged = merge_two(engine, replace(engine, tables={docs.name: docs})).tables[docs.name]
    assert (merged.description, merged.freshness) == ("Sales.", docs.freshness)
    assert merged.columns[:2] == (
        ColumnDoc("id", "bigint", "Number."), ColumnDoc("note", "varchar", "Remark.")
    )  # fmt: skip
    assert (merged.partitioned_by, merged.row_count, merged.size_bytes) == (("ds",), 100, 2500)


def test_docs_of_what_the_engine_lacks_are_named(pulled, path) -> None:
    pulled()
    engine = EngineDocs(path).load()
    columns = (ColumnDoc("ID", "bigint"), ColumnDoc("left", "bigint"))
    names = ("lake.a.days", "lake.z.nosuch", "elsewhere.a.b")
    docs = replace(engine, tables={name: TableDoc(name, columns) for name in names})
    assert disagreements(docs, engine) == (
        "Table lake.a.days: the column left is described, but the engine has no such column.",
        "Table lake.z.nosuch: it is described, but the engine has no such table.",
    )
