"""Functions that Presto has under another name, or with an argument that others leave out."""

from __future__ import annotations

from sqlglot import exp


def repair(tree: exp.Expr) -> str:
    """``isnull(a, b)``, ``median(a)``, ``listagg(a, ',')`` and the like, in Presto's words."""
    done = ""
    for call in list(tree.find_all(exp.Func)):
        meant = _meant(call)
        if meant is not None:
            done = call.name.lower() if isinstance(call, exp.Anonymous) else call.sql_name().lower()
            call.replace(meant)
    return f"wrote {done} as Presto does" if done else ""


def _meant(call: exp.Func) -> exp.Expr | None:
    if isinstance(call, exp.Median):
        return exp.ApproxQuantile(this=call.this, quantile=exp.Literal.number("0.5"))
    if isinstance(call, exp.GroupConcat) and not call.args.get("separator"):
        return exp.GroupConcat(this=call.this, separator=exp.Literal.string(","))
    if not isinstance(call, exp.Anonymous):
        return None
    name, args = call.name.lower(), call.expressions
    if name == "isnull" and len(args) == 2:
        return exp.Coalesce(this=args[0], expressions=args[1:])
    if name == "listagg" and args and not isinstance(call.parent, exp.WithinGroup):
        separator = args[1] if len(args) > 1 else exp.Literal.string(",")
        return exp.GroupConcat(this=args[0], separator=separator)
    return None
