"""What may be written next: SQL and a cursor go in, completions from the catalog come out."""

from __future__ import annotations

import re

from nlq.catalog.catalog import Catalog
from nlq.desk.types import Completion
from nlq.sql.functions import FUNCTIONS
from nlq.sql.words import RESERVED

_MOST = 50


def complete(visible: Catalog, sql: str, position: int) -> tuple[Completion, ...]:
    """The completions of the word before the cursor, best first."""
    end = max(0, min(position, len(sql)))
    word = re.search(r"[\w.]*\Z", sql[:end])
    typed = word[0].lower() if word else ""
    start = end - len(typed)
    found = [
        Completion(doc.name, "table", start, end, doc.certification, doc.description)
        for doc in visible.tables.values()
        if doc.name.startswith(typed) or doc.name.rpartition(".")[2].startswith(typed)
    ]
    found += [
        Completion(column.name, "column", start, end, column.type, column.description)
        for doc in visible.tables.values()
        if doc.name.rpartition(".")[2] in sql.lower()
        for column in doc.columns
        if column.name.lower().startswith(typed)
    ]
    found += [Completion(n, "function", start, end) for n in FUNCTIONS if n.startswith(typed)]
    found += [Completion(n, "keyword", start, end) for n in RESERVED if n.lower().startswith(typed)]
    return tuple(found[:_MOST])
