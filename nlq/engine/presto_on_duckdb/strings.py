"""Regular expressions whose replacement or group needs translating from Java's to RE2's."""

from __future__ import annotations

import re

from nlq.engine.presto_on_duckdb.calls import Call, special
from nlq.engine.presto_on_duckdb.casts import coerce
from nlq.engine.presto_on_duckdb.scope import Typed, text, unsupported
from nlq.engine.presto_on_duckdb.types import VARCHAR, array


@special("regexp_replace")
def _regexp_replace(call: Call) -> Typed:
    call.needs(2, 3)
    value, pattern = (coerce(call.arg(i), VARCHAR, call.session).text for i in (0, 1))
    new = _replacement(call.constant(2)) if len(call.nodes) == 3 else ""
    return Typed(f"regexp_replace({value}, {pattern}, {text(new)}, 'g')", VARCHAR)


def _replacement(java: str) -> str:
    r"""RE2's form of a Java replacement.

    >>> print(_replacement(r"<$1>\$"))
    <\1>$
    """
    if "${" in java:
        raise unsupported("A named group in regexp_replace()", "use its number, as in $1")
    return re.sub(
        r"\\(.)|\$(\d)|(\\)",
        lambda m: f"\\{m[2]}" if m[2] else ("\\\\" if (m[1] or m[3]) == "\\" else m[1]),
        java,
        flags=re.DOTALL,
    )


@special("regexp_extract", "regexp_extract_all")
def _regexp_extract(call: Call) -> Typed:
    call.needs(2, 3)
    if len(call.nodes) == 2:
        return call.by_signature()
    value, pattern = (coerce(call.arg(i), VARCHAR, call.session).text for i in (0, 1))
    group = call.whole(2)
    if call.name == "regexp_extract_all":
        return Typed(f"regexp_extract_all({value}, {pattern}, {group})", array(VARCHAR))
    # RE2 gives '' for a group that took no part in the match, where Presto has NULL.
    optional = group and _OPTIONAL_GROUP.search(call.constant(1))
    macro = "presto_regexp_optional" if optional else "presto_regexp_extract"
    return Typed(f"{macro}({value}, {pattern}, {group})", VARCHAR)


_OPTIONAL_GROUP = re.compile(r"\)[?*]|\)\{0|\)\||\|\(")
