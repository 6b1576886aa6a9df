"""What the sample's people asked could have been asked: the guard lets the SQL pass."""

from __future__ import annotations

import pytest

from nlq.catalog.yaml_docs import YamlDocs
from nlq.sample.asked import TOPICS, Topic
from nlq.sample.facts import SAMPLE_DOCS
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Principal

GUARD = Guard(YamlDocs(SAMPLE_DOCS).load(), Policy.load(SAMPLE_DOCS.parent / "policy.yaml"))


@pytest.mark.parametrize("topic", TOPICS, ids=lambda topic: topic.question)
def test_its_sql_passes_the_guard_and_reads_its_tables(topic: Topic) -> None:
    sql = topic.sql.format(day="2026-07-10", month="2026-07-01")
    guarded = GUARD.check(sql, Principal("noor.haddad", ("analyst",)))
    assert set(guarded.tables) == set(topic.tables)


def test_shares_add_up() -> None:
    assert sum(topic.share for topic in TOPICS) == pytest.approx(1.0)


@pytest.mark.parametrize(("role", "sees"), [("analyst", False), ("data_platform", True)])
def test_only_the_platform_team_reads_what_was_asked(role: str, sees: bool) -> None:
    grants = Policy.load(SAMPLE_DOCS.parent / "policy.yaml").grants(Principal("x", (role,)))
    log = grants.visible(YamlDocs(SAMPLE_DOCS).load()).tables["lake.ops.query_log"]
    assert [log.column(name) is not None for name in ("question_text", "sql_text")] == [sees] * 2
    assert log.column("principal") is not None
