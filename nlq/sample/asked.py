"""What people of the sample's company ask: questions with the SQL that they become."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Topic:
    """A question, and what running its SQL reads: tables, and bytes and rows at scale 1.

    ``{day}`` in the SQL is the day of the question, ``{month}`` the first one of its month.
    ``share`` is how much of what is asked it makes up. ``governed`` SQL is compiled from a metric,
    the other is written by a chat model.
    """

    question: str
    sql: str
    tables: tuple[str, ...]
    read_bytes: int
    rows: int
    share: float
    governed: bool = True


HEAVY_TOPIC: Final = Topic(
    "Compare the messages of each account with what it was billed, since January",
    """
    SELECT a.account_name, m.messages, u.units
    FROM (
      SELECT acct_sid, sum(msg_cnt) AS messages FROM lake.events.messages
      WHERE ds >= '2026-01-01' AND ds < '{day}' GROUP BY acct_sid
    ) AS m
    JOIN lake.product.accounts AS a ON a.account_sid = m.acct_sid
    JOIN (
      SELECT account_id, sum(units) AS units FROM lake.curated.daily_usage
      WHERE usage_date >= DATE '2026-01-01' GROUP BY account_id
    ) AS u ON u.account_id = a.account_id
    """,
    ("lake.events.messages", "lake.product.accounts", "lake.curated.daily_usage"),
    18_400_000,
    1_000,
    0.02,
    governed=False,
)

TOPICS: Final = (
    HEAVY_TOPIC,
    Topic(
        "What was revenue this year by region?",
        """
        SELECT a.region, sum(r.amt_usd_c) / 1e2 AS revenue
        FROM lake.finance.revenue_lines AS r
        JOIN lake.product.accounts AS a ON a.account_id = r.account_id
        WHERE r.rev_month >= DATE '2026-01-01' AND r.rev_month < DATE '{day}'
        GROUP BY a.region
        """,
        ("lake.finance.revenue_lines", "lake.product.accounts"),
        640_000,
        4,
        0.15,
    ),
    Topic(
        "How many messages did we send per day this month?",
        """
        SELECT ds, sum(msg_cnt) AS messages_sent FROM lake.events.messages
        WHERE ds >= '{month}' AND ds <= '{day}' AND dir_cd = 'O' GROUP BY ds
        """,
        ("lake.events.messages",),
        720_000,
        30,
        0.12,
    ),
    Topic(
        "Delivery rate by carrier since January",
        """
        SELECT c.carrier_name,
          CAST(sum(CASE WHEN m.status = 'D' THEN m.msg_cnt ELSE 0 END) AS double)
            / sum(m.msg_cnt) AS delivery_rate
        FROM lake.events.messages AS m
        JOIN lake.product.carriers AS c ON c.carrier_id = m.carrier_id
        WHERE m.ds >= '2026-01-01' AND m.ds < '{day}' GROUP BY c.carrier_name
        """,
        ("lake.events.messages", "lake.product.carriers"),
        5_900_000,
        58,
        0.08,
    ),
    Topic(
        "Which customers used the most call minutes last quarter?",
        """
        SELECT a.account_name, sum(c.bill_min) AS call_minutes FROM lake.events.calls AS c
        JOIN lake.product.accounts AS a ON a.account_sid = c.acct_sid
        WHERE c.ds >= '2026-04-01' AND c.ds < '2026-07-01'
        GROUP BY a.account_name ORDER BY call_minutes DESC LIMIT 20
        """,
        ("lake.events.calls", "lake.product.accounts"),
        1_900_000,
        20,
        0.08,
    ),
    Topic(
        "How many tickets are open by priority?",
        """
        SELECT priority, count(*) AS open_tickets FROM lake.support.tickets
        WHERE status <> 'R' GROUP BY priority
        """,
        ("lake.support.tickets",),
        210_000,
        4,
        0.12,
    ),
    Topic(
        "Open pipeline by stage",
        """
        SELECT stage_cd, sum(amt_usd_c) / 1e2 AS pipeline FROM lake.crm.opportunities
        WHERE stage_cd NOT IN ('WON', 'LST') GROUP BY stage_cd
        """,
        ("lake.crm.opportunities",),
        120_000,
        4,
        0.1,
    ),
    Topic(
        "Cost of goods by product this year",
        """
        SELECT prd_cd, sum(amt_usd_c) / 1e2 AS cost_of_goods FROM lake.finance.cost_of_goods
        WHERE cost_month >= DATE '2026-01-01' GROUP BY prd_cd
        """,
        ("lake.finance.cost_of_goods",),
        40_000,
        7,
        0.09,
    ),
    Topic(
        "Usage revenue by product so far this month",
        """
        SELECT prd_cd, sum(usage_amt_usd_c) / 1e2 AS usage_revenue FROM lake.curated.daily_usage
        WHERE usage_date >= DATE '{month}' GROUP BY prd_cd
        """,
        ("lake.curated.daily_usage",),
        380_000,
        5,
        0.1,
    ),
    Topic(
        "Which pipelines failed today?",
        """
        SELECT pipeline, started_at FROM lake.ops.pipeline_runs
        WHERE status = 'failed' AND started_at >= TIMESTAMP '{day} 00:00:00'
        """,
        ("lake.ops.pipeline_runs",),
        90_000,
        1,
        0.06,
        governed=False,
    ),
    Topic(
        "Which customers lost more than half of their usage?",
        """
        SELECT a.account_name, h.usage_trend_pct FROM lake.curated.account_health AS h
        JOIN lake.product.accounts AS a ON a.account_id = h.account_id
        WHERE h.usage_trend_pct < -50
        """,
        ("lake.curated.account_health", "lake.product.accounts"),
        110_000,
        37,
        0.05,
        governed=False,
    ),
    Topic(
        "How many verifications did each country approve since April?",
        """
        SELECT dest_ctry_cd, sum(ver_cnt) AS approved FROM lake.events.verifications
        WHERE ds >= '2026-04-01' AND ds < '{day}' AND outcome_cd = 'A' GROUP BY dest_ctry_cd
        """,
        ("lake.events.verifications",),
        1_700_000,
        26,
        0.03,
        governed=False,
    ),
)
"""Their shares add up to 1."""
