from __future__ import annotations

from pathlib import Path

import pytest

from nlq.catalog.catalog import Catalog
from nlq.errors import PolicyError
from nlq.sql.policy import Policy
from nlq.types import ColumnDoc, Principal

NAME = ColumnDoc("name", "varchar")
EMAIL = ColumnDoc("email", "varchar", tags=("pii",))
MRR = ColumnDoc("mrr", "double")


def written(path: Path, text: str) -> Path:
    path.write_text(text, "utf-8")
    return path


def test_a_role_sees_its_globs_and_not_what_is_denied(policy: Policy) -> None:
    grants = policy.grants(Principal("ann", ("analyst",)))
    assert grants.may_see_table("lake.product.accounts")
    assert grants.may_see_table("lake.a_new_schema.a_new_table")
    assert not grants.may_see_table("lake.staging.invoices")
    assert not grants.may_see_table("lake.hr.payroll")
    assert not grants.may_see_table("other.product.accounts")


def test_columns_are_denied_by_tag_and_by_glob(policy: Policy) -> None:
    analyst = policy.grants(Principal("ann", ("analyst",)))
    assert analyst.may_see_column("lake.product.accounts", NAME)
    assert not analyst.may_see_column("lake.product.accounts", EMAIL)
    assert not analyst.may_see_column("lake.hr.payroll", NAME)
    emea = policy.grants(Principal("sam", ("sales_emea",)))
    assert not emea.may_see_column("lake.product.accounts", MRR)


@pytest.mark.parametrize("roles", [(), ("nosuch",), ("Analyst",), ("*",)])
def test_without_a_known_role_nothing_is_seen(
    policy: Policy, lake: Catalog, roles: tuple[str, ...]
) -> None:
    grants = policy.grants(Principal("x", roles))
    assert grants.roles == ()
    visible = grants.visible(lake)
    assert (dict(visible.tables), dict(visible.metrics), visible.verified) == ({}, {}, ())


def test_a_user_may_have_roles_by_name(policy: Policy) -> None:
    assert policy.grants(Principal("dana@lake.example")).may_see_table("lake.staging.invoices")
    assert not policy.grants(Principal("DANA@lake.example")).may_see_table("lake.staging.invoices")


def test_of_several_roles_the_strictest_binds(policy: Policy) -> None:
    grants = policy.grants(Principal("x", ("data_platform", "sales_emea", "executive")))
    assert not grants.may_see_column("lake.product.accounts", EMAIL)
    assert not grants.may_see_column("lake.product.accounts", MRR)
    assert not grants.may_see_table("lake.staging.invoices")
    assert grants.row_filters("lake.product.accounts") == ("region = 'EMEA'",)
    assert grants.limits.max_row_limit == 500
    assert grants.limits.default_row_limit == 500


def test_fingerprints_are_those_of_rights(policy: Policy) -> None:
    def of(name: str, *roles: str) -> str:
        return policy.grants(Principal(name, roles)).fingerprint

    assert of("ann", "analyst") == of("bob", "analyst") == of("bob", "analyst", "nosuch")
    assert len({of("a", r) for r in ("analyst", "executive", "data_platform", "sales_emea")}) == 4


def test_the_visible_catalog_holds_nothing_that_reads_what_is_hidden(
    policy: Policy, lake: Catalog
) -> None:
    visible = policy.grants(Principal("ann", ("analyst",))).visible(lake)
    assert "lake.hr.payroll" not in visible.tables
    assert "lake.staging.invoices" not in visible.tables
    assert visible.tables["lake.product.accounts"].column("email") is None
    assert set(visible.metrics) == {"messages"}
    assert set(visible.dimensions) == {"country"}
    assert visible.metrics["messages"].dimensions == ("country",)
    assert [v.question for v in visible.verified] == ["How many accounts?"]
    platform = policy.grants(Principal("d", ("data_platform",))).visible(lake)
    assert set(platform.dimensions) == {"country", "recipient"}
    assert "email" in {c.name for c in platform.tables["lake.product.accounts"].columns}


def test_a_cut_catalog_is_made_once(policy: Policy, lake: Catalog) -> None:
    one = policy.grants(Principal("ann", ("analyst",))).visible(lake)
    assert policy.grants(Principal("bob", ("analyst",))).visible(lake) is one
    other = Catalog(tables=dict(lake.tables))
    assert policy.grants(Principal("bob", ("analyst",))).visible(other) is not one


ROLE = "roles: {r: {tables: ['lake.*.*']}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("version: 2\ncontact: c\n" + ROLE, "version"),
        ("contact: c\n" + ROLE, "version"),
        ("version: 1\n" + ROLE, "contact"),
        ("version: 1\ncontact: c\n", "roles"),
        ("version: 1\ncontact: c\nroles: {}\n", "roles"),
        ("version: 1\ncontact: c\nroles: {r: {tables: []}}\n", "roles.r.tables"),
        ("version: 1\ncontact: c\nroles: {r: {tables: [accounts]}}\n", "roles.r.tables.0"),
        ("version: 1\ncontact: c\nroles: {r: {tables: ['LAKE.*.*']}}\n", "roles.r.tables.0"),
        ("version: 1\ncontact: c\ndeny: {}\n" + ROLE, "deny"),
        ("version: 1\ncontact: c\nlimits: {max_row_limit: 0}\n" + ROLE, "limits.max_row_limit"),
        ("version: 1\ncontact: c\nlimits: {max_row_limit: '9'}\n" + ROLE, "limits.max_row_limit"),
        ("version: 1\ncontact: c\nlimits: {max_rows: 9}\n" + ROLE, "limits.max_rows"),
        ("version: 1\ncontact: c\nusers: {ann: [nosuch]}\n" + ROLE, "users.ann"),
        ("version: 1\ncontact: c\ndenied: {columns: [email]}\n" + ROLE, "denied.columns.0"),
        ("- a\n- b\n", "the file"),
        ("a: [", "not readable YAML"),
        ("", "the file"),
    ],
)
def test_a_mistake_refuses_the_whole_file(tmp_path: Path, text: str, told: str) -> None:
    path = written(tmp_path / "policy.yaml", text)
    with pytest.raises(PolicyError) as refused:
        Policy.load(path)
    assert str(path) in refused.value.message
    assert told in refused.value.message


@pytest.mark.parametrize(
    "where",
    [
        "region = ",
        "region = 'EMEA' LIMIT 1",
        "region IN (SELECT region FROM lake.hr.payroll)",
        "true GROUP BY region",
        "pg_sleep(1) = 1",
        "1 = 1; DROP TABLE t",
        "true) UNION (SELECT 1",
    ],
)
def test_a_row_filter_is_one_predicate(tmp_path: Path, where: str) -> None:
    quoted = where.replace("'", "''")
    text = (
        "version: 1\ncontact: c\nroles:\n  r:\n    tables: ['lake.*.*']\n    row_filters:\n"
        f"      - {{table: 'lake.a.b', where: '{quoted}'}}\n"
    )
    with pytest.raises(PolicyError, match=r"roles\.r\.row_filters"):
        Policy.load(written(tmp_path / "policy.yaml", text))


def test_a_missing_file_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as refused:
        Policy.load(tmp_path / "none.yaml")
    assert "cannot be read" in refused.value.message
    assert "setting" in refused.value.hint
