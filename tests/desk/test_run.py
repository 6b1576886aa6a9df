"""Whatever is run at the desk leaves exactly one audit record."""

from __future__ import annotations

import pytest

from nlq.cancel import CancelToken
from nlq.errors import Cancelled, GuardRefused
from nlq.types import Principal


def records(assistant, name):
    return assistant.audit.recent(10, name)


def test_a_run_is_recorded_with_what_it_read(desk, assistant):
    result = desk.run("SELECT code FROM product.countries", Principal("rita", ("analyst",)))
    (record,) = records(assistant, "rita")
    assert (record.interface, record.outcome, record.rows) == ("desk", "answer", len(result.rows))
    assert record.question == "SELECT code FROM product.countries"
    assert record.tables_read == ("lake.product.countries",)
    assert record.sql.endswith("LIMIT 1000")


def test_a_refusal_is_recorded_with_its_rule(desk, assistant):
    with pytest.raises(GuardRefused):
        desk.run("DROP TABLE lake.product.countries", Principal("rob", ("analyst",)))
    (record,) = records(assistant, "rob")
    assert (record.outcome, record.rule, record.rows) == ("refusal", "reads-only", None)


def test_a_cancelled_run_is_recorded(desk, assistant):
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        desk.run("SELECT code FROM product.countries", Principal("ron", ("analyst",)), token)
    assert [record.outcome for record in records(assistant, "ron")] == ["cancelled"]


def test_a_sample_is_recorded_too(desk, assistant):
    desk.sample("product.countries", Principal("rae", ("analyst",)))
    assert [record.tables_read for record in records(assistant, "rae")] == [
        ("lake.product.countries",)
    ]
