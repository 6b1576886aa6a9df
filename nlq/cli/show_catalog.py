"""Catalog docs on a terminal: table docs and search results go in, text comes out."""

from __future__ import annotations

import difflib
from typing import Any

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from nlq.catalog.engine_pull import PullReport
from nlq.errors import CatalogError
from nlq.types import Context, TableDoc


def find_table(tables: tuple[TableDoc, ...], name: str) -> TableDoc:
    """The table of that name, whole, as ``schema.table`` or as ``table`` where only one fits.

    Raises ``CatalogError`` saying what there is.
    """
    wanted = name.lower()
    fitting = [t for t in tables if t.name == wanted or t.name.endswith(f".{wanted}")]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        names = ", ".join(t.name for t in fitting)
        raise CatalogError(f"{name} may be any of {names}.", hint="Give the whole name.")
    known = {t.name: t.name for t in tables} | {t.name.rsplit(".", 1)[-1]: t.name for t in tables}
    close = [known[near] for near in difflib.get_close_matches(wanted, known)]
    hint = f"Did you mean {' or '.join(dict.fromkeys(close))}?" if close else ""
    raise CatalogError(
        f"There is no table {name} that you may see.", hint=hint or "nlq catalog show lists them."
    )


def print_table_list(console: Console, tables: tuple[TableDoc, ...]) -> None:
    """One line a table."""
    grid = _grid("Table", "State", "Description")
    for doc in tables:
        state = "" if doc.certification == "none" else doc.certification
        grid.add_row(escape(doc.name), state, escape(doc.description))
    console.print(grid)


def print_table_doc(console: Console, doc: TableDoc) -> None:
    """All that is known of one table."""
    console.print(doc.name, style="bold", markup=False)
    console.print(doc.description, markup=False)
    facts = (
        ("One row is", doc.grain),
        ("State", "" if doc.certification == "none" else doc.certification),
        ("Replaced by", doc.replaced_by),
        ("Owner", doc.owner_business),
        ("Technical owner", doc.owner_technical),
        ("Key", ", ".join(doc.primary_key)),
        ("Partitioned by", ", ".join(doc.partitioned_by)),
        (
            "Complete through",
            f"{doc.freshness.complete_through}" if doc.freshness.complete_through else "",
        ),
        ("Checks failing", "; ".join(c.name for c in doc.checks if c.status == "fail")),
    )
    for name, text in facts:
        if text:
            console.print(f"  {name}: {text}", markup=False)
    grid = _grid("Column", "Type", "Unit", "Description")
    for column in doc.columns:
        tags = f" [{', '.join(column.tags)}]" if column.tags else ""
        grid.add_row(
            escape(column.name), column.type, column.unit, escape(column.description + tags)
        )
    console.print(grid)
    for edge in doc.joins:
        other = edge.right if edge.left == doc.name else edge.left
        keys = ", ".join(
            a if a == b else f"{a} = {b}"
            for a, b in zip(edge.left_columns, edge.right_columns, strict=True)
        )
        console.print(f"  joins {other} on {keys}", markup=False)


def found(context: Context) -> dict[str, list[dict[str, Any]]]:
    """What a search found, by kind, best first; scores are from 0 to 1."""
    return {
        "tables": [_hit(h.table.name, h.score, h.table.description) for h in context.tables],
        "metrics": [_hit(h.metric.name, h.score, h.metric.description) for h in context.metrics],
        "dimensions": [
            _hit(h.dimension.name, h.score, h.dimension.description) for h in context.dimensions
        ],
        "verified_queries": [
            _hit(h.query.question, h.score, h.query.sql) for h in context.verified
        ],
        "values": [
            _hit(f"{v.table}.{v.column} = {v.value}", v.score, v.meaning) for v in context.values
        ],
    }


def print_found(console: Console, hits: dict[str, list[dict[str, Any]]]) -> None:
    """What a search found, one kind after another."""
    if not any(hits.values()):
        console.print("Nothing that you may see fits these words.")
    for kind, rows in hits.items():
        if not rows:
            continue
        console.print(kind.replace("_", " ").capitalize(), style="bold")
        grid = _grid("Score", "Name", "Description", head=False)
        for row in rows:
            text = "" if kind == "verified_queries" else row["description"]
            grid.add_row(f"{row['score']:.2f}", escape(row["name"]), escape(text))
        console.print(grid)


def print_pulled(console: Console, report: PullReport, disagreements: tuple[str, ...]) -> None:
    """What a pull of the engine's catalog changed, what it failed on, and what docs do not fit."""
    console.print(
        f"{report.tables:,} tables: {len(report.new):,} new, {len(report.changed):,} changed, "
        f"{len(report.gone):,} gone; looked at the details of {report.looked_at:,}."
    )
    if report.postponed:
        console.print(f"{report.postponed:,} are left for the next pull.")
    for name, why in report.failed:
        console.print(f"Kept as it was: {name}: {why}", markup=False)
    for sentence in disagreements:
        console.print(sentence, markup=False)


def _hit(name: str, score: float, description: str) -> dict[str, Any]:
    return {"name": name, "score": round(score, 4), "description": description}


def _grid(*names: str, head: bool = True) -> Table:
    grid = Table(box=box.SIMPLE_HEAD if head else None, show_header=head, pad_edge=False)
    for name in names:
        grid.add_column(name, overflow="fold")
    return grid
