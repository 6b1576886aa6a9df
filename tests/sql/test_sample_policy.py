"""The sample lake's policy: what must stay hidden is hidden, what is promised can be asked."""

from __future__ import annotations

from pathlib import Path

import pytest

import nlq
from nlq.catalog.catalog import Catalog
from nlq.catalog.yaml_docs import YamlDocs
from nlq.errors import GuardRefused
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Principal

SAMPLE = Path(nlq.__file__).parent / "sample"
ANALYST = Principal("ann", ("analyst",))


@pytest.fixture(scope="module")
def docs() -> Catalog:
    return YamlDocs(SAMPLE / "docs").load()


@pytest.fixture(scope="module")
def sample(docs: Catalog) -> Guard:
    return Guard(docs, Policy.load(SAMPLE / "policy.yaml"))


def test_every_verified_query_passes_as_it_is(docs: Catalog, sample: Guard) -> None:
    assert docs.verified
    for query in docs.verified:
        sample.check(query.sql, ANALYST)


@pytest.mark.parametrize("role", ["executive", "analyst"])
def test_people_ask_for_every_metric_and_see_no_personal_data(docs: Catalog, role: str) -> None:
    visible = Policy.load(SAMPLE / "policy.yaml").grants(Principal("x", (role,))).visible(docs)
    assert set(visible.metrics) == set(docs.metrics)
    assert not any("pii" in c.tags for t in visible.tables.values() for c in t.columns)
    assert not any(name.startswith(("lake.hr.", "lake.staging.")) for name in visible.tables)


def test_only_the_platform_sees_staging_and_nobody_sees_pay(docs: Catalog) -> None:
    policy = Policy.load(SAMPLE / "policy.yaml")
    platform = policy.grants(Principal("x", ("data_platform",)))
    assert any(n.startswith("lake.staging.") for n in platform.visible(docs).tables)
    assert not any(n.startswith("lake.hr.") for n in platform.visible(docs).tables)


def test_sales_of_a_region_see_that_region(sample: Guard) -> None:
    sam = Principal("sam", ("sales_emea",))
    query = sample.check("SELECT sum(amt_usd_c) FROM lake.crm.opportunities", sam)
    assert "WHERE opportunities.region = 'EMEA'" in query.sql
    with pytest.raises(GuardRefused) as refused:
        sample.check("SELECT * FROM lake.finance.revenue_lines", sam)
    assert refused.value.rule == "unknown-table"
