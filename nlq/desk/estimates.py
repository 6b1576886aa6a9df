"""What a query would read: SQL and who asks go in, numbers beside the policy's limits come out."""

from __future__ import annotations

from nlq.answer.formats import format_bytes
from nlq.desk.types import CostVerdict, EstimateReport, LimitLine
from nlq.pipeline import Assistant
from nlq.sql.limits import Limits
from nlq.sql.narrowing import how_to_narrow
from nlq.types import Estimate, Principal

UNKNOWN = "unknown"


def estimate(assistant: Assistant, sql: str, principal: Principal) -> EstimateReport:
    """Rows, bytes and partitions with the limits that bind them; raises as guard and engine do."""
    query = assistant.check(sql, principal)
    limits = assistant.policy.grants(principal).limits
    found = assistant.estimate(query)
    verdict = _verdict(found.size_bytes, limits)
    most = limits.max_bytes if verdict == "too costly" else limits.confirm_above_bytes
    lines = (
        LimitLine("rows read", _count(found.rows), "", None),
        LimitLine(
            "bytes read",
            UNKNOWN if found.size_bytes is None else f"about {format_bytes(found.size_bytes)}",
            _limit(limits),
            None if found.size_bytes is None or not _limit(limits) else verdict == "runs",
        ),
        LimitLine("partitions", _count(found.partitions), "", None),
        LimitLine("rows that can come", f"{query.row_limit:,}", f"{limits.max_row_limit:,}", True),
        LimitLine(
            "seconds",
            UNKNOWN,
            "" if limits.max_seconds is None else f"{limits.max_seconds:g}",
            None,
        ),
    )
    return EstimateReport(
        estimate=found,
        verdict=verdict,
        headline=_headline(found, verdict),
        lines=lines,
        narrow=how_to_narrow(query, assistant.catalog, found, most or limits.max_bytes),
    )


def _verdict(size: int | None, limits: Limits) -> CostVerdict:
    if size is None:
        return "unknown"
    if limits.max_bytes is not None and size > limits.max_bytes:
        return "too costly"
    if limits.confirm_above_bytes is not None and size > limits.confirm_above_bytes:
        return "asks first"
    return "runs"


def _headline(found: Estimate, verdict: CostVerdict) -> str:
    if found.size_bytes is None:
        return (
            "The engine cannot tell beforehand what this reads; the limits are watched meanwhile."
        )
    size = format_bytes(found.size_bytes)
    if verdict == "too costly":
        return f"This would read about {size}, more than one query may read."
    if verdict == "asks first":
        return f"This would read about {size}; you are asked before it runs."
    return f"This would read about {size}."


def _limit(limits: Limits) -> str:
    parts = []
    if limits.confirm_above_bytes is not None:
        parts.append(f"asks above {format_bytes(limits.confirm_above_bytes)}")
    if limits.max_bytes is not None:
        parts.append(f"at most {format_bytes(limits.max_bytes)}")
    return ", ".join(parts)


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else f"{number:,}"
