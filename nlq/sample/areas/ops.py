"""ops: incidents, among them those of ``happenings``, and the runs of the data pipelines."""

from __future__ import annotations

from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from nlq.sample.calendar import DAYS, Ints, day_number, moments, stream
from nlq.sample.happenings import (
    CARRIER_INCIDENT,
    CARRIER_INCIDENT_NAME,
    FRAUD_WAVE,
    SMS_OUTAGE,
    SMS_OUTAGE_REGION,
)
from nlq.sample.reference import REGIONS, USAGE_PRODUCTS
from nlq.sample.writer import LakeWriter, coded

OUTAGE_ID: Final = 501
"""Number of the SMS outage in ops.incidents."""

CARRIER_ID: Final = 502
"""Number of the carrier incident."""

_MINOR: Final = 56

_PIPELINES: Final = (
    ("cdc_product", "product.accounts", 6, 1200),
    ("stream_messages", "events.messages", 3600, 52_000),
    ("stream_calls", "events.calls", 3300, 21_000),
    ("stream_verifications", "events.verifications", 3000, 17_000),
    ("email_daily", "events.emails", 24_000, 13_000),
    ("curate_usage", "curated.daily_usage", 20_100, 34_000),
    ("curate_account_month", "curated.account_month", 22_000, 1_000),
    ("curate_carrier_quality", "curated.carrier_quality_daily", 20_700, 120),
    ("finance_revenue", "finance.revenue_lines", 23_400, 2_500),
    ("finance_csv", "finance.budgets", 30_000, 60),
    ("crm_sync", "crm.opportunities", 26_900, 6_000),
    ("marketing_spend", "marketing.spend_daily", 15_000, 9),
)


def write_ops(out: LakeWriter, seed: int) -> None:
    """Write ops.incidents and ops.pipeline_runs."""
    _write_incidents(out, seed)
    _write_runs(out, seed)


def _write_incidents(out: LakeWriter, seed: int) -> None:
    rng = stream(seed, "incidents")
    carrier = f"{CARRIER_INCIDENT_NAME} loses SMS in Brazil"
    outage = "Faulty deployment fails SMS to Europe"
    fraud = "Verification fraud towards Indonesia"
    known = (
        (outage, "S1", "SMS", SMS_OUTAGE_REGION, SMS_OUTAGE, "DEP"),
        (carrier, "S2", "SMS", "LATAM", CARRIER_INCIDENT, "CAR"),
        (fraud, "S2", "VER", "APAC", FRAUD_WAVE, "ABU"),
    )
    titles = (
        "Slow delivery",
        "Console slow",
        "Delayed webhooks",
        "High error rate",
        "Late reports",
    )
    product = rng.integers(0, len(USAGE_PRODUCTS), _MINOR)
    region = rng.integers(0, len(REGIONS), _MINOR)
    start = np.sort(rng.integers(0, DAYS - 1, _MINOR))
    second = rng.integers(0, 80_000, _MINOR)
    lasted = rng.integers(900, 14_000, _MINOR)
    first = np.array([day_number(k[4][0]) for k in known])
    last = np.array([day_number(k[4][1]) for k in known])
    out.write(
        "ops.incidents",
        {
            "incident_id": OUTAGE_ID + np.arange(len(known) + _MINOR),
            "title": [k[0] for k in known]
            + [titles[t] for t in rng.integers(0, len(titles), _MINOR).tolist()],
            "severity": [k[1] for k in known]
            + [("S2", "S3", "S3")[t] for t in rng.integers(0, 3, _MINOR).tolist()],
            "prd_cd": [k[2] for k in known] + [USAGE_PRODUCTS[p] for p in product.tolist()],
            "region": [k[3] for k in known] + [REGIONS[r] for r in region.tolist()],
            "started_at": moments(np.append(first, start), np.append([1_800] * 3, second)),
            "ended_at": moments(np.append(last, start), np.append([81_000] * 3, second + lasted)),
            "cause_cd": [k[5] for k in known]
            + [("CAR", "DEP", "INF")[t] for t in rng.integers(0, 3, _MINOR).tolist()],
        },
        0,
    )


def _write_runs(out: LakeWriter, seed: int) -> None:
    rng = stream(seed, "pipeline runs")
    count = len(_PIPELINES)
    day = np.repeat(np.arange(1, DAYS + 1), count)
    which: Ints = np.tile(np.arange(count), DAYS)
    size = len(day)
    begin = np.array([p[2] for p in _PIPELINES])[which] + rng.integers(0, 240, size)
    lasted = rng.integers(60, 1500, size)
    late = (which == count - 1) & (day >= day_number(date(2026, 7, 13)))
    failed = (rng.random(size) < 0.012) & (day < DAYS)
    failed = failed | late
    running = (day == DAYS) & (which == 9)
    begin = np.where(running, 32_100, begin)
    rows = np.array([p[3] for p in _PIPELINES])[which] * (0.35 + 0.65 * day / DAYS)
    rows = np.rint(rows * rng.uniform(0.9, 1.1, size)).astype(np.int64)
    order = np.lexsort((begin, day))
    state = np.where(running, 2, np.where(failed, 1, 0))[order]
    ended = moments(day, begin + lasted)[order]
    out.write(
        "ops.pipeline_runs",
        {
            "run_id": 1 + np.arange(size),
            "pipeline": coded([p[0] for p in _PIPELINES], which[order]),
            "target_table": coded([p[1] for p in _PIPELINES], which[order]),
            "started_at": moments(day, begin)[order],
            "ended_at": np.where(state == 2, np.datetime64("NaT"), ended),
            "status": coded(["ok", "failed", "running"], state),
            "rows_written": pa.array(rows[order], mask=state != 0),
        },
        0,
    )
