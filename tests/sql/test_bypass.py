"""Every case of the bypass corpus is refused, by the rule that it names, and quickly."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nlq.errors import GuardRefused
from nlq.sql.guard import Guard
from nlq.types import Principal

FIXTURES = Path(__file__).parent / "fixtures" / "bypass"
REPEAT = re.compile(r'REPEAT\((\d+), "([^"]*)"\)')


def cases() -> Iterator[Any]:
    for path in sorted(FIXTURES.glob("*.yaml")):
        for group in yaml.safe_load(path.read_text("utf-8")):
            for number, sql in enumerate(group["sql"], 1):
                written = REPEAT.sub(lambda m: m[2] * int(m[1]), sql)
                yield pytest.param(
                    written,
                    group["rule"],
                    group.get("role", "analyst"),
                    id=f"{path.stem}: {group['technique']} {number}",
                )


@pytest.mark.parametrize(("sql", "rule", "role"), list(cases()))
def test_bypass_is_refused(guard: Guard, sql: str, rule: str, role: str) -> None:
    started = time.process_time()
    with pytest.raises(GuardRefused) as refused:
        guard.check(sql, Principal("ann", (role,)))
    assert refused.value.rule == rule
    assert time.process_time() - started < 2


def test_the_corpus_is_large() -> None:
    assert len({case.values[0] for case in cases()}) >= 150


@pytest.mark.parametrize("name", ["lake.hr.payroll", "hr.payroll", "payroll"])
def test_a_hidden_table_reads_like_one_that_does_not_exist(guard: Guard, name: str) -> None:
    def refusal(table: str) -> tuple[str, str, str, bool]:
        with pytest.raises(GuardRefused) as refused:
            guard.check(f"SELECT * FROM {table}", Principal("ann", ("analyst",)))
        exc = refused.value
        return exc.rule, exc.message.replace(table, "?"), exc.hint, exc.repairable

    assert refusal(name) == refusal(name.replace("payroll", "zzzroll"))


def test_suggestions_never_name_what_is_hidden(guard: Guard) -> None:
    for sql in (
        "SELECT * FROM lake.hr.payrol",
        "SELECT emai FROM accounts",
        "SELECT * FROM staging.invoice",
        "SELECT nosuch FROM messages WHERE ds = '2026-01-01'",
    ):
        with pytest.raises(GuardRefused) as refused:
            guard.check(sql, Principal("ann", ("analyst",)))
        told = f"{refused.value.message} {refused.value.hint}"
        assert not re.search(r"payroll|email|staging\.invoices|to_number|salary", told)


def test_a_forbidden_column_names_the_contact_and_is_not_repaired(guard: Guard) -> None:
    with pytest.raises(GuardRefused) as refused:
        guard.check("SELECT email FROM accounts", Principal("ann", ("analyst",)))
    assert refused.value.hint == "Ask data-access@lake.example."
    assert not refused.value.repairable
