"""The session's moment, and the names of time zones."""

from __future__ import annotations

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from nlq.engine.presto_on_duckdb.scope import Session, Typed, unsupported
from nlq.engine.presto_on_duckdb.types import zoned
from nlq.errors import QueryFailed


def now(session: Session) -> Typed:
    """The session's moment, the same for the whole query."""
    moment = session.now.astimezone(ZoneInfo("UTC"))
    shown = moment.strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]
    return Typed(f"TIMESTAMPTZ '{shown}+00'", zoned(session.zone))


def zone_name(name: str) -> str:
    """A zone name that DuckDB knows, for a name or an offset of whole hours."""
    offset = re.fullmatch(r"([+-])(\d\d):?(\d\d)?", name)
    if offset:
        if offset[3] not in (None, "00"):
            raise unsupported(f"The zone {name}", "name the zone as Area/City")
        hours = int(offset[2])
        if not hours:
            return "UTC"
        return f"Etc/GMT{'-' if offset[1] == '+' else '+'}{hours}"
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as exc:
        raise QueryFailed(f"'{name}' is not a known time zone.") from exc
    return name
