"""A compiler from Presto SQL to DuckDB SQL that keeps Presto's types, results and errors.

What it does not know, it refuses; see ``docs/engines.md`` for what it knows.
"""
