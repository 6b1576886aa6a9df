"""Some rows of a table: its doc goes in, SQL that every guard lets through comes out."""

from __future__ import annotations

from datetime import timedelta

from sqlglot import exp

from nlq.sql.dialect import render
from nlq.types import TableDoc


def sample_sql(doc: TableDoc, rows: int) -> str:
    """SELECT of the table's columns; of its newest whole day where a partition must be named."""
    select = exp.select(*(exp.column(c.name, quoted=True) for c in doc.columns))
    select = select.from_(exp.to_table(doc.name, dialect="presto")).limit(max(1, rows))
    through = doc.freshness.complete_through
    if doc.partition_filter_required and doc.partitioned_by and through is not None:
        day = exp.column(doc.partitioned_by[0], quoted=True)
        start = (through - timedelta(days=0)).isoformat()
        select = select.where(exp.EQ(this=day, expression=exp.Literal.string(start)))
    return render(select)
