"""Answers as text to keep: an ``Answer`` goes in and comes out equal, its rows perhaps fewer.

JSON has fewer types than a result: what it lacks is an object with one key that names the type.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from pydantic import TypeAdapter

from nlq.errors import KeptError
from nlq.types import Answer, QueryResult

MOST_ROWS: Final = 1_000
"""Rows of a result that are kept with its answer: those that are shown or drawn."""
MOST_CHARACTERS: Final = 500_000
"""Length of the rows' text; of longer rows fewer are kept."""


def answer_text(answer: Answer) -> str:
    """The answer as JSON text, with its first rows."""
    result = answer.result
    bare = replace(answer, result=replace(result, rows=()) if result else None)
    plain = _answers().dump_python(bare, mode="json")
    if result is not None:
        plain["result"]["rows"] = _rows(result)
    return json.dumps(plain, ensure_ascii=False)


def read_answer(text: str) -> Answer:
    """The answer in that text; raises ``KeptError`` where it cannot be read."""
    try:
        answer = _answers().validate_python(_arrays(json.loads(text)))
        result = answer.result
        if result is None:
            return answer
        rows = tuple(tuple(map(_value, row)) for row in result.rows)
        return replace(answer, result=replace(result, rows=rows))
    except (ValueError, TypeError, KeyError) as exc:
        raise KeptError(
            "This answer was kept by another version and can no longer be read.",
            hint="Ask the question again.",
        ) from exc


def _rows(result: QueryResult) -> list[list[object]]:
    rows = [list(map(_plain, row)) for row in result.rows[:MOST_ROWS]]
    while len(rows) > 1 and len(json.dumps(rows)) > MOST_CHARACTERS:
        rows = rows[: max(1, len(rows) // 4)]
    return rows


@cache
def _answers() -> TypeAdapter[Answer]:
    return TypeAdapter(Answer)


def _arrays(value: object) -> object:
    """JSON's arrays as tuples."""
    if isinstance(value, list):
        return tuple(map(_arrays, value))
    if isinstance(value, dict):
        return {key: _arrays(item) for key, item in value.items()}
    return value


def _plain(value: object) -> object:
    """A value of a result in JSON's types."""
    match value:
        case None | bool() | int() | float() | str():
            return value
        case datetime():
            zone = value.tzinfo
            return {"at": value.isoformat(), "zone": getattr(zone, "key", None)}
        case list() | tuple():
            return {"list": list(map(_plain, value))}
        case dict():
            return {"map": [[_plain(key), _plain(item)] for key, item in value.items()]}
        case Decimal():
            return {"decimal": str(value)}
        case date():
            return {"date": value.isoformat()}
        case time():
            return {"time": value.isoformat()}
        case timedelta():
            return {"span": [value.days, value.seconds, value.microseconds]}
        case bytes():
            return {"bytes": base64.b64encode(value).decode("ascii")}
    return str(value)


def _moment(kept: dict[str, Any]) -> datetime:
    moment = datetime.fromisoformat(kept["at"])
    return moment.astimezone(ZoneInfo(kept["zone"])) if kept["zone"] else moment


_READERS: Final[dict[str, Callable[[Any], object]]] = {
    "list": lambda items: list(map(_value, items)),
    "map": lambda pairs: {_value(key): _value(item) for key, item in pairs},
    "decimal": Decimal,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "span": lambda parts: timedelta(*parts),
    "bytes": base64.b64decode,
}


def _value(kept: object) -> object:
    if not isinstance(kept, dict):
        return kept
    if "at" in kept:
        return _moment(kept)
    ((kind, value),) = kept.items()
    return _READERS[kind](value)
