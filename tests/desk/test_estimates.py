"""What a query would read stands beside the policy's limits, and the unknown is said as unknown."""

from __future__ import annotations

import pytest

from nlq.desk.desk import Desk
from nlq.pipeline import Assistant
from nlq.sql.guard import Guard
from nlq.sql.policy import Policy
from nlq.types import Estimate, Principal

ANA = Principal("ana", ("analyst",))
WEEK = (
    "SELECT sum(msg_cnt) AS n FROM lake.events.messages "
    "WHERE ds >= '2026-05-01' AND ds < '2026-05-31'"
)
POLICY = """
version: 1
contact: Ask the data team.
limits: {max_bytes: MOST, confirm_above_bytes: ASKED, max_seconds: 30}
roles: {analyst: {tables: [lake.events.*]}}
"""


class NoEstimate:
    """An engine that cannot tell anything beforehand."""

    name = "silent"

    def estimate(self, query):
        return Estimate()

    def close(self):
        pass


@pytest.fixture
def limited(docs, assistant, tmp_path):
    """A desk with limits of its own, over the same lake or over an engine that tells nothing."""

    def make(most: int, asked: int, engine: object = None) -> Desk:
        file = tmp_path / "policy.yaml"
        file.write_text(POLICY.replace("MOST", str(most)).replace("ASKED", str(asked)))
        policy = Policy.load(file)
        return Desk(
            Assistant(
                catalog=docs,
                policy=policy,
                guard=Guard(docs, policy),
                retriever=assistant._retriever,
                drafter=assistant._drafter,
                engine=engine or assistant._engine,
                audit=assistant.audit,
                clock=assistant.clock,
            )
        )

    return make


@pytest.mark.parametrize(
    ("most", "asked", "verdict", "within"),
    [
        (10**9, 10**9, "runs", True),
        (10**9, 1000, "asks first", False),
        (2000, 1000, "too costly", False),
    ],
)
def test_the_verdict_follows_the_limits(limited, most, asked, verdict, within):
    report = limited(most, asked).estimate(WEEK, ANA)
    size = next(line for line in report.lines if line.name == "bytes read")
    assert (report.verdict, size.within) == (verdict, within)
    assert size.value.startswith("about ")
    assert report.estimate.size_bytes > 2000
    assert report.estimate.partitions == 30
    assert "30 days" in report.narrow


def test_what_the_engine_cannot_tell_is_unknown(limited):
    report = limited(10**9, 10**6, NoEstimate()).estimate(WEEK, ANA)
    assert report.verdict == "unknown"
    unknown = {line.name for line in report.lines if line.value == "unknown"}
    assert unknown == {"rows read", "bytes read", "partitions", "seconds"}
    assert next(line for line in report.lines if line.name == "bytes read").within is None
    assert "cannot tell beforehand" in report.headline
