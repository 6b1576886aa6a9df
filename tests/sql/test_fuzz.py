"""Accepted and refused SQL, mutated at random: the guard refuses or passes, and quickly."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
import sqlglot
import yaml
from sqlglot import exp

from nlq.errors import GuardRefused
from nlq.sql.guard import Guard
from nlq.types import Principal

FIXTURES = Path(__file__).parent / "fixtures"
_WORDS = """
( ) [ ] , . ; :: -> ' " * + - / % = <> < >= || -- /* */ ? : @ $ { } ` \\ \0 \u200b é 0 1 1e9 'x' "y"
select from where group by having order limit offset join left cross natural using on union all
intersect except with recursive as insert delete into values table unnest lateral not and or in is
null between like exists case when then else end cast date interval array row map over partition
filter distinct lake hr payroll email accounts messages ds name count(*) sequence(1,99999999)
'$path' "$path" current_date true
"""
PIECES = _WORDS.split()


def texts() -> tuple[list[str], list[str]]:
    accepted = [
        part.splitlines()[-1]
        for path in sorted((FIXTURES / "accepted").glob("*.sql"))
        for part in path.read_text("utf-8").split(";\n")
        if part.strip()
    ]
    refused = [
        sql
        for path in sorted((FIXTURES / "bypass").glob("*.yaml"))
        for group in yaml.safe_load(path.read_text("utf-8"))
        for sql in group["sql"]
        if "REPEAT" not in sql
    ]
    return accepted, refused


def mutated(sql: str, other: str, dice: random.Random) -> str:
    for _ in range(dice.randint(1, 3)):
        words = sql.split(" ")
        at = dice.randrange(len(words))
        match dice.randrange(6):
            case 0:
                del words[at]
            case 1:
                words.insert(at, dice.choice(PIECES))
            case 2:
                words[at] = dice.choice(PIECES)
            case 3:
                words.insert(at, dice.choice(other.split(" ")))
            case 4:
                words[at:at] = words[at : at + dice.randint(1, 6)]
            case _:
                cut = dice.randrange(len(sql) + 1)
                words = (sql[:cut] + dice.choice(PIECES) + sql[cut + dice.randint(0, 3) :]).split(
                    " "
                )
        sql = " ".join(words)
    return sql


def grafted(sql: str, other: str, dice: random.Random) -> str:
    """A part of one query put into the place of a part of another: mostly still readable SQL."""
    tree = sqlglot.parse_one(sql, dialect="presto")
    donor = sqlglot.parse_one(other, dialect="presto")
    for _ in range(dice.randint(1, 2)):
        target = dice.choice([n for n in tree.walk() if n.parent is not None])
        alike = [n for n in donor.walk() if n.arg_key == target.arg_key and n.parent is not None]
        if alike:
            target.replace(dice.choice(alike).copy())
    try:
        return tree.sql(dialect="presto")
    except (AssertionError, AttributeError, TypeError):
        # sqlglot cannot write every tree that a graft makes.
        return sql


@pytest.mark.parametrize("seed", range(4))
def test_mutated_texts(guard: Guard, seed: int) -> None:
    dice = random.Random(seed)
    accepted, refused = texts()
    for _ in range(250):
        base = dice.choice(accepted if dice.random() < 0.8 else refused)
        check(guard, mutated(base, dice.choice(accepted + refused), dice))


@pytest.mark.parametrize("seed", range(4))
def test_grafted_trees(guard: Guard, seed: int) -> None:
    dice = random.Random(seed)
    accepted = [sql for sql in texts()[0] if "`" not in sql and "interval 1 month" not in sql]
    passed = sum(
        check(guard, grafted(dice.choice(accepted), dice.choice(accepted), dice))
        for _ in range(150)
    )
    assert passed > 30


def check(guard: Guard, sql: str) -> bool:
    """Whether it passed; whatever passes reads only what an analyst may read."""
    started = time.process_time()
    try:
        query = guard.check(sql, Principal("ann", ("analyst",)))
    except GuardRefused:
        return False
    finally:
        assert time.process_time() - started < 3, sql
    tree = query.tree()
    assert isinstance(tree, exp.Query)
    assert not tree.find(exp.DML, exp.DDL, exp.Command, exp.Into), sql
    assert not any("payroll" in t or "staging" in t for t in query.tables), sql
    for column in tree.find_all(exp.Column):
        if column.name.lower() in {"email", "to_number", "$path"}:
            assert not any(t.endswith(f".{column.table}") for t in query.tables), sql
    assert query.row_limit <= 10_000
    return True
