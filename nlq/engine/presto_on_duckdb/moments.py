"""The session's moment, and zones: how an instant becomes a wall-clock time and back."""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nlq.engine.presto_on_duckdb.scope import Session, Typed, text
from nlq.engine.presto_on_duckdb.types import zoned
from nlq.errors import QueryFailed

_OFFSET = re.compile(r"([+-])(\d\d):?(\d\d)?")


def now(session: Session) -> Typed:
    """The session's moment, the same for the whole query, in milliseconds as Presto has it."""
    moment = session.now.astimezone(ZoneInfo("UTC"))
    shown = moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return Typed(f"TIMESTAMPTZ '{shown}+00'", zoned(session.zone))


def zone_name(name: str) -> str:
    """The zone as Presto shows it; raises ``QueryFailed`` where there is none of that name.

    >>> zone_name("+0200"), zone_name("Z"), zone_name("Europe/Berlin")
    ('+02:00', 'UTC', 'Europe/Berlin')
    """
    if name == "Z" or name.lstrip("+-").replace(":", "") in ("00", "0000"):
        return "UTC"
    if offset := _OFFSET.fullmatch(name):
        return f"{offset[1]}{offset[2]}:{offset[3] or '00'}"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise QueryFailed(f"'{name}' is not a known time zone.") from exc
    return name


def zone_info(name: str) -> tzinfo:
    """Python's zone for a name of ``zone_name``."""
    return timezone(timedelta(minutes=_minutes(name))) if _minutes(name) else ZoneInfo(name)


def wall(instant: str, zone: str) -> str:
    """The TIMESTAMP that a TIMESTAMPTZ shows in a zone, as DuckDB text."""
    if minutes := _minutes(zone):
        return f"(timezone('UTC', {instant}) + to_minutes({minutes}))"
    return f"timezone({text(zone)}, {instant})"


def instant(wall_time: str, zone: str) -> str:
    """The TIMESTAMPTZ at which a zone's clocks show a TIMESTAMP, as DuckDB text."""
    if minutes := _minutes(zone):
        return f"timezone('UTC', {wall_time} - to_minutes({minutes}))"
    return f"timezone({text(zone)}, {wall_time})"


def _minutes(zone: str) -> int:
    """Minutes east of UTC of a zone that is an offset; 0 for a named one."""
    offset = _OFFSET.fullmatch(zone)
    if offset is None:
        return 0
    return int(f"{offset[1]}{int(offset[2]) * 60 + int(offset[3] or 0)}")
