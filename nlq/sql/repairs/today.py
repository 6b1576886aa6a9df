"""The present in other dialects' spelling: GETDATE(), CURDATE(), SYSDATE, TODAY()."""

from __future__ import annotations

from sqlglot import exp

_DAY = {"curdate", "today", "current_date"}
_MOMENT = {"getdate", "sysdate", "systimestamp", "sysdatetime", "getutcdate"}


def repair(tree: exp.Expr) -> str:
    """Calls without arguments become CURRENT_DATE or CURRENT_TIMESTAMP."""
    done = ""
    for call in list(tree.find_all(exp.Anonymous)):
        name = call.name.lower()
        if call.expressions or name not in _DAY | _MOMENT:
            continue
        call.replace(exp.CurrentDate() if name in _DAY else exp.CurrentTimestamp())
        done = name
    return f"wrote {done}() as Presto does" if done else ""
