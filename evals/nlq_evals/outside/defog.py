"""defog's sql-eval: SQL dumps, column docs and CSV questions enter, lakes and cases leave.

The folder holds ``NAME.sql`` and ``NAME.json`` for each database, and ``*.csv`` of questions. A
``query`` cell may hold several acceptable queries separated by ``;``; ``{a, b}`` in one means that
any of these columns will do. A question whose reference only says that there is no answer expects a
refusal.
"""

from __future__ import annotations

import csv
import hashlib
import json
import re
from collections.abc import Iterator
from datetime import datetime
from itertools import combinations
from pathlib import Path
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from nlq_evals.outside.lake import OutsideLake, TableNotes, make_lake
from nlq_evals.suite import Case, Reference, SuiteError

DIALECT = "postgres"

_CHOICE = re.compile(r"\{([^{}]*)\}")
_NO_ANSWER = re.compile(r"^\s*SELECT\s+'(?:[^']|'')*'\s+AS\s+\w+\s*;?\s*$", re.IGNORECASE)
_MOST_CHOICES = 5


def load_lakes(folder: Path, homes: Path, now: datetime) -> dict[str, OutsideLake]:
    """Make every database of ``folder`` into a home below ``homes``; raises ``SuiteError``."""
    dumps = sorted(folder.glob("*.sql"))
    if not dumps:
        raise SuiteError(f"{folder} holds no NAME.sql with NAME.json beside it.")
    return {dump.stem: _load_lake(dump, homes / dump.stem, now) for dump in dumps}


def load_cases(folder: Path) -> tuple[Case, ...]:
    """The questions of every CSV file; raises ``SuiteError`` naming the file and line."""
    cases: list[Case] = []
    for path in sorted(folder.glob("*.csv")):
        with path.open(newline="", encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                cases.append(_case(path, number, row))
    return tuple(cases)


def acceptable(cell: str) -> Iterator[str]:
    """Every query that a ``query`` cell accepts.

    >>> list(acceptable("SELECT {a.x AS n, a.y}, count(*) FROM a GROUP BY {}"))[0]
    'SELECT a.x AS n, count(*) FROM a GROUP BY a.x'
    >>> len(list(acceptable("SELECT {x, y} FROM a; SELECT z FROM b")))
    4
    """
    for query in (part.strip() for part in _statements(cell)):
        choice = next((found for found in _CHOICE.finditer(query) if found[1].strip()), None)
        if choice is None:
            yield query
            continue
        options = [option.strip() for option in _split_commas(choice[1])][:_MOST_CHOICES]
        for size in range(1, len(options) + 1):
            for chosen in combinations(options, size):
                bare = [re.sub(r"\s+AS\s+\w+$", "", o, flags=re.IGNORECASE) for o in chosen]
                one = query[: choice.start()] + ", ".join(chosen) + query[choice.end() :]
                yield _CHOICE.sub(lambda _, bare=bare: ", ".join(bare), one)  # type: ignore[misc]


def _load_lake(dump: Path, home: Path, now: datetime) -> OutsideLake:
    docs = dump.with_suffix(".json")
    try:
        sql, raw = dump.read_text("utf-8"), docs.read_text("utf-8")
        told: dict[str, Any] = json.loads(raw)
        notes = {
            table.lower(): TableNotes(
                columns={c["column_name"]: c["column_description"] or "" for c in columns}
            )
            for table, columns in told["table_metadata"].items()
        }
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise SuiteError(f"{docs} cannot be read: {exc}") from exc

    def fill(db: duckdb.DuckDBPyConnection) -> None:
        for statement in sqlglot.parse(_mended(sql), read=DIALECT):
            if statement is None:
                continue
            for table in statement.find_all(exp.Table):
                table.set("db", None)
            for before in list(_plain(statement)):
                db.execute(before)
            db.execute(statement.sql(dialect="duckdb"))

    source = hashlib.sha256((sql + raw).encode()).hexdigest()
    return make_lake(
        dump.stem, home, source=source, now=now, fill=fill, notes=notes,
        glossary=told.get("glossary") or "",
    )  # fmt: skip


def _plain(statement: exp.Expression) -> Iterator[str]:
    """Leave of a CREATE TABLE the types and defaults; yields what must be run before it.

    Keys would have to be filled in order, and SERIAL is a sequence in DuckDB.
    """
    serial = {"SERIAL": "INT", "BIGSERIAL": "BIGINT", "SMALLSERIAL": "SMALLINT"}
    schema = statement.find(exp.Schema)
    if not isinstance(statement, exp.Create) or schema is None:
        return
    columns = [part for part in schema.expressions if isinstance(part, exp.ColumnDef)]
    schema.set("expressions", columns)
    for column in columns:
        kept = [c for c in column.constraints if isinstance(c.kind, exp.DefaultColumnConstraint)]
        kind = column.kind.this.name if column.kind else ""
        if kind in serial:
            name = f"number_{schema.this.name}_{column.name}"
            number = sqlglot.parse_one(f"nextval('{name}')", read="duckdb")
            kept = [exp.ColumnConstraint(kind=exp.DefaultColumnConstraint(this=number))]
            column.set("kind", exp.DataType.build(serial[kind]))
            yield f"CREATE SEQUENCE {name}"
        column.set("constraints", kept)


def _mended(dump: str) -> str:
    """The dump with formats such as ``'%Y%m%d'``, which are MySQL's, in PostgreSQL's letters."""
    letters = {"%Y": "YYYY", "%m": "MM", "%d": "DD", "%H": "HH24", "%i": "MI", "%s": "SS"}

    def in_letters(found: re.Match[str]) -> str:
        return found[1] + re.sub(r"%\w", lambda code: letters.get(code[0], code[0]), found[2])

    return re.sub(r"(TO_CHAR\(.+?,\s*)('%[^']*')", in_letters, dump, flags=re.IGNORECASE)


def _case(path: Path, number: int, row: dict[str, str]) -> Case:
    try:
        database, question, query = row["db_name"], row["question"], row["query"]
    except KeyError as exc:
        raise SuiteError(f"{path}, line {number + 1}: there is no column {exc}.") from exc
    refuse = bool(_NO_ANSWER.match(query))
    notes = "" if refuse else (row.get("instructions") or "").strip()
    return Case(
        id=f"{path.stem}-{number}",
        category=f"{path.stem}:{row.get('query_category') or 'all'}",
        question=question.strip(),
        expect="decline" if refuse else "answer",
        references=() if refuse else tuple(Reference(sql) for sql in acceptable(query)),
        notes=notes,
        lake=database,
        may_be_empty=True,
    )


def _statements(cell: str) -> Iterator[str]:
    """The queries of a cell; a ``;`` inside a text does not end one."""
    start, quoted = 0, False
    for at, char in enumerate(cell):
        if char == "'":
            quoted = not quoted
        elif char == ";" and not quoted:
            yield from filter(None, [cell[start:at].strip()])
            start = at + 1
    yield from filter(None, [cell[start:].strip()])


def _split_commas(text: str) -> Iterator[str]:
    """The parts between commas that are in no bracket."""
    depth, start = 0, 0
    for at, char in enumerate(text):
        depth += (char == "(") - (char == ")")
        if char == "," and depth == 0:
            yield text[start:at]
            start = at + 1
    yield text[start:]
