"""JSON functions that take a path: Presto's JSONPath is turned into DuckDB's while compiling."""

from __future__ import annotations

import re

from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.scope import Typed, text, unsupported
from nlq.engine.presto_on_duckdb.types import BIGINT, JSON, VARCHAR
from nlq.errors import QueryFailed

_STEP = re.compile(r"""\.(\w+)|\[(\d+)\]|\["([^"]*)"\]|\['([^']*)'\]|\."([^"]*)\"""")


@special("json_extract", "json_extract_scalar", "json_size")
def _extract(call: Call) -> Typed:
    call.needs(2)
    document, path = _document(call), text(_path(call.constant(1)))
    if call.name == "json_extract":
        return Typed(f"json_extract({document}, {path})", JSON)
    if call.name == "json_extract_scalar":
        return Typed(f"presto_json_scalar({document}, {path})", VARCHAR)
    inner = f"json_extract({document}, {path})"
    size = (
        f"CASE json_type({inner}) WHEN 'OBJECT' THEN len(json_keys({inner})) "
        f"WHEN 'ARRAY' THEN json_array_length({inner}) "
        f"ELSE CASE WHEN {inner} IS NOT NULL THEN 0 END END"
    )
    return Typed(f"CAST({size} AS BIGINT)", BIGINT)


def _document(call: Call) -> str:
    value = call.arg(0)
    if value.type == JSON:
        return value.text
    if value.type != VARCHAR:
        raise QueryFailed(f"{call.name}() takes json or varchar, not {value.type}.")
    return f"CASE WHEN json_valid({value.text}) THEN CAST({value.text} AS JSON) END"


def _path(jsonpath: str) -> str:
    """DuckDB's form of a JSONPath.

    >>> _path("$.a[0]['b c']")
    '$."a"[0]."b c"'
    """
    steps, at = [], 1
    while at < len(jsonpath):
        step = _STEP.match(jsonpath, at)
        if step is None:
            raise unsupported(f"The JSON path '{jsonpath}'", "use $.name and [0] steps alone")
        name, index = next((g for g in step.groups() if g is not None), ""), step[2]
        steps.append(f"[{index}]" if index is not None else f'."{name}"')
        at = step.end()
    if not jsonpath.startswith("$"):
        raise QueryFailed(f"Invalid JSON path: '{jsonpath}'.")
    return "$" + "".join(steps)
