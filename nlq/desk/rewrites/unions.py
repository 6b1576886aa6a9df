"""UNION into UNION ALL where no row can come twice: nothing needs to be compared then."""

from __future__ import annotations

from sqlglot import exp

from nlq.desk.rewrites.rewriting import Rewriting


def rewrite(work: Rewriting) -> None:
    """Change unions of parts that repeat no row and have a different constant in one column."""
    for union in list(work.tree.find_all(exp.Union)):
        parts = list(_parts(union))
        if not union.args.get("distinct") or isinstance(union.parent, exp.Union):
            continue
        selects = [part for part in parts if isinstance(part, exp.Select)]
        if len(selects) == len(parts) and _apart(selects) and all(map(_repeats_none, selects)):
            for inner in _unions(union):
                inner.set("distinct", False)
            work.say("the parts have no row in common and repeat none")


def _unions(union: exp.Union) -> list[exp.Union]:
    found = [union]
    for side in (union.this, union.expression):
        if isinstance(side, exp.Union):
            found += _unions(side)
    return found


def _parts(union: exp.Union) -> list[exp.Expr]:
    parts: list[exp.Expr] = []
    for side in (union.this, union.expression):
        parts += _parts(side) if isinstance(side, exp.Union) else [side]
    return parts


def _apart(selects: list[exp.Select]) -> bool:
    """Whether some column is another constant in every part."""
    columns = [[output.unalias() for output in select.expressions] for select in selects]
    if len({len(outputs) for outputs in columns}) != 1:
        return False
    return any(
        all(isinstance(value, exp.Literal) for value in values)
        and all(v.is_string or v.name.isdigit() for v in values)
        and len({v.is_string for v in values}) == 1
        and len({v.name if v.is_string else int(v.name) for v in values}) == len(values)
        for values in zip(*columns, strict=True)
    )


def _repeats_none(select: exp.Select) -> bool:
    """Whether a SELECT gives each row once: DISTINCT, or all its group keys are shown."""
    if select.args.get("distinct"):
        return True
    group = select.args.get("group")
    if group is None:
        plain = not select.args.get("having")
        return (
            plain
            and all(_is_total(output.unalias()) for output in select.expressions)
            and any(isinstance(output.unalias(), exp.AggFunc) for output in select.expressions)
        )
    if any(v for k, v in group.args.items() if k != "expressions"):
        return False
    shown = [output.unalias() for output in select.expressions]
    return all(key in shown for key in group.expressions) and bool(group.expressions)


def _is_total(node: exp.Expr) -> bool:
    return isinstance(node, exp.AggFunc | exp.Literal)
