"""The kind of an expression of a typed tree: what Presto compares only with its like."""

from __future__ import annotations

from typing import Literal

from sqlglot import exp

Kind = Literal["text", "number", "date", "time", "boolean", "other"]

_KINDS: tuple[tuple[Kind, set[exp.DType]], ...] = (
    ("text", exp.DataType.TEXT_TYPES),
    ("number", exp.DataType.NUMERIC_TYPES),
    ("date", {exp.DType.DATE}),
    ("time", {exp.DType.TIMESTAMP, exp.DType.TIMESTAMPTZ, exp.DType.DATETIME}),
    ("boolean", {exp.DType.BOOLEAN}),
)


def kind_of(node: exp.Expr) -> Kind | None:
    """The kind, ``"other"`` for arrays and the like, None where the type is not known."""
    kind = node.type
    if not isinstance(kind, exp.DataType) or kind.this in {exp.DType.UNKNOWN, exp.DType.NULL}:
        return None
    for name, types in _KINDS:
        if kind.this in types:
            return name
    return "other"


def type_name(node: exp.Expr) -> str:
    """``TIMESTAMP``, ``TIMESTAMPTZ`` and so on, the bare name of a known type."""
    kind = node.type
    return kind.this.value if isinstance(kind, exp.DataType) else ""
